//! What is kept of pages, and for whom.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};

use super::variant_id;
use crate::support::{
    Answer, Browser, TestShop,
    catalogue::{category, draft, put, variant},
};

async fn shop() -> TestShop {
    let shop = TestShop::new().await;
    let db = &shop.database.db;
    category(db, "kitchen", "Kitchen", None).await;
    for name in ["Enamel mug", "Bread knife"] {
        let slug = name.to_lowercase().replace(' ', "-");
        put(db, draft(&slug, name, "kitchen", vec![variant(&format!("K-{slug}"), "", 1_250, 9)])).await;
    }
    shop.listen().await;
    shop
}

async fn asked(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> Answer {
    browser.send(Method::GET, path, headers, axum::body::Body::empty()).await
}

// Asks until the page says it; returns how long that took.
async fn says(browser: &mut Browser, path: &str, text: &str) -> Duration {
    let started = Instant::now();
    while !browser.get(path).await.body.contains(text) {
        assert!(started.elapsed() < Duration::from_secs(5), "{path} never says {text}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    started.elapsed()
}

#[tokio::test]
async fn an_edited_price_shows_on_every_server_within_a_second() {
    let shop = shop().await;
    let mut browsers = [shop.browser(), Browser::at(shop.another_listening_server("Server-2").await)];
    for browser in &mut browsers {
        for path in ["/", "/products", "/products/enamel-mug"] {
            assert!(browser.get(path).await.body.contains("$12.50"), "{path}");
        }
    }
    sqlx::query("UPDATE product_variants SET price_minor = 990 WHERE sku = 'K-enamel-mug'")
        .execute(&shop.database.owner)
        .await
        .unwrap();
    for browser in &mut browsers {
        for path in ["/", "/products", "/products/enamel-mug"] {
            let took = says(browser, path, "$9.90").await;
            assert!(took < Duration::from_secs(1), "{path} took {took:?}");
        }
    }
}

#[tokio::test]
async fn what_was_sold_meanwhile_shows_in_what_is_kept() {
    let shop = shop().await;
    let mut browser = shop.browser();
    assert!(!browser.get("/products").await.body.contains("Only 2 left"));
    for (left, text) in [(2, "Only 2 left"), (0, "Sold out")] {
        sqlx::query("UPDATE stock_levels SET on_hand = $1 WHERE variant_id = (SELECT id FROM product_variants WHERE sku = 'K-enamel-mug')")
            .bind(left)
            .execute(&shop.database.owner)
            .await
            .unwrap();
        says(&mut browser, "/products", text).await;
        says(&mut browser, "/products/enamel-mug", text).await;
    }
}

#[tokio::test]
async fn nothing_of_a_person_reaches_another_through_what_is_kept() {
    let shop = shop().await;
    let (mut ada, mut nobody) = (shop.browser(), shop.browser());
    let fields = [
        ("username", "ada"),
        ("email", "ada@example.com"),
        ("full_name", "Ada Lovelace"),
        ("password", "analytical engine 1843"),
    ];
    assert_eq!(ada.post("/register", &fields).await.status, StatusCode::SEE_OTHER);
    let mut visitor = shop.browser();
    let mug = variant_id(&shop.database.owner, "K-enamel-mug").await.to_string();
    let added = [("product", "enamel-mug"), ("variant_id", mug.as_str()), ("quantity", "7")];
    visitor.post_and_follow("/cart/items", &added).await;
    for path in ["/", "/products", "/products/enamel-mug"] {
        // Whoever comes first: what the one is shown must not be what the other is.
        for _ in 0..2 {
            let (hers, theirs, everyones) = (ada.get(path).await, visitor.get(path).await, nobody.get(path).await);
            assert!(hers.body.contains("Ada Lovelace") && !theirs.body.contains("Ada Lovelace"), "{path}");
            assert!(!everyones.body.contains("Ada Lovelace"), "{path}");
            assert!(theirs.body.contains(">7<"), "{path}: the visitor's cart");
            assert!(!everyones.body.contains(">7<"), "{path}");
            for personal in [&hers, &theirs] {
                assert_eq!(personal.header("cache-control"), "private, no-store", "{path}");
                assert_eq!(personal.header("etag"), "", "{path}");
            }
            assert_eq!(everyones.header("cache-control"), "private, no-cache", "{path}");
            let known = everyones.header("etag").to_owned();
            let again = asked(&mut ada, path, &[("if-none-match", &known)]).await;
            assert_eq!(again.status, StatusCode::OK, "{path}: what she has of it was nobody's");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_known_already_is_not_sent_again_whichever_server_is_asked() {
    let shop = shop().await;
    let (mut one, mut other) = (shop.browser(), Browser::at(shop.another_listening_server("Server-2").await));
    let page = one.get("/products").await;
    let tag = page.header("etag").to_owned();
    assert!(tag.starts_with("W/\"") && page.body.contains("Served by"));
    for browser in [&mut one, &mut other] {
        for known in [tag.clone(), format!("\"something\", {tag}")] {
            let answer = asked(browser, "/products", &[("if-none-match", &known)]).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
            assert_eq!(answer.header("etag"), tag);
        }
        assert_eq!(asked(browser, "/products", &[("if-none-match", "\"else\"")]).await.status, StatusCode::OK);
    }
    sqlx::query("UPDATE products SET name = 'Tin mug' WHERE slug = 'enamel-mug'")
        .execute(&shop.database.owner)
        .await
        .unwrap();
    says(&mut one, "/products", "Tin mug").await;
    assert_eq!(asked(&mut one, "/products", &[("if-none-match", &tag)]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn parameters_in_another_order_are_the_same_page_and_fragments_are_another() {
    let shop = shop().await;
    let mut browser = shop.browser();
    let one = browser.get("/products?category=kitchen&page=1").await;
    let other = browser.get("/products?page=1&category=kitchen").await;
    assert!(one.header("etag") == other.header("etag") && one.body == other.body);
    let fragment = browser.get_fragment("/products/enamel-mug").await;
    assert!(!fragment.body.contains("<html") && browser.get("/products/enamel-mug").await.body.contains("<html"));
    assert!(!browser.get_fragment("/products/enamel-mug").await.body.contains("<html"));
}

#[tokio::test]
async fn pages_are_compressed_for_whoever_takes_it_and_small() {
    let shop = shop().await;
    let mut browser = shop.browser();
    for _ in 0..2 {
        let plain = browser.get("/products").await;
        assert_eq!(plain.header("content-encoding"), "");
        for encoding in ["gzip", "br"] {
            let answer = asked(&mut browser, "/products", &[("accept-encoding", encoding)]).await;
            assert_eq!(answer.header("content-encoding"), encoding);
            let length: usize = answer.header("content-length").parse().unwrap();
            assert!(length * 3 < plain.body.len() && length < 14_000, "{length} of {}", plain.body.len());
        }
    }
    browser.set_cookie("visitor", "somebody");
    let personal = asked(&mut browser, "/products", &[("accept-encoding", "gzip")]).await;
    assert_eq!(personal.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn while_changes_are_not_heard_of_nothing_is_kept() {
    let shop = shop().await;
    let mut browser = shop.browser();
    assert_ne!(browser.get("/products").await.header("etag"), "");
    shop.app.changes.lost();
    sqlx::query("UPDATE products SET name = 'Tin mug' WHERE slug = 'enamel-mug'")
        .execute(&shop.database.owner)
        .await
        .unwrap();
    shop.app.changes.lost();
    assert!(browser.get("/products").await.body.contains("Tin mug"));
}
