//! Names that people sign in with.

use std::{fmt, str::FromStr};

use serde::Serialize;
use thiserror::Error;

/// 3 to 32 letters, digits, `_`, `-` or `.`, beginning with a letter or digit. No `@`, so that it is never mistaken for a mail address.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Username(String);

/// Why a text is no user name.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("Please use 3 to 32 letters, digits, dots, hyphens or underscores")]
pub struct UsernameError;

impl Username {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let first = text.chars().next().is_some_and(|letter| letter.is_ascii_alphanumeric());
        let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if first && allowed && (3..=32).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(UsernameError) }
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
