//! The JSON API through the whole router, against the shapes of the contract.

mod accounts;
mod cart;
mod checkout;
mod contract;
mod envelope;
mod keeping;
mod product_writes;
mod products;
mod wishlist;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestShop};

/// Registers an account with this name; the browser is signed in afterwards.
pub async fn register(browser: &mut Browser, name: &str) -> Answer {
    let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse"});
    browser.json(Method::POST, "/auth/register", body).await
}

/// Puts pieces of a variant into the cart.
pub async fn add(browser: &mut Browser, variant: i64, quantity: i64) -> Answer {
    browser.json(Method::POST, "/api/cart/add", json!({"variant_id": variant, "quantity": quantity})).await
}

/// Asks without a body.
pub async fn get(browser: &mut Browser, path: &str) -> Answer {
    browser.json(Method::GET, path, Value::Null).await
}

/// Holds a failure against the envelope, and gives its body back.
pub fn failed(answer: &Answer, status: u16, code: &str) -> Value {
    let body = answer.json();
    assert_eq!(answer.status.as_u16(), status, "{body}");
    assert_eq!((&body["success"], &body["code"]), (&json!(false), &json!(code)), "{body}");
    assert!(body["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    assert_eq!(body["request_id"].as_str(), Some(answer.header("x-request-id")), "{body}");
    body
}

/// Holds a success against the envelope, and gives its body back.
pub fn succeeded(answer: &Answer, status: StatusCode) -> Value {
    let body = answer.json();
    assert_eq!((answer.status, &body["success"]), (status, &json!(true)), "{body}");
    body
}

/// A browser in which someone of the staff is signed in.
pub async fn staff(shop: &TestShop) -> Browser {
    let mut browser = shop.browser();
    register(&mut browser, "boss").await;
    let statement = "INSERT INTO user_roles (user_id, role) SELECT id, 'staff' FROM users WHERE username = 'boss'";
    sqlx::query(statement).execute(&shop.database.owner).await.unwrap();
    browser
}
