//! `/api/products`: what staff change.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{add, failed, get, register, staff, succeeded};
use crate::support::{Answer, Browser, TestShop, catalogue, goods};

async fn create(browser: &mut Browser, body: Value) -> Answer {
    browser.json(Method::POST, "/api/products/create", body).await
}

async fn change(browser: &mut Browser, id: &Value, body: Value) -> Answer {
    browser.json(Method::PUT, &format!("/api/products/{id}"), body).await
}

async fn ledger_agrees(shop: &TestShop) {
    let mismatches = ecommerce::domain::inventory::ledger_mismatches(&shop.database.db).await.unwrap();
    assert!(mismatches.is_empty(), "{mismatches:?}");
}

#[tokio::test]
async fn a_product_is_made_with_a_category_by_its_name_and_found_by_everyone() {
    let shop = TestShop::new().await;
    let mut boss = staff(&shop).await;
    let body = json!({"name": "  Crème brûlée  set ", "price": 24.50, "description": "For four.", "category": "Kitchen", "stock_quantity": 7});
    let product = succeeded(&create(&mut boss, body.clone()).await, StatusCode::CREATED)["product"].clone();
    assert_eq!((&product["name"], &product["slug"]), (&json!("Crème brûlée set"), &json!("creme-brulee-set")));
    assert_eq!(
        (&product["category"], &product["stock_quantity"], &product["price"]),
        (&json!("Kitchen"), &json!(7), &json!(24.50))
    );
    let again = succeeded(&create(&mut boss, body).await, StatusCode::CREATED)["product"].clone();
    assert_eq!(again["slug"], "creme-brulee-set-2");
    let plain =
        succeeded(&create(&mut boss, json!({"name": "مرحبا", "price": "5"})).await, StatusCode::CREATED)["product"]
            .clone();
    assert_eq!(
        (&plain["category"], &plain["in_stock"], &plain["slug"]),
        (&json!("Other"), &json!(false), &json!("product"))
    );
    let list = get(&mut shop.browser(), "/api/products?category=kitchen&search=brulee").await.json();
    assert_eq!(list["total"], 2);
    let names = get(&mut shop.browser(), "/api/products/categories").await.json()["categories"].clone();
    assert_eq!(names, json!(["Kitchen", "Other"]));
    ledger_agrees(&shop).await;
}

#[tokio::test]
async fn only_staff_may_and_nothing_is_done_for_others() {
    let shop = TestShop::new().await;
    goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await;
    let id = get(&mut shop.browser(), "/api/products").await.json()["products"][0]["id"].clone();
    let (mut visitor, mut ada) = (shop.browser(), shop.browser());
    register(&mut ada, "ada").await;
    let path = format!("/api/products/{id}");
    for (browser, status, code) in [(&mut visitor, 401, "not_signed_in"), (&mut ada, 403, "staff_only")] {
        failed(&create(browser, json!({"name": "x", "price": 1})).await, status, code);
        failed(&change(browser, &id, json!({"price": 0})).await, status, code);
        failed(&browser.json(Method::DELETE, &path, Value::Null).await, status, code);
        // Nor do they learn what is there and what is not.
        failed(&browser.json(Method::DELETE, "/api/products/987654", Value::Null).await, status, code);
    }
    assert_eq!(get(&mut visitor, &path).await.json()["product"]["price"], 19.90);
}

#[tokio::test]
async fn every_refused_field_is_named_at_once() {
    let shop = TestShop::new().await;
    let mut boss = staff(&shop).await;
    let errors = failed(&create(&mut boss, json!({})).await, 400, "invalid_fields")["errors"].clone();
    assert!(errors["name"].is_string() && errors["price"].is_string(), "{errors}");
    let body = json!({"name": " ", "price": -1, "description": "x".repeat(20_000), "category": "", "image_url": "https://evil.example/a.png", "stock_quantity": -1});
    let errors = failed(&create(&mut boss, body).await, 400, "invalid_fields")["errors"].clone();
    for field in ["name", "price", "description", "category", "image_url", "stock_quantity"] {
        assert!(errors[field].is_string(), "{field}: {errors}");
    }
    for (field, value) in [
        ("name", json!("a\u{0}b")),
        ("name", json!("x".repeat(201))),
        ("price", json!(1e300)),
        ("price", json!(1.999)),
        ("price", json!([])),
        ("stock_quantity", json!(1_000_001)),
        ("stock_quantity", json!(1.5)),
        ("stock_quantity", json!("many")),
        ("name", json!(7)),
    ] {
        let mut body = json!({"name": "Lamp", "price": 1});
        body[field] = value.clone();
        assert!(
            failed(&create(&mut boss, body).await, 400, "invalid_fields")["errors"][field].is_string(),
            "{field} {value}"
        );
    }
    let picture = json!({"name": "Lamp", "price": 1, "image_url": "/media/products/nothing-640.webp"});
    assert!(failed(&create(&mut boss, picture).await, 400, "unknown_picture")["errors"]["image_url"].is_string());
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM products").await, 0);
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM categories").await, 0);
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays_and_a_round_trip_changes_nothing() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database.db, "kitchen", "Kitchen", None).await;
    let variants = vec![
        catalogue::variant("A", "Blue", 1000, 5),
        catalogue::variant("B", "Red", 1000, 3),
        catalogue::variant("C", "Large", 1500, 2),
    ];
    catalogue::put(&shop.database.db, catalogue::draft("mug", "Mug", "kitchen", variants)).await;
    let mut boss = staff(&shop).await;
    let id = get(&mut boss, "/api/products").await.json()["products"][0]["id"].clone();
    let before = get(&mut boss, &format!("/api/products/{id}")).await.json()["product"].clone();
    let after = succeeded(&change(&mut boss, &id, before.clone()).await, StatusCode::OK)["product"].clone();
    assert_eq!(after, before);
    let after = succeeded(&change(&mut boss, &id, json!({"price": 12})).await, StatusCode::OK)["product"].clone();
    let prices: Vec<_> =
        after["variants"].as_array().unwrap().iter().map(|variant| variant["price"].as_f64().unwrap()).collect();
    assert_eq!(prices, [12.0, 12.0, 15.0], "those that cost the same change along");
    assert_eq!(
        (&after["name"], &after["stock_quantity"], &after["slug"]),
        (&before["name"], &json!(10), &before["slug"])
    );
    let after = succeeded(
        &change(&mut boss, &id, json!({"name": "Cup", "stock_quantity": 20, "image_url": ""})).await,
        StatusCode::OK,
    )["product"]
        .clone();
    let stock: Vec<_> = after["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["stock_quantity"].as_i64().unwrap())
        .collect();
    assert_eq!((stock, &after["slug"], &after["image_url"]), (vec![15, 3, 2], &json!("mug"), &Value::Null));
    assert!(failed(&change(&mut boss, &id, json!({"stock_quantity": 4})).await, 400, "stock_of_other_variants")["errors"]["stock_quantity"].is_string());
    assert_eq!(
        change(&mut boss, &id, json!({"image_url": before["image_url"]})).await.json()["product"]["image_url"],
        before["image_url"]
    );
    let fewer =
        succeeded(&change(&mut boss, &id, json!({"stock_quantity": 5})).await, StatusCode::OK)["product"].clone();
    assert_eq!((&fewer["stock_quantity"], &fewer["variants"][0]["stock_quantity"]), (&json!(5), &json!(0)));
    ledger_agrees(&shop).await;
}

#[tokio::test]
async fn an_archived_product_is_gone_from_lists_and_carts_and_stays_in_orders() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await.0;
    let (mut boss, mut ada) = (staff(&shop).await, shop.browser());
    add(&mut ada, mug, 1).await;
    let body = json!({"shipping_address": "12 Mill Lane", "payment_method": "cod", "email": "ada@example.com"});
    succeeded(&ada.json(Method::POST, "/api/checkout/process", body).await, StatusCode::CREATED);
    add(&mut ada, mug, 1).await;
    let id = get(&mut boss, "/api/products").await.json()["products"][0]["id"].clone();
    let path = format!("/api/products/{id}");
    succeeded(&boss.json(Method::DELETE, &path, Value::Null).await, StatusCode::OK);
    failed(&boss.json(Method::DELETE, &path, Value::Null).await, 404, "unknown_product");
    failed(&change(&mut boss, &id, json!({"price": 1, "stock_quantity": 99})).await, 404, "unknown_product");
    failed(&get(&mut ada, &path).await, 404, "unknown_product");
    assert_eq!(get(&mut ada, "/api/products").await.json()["total"], 0);
    assert_eq!(get(&mut ada, "/api/products/categories").await.json()["categories"], json!([]));
    assert_eq!(get(&mut ada, "/api/cart").await.json()["cart_items"][0]["product"]["in_stock"], false);
    let orders = get(&mut ada, "/api/checkout/orders").await.json();
    assert_eq!(orders["orders"][0]["items"][0]["product"]["name"], "Enamel mug");
    failed(&add(&mut ada, mug, 1).await, 404, "unknown_product");
}

#[tokio::test]
async fn changes_and_orders_at_once_lose_no_piece() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 100).await.0;
    let boss = staff(&shop).await;
    let id = get(&mut shop.browser(), "/api/products").await.json()["products"][0]["id"].clone();
    let mut running = Vec::new();
    for number in 0..12 {
        let (mut boss, mut buyer, id) = (boss.clone(), shop.browser(), id.clone());
        running.push(tokio::spawn(async move {
            if number % 3 == 0 {
                let body = json!({"stock_quantity": 50 + number, "price": 19.90, "name": format!("Mug {number}")});
                return change(&mut boss, &id, body).await.status;
            }
            add(&mut buyer, mug, 1).await;
            let body = json!({"shipping_address": "12 Mill Lane", "payment_method": "cod", "email": "ada@example.com"});
            buyer.json(Method::POST, "/api/checkout/process", body).await.status
        }));
    }
    for each in running {
        let status = each.await.unwrap();
        assert!(status.is_success(), "{status}");
    }
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM orders").await, 8);
    ledger_agrees(&shop).await;
}
