//! What is kept of the API's answers, and for whom.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};

use super::{add, get, register, succeeded};
use crate::support::{Answer, Browser, TestShop, goods};

const PRICED: [&str; 3] = ["/api/products/", "/api/products?search=mug", "/api/products/1"];

async fn shop() -> (TestShop, i64) {
    let shop = TestShop::new().await;
    let variant = goods::variant(&shop.database.owner, "Enamel mug", 1_250, 9).await.0;
    // Ids of a test's own database begin at 1.
    shop.listen().await;
    (shop, variant)
}

async fn asked(browser: &mut Browser, path: &str, known: &str) -> Answer {
    browser.send(Method::GET, path, &[("if-none-match", known)], Body::empty()).await
}

// Asks until the answer says it; returns how long that took.
async fn says(browser: &mut Browser, path: &str, text: &str) -> Duration {
    let started = Instant::now();
    while !get(browser, path).await.body.contains(text) {
        assert!(started.elapsed() < Duration::from_secs(5), "{path} never says {text}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    started.elapsed()
}

#[tokio::test]
async fn an_edited_price_and_a_sold_piece_show_on_every_server_within_a_second() {
    let (shop, variant) = shop().await;
    let mut browsers = [shop.browser(), Browser::at(shop.another_listening_server("Server-2").await)];
    for browser in &mut browsers {
        for path in PRICED {
            assert!(get(browser, path).await.body.contains("\"price\":12.50"), "{path}");
        }
    }
    let changes = [
        ("UPDATE product_variants SET price_minor = 990 WHERE id = $1", "\"price\":9.90"),
        ("UPDATE stock_levels SET on_hand = 4 WHERE variant_id = $1", "\"stock_quantity\":4"),
    ];
    for (change, text) in changes {
        sqlx::query(change).bind(variant).execute(&shop.database.owner).await.unwrap();
        for browser in &mut browsers {
            for path in PRICED {
                let took = says(browser, path, text).await;
                assert!(took < Duration::from_secs(1), "{path} took {took:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_known_is_not_sent_again_to_those_of_whom_nothing_is_known() {
    let (shop, _) = shop().await;
    let (mut one, mut other) = (shop.browser(), Browser::at(shop.another_listening_server("Server-2").await));
    for path in PRICED.into_iter().chain(["/api/products/categories", "/api/products?category=no-such"]) {
        let answer = get(&mut one, path).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}");
        assert_eq!(answer.header("cache-control"), "private, no-cache", "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        for browser in [&mut one, &mut other] {
            assert_eq!(asked(browser, path, &tag).await.status, StatusCode::NOT_MODIFIED, "{path}");
            assert_eq!(asked(browser, path, "\"else\"").await.body, answer.body, "{path}");
        }
    }
}

#[tokio::test]
async fn nothing_of_a_person_reaches_another_through_what_is_kept() {
    let (shop, variant) = shop().await;
    let (mut ada, mut visitor, mut nobody) = (shop.browser(), shop.browser(), shop.browser());
    register(&mut ada, "ada").await;
    succeeded(&add(&mut visitor, variant, 7).await, StatusCode::OK);
    // Whoever comes first.
    for _ in 0..2 {
        for path in PRICED {
            for browser in [&mut ada, &mut visitor] {
                let answer = get(browser, path).await;
                succeeded(&answer, StatusCode::OK);
                assert_eq!(
                    (answer.header("cache-control"), answer.header("etag")),
                    ("private, no-store", ""),
                    "{path}"
                );
            }
            let tag = get(&mut nobody, path).await.header("etag").to_owned();
            assert!(!tag.is_empty(), "{path}");
            for browser in [&mut ada, &mut visitor] {
                let again = asked(browser, path, &tag).await;
                assert_eq!(again.status, StatusCode::OK, "{path}: what they have of it was nobody's");
            }
        }
        for path in ["/api/cart/", "/api/wishlist/", "/auth/current-user"] {
            for browser in [&mut ada, &mut visitor, &mut nobody] {
                assert_eq!(get(browser, path).await.header("etag"), "", "{path}");
            }
        }
        assert_eq!(succeeded(&get(&mut visitor, "/api/cart/").await, StatusCode::OK)["item_count"], 7);
        assert_eq!(succeeded(&get(&mut nobody, "/api/cart/").await, StatusCode::OK)["item_count"], 0);
    }
}

#[tokio::test]
async fn refusals_are_not_kept() {
    let (shop, _) = shop().await;
    let mut browser = shop.browser();
    for path in ["/api/products?page=0", "/api/products/999", "/api/products?search=a&search=b"] {
        for _ in 0..2 {
            let answer = get(&mut browser, path).await;
            assert!(answer.status.is_client_error() && answer.header("etag").is_empty(), "{path}");
        }
    }
}
