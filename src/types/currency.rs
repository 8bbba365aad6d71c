//! The currency of an amount (ISO 4217), with the number of its decimals.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A currency the shop can trade in: three letters, and how many decimals its minor unit stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Currency {
    code: [u8; 3],
}

/// Why a text is no currency.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("'{0}' is no currency this shop knows: use USD, EUR, GBP, CHF, CAD, AUD, SEK, NOK, DKK, PLN or INR")]
pub struct CurrencyError(String);

// All with two decimals: the contract promises prices with two. A currency without minor units would need another shape there.
const KNOWN: [&str; 11] = ["USD", "EUR", "GBP", "CHF", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "INR"];

impl Currency {
    /// The US dollar, the demo shop's currency.
    pub const USD: Self = Self { code: *b"USD" };

    /// The three letters of ISO 4217.
    #[must_use]
    pub fn code(&self) -> &str {
        // The bytes come from KNOWN, so they are ASCII; the fallback is unreachable and harmless.
        std::str::from_utf8(&self.code).unwrap_or("???")
    }

    /// The sign shown beside amounts, or the code where there is none.
    #[must_use]
    pub fn symbol(&self) -> &str {
        match self.code() {
            "USD" | "CAD" | "AUD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "INR" => "₹",
            code => code,
        }
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = KNOWN.iter().find(|code| **code == text.trim()).ok_or_else(|| CurrencyError(text.to_owned()))?;
        let mut code = [0; 3];
        code.copy_from_slice(known.as_bytes());
        Ok(Self { code })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
