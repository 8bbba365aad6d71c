//! What every answer has in common, above all the failures.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};

use super::{failed, get};
use crate::support::TestShop;

#[tokio::test]
async fn unknown_addresses_and_methods_are_json_too() {
    let shop = TestShop::new().await;
    failed(&get(&mut shop.browser(), "/api/nothing").await, 404, "not_found");
    failed(&get(&mut shop.browser(), "/auth/nothing/here").await, 404, "not_found");
    let answer = get(&mut shop.browser(), "/auth/login").await;
    failed(&answer, 405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn a_body_that_is_no_json_says_so() {
    let shop = TestShop::new().await;
    for (kind, body, status, code) in [
        ("application/json", "{", 400, "malformed_json"),
        ("application/json", "{} x", 400, "malformed_json"),
        ("application/json", "", 400, "malformed_json"),
        ("application/json", "\u{0}", 400, "malformed_json"),
        ("application/json", "[]", 400, "invalid_body"),
        ("text/plain", "{}", 415, "not_json"),
        ("application/x-www-form-urlencoded", "a=b", 415, "not_json"),
    ] {
        let answer =
            shop.browser().send(Method::POST, "/api/cart/add", &[("content-type", kind)], Body::from(body)).await;
        failed(&answer, status, code);
    }
}

#[tokio::test]
async fn twenty_megabytes_are_refused_as_too_large() {
    let shop = TestShop::new().await;
    let body = Body::from(vec![b'x'; 20 << 20]);
    let answer =
        shop.browser().send(Method::POST, "/api/cart/add", &[("content-type", "application/json")], body).await;
    failed(&answer, 413, "too_large");
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let shop = TestShop::new().await;
    let headers =
        [("content-type", "application/json"), ("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")];
    let answer = shop.browser().send(Method::POST, "/api/cart/add", &headers, Body::from("{}")).await;
    failed(&answer, 403, "cross_site");
}

#[tokio::test]
async fn with_the_database_away_answers_are_503_with_retry_after_and_no_cause() {
    let shop = TestShop::with(&[]).await;
    shop.app.db.primary().close().await;
    let answer = get(&mut shop.browser(), "/api/products").await;
    let body = failed(&answer, 503, "unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!body.to_string().to_lowercase().contains("pool"), "{body}");
    assert_eq!(get(&mut shop.browser(), "/healthz").await.status, StatusCode::OK);
}
