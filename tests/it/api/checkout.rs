//! `/api/checkout`

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{add, failed, get, register, succeeded};
use crate::support::{Answer, Browser, TestShop, goods};

const DECLINED: &str = "4000 0000 0000 0002";

fn request() -> Value {
    json!({"shipping_address": {"name": "Ada Lovelace", "line1": "12 Mill Lane", "city": "Fernhill", "postal_code": "12345", "country": "US"},
        "payment_method": "credit_card", "email": "ada@example.com"})
}

fn with(changes: Value) -> Value {
    let mut body = request();
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn process(browser: &mut Browser, key: &str, body: Value) -> Answer {
    browser.json_with(Method::POST, "/api/checkout/process", body, &[("idempotency-key", key)]).await
}

async fn shop_with_mug(stock: i32) -> (TestShop, i64) {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, stock).await.0;
    (shop, mug)
}

#[tokio::test]
async fn a_guest_places_an_order_and_finds_it_again() {
    let (shop, mug) = shop_with_mug(5).await;
    let mut browser = shop.browser();
    add(&mut browser, mug, 2).await;
    let answer = process(&mut browser, "key-000001", request()).await;
    let order = succeeded(&answer, StatusCode::CREATED)["order"].clone();
    assert!(
        answer.body.contains("\"subtotal\":39.80") && answer.body.contains("\"total_amount\":44.70"),
        "{}",
        answer.body
    );
    assert_eq!(
        (&order["status"], &order["currency"], &order["payment_method"]),
        (&json!("processing"), &json!("USD"), &json!("credit_card"))
    );
    assert_eq!(order["shipping_address"]["text"], "Ada Lovelace, 12 Mill Lane, 12345 Fernhill, US");
    assert_eq!(
        (&order["items"][0]["quantity"], &order["items"][0]["product"]["name"]),
        (&json!(2), &json!("Enamel mug"))
    );
    assert!(order["created_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{order}");
    assert_eq!(get(&mut browser, "/api/cart").await.json()["item_count"], 0);
    let again = succeeded(&get(&mut browser, &format!("/api/checkout/orders/{}", order["id"])).await, StatusCode::OK);
    assert_eq!(again["order"], order);
    let list = succeeded(&get(&mut browser, "/api/checkout/orders").await, StatusCode::OK);
    assert_eq!((&list["orders"][0], &list["total"]), (&order, &json!(1)));
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_another_body_422() {
    let (shop, mug) = shop_with_mug(5).await;
    let mut browser = shop.browser();
    add(&mut browser, mug, 2).await;
    let first = process(&mut browser, "key-000001", request()).await;
    browser.go_to(shop.another_server("Server-2"));
    let second = process(&mut browser, "key-000001", request()).await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), ("", "true"));
    failed(
        &process(&mut browser, "key-000001", with(json!({"payment_method": "cod"}))).await,
        422,
        "idempotency_key_reused",
    );
    failed(&process(&mut browser, "key-000002", request()).await, 400, "empty_cart");
    failed(&process(&mut browser, "short", request()).await, 400, "invalid_fields");
}

#[tokio::test]
async fn twenty_equal_placements_at_once_make_one_order_with_equal_answers() {
    let (shop, mug) = shop_with_mug(5).await;
    let mut browser = shop.browser();
    add(&mut browser, mug, 1).await;
    let tries = (0..20).map(|_| {
        let mut browser = browser.clone();
        tokio::spawn(async move { process(&mut browser, "key-000001", request()).await })
    });
    let mut bodies = Vec::new();
    for each in tries.collect::<Vec<_>>() {
        let answer = each.await.unwrap();
        succeeded(&answer, StatusCode::CREATED);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM orders").await, 1);
}

#[tokio::test]
async fn a_declined_card_cancels_the_order_keeps_the_cart_and_wants_a_new_key() {
    let (shop, mug) = shop_with_mug(5).await;
    let mut browser = shop.browser();
    add(&mut browser, mug, 2).await;
    let answer = process(&mut browser, "key-000001", with(json!({"card_number": DECLINED}))).await;
    assert_eq!(failed(&answer, 402, "payment_declined")["order"]["status"], "cancelled");
    failed(&process(&mut browser, "key-000001", request()).await, 402, "payment_declined");
    assert_eq!(get(&mut browser, "/api/cart").await.json()["item_count"], 2);
    let product = get(&mut browser, "/api/products").await.json()["products"][0].clone();
    assert_eq!(product["stock_quantity"], 5);
    succeeded(&process(&mut browser, "key-000002", request()).await, StatusCode::CREATED);
}

#[tokio::test]
async fn what_changed_meanwhile_is_told_and_nothing_is_ordered() {
    let (shop, mug) = shop_with_mug(5).await;
    let (mut ada, mut grace) = (shop.browser(), shop.browser());
    add(&mut ada, mug, 2).await;
    add(&mut grace, mug, 4).await;
    sqlx::query("UPDATE product_variants SET price_minor = 2090").execute(&shop.database.owner).await.unwrap();
    let dearer = process(&mut ada, "key-000001", with(json!({"expected_total": 44.70}))).await;
    failed(&dearer, 409, "price_changed");
    assert!(dearer.body.contains("\"total_amount\":46.70"), "{}", dearer.body);
    succeeded(&process(&mut ada, "key-000001", with(json!({"expected_total": 46.70}))).await, StatusCode::CREATED);
    let short = failed(&process(&mut grace, "key-000001", request()).await, 409, "out_of_stock");
    assert_eq!((&short["lines"][0]["wanted"], &short["lines"][0]["available"]), (&json!(4), &json!(3)));
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM orders").await, 1);
}

#[tokio::test]
async fn every_refused_field_of_a_placement_is_named() {
    let (shop, mug) = shop_with_mug(5).await;
    let mut browser = shop.browser();
    add(&mut browser, mug, 1).await;
    for (change, field) in [
        (json!({"email": "nobody"}), "email"),
        (json!({"email": "a@b.c\r\nBcc: x@y.z"}), "email"),
        (json!({"payment_method": "gold"}), "payment_method"),
        (json!({"delivery": "drone"}), "delivery"),
        (json!({"card_number": "1234"}), "card_number"),
        (json!({"expected_total": -1}), "expected_total"),
        (json!({"expected_total": "much"}), "expected_total"),
        (json!({"shipping_address": {"name": "Ada"}}), "shipping_address.line1"),
        (json!({"shipping_address": ""}), "shipping_address.line1"),
        (json!({"shipping_address": "a\u{0}b"}), "shipping_address.line1"),
    ] {
        let answer = process(&mut browser, "key-000001", with(change.clone())).await;
        assert!(failed(&answer, 400, "invalid_fields")["errors"][field].is_string(), "{change}: {}", answer.body);
    }
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM orders").await, 0);
}

#[tokio::test]
async fn a_placement_takes_no_price_status_or_owner_from_the_body() {
    let (shop, mug) = shop_with_mug(5).await;
    let mut browser = shop.browser();
    add(&mut browser, mug, 1).await;
    let body = with(json!({"total_amount": 0.01, "subtotal": 0, "status": "delivered", "user_id": 1, "discount": 19}));
    let order = succeeded(&process(&mut browser, "key-000001", body).await, StatusCode::CREATED)["order"].clone();
    assert_eq!(
        (&order["total_amount"], &order["status"], &order["discount"]),
        (&json!(24.80), &json!("processing"), &json!(0.00))
    );
}

#[tokio::test]
async fn cancelling_gives_the_stock_back_once_and_is_refused_to_others() {
    let (shop, mug) = shop_with_mug(5).await;
    let (mut ada, mut eve) = (shop.browser(), shop.browser());
    register(&mut ada, "ada").await;
    add(&mut ada, mug, 2).await;
    let id = process(&mut ada, "key-000001", request()).await.json()["order"]["id"].clone();
    let path = format!("/api/checkout/orders/{id}/cancellation");
    failed(&eve.json(Method::POST, &path, Value::Null).await, 404, "unknown_order");
    register(&mut eve, "eve").await;
    failed(&eve.json(Method::POST, &path, Value::Null).await, 404, "unknown_order");
    failed(&get(&mut eve, &format!("/api/checkout/orders/{id}")).await, 404, "unknown_order");
    let answer = ada.json(Method::POST, &path, json!({"reason": "Changed my mind"})).await;
    assert_eq!(succeeded(&answer, StatusCode::OK)["order"]["status"], "cancelled");
    failed(&ada.json(Method::POST, &path, Value::Null).await, 409, "not_cancellable");
    let product = get(&mut ada, "/api/products").await.json()["products"][0].clone();
    assert_eq!(product["stock_quantity"], 5);
}

#[tokio::test]
async fn a_guests_orders_join_the_account() {
    let (shop, mug) = shop_with_mug(5).await;
    let mut browser = shop.browser();
    add(&mut browser, mug, 1).await;
    process(&mut browser, "key-000001", request()).await;
    register(&mut browser, "ada").await;
    assert_eq!(get(&mut browser, "/api/checkout/orders").await.json()["total"], 1);
    browser.forget_cookie("visitor");
    assert_eq!(get(&mut browser, "/api/checkout/orders").await.json()["total"], 1);
}

#[tokio::test]
async fn the_payment_methods_are_those_of_the_contract() {
    let shop = TestShop::new().await;
    let body = succeeded(&get(&mut shop.browser(), "/api/checkout/payment-methods").await, StatusCode::OK);
    let ids: Vec<_> =
        body["payment_methods"].as_array().unwrap().iter().map(|method| method["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["credit_card", "debit_card", "paypal", "upi", "bank_transfer", "cod"]);
}
