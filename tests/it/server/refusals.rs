//! What a request is refused for before a handler sees it.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::json;

use crate::support::TestShop;

#[tokio::test]
async fn a_host_that_is_not_ours_gets_400() {
    let shop = TestShop::with(&[("ALLOWED_HOSTS", "www.shop.test")]).await;
    let mut browser = shop.browser();
    for (host, status) in [
        ("evil.test", StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
        ("shop.test.evil.test", StatusCode::BAD_REQUEST),
        ("shop.test:8080", StatusCode::NOT_FOUND),
        ("WWW.shop.test", StatusCode::NOT_FOUND),
        ("127.0.0.1:5001", StatusCode::NOT_FOUND),
        ("[::1]:5001", StatusCode::NOT_FOUND),
    ] {
        browser.set_header("host", host);
        assert_eq!(browser.get("/none").await.status, status, "{host}");
        assert_eq!(browser.get("/api/none").await.status, status, "{host}");
    }
}

#[tokio::test]
async fn the_form_of_another_site_is_refused() {
    let shop = TestShop::new().await;
    for (headers, status) in [
        (vec![("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://evil.test")], StatusCode::FORBIDDEN),
        (vec![("origin", "null")], StatusCode::FORBIDDEN),
        (vec![("origin", "http://shop.test")], StatusCode::NOT_FOUND),
        (vec![("sec-fetch-site", "same-origin")], StatusCode::NOT_FOUND),
        (vec![], StatusCode::NOT_FOUND),
    ] {
        let page = shop.browser().send(Method::POST, "/none", &headers, Body::empty()).await;
        assert_eq!(page.status, status, "{headers:?}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let json = shop.browser().json_with(Method::POST, "/api/none", json!({}), &headers).await;
        assert_eq!(json.status, status, "{headers:?}");
        assert_eq!(json.json()["success"], false);
    }
}

#[tokio::test]
async fn a_body_of_20_mb_gets_413_as_a_page_and_as_json() {
    let shop = TestShop::new().await;
    let body = || Body::from(vec![b'a'; 20 * 1024 * 1024]);
    let length = [("content-length", "20971520")];
    let page = shop.browser().send(Method::POST, "/login", &length, body()).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.body.contains("too much at once"), "{}", page.body);
    let json = shop.browser().send(Method::POST, "/api/cart/add", &length, body()).await;
    assert_eq!(json.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(json.json()["code"], "too_large");
}

#[tokio::test]
async fn a_body_that_hides_its_length_is_held_to_the_limit_too() {
    let shop = TestShop::new().await;
    let headers = [("content-type", "application/json")];
    let body = Body::from(vec![b' '; 2 * 1024 * 1024]);
    let answer = shop.browser().send(Method::POST, "/auth/login", &headers, body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.body);
}

#[tokio::test]
async fn the_last_slash_of_a_path_makes_no_difference() {
    let shop = TestShop::new().await;
    for path in [
        "/healthz",
        "/healthz/",
        "/products",
        "/products/",
        "/products/?page=1",
        "/api/products",
        "/api/products/",
        "/cart//",
    ] {
        assert_eq!(shop.browser().get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn another_method_than_the_routes_gets_405_with_those_allowed() {
    let shop = TestShop::new().await;
    let answer = shop.browser().json(Method::DELETE, "/auth/login", json!(null)).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    assert_eq!(answer.json()["code"], "method_not_allowed");
}
