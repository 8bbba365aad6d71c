//! `/api/products`

use axum::http::StatusCode;

use super::{failed, get, succeeded};
use crate::support::{TestShop, catalogue, goods};

#[tokio::test]
async fn the_list_and_a_product_have_the_shape_of_the_contract() {
    let shop = TestShop::new().await;
    goods::variant(&shop.database.owner, "Enamel mug", 1990, 3).await;
    goods::variant(&shop.database.owner, "Tin lamp", 4500, 0).await;
    let answer = get(&mut shop.browser(), "/api/products/").await;
    let list = succeeded(&answer, StatusCode::OK);
    assert_eq!(
        (list["total"].as_i64(), list["pages"].as_i64(), list["current_page"].as_i64()),
        (Some(2), Some(1), Some(1))
    );
    let mug = list["products"].as_array().unwrap().iter().find(|product| product["name"] == "Enamel mug").unwrap();
    assert_eq!((mug["slug"].as_str(), mug["category"].as_str()), (Some("enamel-mug"), Some("Things")));
    assert_eq!((mug["stock_quantity"].as_i64(), mug["in_stock"].as_bool()), (Some(3), Some(true)));
    assert!(mug["image_url"].is_null());
    assert!(answer.body.contains("\"price\":19.90"), "two decimals, to the digit: {}", answer.body);
    let one = get(&mut shop.browser(), &format!("/api/products/{}", mug["id"])).await;
    let product = succeeded(&one, StatusCode::OK)["product"].clone();
    assert_eq!((&product["id"], &product["name"], &product["price"]), (&mug["id"], &mug["name"], &mug["price"]));
}

#[tokio::test]
async fn a_path_with_and_without_its_last_slash_is_the_same() {
    let shop = TestShop::new().await;
    for path in ["/api/products", "/api/products/", "/api/cart", "/api/cart/", "/api/checkout/payment-methods/"] {
        succeeded(&get(&mut shop.browser(), path).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn pages_follow_each_other_and_end_in_an_empty_one() {
    let shop = TestShop::new().await;
    for number in 0..5 {
        goods::variant(&shop.database.owner, &format!("Thing {number}"), 100, 1).await;
    }
    let mut names = Vec::new();
    for page in 1..=4 {
        let list = succeeded(
            &get(&mut shop.browser(), &format!("/api/products?per_page=2&page={page}")).await,
            StatusCode::OK,
        );
        assert_eq!((list["total"].as_i64(), list["pages"].as_i64()), (Some(5), Some(3)));
        names.extend(
            list["products"].as_array().unwrap().iter().map(|product| product["name"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(names, ["Thing 4", "Thing 3", "Thing 2", "Thing 1", "Thing 0"], "newest first, each once");
}

#[tokio::test]
async fn a_category_is_found_by_slug_or_name_and_an_unknown_one_is_empty() {
    let shop = TestShop::new().await;
    goods::variant(&shop.database.owner, "Enamel mug", 1990, 3).await;
    for (category, total) in [("things", 1), ("Things", 1), ("nothing", 0), ("%27%20OR%201=1%20--", 0), ("", 1)] {
        let list =
            succeeded(&get(&mut shop.browser(), &format!("/api/products?category={category}")).await, StatusCode::OK);
        assert_eq!(list["total"].as_i64(), Some(total), "{category}");
    }
}

#[tokio::test]
async fn pages_out_of_range_are_a_clear_400_and_unknown_products_404() {
    let shop = TestShop::new().await;
    for query in ["page=0", "page=-1", "page=1.5", "page=x", "page=9999999999", "per_page=0", "per_page=101", "page="] {
        let answer = get(&mut shop.browser(), &format!("/api/products?{query}")).await;
        assert!(failed(&answer, 400, "invalid_fields")["errors"].is_object(), "{query}");
    }
    for id in ["0", "-1", "999999", "x", "99999999999999999999", "1.5", "%00"] {
        failed(&get(&mut shop.browser(), &format!("/api/products/{id}")).await, 404, "unknown_product");
    }
}

#[tokio::test]
async fn filters_work_together_and_what_is_malformed_is_named_by_its_parameter() {
    let shop = TestShop::new().await;
    for (name, price, stock) in [("Enamel mug", 1990, 3), ("Glass mug", 990, 0), ("Tin lamp", 4500, 1)] {
        goods::variant(&shop.database.owner, name, price, stock).await;
    }
    for (query, names) in [
        ("search=mug&sort=price_asc", vec!["Glass mug", "Enamel mug"]),
        ("sort=price_desc", vec!["Tin lamp", "Enamel mug", "Glass mug"]),
        ("in_stock=true&sort=price_asc", vec!["Enamel mug", "Tin lamp"]),
        ("in_stock=0&max_price=9.90", vec!["Glass mug"]),
        ("min_price=9.91&max_price=19.9", vec!["Enamel mug"]),
        ("min_price=&max_price=&sort=&search=&in_stock=&page=1&search=", vec![]),
        ("search=%27%20OR%20zz%3Dzz%20--", vec![]),
        ("search=foo%20%26%20%7C%20!%20(", vec![]),
    ] {
        let answer = get(&mut shop.browser(), &format!("/api/products?{query}")).await;
        if query.matches("search=").count() == 2 {
            failed(&answer, 400, "malformed_query");
            continue;
        }
        let list = succeeded(&answer, StatusCode::OK);
        let found: Vec<_> =
            list["products"].as_array().unwrap().iter().map(|product| product["name"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{query}");
        assert!(list.get("total_is_capped").is_none());
    }
    for (query, field) in [
        ("min_price=x", "min_price"),
        ("min_price=-1", "min_price"),
        ("max_price=1e400", "max_price"),
        ("max_price=1.999", "max_price"),
        ("min_price=5&max_price=4.99", "max_price"),
        ("in_stock=maybe", "in_stock"),
        ("sort=cheapest", "sort"),
    ] {
        let answer = get(&mut shop.browser(), &format!("/api/products?{query}")).await;
        assert!(failed(&answer, 400, "invalid_fields")["errors"][field].is_string(), "{query}");
    }
}

#[tokio::test]
async fn categories_are_those_with_products_nested_if_asked() {
    let shop = TestShop::new().await;
    let db = &shop.database.db;
    catalogue::category(db, "home", "Home", None).await;
    catalogue::category(db, "mugs", "Mugs", Some("home")).await;
    catalogue::category(db, "empty", "Empty", Some("home")).await;
    catalogue::put(db, catalogue::draft("mug", "Mug", "mugs", vec![catalogue::variant("A", "", 100, 1)])).await;
    let names = succeeded(&get(&mut shop.browser(), "/api/products/categories/").await, StatusCode::OK);
    assert_eq!(names["categories"], serde_json::json!(["Home", "Mugs"]));
    let tree =
        succeeded(&get(&mut shop.browser(), "/api/products/categories?tree=1").await, StatusCode::OK)["categories"]
            .clone();
    assert_eq!(
        (tree[0]["name"].as_str(), tree[0]["product_count"].as_i64(), tree.as_array().map(Vec::len)),
        (Some("Home"), Some(1), Some(1))
    );
    assert_eq!((tree[0]["children"][0]["slug"].as_str(), tree[0]["children"][1].is_null()), (Some("mugs"), true));
}
