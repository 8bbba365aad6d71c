//! `/api/cart`

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{add, failed, get, register, succeeded};
use crate::support::{TestShop, goods};

#[tokio::test]
async fn a_visitor_fills_changes_and_empties_a_cart() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await.0;
    let mut browser = shop.browser();
    assert!(browser.cookie("visitor").is_none());
    let item = succeeded(&add(&mut browser, mug, 2).await, StatusCode::OK)["cart_item"].clone();
    assert_eq!(
        (item["quantity"].as_i64(), &item["subtotal"], &item["product"]["name"]),
        (Some(2), &json!(39.80), &json!("Enamel mug"))
    );
    let path = format!("/api/cart/update/{}", item["id"]);
    let answer = browser.json(Method::PUT, &path, json!({"quantity": 3})).await;
    assert!(answer.body.contains("\"subtotal\":59.70"), "{}", answer.body);
    let cart = succeeded(&get(&mut browser, "/api/cart/").await, StatusCode::OK);
    assert_eq!((cart["item_count"].as_i64(), cart["cart_items"].as_array().map(Vec::len)), (Some(3), Some(1)));
    for _ in 0..2 {
        let path = format!("/api/cart/remove/{}", item["id"]);
        succeeded(&browser.json(Method::DELETE, &path, Value::Null).await, StatusCode::OK);
    }
    add(&mut browser, mug, 1).await;
    succeeded(&browser.json(Method::DELETE, "/api/cart/clear", Value::Null).await, StatusCode::OK);
    let cart = succeeded(&get(&mut browser, "/api/cart/").await, StatusCode::OK);
    assert_eq!((cart["item_count"].as_i64(), &cart["total"]), (Some(0), &json!(0.00)));
}

#[tokio::test]
async fn looking_makes_no_visitor() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    get(&mut browser, "/api/cart/").await;
    browser.json(Method::DELETE, "/api/cart/clear", Value::Null).await;
    let visitors: i64 =
        sqlx::query_scalar("SELECT count(*) FROM visitors").fetch_one(&shop.database.owner).await.unwrap();
    assert_eq!((visitors, browser.cookie("visitor")), (0, None));
}

#[tokio::test]
async fn the_default_variant_is_added_by_product_and_one_piece_unless_said() {
    let shop = TestShop::new().await;
    goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await;
    let product: i64 = sqlx::query_scalar("SELECT id FROM products").fetch_one(&shop.database.owner).await.unwrap();
    let answer = shop.browser().json(Method::POST, "/api/cart/add", json!({"product_id": product})).await;
    assert_eq!(succeeded(&answer, StatusCode::OK)["cart_item"]["quantity"], 1);
}

#[tokio::test]
async fn quantities_out_of_range_change_nothing() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await.0;
    let mut browser = shop.browser();
    for quantity in
        [json!(0), json!(-1), json!(1000), json!(1.5), json!("two"), json!("2"), json!(1e30), json!(true), json!([])]
    {
        let answer =
            browser.json(Method::POST, "/api/cart/add", json!({"variant_id": mug, "quantity": quantity})).await;
        assert!(failed(&answer, 400, "invalid_fields")["errors"]["quantity"].is_string(), "{quantity}");
    }
    let answer = browser.json(Method::POST, "/api/cart/add", json!({"quantity": 1})).await;
    assert!(failed(&answer, 400, "invalid_fields")["errors"]["product_id"].is_string());
    assert_eq!(get(&mut browser, "/api/cart").await.json()["item_count"], 0);
}

#[tokio::test]
async fn more_than_the_stock_is_refused_with_what_is_left() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await.0;
    let mut browser = shop.browser();
    add(&mut browser, mug, 4).await;
    let body = failed(&add(&mut browser, mug, 2).await, 400, "insufficient_stock");
    assert_eq!(body["available"], 5);
    failed(&add(&mut browser, 987_654, 1).await, 404, "unknown_product");
}

#[tokio::test]
async fn another_persons_line_is_not_there() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await.0;
    let (mut ada, mut eve) = (shop.browser(), shop.browser());
    let line = add(&mut ada, mug, 2).await.json()["cart_item"]["id"].clone();
    add(&mut eve, mug, 1).await;
    let answer = eve.json(Method::PUT, &format!("/api/cart/update/{line}"), json!({"quantity": 1})).await;
    failed(&answer, 404, "unknown_line");
    succeeded(&eve.json(Method::DELETE, &format!("/api/cart/remove/{line}"), Value::Null).await, StatusCode::OK);
    assert_eq!(get(&mut ada, "/api/cart").await.json()["item_count"], 2);
}

#[tokio::test]
async fn the_visitors_cart_is_in_the_account_after_signing_in() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await.0;
    let mut at_home = shop.browser();
    register(&mut at_home, "ada").await;
    add(&mut at_home, mug, 3).await;
    let mut elsewhere = shop.browser();
    add(&mut elsewhere, mug, 4).await;
    elsewhere.json(Method::POST, "/auth/login", json!({"username": "ada", "password": "correct horse"})).await;
    assert_eq!(get(&mut elsewhere, "/api/cart").await.json()["item_count"], 5, "summed, held to the stock");
    assert_eq!(get(&mut at_home, "/api/cart").await.json()["item_count"], 5);
}
