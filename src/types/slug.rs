//! The readable part of an address: `enamel-mug`.

use std::{fmt, str::FromStr};

use serde::Serialize;
use thiserror::Error;

/// Lower-case letters, digits and single hyphens between them; at most 120.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

/// Why a text is no slug.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("a slug has lower-case letters, digits and single hyphens")]
pub struct SlugError;

impl Slug {
    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() <= 120 && text.split('-').all(word) { Ok(Self(text.to_owned())) } else { Err(SlugError) }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
