//! The addresses of the shop's pages, shared by routes' redirects, templates and mails.

use url::Url;

use crate::types::VariantId;

/// A product's page.
#[must_use]
pub fn product(slug: &str) -> String {
    format!("/products/{slug}")
}

/// A product's page with one of its variants chosen.
#[must_use]
pub fn variant(slug: &str, variant: VariantId) -> String {
    format!("{}?variant={variant}", product(slug))
}

/// The list of a category, at a page of it (the first has no number).
#[must_use]
pub fn list(category: Option<&str>, page: u32) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(category) = category {
        query.append_pair("category", category);
    }
    if page > 1 {
        query.append_pair("page", &page.to_string());
    }
    match query.finish() {
        query if query.is_empty() => "/products".to_owned(),
        query => format!("/products?{query}"),
    }
}

/// An order's page.
#[must_use]
pub fn order(number: &str) -> String {
    format!("/orders/{number}")
}

/// A wishlist behind its link.
#[must_use]
pub fn shared_wishlist(token: &str) -> String {
    format!("/wishlist/shared/{token}")
}

/// The sign-in page, with where to go afterwards.
#[must_use]
pub fn login(next: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("/login?{query}")
}

/// A picture in the media store, in one of its widths.
#[must_use]
pub fn media(base: &str, stem: &str, width: u32) -> String {
    format!("{base}/media/{stem}-{width}.webp")
}

/// A page's whole address, as mails and API clients need it.
#[must_use]
pub fn absolute(public: &Url, path: &str) -> String {
    format!("{}{path}", public.as_str().trim_end_matches('/'))
}

/// Where to go after signing in: only ever a page of this shop.
#[must_use]
pub fn local_or(next: &str, fallback: &str) -> String {
    let ok = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t', '\0'])
        && next.len() <= 500;
    if ok { next.to_owned() } else { fallback.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for bad in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x",
            "",
        ] {
            assert_eq!(local_or(bad, "/account"), "/account", "{bad:?}");
        }
        assert_eq!(local_or("/checkout?a=b", "/account"), "/checkout?a=b");
    }
}
