//! One run through every operation of the document. That each answer is as the document says, the browser holds of itself
//! (`support::contract`); here: that every operation answers at all, well and badly.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use ecommerce::api;
use serde_json::{Value, json};

use super::{get, register, staff};
use crate::support::{Browser, TestShop, contract, goods};

struct Run {
    seen: BTreeSet<String>,
}

impl Run {
    async fn ask(&mut self, browser: &mut Browser, method: Method, path: &str, body: Value, status: u16) -> Value {
        let answer = browser.json(method.clone(), path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.body);
        let plain = path.split('?').next().unwrap();
        let (pattern, _) = contract::operation(&method, plain).unwrap_or_else(|| panic!("{method} {path}"));
        self.seen.insert(format!("{method} {pattern} {}", if status < 400 { "well" } else { "badly" }));
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }
}

fn order() -> Value {
    json!({"shipping_address": "Ada Lovelace, 12 Mill Lane", "payment_method": "cod", "email": "ada@example.com"})
}

#[tokio::test]
async fn every_operation_answers_as_the_document_says() {
    use Method as M;
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 50).await.0;
    let mut run = Run { seen: BTreeSet::new() };
    let (mut ada, mut nobody, mut boss) = (shop.browser(), shop.browser(), staff(&shop).await);

    let person = json!({"username": "ada", "email": "ada@example.com", "password": "correct horse"});
    run.ask(&mut ada, M::POST, "/auth/register", person.clone(), 201).await;
    run.ask(&mut ada, M::POST, "/auth/register", person, 400).await;
    run.ask(&mut ada, M::GET, "/auth/current-user", Value::Null, 200).await;
    run.ask(&mut ada, M::PUT, "/auth/update-profile", json!({"phone": "+1 555 0100", "address": "12 Mill Lane"}), 200)
        .await;
    run.ask(&mut nobody, M::PUT, "/auth/update-profile", json!({}), 401).await;
    run.ask(&mut nobody, M::GET, "/auth/current-user", Value::Null, 401).await;

    let list =
        run.ask(&mut nobody, M::GET, "/api/products?search=mug&sort=price_asc&in_stock=1", Value::Null, 200).await;
    let product = list["products"][0]["id"].clone();
    run.ask(&mut nobody, M::GET, "/api/products?sort=up", Value::Null, 400).await;
    run.ask(&mut nobody, M::GET, &format!("/api/products/{product}"), Value::Null, 200).await;
    run.ask(&mut nobody, M::GET, "/api/products/0", Value::Null, 404).await;
    run.ask(&mut nobody, M::GET, "/api/products/categories", Value::Null, 200).await;
    run.ask(&mut nobody, M::GET, "/api/products/categories?tree=1", Value::Null, 200).await;
    run.ask(&mut nobody, M::GET, "/api/products/categories?tree=x", Value::Null, 400).await;

    let new = json!({"name": "Tin lamp", "price": 45.00, "stock_quantity": 3});
    run.ask(&mut nobody, M::POST, "/api/products/create", new.clone(), 401).await;
    run.ask(&mut ada, M::POST, "/api/products/create", new.clone(), 403).await;
    let lamp = run.ask(&mut boss, M::POST, "/api/products/create", new, 201).await["product"]["id"].clone();
    let lamp = format!("/api/products/{lamp}");
    run.ask(&mut boss, M::PUT, &lamp, json!({"price": 40}), 200).await;
    run.ask(&mut boss, M::PUT, &lamp, json!({"price": "much"}), 400).await;
    run.ask(&mut boss, M::DELETE, &lamp, Value::Null, 200).await;
    run.ask(&mut boss, M::DELETE, &lamp, Value::Null, 404).await;

    run.ask(&mut ada, M::GET, "/api/cart", Value::Null, 200).await;
    run.ask(&mut ada, M::POST, "/api/cart/add", json!({"product_id": product}), 200).await;
    run.ask(&mut ada, M::POST, "/api/cart/add", json!({"product_id": product, "quantity": 60}), 400).await;
    run.ask(&mut ada, M::POST, "/api/cart/add", json!({"product_id": 0}), 404).await;
    let line = get(&mut ada, "/api/cart").await.json()["cart_items"][0]["id"].clone();
    run.ask(&mut ada, M::PUT, &format!("/api/cart/update/{line}"), json!({"quantity": 2}), 200).await;
    run.ask(&mut nobody, M::PUT, &format!("/api/cart/update/{line}"), json!({"quantity": 2}), 404).await;
    run.ask(&mut nobody, M::DELETE, &format!("/api/cart/remove/{line}"), Value::Null, 200).await;
    run.ask(&mut nobody, M::DELETE, "/api/cart/clear", Value::Null, 200).await;

    let wished = run.ask(&mut ada, M::POST, "/api/wishlist/add", json!({"product_id": product}), 200).await;
    run.ask(&mut ada, M::POST, "/api/wishlist/add", json!({"product_id": product}), 400).await;
    run.ask(&mut ada, M::POST, "/api/wishlist/add", json!({"product_id": 0}), 404).await;
    run.ask(&mut ada, M::GET, "/api/wishlist", Value::Null, 200).await;
    let wished = wished["wishlist_item"]["id"].clone();
    run.ask(&mut ada, M::DELETE, &format!("/api/wishlist/remove/{wished}"), Value::Null, 200).await;
    run.ask(&mut ada, M::DELETE, "/api/wishlist/clear", Value::Null, 200).await;

    let declined = json!({"shipping_address": "12 Mill Lane", "payment_method": "credit_card", "card_number": "4000 0000 0000 0002"});
    run.ask(&mut ada, M::POST, "/api/checkout/process", declined, 402).await;
    let dearer = json!({"shipping_address": "12 Mill Lane", "payment_method": "cod", "expected_total": 1.00});
    run.ask(&mut ada, M::POST, "/api/checkout/process", dearer, 409).await;
    let placed = run.ask(&mut ada, M::POST, "/api/checkout/process", order(), 201).await["order"]["id"].clone();
    run.ask(&mut ada, M::POST, "/api/checkout/process", order(), 400).await;
    super::add(&mut nobody, mug, 40).await;
    super::add(&mut ada, mug, 40).await;
    run.ask(&mut ada, M::POST, "/api/checkout/process", order(), 201).await;
    run.ask(&mut nobody, M::POST, "/api/checkout/process", order(), 409).await;
    run.ask(&mut ada, M::GET, "/api/checkout/orders", Value::Null, 200).await;
    run.ask(&mut ada, M::GET, "/api/checkout/orders?page=0", Value::Null, 400).await;
    run.ask(&mut ada, M::GET, &format!("/api/checkout/orders/{placed}"), Value::Null, 200).await;
    run.ask(&mut nobody, M::GET, &format!("/api/checkout/orders/{placed}"), Value::Null, 404).await;
    let cancellation = format!("/api/checkout/orders/{placed}/cancellation");
    run.ask(&mut nobody, M::POST, &cancellation, Value::Null, 404).await;
    run.ask(&mut ada, M::POST, &cancellation, json!({"reason": "Ordered twice"}), 200).await;
    run.ask(&mut ada, M::POST, &cancellation, Value::Null, 409).await;
    run.ask(&mut ada, M::GET, "/api/checkout/payment-methods", Value::Null, 200).await;

    run.ask(&mut ada, M::POST, "/auth/logout", Value::Null, 200).await;
    run.ask(&mut ada, M::POST, "/auth/logout", Value::Null, 401).await;
    run.ask(&mut ada, M::POST, "/auth/login", json!({"username": "ada", "password": "correct horse"}), 200).await;
    run.ask(&mut ada, M::POST, "/auth/login", json!({"username": "ada", "password": "wrong"}), 401).await;
    run.ask(&mut nobody, M::GET, "/api/openapi.json", Value::Null, 200).await;
    not_left_out(&run.seen);
}

// What cannot go wrong by what is asked.
const ALWAYS_WELL: [&str; 7] = [
    "GET /api/cart",
    "DELETE /api/cart/remove/{id}",
    "DELETE /api/cart/clear",
    "GET /api/wishlist",
    "DELETE /api/wishlist/remove/{id}",
    "DELETE /api/wishlist/clear",
    "GET /api/checkout/payment-methods",
];

fn not_left_out(seen: &BTreeSet<String>) {
    for (path, item) in api::document().value["paths"].as_object().unwrap() {
        // Run through by a test of its own.
        if path == "/api/openapi.json" {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            let name = format!("{} {path}", method.to_uppercase());
            assert!(seen.contains(&format!("{name} well")), "{name} never went well");
            let badly = ALWAYS_WELL.contains(&name.as_str()) || seen.contains(&format!("{name} badly"));
            assert!(badly, "{name} never went badly");
        }
    }
}

#[tokio::test]
async fn the_document_is_kept_until_it_changes() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let first = get(&mut browser, "/api/openapi.json").await;
    assert_eq!(
        (first.json()["openapi"].as_str(), first.header("cache-control")),
        (Some("3.1.0"), "public, max-age=300")
    );
    let tag = first.header("etag").to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let again = browser.send(Method::GET, "/api/openapi.json", &[("if-none-match", &known)], Body::empty()).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{known}");
    }
    let other = browser.send(Method::GET, "/api/openapi.json", &[("if-none-match", "\"other\"")], Body::empty()).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_to_try_the_api_shows_every_operation_under_a_policy_of_its_own() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    let page = shop.browser().get("/api/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("data:"),
        "{policy}"
    );
    for (path, item) in api::document().value["paths"].as_object().unwrap() {
        assert!(page.body.contains(&format!("<code class=\"api-path\">{path}</code>")), "{path}");
        for operation in item.as_object().unwrap().values() {
            assert!(page.body.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())));
        }
    }
    assert!(page.body.contains("19.90"), "amounts with two decimals");
}
