//! Sessions, limits and addresses, as the layers hold them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Browser, TestShop};

async fn register(browser: &mut Browser, name: &str) -> Value {
    let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse battery"});
    let answer = browser.json(Method::POST, "/auth/register", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.json()
}

async fn sign_in(browser: &mut Browser, name: &str, password: &str) -> StatusCode {
    browser.json(Method::POST, "/auth/login", json!({"username": name, "password": password})).await.status
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.json(Method::GET, "/auth/current-user", Value::Null).await.status == StatusCode::OK
}

#[tokio::test]
async fn the_session_id_changes_at_sign_in() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let first = browser.cookie("session").unwrap().to_owned();
    assert_eq!(sign_in(&mut browser, "ada", "correct horse battery").await, StatusCode::OK);
    assert_ne!(browser.cookie("session").unwrap(), first);

    let mut thief = shop.browser();
    thief.set_cookie("session", &first);
    assert!(!is_signed_in(&mut thief).await, "the id from before is worth nothing");
}

#[tokio::test]
async fn a_sign_in_on_one_server_holds_on_another_until_it_is_ended_on_either() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let mut copy = browser.clone();
    browser.go_to(shop.another_server("Server-2"));
    assert!(is_signed_in(&mut browser).await);
    assert_eq!(browser.json(Method::POST, "/auth/logout", Value::Null).await.status, StatusCode::OK);
    assert!(!is_signed_in(&mut copy).await, "a copy of the cookie is signed out too");
}

#[tokio::test]
async fn an_ended_or_expired_session_is_signed_out() {
    let shop = TestShop::new().await;
    for statement in [
        "UPDATE sessions SET ended_at = now()",
        "UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 second'",
    ] {
        let mut browser = shop.browser();
        register(&mut browser, if statement.contains("ended") { "ada" } else { "grace" }).await;
        assert!(is_signed_in(&mut browser).await);
        sqlx::query(statement).execute(&shop.database.owner).await.unwrap();
        assert!(!is_signed_in(&mut browser).await, "{statement}");
    }
}

#[tokio::test]
async fn a_forged_session_cookie_signs_nobody_in() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let genuine = browser.cookie("session").unwrap().to_owned();
    for forged in ["", "x", &genuine[..genuine.len() - 4], &format!("A{}", &genuine[1..])] {
        browser.set_cookie("session", forged);
        assert!(!is_signed_in(&mut browser).await, "{forged}");
    }
}

#[tokio::test]
async fn cookies_are_tied_to_the_host_under_tls() {
    for (url, name, secure) in [("http://shop.test", "session=", false), ("https://shop.test", "__Host-session=", true)]
    {
        let shop = TestShop::with(&[("PUBLIC_URL", url)]).await;
        let body = json!({"username": "ada", "email": "ada@example.com", "password": "correct horse battery"});
        let answer = shop.browser().json(Method::POST, "/auth/register", body).await;
        let cookies = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let line = cookies.into_iter().find(|line| line.starts_with(name)).expect("a session cookie");
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/"), "{line}");
        assert_eq!(line.contains("Secure"), secure, "{line}");
        assert!(!line.contains("Domain"), "{line}");
    }
}

#[tokio::test]
async fn tries_over_the_limit_get_429_with_when_to_come_back() {
    let shop = TestShop::with(&[("LIMIT_SIGN_IN", "3")]).await;
    let mut browser = shop.browser();
    for _ in 0..3 {
        assert_eq!(sign_in(&mut browser, "nobody", "wrong").await, StatusCode::UNAUTHORIZED);
    }
    let answer = browser.json(Method::POST, "/auth/login", json!({"username": "nobody", "password": "wrong"})).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!((1..=20).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(answer.json()["code"], "too_many_requests");
}

#[tokio::test]
async fn an_address_that_a_browser_writes_itself_does_not_count() {
    let shop = TestShop::with(&[("LIMIT_SIGN_IN", "2")]).await;
    let mut browser = shop.browser();
    // Nginx overwrites the header; where a proxy in front of it appends, the last one is its own.
    for number in 0..2 {
        browser.set_header("x-forwarded-for", &format!("10.0.0.{number}, 192.0.2.7"));
        assert_eq!(sign_in(&mut browser, "nobody", "wrong").await, StatusCode::UNAUTHORIZED);
    }
    browser.set_header("x-forwarded-for", "10.9.9.9, 192.0.2.7");
    assert_eq!(sign_in(&mut browser, "nobody", "wrong").await, StatusCode::TOO_MANY_REQUESTS);
    browser.set_header("x-forwarded-for", "192.0.2.8");
    assert_eq!(sign_in(&mut browser, "nobody", "wrong").await, StatusCode::UNAUTHORIZED, "somebody else may go on");
}
