//! Passwords as typed, held no longer than needed and never printed.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// A password of 8 to 128 letters, as chosen at registration.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

/// Why a password was refused.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum PasswordError {
    /// Fewer than eight letters.
    #[error("Please use at least 8 characters")]
    TooShort,
    /// More than 128 letters: hashing time must not depend on the sender.
    #[error("Please use at most 128 characters")]
    TooLong,
}

impl Password {
    /// A new password, held to the rules for one.
    ///
    /// # Errors
    /// Too short or too long.
    pub fn chosen(text: String) -> Result<Self, PasswordError> {
        match text.chars().count() {
            0..=7 => Err(PasswordError::TooShort),
            8..=128 => Ok(Self(text.into())),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// A password given at sign-in: whatever was typed is compared. What is longer than any password is cut, so that hashing time is bounded.
    #[must_use]
    pub fn given(text: String) -> Self {
        if text.len() > 512 { Self(String::new().into()) } else { Self(text.into()) }
    }

    /// The letters, for the hash alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}
