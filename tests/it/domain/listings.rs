//! The rows that lists read: whoever writes, they say what the tables say.

use std::time::Duration;

use ecommerce::types::VariantId;
use sqlx::{PgConnection, PgPool, postgres::PgListener};

use crate::support::{TestDb, goods};

async fn run(pool: &PgPool, statement: &'static str) {
    sqlx::query(statement).execute(pool).await.unwrap();
}

/// Name, price, whether it is there, picture.
async fn row(owner: &PgPool, name: &str) -> Option<(i64, bool, Option<String>, i32)> {
    let statement = "SELECT l.price_minor, l.in_stock, l.picture, l.variant_count FROM product_listings l JOIN products p ON p.id = l.product_id
                     WHERE l.name = $1 AND p.name = l.name";
    sqlx::query_as(statement).bind(name).fetch_optional(owner).await.unwrap()
}

// What every row should be, told by the tables without the triggers.
async fn assert_true_to_the_tables(owner: &PgPool) {
    let wrong = "SELECT count(*) FROM product_listings l FULL JOIN (
            SELECT p.id, p.name, d.price_minor,
                   EXISTS (SELECT FROM product_variants o JOIN stock_levels s ON s.variant_id = o.id
                           WHERE o.product_id = p.id AND o.archived_at IS NULL AND s.on_hand > s.reserved) AS there
            FROM products p JOIN product_variants d ON d.product_id = p.id AND d.is_default AND d.archived_at IS NULL
            WHERE p.archived_at IS NULL) t ON t.id = l.product_id
        WHERE (l.product_id, l.name, l.price_minor, l.in_stock) IS DISTINCT FROM (t.id, t.name, t.price_minor, t.there)";
    assert_eq!(goods::count(owner, wrong).await, 0);
}

#[tokio::test]
async fn a_row_follows_name_price_picture_category_and_archiving() {
    let test = TestDb::new().await;
    let owner = &test.owner;
    goods::variant(owner, "Mug", 1_000, 3).await;
    assert_eq!(row(owner, "Mug").await, Some((1_000, true, None, 1)));

    run(owner, "UPDATE product_variants SET price_minor = 1200").await;
    run(owner, "INSERT INTO media (stem, width, height, widths) VALUES ('a', 8, 6, '{8}'), ('b', 8, 6, '{8}')").await;
    let show = "INSERT INTO product_images (product_id, media_id, position, alt) SELECT p.id, m.id, m.id, 'A mug' FROM products p, media m";
    run(owner, show).await;
    assert_eq!(row(owner, "Mug").await, Some((1_200, true, Some("a".to_owned()), 1)));
    run(owner, "DELETE FROM product_images WHERE position = (SELECT min(position) FROM product_images)").await;
    assert_eq!(row(owner, "Mug").await, Some((1_200, true, Some("b".to_owned()), 1)));
    run(owner, "DELETE FROM product_images").await;
    run(owner, "UPDATE products SET name = 'Cup'").await;
    assert_eq!(row(owner, "Cup").await, Some((1_200, true, None, 1)));

    run(owner, "UPDATE categories SET name = 'Crockery'").await;
    let by_category = "SELECT count(*) FROM product_listings WHERE document @@ search_query('crockery')";
    assert_eq!(goods::count(owner, by_category).await, 1);

    run(owner, "UPDATE products SET archived_at = now()").await;
    assert_eq!(row(owner, "Cup").await, None);
    run(owner, "UPDATE products SET archived_at = NULL").await;
    assert_eq!(row(owner, "Cup").await, Some((1_200, true, None, 1)));
    run(owner, "UPDATE product_variants SET archived_at = now(), is_default = false").await;
    assert_eq!(row(owner, "Cup").await, None);
    assert_true_to_the_tables(owner).await;
}

#[tokio::test]
async fn sold_out_and_back_again_is_told() {
    let test = TestDb::new().await;
    let owner = &test.owner;
    let mug = goods::variant(owner, "Mug", 1_000, 2).await;
    let mut heard = PgListener::connect_with(owner).await.unwrap();
    heard.listen("catalog").await.unwrap();
    let product: i64 = sqlx::query_scalar("SELECT product_id FROM product_variants WHERE id = $1")
        .bind(mug)
        .fetch_one(owner)
        .await
        .unwrap();
    for (statement, there, told) in [
        ("UPDATE stock_levels SET reserved = 1", true, vec![product.to_string()]),
        ("UPDATE stock_levels SET reserved = 2", false, vec![product.to_string(), "*".to_owned()]),
        ("UPDATE stock_levels SET on_hand = 5", true, vec![product.to_string(), "*".to_owned()]),
    ] {
        run(owner, statement).await;
        assert_eq!(row(owner, "Mug").await.unwrap().1, there, "{statement}");
        for expected in told {
            let said = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await.unwrap().unwrap();
            assert_eq!(said.payload(), expected, "{statement}");
        }
    }
}

// A second variant of the first one's product, with this many pieces.
async fn sibling(owner: &PgPool, first: VariantId, pieces: i32) -> VariantId {
    let statement = "WITH v AS (INSERT INTO product_variants (product_id, sku, name, currency, price_minor)
                                SELECT product_id, sku || '-B', 'Red', 'USD', 900 FROM product_variants WHERE id = $1 RETURNING id),
                          s AS (INSERT INTO stock_levels (variant_id, on_hand) SELECT id, $2 FROM v)
                     SELECT id FROM v";
    VariantId(sqlx::query_scalar(statement).bind(first).bind(pieces).fetch_one(owner).await.unwrap())
}

async fn sell_out(connection: &mut PgConnection, variant: VariantId) {
    let statement = "UPDATE stock_levels SET reserved = on_hand WHERE variant_id = $1";
    sqlx::query(statement).bind(variant).execute(connection).await.unwrap();
}

#[tokio::test]
async fn two_orders_that_take_the_last_of_two_variants_leave_the_product_sold_out() {
    let test = TestDb::new().await;
    let owner = &test.owner;
    for round in 0..10 {
        let first = goods::variant(owner, &format!("Mug {round}"), 1_000, 1).await;
        let second = sibling(owner, first, 1).await;
        let (mut one, mut other) = (owner.begin().await.unwrap(), owner.begin().await.unwrap());
        sell_out(&mut one, first).await;
        sell_out(&mut other, second).await;
        let (one, other) = tokio::join!(one.commit(), other.commit());
        one.unwrap();
        other.unwrap();
        assert!(!row(owner, &format!("Mug {round}")).await.unwrap().1, "round {round}");
    }
}

#[tokio::test]
async fn orders_that_sell_out_the_same_products_crosswise_do_not_lock_each_other() {
    let test = TestDb::new().await;
    let owner = &test.owner;
    let mut crossed = Vec::new();
    for round in 0..8 {
        let (a, b) = (
            goods::variant(owner, &format!("A {round}"), 1_000, 1).await,
            goods::variant(owner, &format!("B {round}"), 1_000, 1).await,
        );
        // Ids rise from a to d, products go a, b, b, a.
        let (c, d) = (sibling(owner, b, 1).await, sibling(owner, a, 1).await);
        let (mut one, mut other) = (owner.begin().await.unwrap(), owner.begin().await.unwrap());
        for variant in [a, b] {
            sell_out(&mut one, variant).await;
        }
        for variant in [c, d] {
            sell_out(&mut other, variant).await;
        }
        crossed.push(tokio::spawn(one.commit()));
        crossed.push(tokio::spawn(other.commit()));
    }
    for commit in crossed {
        commit.await.unwrap().unwrap();
    }
    assert_eq!(goods::count(owner, "SELECT count(*) FROM product_listings WHERE in_stock").await, 0);
    assert_true_to_the_tables(owner).await;
}

#[tokio::test]
async fn an_edit_at_the_moment_of_the_last_sale_does_not_bring_the_product_back() {
    let test = TestDb::new().await;
    let owner = &test.owner;
    for round in 0..10 {
        let name = format!("Mug {round}");
        let mug = goods::variant(owner, &name, 1_000, 1).await;
        let (mut order, mut edit) = (owner.begin().await.unwrap(), owner.begin().await.unwrap());
        sell_out(&mut order, mug).await;
        let price = "UPDATE product_variants SET price_minor = 1500 WHERE id = $1";
        if round % 2 == 0 {
            // The edit has read the stock before the sale is committed.
            sqlx::query(price).bind(mug).execute(&mut *edit).await.unwrap();
            let selling = tokio::spawn(order.commit());
            edit.commit().await.unwrap();
            selling.await.unwrap().unwrap();
        } else {
            let selling = tokio::spawn(order.commit());
            sqlx::query(price).bind(mug).execute(&mut *edit).await.unwrap();
            edit.commit().await.unwrap();
            selling.await.unwrap().unwrap();
        }
        assert_eq!(row(owner, &name).await, Some((1_500, false, None, 1)), "round {round}");
    }
    assert_true_to_the_tables(owner).await;
}

#[tokio::test]
async fn edits_and_sales_at_random_leave_every_row_true_and_no_deadlock() {
    let test = TestDb::new().await;
    let owner = &test.owner;
    let mut variants = Vec::new();
    for number in 0..4 {
        let first = goods::variant(owner, &format!("Mug {number}"), 1_000, 1).await;
        variants.extend([first, sibling(owner, first, 1).await]);
    }
    let mut running = Vec::new();
    for worker in 0..6_usize {
        let (pool, variants) = (owner.clone(), variants.clone());
        running.push(tokio::spawn(async move {
            for step in 0..15_usize {
                let variant = variants[(worker * 7 + step * 3) % variants.len()];
                let statement = match (worker + step) % 3 {
                    0 => "UPDATE stock_levels SET reserved = on_hand - reserved WHERE variant_id = $1",
                    1 => "UPDATE product_variants SET price_minor = price_minor + 1 WHERE id = $1",
                    _ => "UPDATE products SET description = description || '.' WHERE id = (SELECT product_id FROM product_variants WHERE id = $1)",
                };
                sqlx::query(statement).bind(variant).execute(&pool).await.unwrap();
            }
        }));
    }
    for worker in running {
        worker.await.unwrap();
    }
    assert_true_to_the_tables(owner).await;
}
