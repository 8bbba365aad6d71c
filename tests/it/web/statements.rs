//! How many statements a page takes: not more with a full cart than with an empty one.

use super::walk::register;
use crate::support::{
    TestShop,
    catalogue::{category, draft, put, variant},
    statements::Counting,
};

// Somebody's cart, what is put aside beside it and the wishlist hold so many things.
async fn with(shop: &TestShop, things: i64) {
    for statement in [
        "INSERT INTO carts (user_id) SELECT id FROM users ON CONFLICT DO NOTHING",
        "INSERT INTO wishlists (user_id) SELECT id FROM users ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(statement).execute(&shop.database.owner).await.unwrap();
    }
    for statement in [
        "INSERT INTO cart_lines (cart_id, variant_id, quantity, seen_price_minor)
         SELECT k.id, v.id, 1, v.price_minor FROM carts k, product_variants v WHERE v.id <= $1 ON CONFLICT DO NOTHING",
        "INSERT INTO saved_lines (cart_id, variant_id, quantity)
         SELECT k.id, v.id, 1 FROM carts k, product_variants v WHERE v.id <= $1 ON CONFLICT DO NOTHING",
        "INSERT INTO wishlist_items (wishlist_id, product_id)
         SELECT w.id, p.id FROM wishlists w, products p WHERE p.id <= $1 ON CONFLICT DO NOTHING",
    ] {
        sqlx::query(statement).bind(things).execute(&shop.database.owner).await.unwrap();
    }
}

#[tokio::test]
async fn a_page_takes_as_many_statements_for_a_hundred_things_as_for_ten() {
    let shop = TestShop::new().await;
    let db = &shop.database.db;
    category(db, "things", "Things", None).await;
    for number in 1..=100 {
        let (slug, sku) = (format!("thing-{number}"), format!("T-{number}"));
        put(db, draft(&slug, &format!("Thing {number}"), "things", vec![variant(&sku, "", 1_000, 9)])).await;
    }
    shop.listen().await;
    let mut browser = shop.browser();
    // A visitor first, so that the cookie of one is there as well.
    browser.post("/wishlist/items", &[("product_id", "1"), ("next", "/")]).await;
    assert!(browser.cookie("visitor").is_some());
    register(&mut browser, "ada.l").await;

    let statements = Counting::start();
    for things in [10, 100] {
        with(&shop, things).await;
        for (path, most) in [("/", 3), ("/products", 3), ("/cart", 3), ("/wishlist", 4), ("/products/thing-7", 4)] {
            browser.get(path).await;
            statements.take();
            let page = browser.get(path).await;
            let said = statements.take();
            assert_eq!(page.status, 200, "{path}");
            assert!(page.body.contains(&format!("id=\"wish-count\" class=\"cart-count\">{things}<")), "{path}");
            assert!(!said.is_empty() && said.len() <= most, "{path} with {things}: {said:#?}");
        }
    }
}
