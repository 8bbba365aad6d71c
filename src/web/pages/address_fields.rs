//! The fields of a postal address in a form: kept as they were typed, and read as an address.

use serde::Deserialize;

use crate::{types::Address, web::form::FieldErrors};

/// What the fields of a person and an address are called, for the summary of what is wrong.
pub const LABELS: [(&str, &str); 14] = [
    ("card_number", "Card number"),
    ("username", "User name"),
    ("login", "User name or email"),
    ("password", "Password"),
    ("email", "Email"),
    ("full_name", "Full name"),
    ("name", "Name on the parcel"),
    ("line1", "Street and number"),
    ("line2", "Flat, floor or company"),
    ("postal_code", "Postal code"),
    ("city", "Town or city"),
    ("region", "Region"),
    ("country", "Country"),
    ("phone", "Telephone"),
];

/// As typed. The names are those of the inputs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AddressFields {
    /// Who receives it.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// Flat, floor, company.
    pub line2: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postal_code: String,
    /// State, county or province.
    pub region: String,
    /// Country.
    pub country: String,
    /// For the carrier's questions.
    pub phone: String,
}

impl AddressFields {
    /// The address, or `None` with a message at each field that was refused.
    pub fn read(&self, errors: &mut FieldErrors) -> Option<Address> {
        match Address::from(self.clone()).checked() {
            Ok(address) => Some(address),
            Err(refused) => {
                for (field, message) in refused.fields {
                    errors.add(field, message);
                }
                None
            }
        }
    }

    /// Names and values, as the form would send them; without what is empty.
    pub fn pairs(self) -> Vec<(String, String)> {
        let Self { name, line1, line2, city, postal_code, region, country, phone } = self;
        [
            ("name", name),
            ("line1", line1),
            ("line2", line2),
            ("postal_code", postal_code),
            ("city", city),
            ("region", region),
            ("country", country),
            ("phone", phone),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

impl From<Address> for AddressFields {
    fn from(address: Address) -> Self {
        let Address { name, line1, line2, city, postal_code, region, country, phone } = address;
        Self { name, line1, line2, city, postal_code, region, country, phone }
    }
}

impl From<AddressFields> for Address {
    fn from(fields: AddressFields) -> Self {
        let AddressFields { name, line1, line2, city, postal_code, region, country, phone } = fields;
        Self { name, line1, line2, city, postal_code, region, country, phone }
    }
}
