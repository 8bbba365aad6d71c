//! Names in the media store.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// `products/enamel-mug-1-3fa9c2d10b-640.webp`: parts of lower-case letters, digits, `-` and `_`, the last one with an ending. Nothing
/// in it means anything to a file system, an address or a signature, so it is the same text in all three.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct MediaKey(String);

/// Why a text is no name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("a name has lower-case letters, digits, - and _, in parts with / between, and an ending")]
pub struct KeyError;

impl MediaKey {
    /// The picture of that stem in one width: `{stem}-{width}.webp`.
    ///
    /// # Errors
    /// The stem holds what names may not.
    pub fn picture(stem: &str, width: u32) -> Result<Self, KeyError> {
        format!("{stem}-{width}.webp").parse()
    }

    /// Of a file that proves that the store can be written.
    pub(super) fn probe() -> Self {
        Self(format!("probe-{}.bin", std::process::id()))
    }

    /// The stem, if this is a picture in one of its widths.
    #[must_use]
    pub fn stem(&self) -> Option<&str> {
        let (stem, width) = self.0.strip_suffix(".webp")?.rsplit_once('-')?;
        let is_width = !width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit());
        is_width.then_some(stem)
    }

    /// What browsers are told it is.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self.0.rsplit_once('.') {
            Some((_, "webp")) => "image/webp",
            // Not guessed: a browser saves it instead of opening it.
            _ => "application/octet-stream",
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MediaKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (path, ending) = text.rsplit_once('.').ok_or(KeyError)?;
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let part = |part: &str| {
            part.bytes().next().is_some_and(word) && part.bytes().all(|b| word(b) || b == b'-' || b == b'_')
        };
        let is_fit = text.len() <= 220
            && path.split('/').all(part)
            && (1..=5).contains(&ending.len())
            && ending.bytes().all(word);
        if is_fit { Ok(Self(text.to_owned())) } else { Err(KeyError) }
    }
}

impl fmt::Display for MediaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pictures_name_gives_its_stem_and_type() {
        let key = MediaKey::picture("products/enamel-mug-1-3fa9c2d10b", 640).unwrap();
        assert_eq!(key.as_str(), "products/enamel-mug-1-3fa9c2d10b-640.webp");
        assert_eq!((key.stem(), key.content_type()), (Some("products/enamel-mug-1-3fa9c2d10b"), "image/webp"));
        let other: MediaKey = "files/terms.pdf".parse().unwrap();
        assert_eq!((other.stem(), other.content_type()), (None, "application/octet-stream"));
        assert_eq!("logo.webp".parse::<MediaKey>().unwrap().stem(), None);
    }

    #[test]
    fn what_leads_elsewhere_is_no_name() {
        for text in [
            "",
            ".",
            "..",
            ".webp",
            "a",
            "a.",
            "/a.webp",
            "a//b.webp",
            "../a.webp",
            "a/../b.webp",
            "a/.hidden.webp",
            "a b.webp",
            "a%2fb.webp",
            "a\\b.webp",
            "A.webp",
            "a.webp#1",
            "a.webp/",
            "ä.webp",
            "a\0.webp",
            "-a.webp",
            "a.b.webp",
            "a.toolong",
        ] {
            assert_eq!(text.parse::<MediaKey>(), Err(KeyError), "{text:?}");
        }
        assert_eq!(format!("{}.webp", "a".repeat(220)).parse::<MediaKey>(), Err(KeyError));
    }

    proptest! {
        #[test]
        fn whatever_is_a_name_stays_below_its_folder(text in "[a-z./_%-]{1,40}") {
            if let Ok(key) = text.parse::<MediaKey>() {
                prop_assert!(!key.as_str().contains("..") && !key.as_str().starts_with('/') && !key.as_str().contains("//"));
            }
        }
    }
}
