//! What a server serves besides pages: files, probes, metrics; and what it says when something it needs is away.

use std::fs;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use ecommerce::infra::{metrics_page, shutdown::Stage};
use serde_json::Value;

use crate::support::{Browser, TestShop};

#[tokio::test]
async fn built_files_come_precompressed_and_are_kept_for_ever() {
    let built = tempfile::tempdir().unwrap();
    fs::write(built.path().join("app-1a2b3c4d5e6f.css"), "plain").unwrap();
    fs::write(built.path().join("app-1a2b3c4d5e6f.css.br"), "brotli").unwrap();
    fs::write(built.path().join("manifest.json"), "{}").unwrap();
    let shop = TestShop::with(&[("STATIC_DIR", built.path().to_str().unwrap())]).await;
    let path = "/static/app-1a2b3c4d5e6f.css";
    let small = shop.browser().send(Method::GET, path, &[("accept-encoding", "gzip, br")], Body::empty()).await;
    assert_eq!((small.body.as_str(), small.header("content-encoding")), ("brotli", "br"));
    assert_eq!(small.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(small.header("content-type"), "text/css");
    assert_eq!(shop.browser().get(path).await.body, "plain");
    assert!(!shop.browser().get("/static/manifest.json").await.header("cache-control").contains("immutable"));
    for outside in ["/static/../Cargo.toml", "/static/%2e%2e/Cargo.toml", "/static/", "/media/"] {
        let answer = shop.browser().get(outside).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{outside}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{outside}");
    }
}

#[tokio::test]
async fn a_draining_server_lives_but_wants_no_requests() {
    let shop = TestShop::new().await;
    assert_eq!(shop.browser().get("/readyz").await.status, StatusCode::OK);
    shop.app.phase.advance(Stage::Draining);
    shop.app.phase.advance(Stage::Ready);
    let ready = shop.browser().get("/readyz").await;
    assert_eq!((ready.status, ready.header("connection")), (StatusCode::SERVICE_UNAVAILABLE, "close"));
    assert_eq!(shop.browser().get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_not_by_address() {
    let shop = TestShop::new().await;
    for path in ["/products/one-that-is-not-there", "/products/another", "/a-path-nobody-has"] {
        shop.browser().get(path).await;
    }
    let metrics = Browser::at(metrics_page::router("Server-1", shop.database.primary().clone())).get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    for line in [
        r#"http_requests_total{route="/products/{slug}",method="GET",status="404"}"#,
        r#"http_requests_total{route="unmatched",method="GET",status="404"}"#,
        r#"http_request_duration_seconds_count{route="/products/{slug}",method="GET"}"#,
        r#"ecommerce_build_info{version="0.1.0",server="Server-1"} 1"#,
        "process_resident_memory_bytes ",
        "db_pool_connections ",
        "http_requests_in_flight ",
    ] {
        assert!(metrics.body.contains(line), "{line} in {}", metrics.body);
    }
    assert!(!metrics.body.contains("one-that-is-not-there") && !metrics.body.contains("a-path-nobody-has"));
}

#[tokio::test]
async fn without_its_database_a_server_asks_to_come_back() {
    let shop = TestShop::new().await;
    shop.database.primary().close().await;
    let page = shop.browser().get("/products").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert!(page.header("content-type").starts_with("text/html") && page.body.contains("Server-1"));
    let json = shop.browser().json(Method::GET, "/api/products", Value::Null).await;
    assert_eq!((json.status, json.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert_eq!(json.json()["code"], "unavailable");
    assert_eq!(shop.browser().get("/healthz").await.status, StatusCode::OK, "the process lives");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended_with_503() {
    let shop = TestShop::with(&[("REQUEST_TIMEOUT_SECONDS", "0")]).await;
    let page = shop.browser().get("/products").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert!(page.body.contains("took too long"), "{}", page.body);
    let json = shop.browser().json(Method::GET, "/api/products", Value::Null).await;
    assert_eq!(json.json()["code"], "timeout");
}
