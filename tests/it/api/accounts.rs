//! `/auth/…`

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{failed, get, register, succeeded};
use crate::support::TestShop;

#[tokio::test]
async fn registering_signs_in_and_shows_the_account_as_the_contract_says() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let body = json!({"username": "ada", "email": "ada@example.com", "password": "correct horse", "full_name": "Ada Lovelace",
        "phone": "+1 555 0100", "address": "12 Mill Lane\nFernhill"});
    let answer = browser.json(Method::POST, "/auth/register", body).await;
    let user = succeeded(&answer, StatusCode::CREATED)["user"].clone();
    assert_eq!(user["address"]["text"], "12 Mill Lane, Fernhill");
    assert_eq!(
        (&user["username"], &user["role"], &user["phone"]),
        (&json!("ada"), &json!("customer"), &json!("+1 555 0100"))
    );
    assert!(user["id"].is_i64() && user.get("password").is_none());
    assert_eq!(succeeded(&get(&mut browser, "/auth/current-user").await, StatusCode::OK)["user"], user);
}

#[tokio::test]
async fn every_refused_field_is_named_at_once_and_nothing_is_stored() {
    let shop = TestShop::new().await;
    let long = "x".repeat(10_000);
    let body = json!({"username": "a b", "email": "nobody", "password": "short", "full_name": long, "phone": "call me",
        "address": {"name": "Ada"}});
    let answer = shop.browser().json(Method::POST, "/auth/register", body).await;
    let errors = failed(&answer, 400, "invalid_fields")["errors"].clone();
    for field in ["username", "email", "password", "full_name", "phone", "address.line1", "address.city"] {
        assert!(errors[field].is_string(), "{field}: {errors}");
    }
    for body in [json!({"username": "ada"}), json!([]), json!("x"), json!({"username": 1, "email": 2, "password": 3})] {
        assert_eq!(shop.browser().json(Method::POST, "/auth/register", body).await.status, StatusCode::BAD_REQUEST);
    }
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&shop.database.owner).await.unwrap();
    assert_eq!(users, 0);
}

#[tokio::test]
async fn a_taken_name_or_mail_is_said_at_its_field_whatever_its_case() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    let same_name = json!({"username": "ADA", "email": "other@example.com", "password": "correct horse"});
    let answer = shop.browser().json(Method::POST, "/auth/register", same_name).await;
    assert!(failed(&answer, 400, "already_taken")["errors"]["username"].is_string());
    let same_mail = json!({"username": "other", "email": "Ada@Example.com", "password": "correct horse"});
    let answer = shop.browser().json(Method::POST, "/auth/register", same_mail).await;
    assert!(failed(&answer, 400, "already_taken")["errors"]["email"].is_string());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    let mut texts = Vec::new();
    for name in ["ada", "nobody", "nobody@example.com", "", "x\u{0}y"] {
        let answer =
            shop.browser().json(Method::POST, "/auth/login", json!({"username": name, "password": "wrong"})).await;
        let mut body = failed(&answer, 401, "wrong_credentials");
        body["request_id"] = Value::Null;
        texts.push(body);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn a_sign_in_on_one_server_holds_on_the_others_and_so_does_signing_out() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    browser.json(Method::POST, "/auth/logout", Value::Null).await;
    for login in ["ada", "ADA@example.com"] {
        let answer =
            browser.json(Method::POST, "/auth/login", json!({"username": login, "password": "correct horse"})).await;
        succeeded(&answer, StatusCode::OK);
        browser.go_to(shop.another_server("Server-2"));
        let here = get(&mut browser, "/auth/current-user").await;
        succeeded(&here, StatusCode::OK);
        assert_eq!(here.header("x-served-by"), "Server-2");
        succeeded(&browser.json(Method::POST, "/auth/logout", Value::Null).await, StatusCode::OK);
        browser.go_to(shop.router());
        failed(&get(&mut browser, "/auth/current-user").await, 401, "not_signed_in");
    }
    failed(&browser.json(Method::POST, "/auth/logout", Value::Null).await, 401, "not_signed_in");
}

#[tokio::test]
async fn the_profile_changes_what_is_sent_and_keeps_the_rest() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    register(&mut shop.browser(), "grace").await;
    let parts =
        json!({"name": "Ada", "line1": "12 Mill Lane", "city": "Fernhill", "postal_code": "12345", "country": "US"});
    let answer =
        browser.json(Method::PUT, "/auth/update-profile", json!({"full_name": "Ada L", "address": parts})).await;
    let user = succeeded(&answer, StatusCode::OK)["user"].clone();
    assert_eq!((&user["full_name"], &user["email"]), (&json!("Ada L"), &json!("ada@example.com")));
    assert_eq!(user["address"]["text"], "Ada, 12 Mill Lane, 12345 Fernhill, US");
    let answer = browser
        .json(Method::PUT, "/auth/update-profile", json!({"phone": "12345", "role": "administrator", "id": 1}))
        .await;
    let user = succeeded(&answer, StatusCode::OK)["user"].clone();
    assert_eq!(
        (&user["full_name"], &user["phone"], &user["role"]),
        (&json!("Ada L"), &json!("12345"), &json!("customer"))
    );
    let taken = browser.json(Method::PUT, "/auth/update-profile", json!({"email": "grace@example.com"})).await;
    failed(&taken, 400, "already_taken");
    let nobody = shop.browser().json(Method::PUT, "/auth/update-profile", json!({"full_name": "x"})).await;
    failed(&nobody, 401, "not_signed_in");
}

#[tokio::test]
async fn too_many_tries_to_sign_in_get_429_with_retry_after() {
    let shop = TestShop::with(&[("LIMIT_SIGN_IN", "3")]).await;
    let body = json!({"username": "ada", "password": "wrong"});
    let mut last = None;
    for _ in 0..4 {
        last = Some(shop.browser().json(Method::POST, "/auth/login", body.clone()).await);
    }
    let last = last.unwrap();
    failed(&last, 429, "too_many_requests");
    assert!(last.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds >= 1));
}
