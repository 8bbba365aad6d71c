//! Addresses: as they are taken, and as they are given back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::types::{Address, AddressError};

/// An address as it is given back: its parts and the whole as text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Address)]
pub struct AddressShape {
    #[serde(flatten)]
    #[schema(value_type = AddressParts)]
    parts: Address,
    /// The whole as one line.
    #[schema(example = "Ada Lovelace, 12 Mill Lane, 12345 Fernhill, US")]
    text: String,
}

/// An address as it is taken: a text, or its parts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum AddressInput {
    /// One text.
    Text(String),
    /// Its parts.
    Parts(Address),
}

/// The parts of an address as they are taken, for the document.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "`Address` is what is read; this says what it must hold")]
pub struct AddressGiven {
    #[schema(min_length = 1, max_length = 120, example = "Ada Lovelace")]
    name: String,
    #[schema(min_length = 1, max_length = 120, example = "12 Mill Lane")]
    line1: String,
    #[schema(max_length = 120, example = "Flat 3")]
    #[serde(default)]
    line2: String,
    #[schema(min_length = 1, max_length = 80, example = "Fernhill")]
    city: String,
    #[schema(min_length = 1, max_length = 16, example = "12345")]
    postal_code: String,
    #[schema(max_length = 80, example = "Oregon")]
    #[serde(default)]
    region: String,
    #[schema(min_length = 1, max_length = 60, example = "US")]
    country: String,
    #[schema(max_length = 32, example = "+1 555 0100")]
    #[serde(default)]
    phone: String,
}

/// The parts of an address as they are given back, for the document: those that are not known are empty.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "`Address` is what is written")]
pub struct AddressParts {
    #[schema(example = "Ada Lovelace")]
    name: String,
    #[schema(example = "12 Mill Lane")]
    line1: String,
    #[schema(example = "")]
    line2: String,
    #[schema(example = "Fernhill")]
    city: String,
    #[schema(example = "12345")]
    postal_code: String,
    #[schema(example = "")]
    region: String,
    #[schema(example = "US")]
    country: String,
    #[schema(example = "")]
    phone: String,
}

impl AddressInput {
    /// The address, if it is one.
    ///
    /// # Errors
    /// The parts that were refused.
    pub fn parsed(self) -> Result<Address, AddressError> {
        match self {
            Self::Text(text) => Address::from_text(&text),
            Self::Parts(parts) => parts.checked(),
        }
    }
}

impl From<Address> for AddressShape {
    fn from(parts: Address) -> Self {
        Self { text: parts.text(), parts }
    }
}
