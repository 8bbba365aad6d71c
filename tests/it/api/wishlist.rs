//! `/api/wishlist`

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{failed, get, register, succeeded};
use crate::support::{Answer, Browser, TestShop, goods};

async fn shop() -> (TestShop, i64) {
    let shop = TestShop::new().await;
    goods::variant(&shop.database.owner, "Enamel mug", 1990, 5).await;
    let product = goods::count(&shop.database.owner, "SELECT id FROM products").await;
    (shop, product)
}

async fn add(browser: &mut Browser, product: Value) -> Answer {
    browser.json(Method::POST, "/api/wishlist/add", json!({"product_id": product})).await
}

#[tokio::test]
async fn a_visitor_fills_and_empties_a_wishlist() {
    let (shop, mug) = shop().await;
    let mut browser = shop.browser();
    let empty = succeeded(&get(&mut browser, "/api/wishlist/").await, StatusCode::OK);
    assert_eq!((&empty["wishlist_items"], &empty["item_count"]), (&json!([]), &json!(0)));
    assert_eq!(browser.cookie("visitor"), None);
    let item = succeeded(&add(&mut browser, json!(mug)).await, StatusCode::OK)["wishlist_item"].clone();
    assert_eq!((&item["product"]["name"], &item["product"]["price"]), (&json!("Enamel mug"), &json!(19.90)));
    failed(&add(&mut browser, json!(mug)).await, 400, "already_there");
    let list = succeeded(&get(&mut browser, "/api/wishlist/").await, StatusCode::OK);
    assert_eq!((&list["wishlist_items"], &list["item_count"]), (&json!([item]), &json!(1)));
    for _ in 0..2 {
        let path = format!("/api/wishlist/remove/{}", item["id"]);
        succeeded(&browser.json(Method::DELETE, &path, Value::Null).await, StatusCode::OK);
    }
    add(&mut browser, json!(mug)).await;
    for _ in 0..2 {
        succeeded(&browser.json(Method::DELETE, "/api/wishlist/clear", Value::Null).await, StatusCode::OK);
        assert_eq!(get(&mut browser, "/api/wishlist").await.json()["item_count"], 0);
    }
}

#[tokio::test]
async fn what_is_no_product_is_refused() {
    let (shop, _) = shop().await;
    let mut browser = shop.browser();
    for unknown in [json!(0), json!(-1), json!(987_654), json!(i64::MAX)] {
        failed(&add(&mut browser, unknown).await, 404, "unknown_product");
    }
    for bad in [json!("1"), json!(1.5), json!(null), json!([1]), json!({}), json!(1e30), json!(true)] {
        assert!(
            failed(&add(&mut browser, bad.clone()).await, 400, "invalid_fields")["errors"]["product_id"].is_string(),
            "{bad}"
        );
    }
    failed(&browser.json(Method::POST, "/api/wishlist/add", json!({})).await, 400, "invalid_fields");
    succeeded(&browser.json(Method::DELETE, "/api/wishlist/remove/x", Value::Null).await, StatusCode::OK);
}

#[tokio::test]
async fn a_wishlist_is_its_owners_alone_and_joins_the_account() {
    let (shop, mug) = shop().await;
    let (mut ada, mut eve) = (shop.browser(), shop.browser());
    let id = add(&mut ada, json!(mug)).await.json()["wishlist_item"]["id"].clone();
    register(&mut eve, "eve").await;
    succeeded(&eve.json(Method::DELETE, &format!("/api/wishlist/remove/{id}"), Value::Null).await, StatusCode::OK);
    succeeded(&eve.json(Method::DELETE, "/api/wishlist/clear", Value::Null).await, StatusCode::OK);
    assert_eq!(get(&mut eve, "/api/wishlist").await.json()["item_count"], 0);
    assert_eq!(get(&mut ada, "/api/wishlist").await.json()["item_count"], 1);
    register(&mut ada, "ada").await;
    assert_eq!(get(&mut ada, "/api/wishlist").await.json()["item_count"], 1);
}
