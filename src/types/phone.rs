//! Telephone numbers.

use std::{fmt, str::FromStr};

use serde::Serialize;
use thiserror::Error;

/// A telephone number as its owner writes it: digits, blanks and `+ - ( ) / .`, with 5 to 20 digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

/// Why a text is no telephone number.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("Please give a telephone number with 5 to 20 digits")]
pub struct PhoneError;

impl Phone {
    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let allowed = text.bytes().all(|byte| byte.is_ascii_digit() || b" +-()/.".contains(&byte));
        if allowed && (5..=20).contains(&digits) && text.len() <= 32 {
            Ok(Self(text.to_owned()))
        } else {
            Err(PhoneError)
        }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
