//! Mail addresses.

use std::{fmt, str::FromStr};

use serde::Serialize;
use thiserror::Error;

/// An address that a mail can be sent to. Kept as written; compared without regard to case by the database's `citext`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why a text is no mail address.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("Please enter an email address like name@example.com")]
pub struct EmailError;

impl Email {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = EmailError;

    // lettre's parser is the one that the mail must pass later; beyond it: a dot in the domain and the length that SMTP allows.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let address: lettre::Address = text.parse().map_err(|_| EmailError)?;
        let dotted = address.domain().split('.').all(|label| !label.is_empty()) && address.domain().contains('.');
        if dotted && text.len() <= 254 && text.is_ascii() { Ok(Self(text.to_owned())) } else { Err(EmailError) }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_name_an_at_and_a_dotted_domain() {
        assert!("ada@example.com".parse::<Email>().is_ok());
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "a b@example.com",
            "ada@example..com",
            "a@b.c\nBcc: x@y.z",
        ] {
            assert_eq!(bad.parse::<Email>(), Err(EmailError), "{bad:?}");
        }
    }
}
