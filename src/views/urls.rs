//! The addresses of the shop's pages, shared by routes' redirects, templates and mails.

use url::Url;

use crate::{
    domain::catalog::ListQuery,
    types::{Money, VariantId},
};

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
    let category = category.map(|category| ("category", category.to_owned()));
    let page = (page > 1).then(|| ("page", page.to_string()));
    list_of(category.into_iter().chain(page))
}

/// The list that a query asks for. Equal lists have equal addresses: the parameters stand in one order, and what is empty or meant
/// anyway is left out.
#[must_use]
pub fn products(query: &ListQuery) -> String {
    list_of(list_fields(query))
}

fn list_of(fields: impl IntoIterator<Item = (&'static str, String)>) -> String {
    match url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish() {
        query if query.is_empty() => "/products".to_owned(),
        query => format!("/products?{query}"),
    }
}

/// The parameters of a list, as its address carries them. How many a page are shown is not among them.
#[must_use]
pub fn list_fields(query: &ListQuery) -> Vec<(&'static str, String)> {
    let usual = ListQuery { sort: None, ..query.clone() }.effective_sort();
    let sort = Some(query.effective_sort()).filter(|sort| *sort != usual);
    let fields = [
        ("search", query.search.as_ref().map(|search| search.as_str().to_owned())),
        ("category", query.category.clone()),
        ("min_price", query.min_price.map(plain)),
        ("max_price", query.max_price.map(plain)),
        ("in_stock", query.in_stock.then(|| "1".to_owned())),
        ("sort", sort.map(|sort| sort.id().to_owned())),
        ("page", Some(query.page.get()).filter(|page| *page > 1).map(|page| page.to_string())),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// An amount as people type it: `20`, `19.90`.
#[must_use]
pub fn plain(amount: Money) -> String {
    let decimal = amount.to_decimal();
    decimal.strip_suffix(".00").map_or_else(|| decimal.clone(), ToOwned::to_owned)
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

/// Where people ask to be told when a product is back.
#[must_use]
pub fn stock_alert(slug: &str) -> String {
    format!("{}/stock-alert", product(slug))
}

/// Where the mails about things that are back are stopped.
#[must_use]
pub fn stop_alerts(token: &str) -> String {
    format!("/stock-alerts/{token}/removal")
}

/// A file of a conversation.
#[must_use]
pub fn chat_file(conversation: &str, file: &str) -> String {
    format!("/chat/{conversation}/attachments/{file}")
}

/// Where the link of a mail goes on with a conversation.
#[must_use]
pub fn chat_resume(link: &str) -> String {
    format!("/chat/resume/{link}")
}

/// Where the mails of the chat to an address are stopped.
#[must_use]
pub fn stop_chat_mails(link: &str) -> String {
    format!("/chat/mails/{link}")
}

/// The picture that a link to a product is shown with elsewhere.
#[must_use]
pub fn share_image(slug: &str) -> String {
    format!("/share/{slug}.jpg")
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
