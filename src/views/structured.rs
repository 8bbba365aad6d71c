//! What a page says to search engines: schema.org data as JSON-LD. The browser runs nothing of it, so the policy allows it.

use std::fmt;

use askama::filters::HtmlSafe;
use serde_json::{Value, json};

use super::urls;
use crate::{
    config::Config,
    domain::catalog::{Product, Variant},
};

/// A document for `<script type="application/ld+json">`: made here alone, with everything escaped that could end the element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JsonLd(String);

impl JsonLd {
    fn of(document: &Value) -> Self {
        // Inside a script element only these matter; in JSON they stand in texts alone.
        let text = document.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        Self(text)
    }

    /// The shop itself, with where its search is.
    #[must_use]
    pub fn shop(config: &Config) -> Self {
        let home = urls::absolute(&config.public.url, "/");
        let search = urls::absolute(&config.public.url, "/products?search={search_term_string}");
        Self::of(&json!({
            "@context": "https://schema.org", "@type": "WebSite", "name": config.shop.name, "url": home,
            "potentialAction": {"@type": "SearchAction", "target": {"@type": "EntryPoint", "urlTemplate": search},
                                "query-input": "required name=search_term_string"},
        }))
    }

    /// The way from the home page to this one; labels and paths as the breadcrumbs show them, without the home page.
    #[must_use]
    pub fn breadcrumbs(config: &Config, crumbs: &[(String, String)]) -> Self {
        let home = [("Home".to_owned(), "/".to_owned())];
        let entries = home.iter().chain(crumbs).zip(1..).map(|((name, path), position)| {
            json!({"@type": "ListItem", "position": position, "name": name, "item": urls::absolute(&config.public.url, path)})
        });
        let entries: Vec<Value> = entries.collect();
        Self::of(&json!({"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": entries}))
    }

    /// A product with what it costs and whether it can be had.
    #[must_use]
    pub fn product(config: &Config, product: &Product) -> Self {
        let url = urls::absolute(&config.public.url, &urls::product(&product.slug));
        let pictures = product.pictures.iter().map(|picture| picture_url(config, &picture.stem));
        let pictures: Vec<String> = pictures.collect();
        let details = product
            .details
            .iter()
            .map(|detail| json!({"@type": "PropertyValue", "name": detail.name, "value": detail.value}));
        let details: Vec<Value> = details.collect();
        Self::of(&json!({
            "@context": "https://schema.org", "@type": "Product", "name": product.name, "description": product.description,
            "url": url, "image": pictures, "sku": product.default_variant().map(|variant| variant.sku.as_str()),
            "category": product.category_path.iter().map(|category| category.name.as_str()).collect::<Vec<_>>().join(" > "),
            "additionalProperty": details, "offers": offers(&product.variants, &url),
        }))
    }
}

// A picture's whole address, large.
fn picture_url(config: &Config, stem: &str) -> String {
    match urls::media(&config.public.asset_base, stem, 1280) {
        path if path.starts_with('/') => urls::absolute(&config.public.url, &path),
        url => url,
    }
}

fn offers(variants: &[Variant], url: &str) -> Value {
    let availability = |there: bool| if there { "https://schema.org/InStock" } else { "https://schema.org/OutOfStock" };
    match variants {
        [only] => {
            json!({"@type": "Offer", "url": url, "price": only.price.to_decimal(), "priceCurrency": only.price.currency().code(),
                         "availability": availability(only.available > 0)})
        }
        several => {
            let prices = || several.iter().map(|variant| variant.price);
            json!({"@type": "AggregateOffer", "url": url, "offerCount": several.len(),
                   "priceCurrency": prices().next().map(|price| price.currency().to_string()),
                   "lowPrice": prices().min_by_key(|price| price.minor()).map(|price| price.to_decimal()),
                   "highPrice": prices().max_by_key(|price| price.minor()).map(|price| price.to_decimal()),
                   "availability": availability(several.iter().any(|variant| variant.available > 0))})
        }
    }
}

impl fmt::Display for JsonLd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for JsonLd {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_the_element() {
        let hostile = json!({"name": "</script><script>alert(1)</script> & <!--"});
        let text = JsonLd::of(&hostile).to_string();
        assert!(!text.contains('<') && !text.contains('>') && !text.contains('&'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), hostile);
    }
}
