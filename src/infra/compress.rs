//! Bodies made smaller: once for what is kept, as quickly as possible for what is made anew each time.

use std::io::Write;

use axum::body::Bytes;

/// The encoding to answer with, `br` before `gzip`, by the request's `Accept-Encoding`; `None` for the plain body.
#[must_use]
pub fn preferred(accepted: Option<&str>) -> Option<&'static str> {
    let accepted = accepted?;
    let takes = |name: &str| {
        accepted.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let is_named = parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case(name));
            let refused = parts
                .any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.trim_matches(['0', '.']).is_empty()));
            is_named && !refused
        })
    };
    ["br", "gzip"].into_iter().find(|name| takes(name))
}

/// Gzip at its usual strength.
#[must_use]
pub fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 4), flate2::Compression::new(6));
    // Into memory: there is nothing that could refuse the bytes.
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}

/// Brotli, a little stronger than gzip and about as quick.
#[must_use]
pub fn brotli(plain: &[u8]) -> Bytes {
    let mut small = Vec::with_capacity(plain.len() / 4);
    let parameters = brotli::enc::BrotliEncoderParams { quality: 5, lgwin: 19, ..Default::default() };
    let _ = brotli::BrotliCompress(&mut &*plain, &mut small, &parameters);
    small.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_encoding_that_is_taken_is_chosen() {
        assert_eq!(preferred(Some("gzip, deflate, br, zstd")), Some("br"));
        assert_eq!(preferred(Some("GZIP;q=0.8, br;q=0")), Some("gzip"));
        assert_eq!(preferred(Some("identity")), None);
        assert_eq!(preferred(None), None);
    }

    #[test]
    fn what_was_compressed_is_much_smaller() {
        let page = "<li class=\"product-card\"><a href=\"/products/enamel-mug\">Enamel mug</a></li>\n".repeat(200);
        assert!(gzip(page.as_bytes()).len() * 10 < page.len() && brotli(page.as_bytes()).len() * 10 < page.len());
    }
}
