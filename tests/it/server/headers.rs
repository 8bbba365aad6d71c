//! What every answer carries.

use axum::http::StatusCode;
use ecommerce::{
    cli::probes,
    infra::{clock, tokens},
};

use crate::support::TestShop;

#[tokio::test]
async fn every_answer_names_its_server_and_its_request() {
    let shop = TestShop::with(&[("SERVER_NAME", "Server-2")]).await;
    for path in ["/no-such-page", "/api/no-such-thing", "/static/none.css", "/healthz"] {
        let answer = shop.browser().get(path).await;
        assert_eq!(answer.header("x-served-by"), "Server-2", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
    }
}

#[tokio::test]
async fn a_well_formed_request_id_comes_back_and_another_is_replaced() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    browser.set_header("x-request-id", "0123456789abcdef0123456789abcdef");
    let answer = browser.get("/no-such-page").await;
    assert_eq!(answer.header("x-request-id"), "0123456789abcdef0123456789abcdef");
    assert!(answer.body.contains("0123456789abcdef0123456789abcdef"), "the error page quotes it");
    browser.set_header("x-request-id", "<script>");
    assert_eq!(browser.get("/api/none").await.json()["request_id"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let shop = TestShop::new().await;
    for path in ["/no-such-page", "/api/no-such-thing", "/static/none.css", "/media/none.webp", "/readyz"] {
        let answer = shop.browser().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: only under TLS");
    }
}

#[tokio::test]
async fn under_tls_browsers_are_told_to_stay_there() {
    let shop = TestShop::with(&[("PUBLIC_URL", "https://shop.test")]).await;
    let answer = shop.browser().get("/no-such-page").await;
    assert!(answer.header("strict-transport-security").starts_with("max-age=31536000"));
}

#[tokio::test]
async fn errors_leave_as_pages_or_as_json_by_the_router_they_left_by() {
    let shop = TestShop::new().await;
    let page = shop.browser().get("/no-such-page").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
    for path in ["/api/no-such-thing", "/auth/no-such-thing", "/api", "/auth/"] {
        let json = shop.browser().get(path).await;
        assert_eq!(json.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json.json()["code"], "not_found", "{path}");
    }
}

#[tokio::test]
async fn what_a_proxy_lets_through_is_shown_to_the_doctor_alone() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    browser.set_header("x-forwarded-for", "203.0.113.9");
    assert_eq!(browser.get(probes::SEEN_PATH).await.status, StatusCode::NOT_FOUND);
    let in_a_minute = clock::now() + time::Duration::MINUTE;
    for (subject, status) in [("another", StatusCode::NOT_FOUND), (probes::SEEN_SUBJECT, StatusCode::OK)] {
        browser.set_header("x-doctor", &tokens::sign(&shop.app.config.secret_key, subject, in_a_minute));
        assert_eq!(browser.get(probes::SEEN_PATH).await.status, status, "{subject}");
    }
    assert_eq!(browser.get(probes::SEEN_PATH).await.json()["x-forwarded-for"], "203.0.113.9");
}
