//! What search engines and link previews find.

use std::io::Read;

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::{HOSTILE, is_clean};
use crate::support::{
    Browser, TestShop,
    catalogue::{category, draft, put, variant},
};

async fn shop() -> TestShop {
    let shop = TestShop::new().await;
    let db = &shop.database.db;
    category(db, "kitchen", "Kitchen", None).await;
    category(db, "empty", "Empty", None).await;
    put(db, draft("enamel-mug", "Enamel mug", "kitchen", vec![variant("M", "", 1_250, 9)])).await;
    let choices = vec![variant("B-1", "Small", 2_000, 0), variant("B-2", "Large", 3_000, 0)];
    put(db, draft("bowl", HOSTILE, "kitchen", choices)).await;
    shop
}

// The page's JSON-LD documents, as a crawler reads them.
fn documents(body: &str) -> Vec<Value> {
    let parts = body.split("<script type=\"application/ld+json\">").skip(1);
    parts.map(|part| serde_json::from_str(part.split("</script>").next().unwrap()).unwrap()).collect()
}

async fn unzipped(browser: &mut Browser, path: &str) -> String {
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let request = axum::http::Request::builder().method(Method::GET).uri(path).header("host", "shop.test");
    let response = browser.router().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn a_product_says_what_it_is_and_costs_and_whether_it_can_be_had() {
    let shop = shop().await;
    let page = shop.browser().get("/products/enamel-mug").await;
    let [product, crumbs] = documents(&page.body).try_into().unwrap();
    assert_eq!(product["@type"], "Product");
    assert_eq!(product["offers"]["price"], "12.50");
    assert_eq!(product["offers"]["availability"], "https://schema.org/InStock");
    assert_eq!(product["url"], "http://shop.test/products/enamel-mug");
    assert!(product["image"][0].as_str().unwrap().starts_with("http://shop.test/media/products/enamel-mug-1"));
    assert_eq!(crumbs["itemListElement"].as_array().unwrap().len(), 3);
    for text in [
        "property=\"og:image\"",
        "property=\"og:title\"",
        "rel=\"canonical\" href=\"http://shop.test/products/enamel-mug\"",
        "hreflang=\"en\"",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    assert!(!page.body.contains("noindex"));
}

#[tokio::test]
async fn choices_are_one_offer_with_its_range_and_markup_in_names_ends_no_element() {
    let shop = shop().await;
    let page = shop.browser().get("/products/bowl").await;
    assert!(is_clean(&page.body));
    let product = &documents(&page.body)[0];
    assert_eq!(product["name"], HOSTILE);
    let offers = &product["offers"];
    assert_eq!((&offers["lowPrice"], &offers["highPrice"]), (&"20.00".into(), &"30.00".into()));
    assert_eq!(offers["availability"], "https://schema.org/OutOfStock");
}

#[tokio::test]
async fn the_sitemap_leads_to_every_page_that_may_be_found() {
    let shop = shop().await;
    let mut browser = shop.browser();
    let index = browser.get("/sitemap.xml").await;
    assert!(index.header("content-type").starts_with("application/xml"));
    let parts: Vec<_> = index.body.split("<loc>").skip(1).map(|part| part.split('<').next().unwrap()).collect();
    assert_eq!(parts.len(), 2, "{}", index.body);
    let mut all = String::new();
    for part in parts {
        all += &unzipped(&mut browser, part.strip_prefix("http://shop.test").unwrap()).await;
    }
    for address in ["/products/enamel-mug<", "/products/bowl<", "/products?category=kitchen<", "http://shop.test/<"] {
        assert!(all.contains(address), "{address}: {all}");
    }
    assert!(!all.contains("category=empty"));
    for unknown in
        ["/sitemaps/products-99.xml.gz", "/sitemaps/products-x.xml.gz", "/sitemaps/products--1.xml.gz", "/sitemaps/x"]
    {
        assert_eq!(browser.get(unknown).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn an_empty_shop_has_a_sitemap_of_its_pages_alone() {
    let shop = TestShop::new().await;
    let index = shop.browser().get("/sitemap.xml").await;
    assert_eq!(index.body.matches("<loc>").count(), 1);
}

#[tokio::test]
async fn what_is_personal_or_searched_for_is_not_to_be_found() {
    let shop = shop().await;
    let mut browser = shop.browser();
    let robots = browser.get("/robots.txt").await;
    assert!(robots.body.contains("Disallow: /cart") && robots.body.contains("Sitemap: http://shop.test/sitemap.xml"));
    for path in ["/cart", "/orders", "/products?search=mug", "/products?page=1&search=x"] {
        assert!(browser.get(path).await.body.contains("content=\"noindex\""), "{path}");
    }
    for path in ["/", "/products", "/products?category=kitchen", "/login", "/register"] {
        assert!(!browser.get(path).await.body.contains("noindex"), "{path}");
    }
}
