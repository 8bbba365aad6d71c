//! How many pieces of a thing.

use std::{fmt, str::FromStr};

use serde::Serialize;
use thiserror::Error;

/// A whole number of pieces, 1 to 999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Quantity(i32);

/// Why a number is no quantity.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("Please choose a whole number from 1 to 999")]
pub struct QuantityError;

impl Quantity {
    /// One piece.
    pub const ONE: Self = Self(1);
    /// The most of one thing that a cart holds.
    pub const MAX: Self = Self(999);

    /// The number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl TryFrom<i64> for Quantity {
    type Error = QuantityError;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        match i32::try_from(number) {
            Ok(number @ 1..=999) => Ok(Self(number)),
            _ => Err(QuantityError),
        }
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse::<i64>().map_err(|_| QuantityError)?.try_into()
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_from_1_to_999_are_quantities() {
        assert_eq!("3".parse::<Quantity>().map(Quantity::get), Ok(3));
        for bad in ["0", "-1", "1.5", "1000", "two", "", "99999999999999999999"] {
            assert_eq!(bad.parse::<Quantity>(), Err(QuantityError), "{bad}");
        }
    }
}
