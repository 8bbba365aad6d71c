//! How many products are listed where, kept beside them: whoever writes, the sums say what counting says.

use std::time::Duration;

use ecommerce::domain::catalog;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use crate::support::{TestDb, goods};

/// Numbers by chance, the same ones each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % limit).unwrap()
    }

    // Of every size from nothing to the highest there may be.
    fn price(&mut self) -> i64 {
        let digits = u32::try_from(self.below(12)).unwrap();
        self.below(1 << 30) % 10_i64.pow(digits.min(9)) * 10_i64.pow(digits.saturating_sub(9))
    }
}

async fn run(pool: &PgPool, statement: &'static str, first: i64, second: i64) {
    let query = sqlx::query(statement).bind(first);
    let query = if statement.contains("$2") { query.bind(second) } else { query };
    query.execute(pool).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

async fn categories(owner: &PgPool) {
    let statement = "INSERT INTO categories (slug, name) SELECT 'c-' || n, 'C ' || n FROM generate_series(1, $1) n";
    run(owner, statement, 4, 0).await;
}

const CREATE: &str = "WITH p AS (
        INSERT INTO products (slug, name, category_id) SELECT 'p-' || n, 'P ' || n, 1 + n % 4
        FROM (SELECT nextval(pg_get_serial_sequence('stock_ledger', 'id')) AS n) AS fresh RETURNING id),
    v AS (INSERT INTO product_variants (product_id, sku, is_default, currency, price_minor)
          SELECT id, 'S-' || id, true, 'USD', $1 FROM p RETURNING id)
    INSERT INTO stock_levels (variant_id, on_hand) SELECT id, $2 FROM v";
// One of the products, by a number of any size.
const NTH: &str =
    "(SELECT id FROM products ORDER BY id OFFSET $1 % (SELECT greatest(count(*), 1) FROM products) LIMIT 1)";

// One change, of the kinds that a shop knows, of one product or of many.
async fn change(owner: &PgPool, dice: &mut Dice) {
    let (price, any) = (dice.price(), dice.below(1_000));
    let statement = match dice.below(12) {
        0..=2 => return run(owner, CREATE, price, any % 3).await,
        3 => format!("UPDATE product_variants SET price_minor = {price} WHERE product_id = {NTH}"),
        4 => format!("UPDATE products SET category_id = 1 + {price} % 4 WHERE id = {NTH}"),
        5 => format!(
            "UPDATE stock_levels SET reserved = on_hand
             WHERE variant_id IN (SELECT id FROM product_variants WHERE product_id = {NTH})"
        ),
        6 => format!(
            "UPDATE stock_levels SET on_hand = on_hand + 1
             WHERE variant_id IN (SELECT id FROM product_variants WHERE product_id = {NTH})"
        ),
        7 => format!("UPDATE products SET archived_at = now() WHERE id = {NTH}"),
        8 => format!("UPDATE products SET archived_at = NULL WHERE id >= {NTH}"),
        9 => "UPDATE product_variants SET price_minor = price_minor / 2 + 1 WHERE product_id % 3 = $1 % 3".to_owned(),
        10 => "UPDATE products SET category_id = 1 + (category_id + $1) % 4 WHERE id % 4 = $1 % 4".to_owned(),
        _ => format!("DELETE FROM product_listings WHERE product_id = {NTH}"),
    };
    sqlx::query(sqlx::AssertSqlSafe(statement)).bind(any).execute(owner).await.unwrap();
}

// Where sums and a fresh count differ.
const WRONG: &str = "SELECT count(*) FROM (
        SELECT category_id, price_cell(price_minor) AS price_from, in_stock, count(*) FROM product_listings GROUP BY 1, 2, 3) AS listed
    FULL JOIN (
        SELECT category_id, price_from, in_stock, sum(products) AS count FROM listing_counts GROUP BY 1, 2, 3) AS counted
    USING (category_id, price_from, in_stock) WHERE coalesce(listed.count, 0) <> coalesce(counted.count, 0)";
// Rows that folding would still make fewer.
const LOOSE: &str = "SELECT (SELECT count(*) FROM listing_counts)
    - (SELECT count(*) FROM (SELECT DISTINCT category_id, price_cell(price_minor), in_stock FROM product_listings) AS cells)";

async fn assert_folds_to_the_least(test: &TestDb) {
    assert_eq!(goods::count(&test.owner, WRONG).await, 0);
    catalog::fold_counts(&test.db).await.unwrap();
    assert_eq!((goods::count(&test.owner, WRONG).await, goods::count(&test.owner, LOOSE).await), (0, 0));
    assert_eq!(catalog::fold_counts(&test.db).await.unwrap(), 0, "there is nothing left to fold");
    assert_eq!(goods::count(&test.owner, WRONG).await, 0);
}

#[tokio::test]
async fn counts_say_what_counting_says_after_any_changes() {
    let test = TestDb::new().await;
    categories(&test.owner).await;
    let mut dice = Dice(7);
    for step in 0..400 {
        change(&test.owner, &mut dice).await;
        assert_eq!(goods::count(&test.owner, WRONG).await, 0, "step {step}");
        if step % 90 == 89 {
            assert_folds_to_the_least(&test).await;
        }
    }
    assert!(goods::count(&test.owner, "SELECT count(*) FROM product_listings").await > 20);
    run(&test.owner, "DELETE FROM product_listings WHERE product_id > $1", 0, 0).await;
    assert_folds_to_the_least(&test).await;
    assert_eq!(goods::count(&test.owner, "SELECT count(*) FROM listing_counts").await, 0);
}

#[tokio::test]
async fn a_product_that_is_deleted_with_all_its_rows_is_no_longer_counted() {
    let test = TestDb::new().await;
    categories(&test.owner).await;
    run(&test.owner, CREATE, 1_990, 1).await;
    let listed = "SELECT coalesce(sum(products), 0)::bigint FROM listing_counts";
    assert_eq!(goods::count(&test.owner, listed).await, 1);
    for statement in [
        "DELETE FROM stock_levels WHERE variant_id > $1",
        "DELETE FROM product_variants WHERE id > $1",
        "DELETE FROM products WHERE id > $1",
        "DELETE FROM categories WHERE id > $1",
    ] {
        run(&test.owner, statement, 0, 0).await;
    }
    assert_eq!(goods::count(&test.owner, listed).await, 0);
    assert_folds_to_the_least(&test).await;
}

#[tokio::test]
async fn counts_hold_with_twenty_changing_and_two_folding_at_once() {
    let test = TestDb::new().await;
    categories(&test.owner).await;
    let mut dice = Dice(11);
    for _ in 0..30 {
        let price = dice.price();
        run(&test.owner, CREATE, price, 2).await;
    }
    let mut changing = Vec::new();
    for worker in 0..20 {
        let owner = test.owner.clone();
        changing.push(tokio::spawn(async move {
            let mut dice = Dice(worker);
            for _ in 0..12 {
                let (product, by) = (1 + dice.below(30), dice.below(1_000));
                // One row each: what is tested here is counting, and not the order in which rows are locked.
                let statement = match dice.below(3) {
                    0 => "UPDATE product_listings SET in_stock = NOT in_stock WHERE product_id = $1 AND $2 >= 0",
                    1 => "UPDATE product_listings SET price_minor = price_minor / 2 + $2 WHERE product_id = $1",
                    _ => "UPDATE product_listings SET category_id = 1 + $2 % 4 WHERE product_id = $1",
                };
                run(&owner, statement, product, by).await;
            }
        }));
    }
    let folding: Vec<_> = (0..2)
        .map(|_| {
            let db = test.db.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    catalog::fold_counts(&db).await.unwrap();
                }
            })
        })
        .collect();
    for task in changing.into_iter().chain(folding) {
        task.await.unwrap();
    }
    assert_folds_to_the_least(&test).await;
}

#[tokio::test]
async fn orders_that_sell_out_products_of_a_cell_wait_neither_for_each_other_nor_for_folding() {
    let test = TestDb::new().await;
    categories(&test.owner).await;
    for _ in 0..8 {
        run(&test.owner, CREATE, 1_990, 1).await;
    }
    run(&test.owner, "UPDATE product_listings SET category_id = 1 WHERE product_id > $1", 0, 0).await;
    let sell_out = "UPDATE product_listings SET in_stock = false WHERE product_id = $1";
    let mut first = test.owner.begin().await.unwrap();
    sqlx::query(sell_out).bind(1_i64).execute(&mut *first).await.unwrap();
    run(&test.impatient_owner(), sell_out, 2, 0).await;
    assert!(catalog::fold_counts(&test.impatient()).await.unwrap() > 0);
    // And those who sell out do not wait for who folds.
    let mut folding = test.db.begin().await.unwrap();
    sqlx::query("DELETE FROM listing_counts").execute(&mut *folding).await.unwrap();
    run(&test.impatient_owner(), sell_out, 3, 0).await;
    folding.rollback().await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(goods::count(&test.owner, "SELECT sum(products) FROM listing_counts WHERE in_stock").await, 5);
    assert_folds_to_the_least(&test).await;
}

#[tokio::test]
async fn a_category_that_is_renamed_while_its_product_sells_out_makes_no_deadlock() {
    let test = TestDb::new().await;
    categories(&test.owner).await;
    run(&test.owner, CREATE, 1_990, 1).await;
    let mut order = test.owner.begin().await.unwrap();
    sqlx::query("SELECT FROM product_listings FOR UPDATE").execute(&mut *order).await.unwrap();
    let owner = test.owner.clone();
    let renaming =
        tokio::spawn(
            async move { sqlx::query("UPDATE categories SET name = name || ' and more'").execute(&owner).await },
        );
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(10);
    while goods::count(&test.owner, waiting).await == 0 {
        assert!(Instant::now() < deadline, "the rename does not reach the product");
        sleep(Duration::from_millis(10)).await;
    }
    sqlx::query("UPDATE product_listings SET in_stock = false").execute(&mut *order).await.unwrap();
    order.commit().await.unwrap();
    renaming.await.unwrap().unwrap();
    assert_folds_to_the_least(&test).await;
}

#[tokio::test]
async fn the_application_sells_on_before_it_may_write_counts_itself() {
    let test = TestDb::new().await;
    goods::variant(&test.owner, "Mug", 1_000, 1).await;
    sqlx::query("REVOKE ALL ON listing_counts FROM ecommerce_user").execute(&test.owner).await.unwrap();
    sqlx::query("UPDATE stock_levels SET reserved = on_hand").execute(test.db.primary()).await.unwrap();
    assert_eq!(goods::count(&test.owner, WRONG).await, 0);
    assert_eq!(goods::count(&test.owner, "SELECT count(*) FROM product_listings WHERE NOT in_stock").await, 1);
}

#[tokio::test]
async fn what_changes_no_count_adds_nothing() {
    let test = TestDb::new().await;
    categories(&test.owner).await;
    run(&test.owner, CREATE, 1_990, 1).await;
    let rows = "SELECT count(*) FROM listing_counts";
    let before = goods::count(&test.owner, rows).await;
    run(&test.owner, "UPDATE product_listings SET popularity = 5, price_minor = 1000 + $1", 900, 0).await;
    run(&test.owner, "UPDATE products SET name = name || ' ' || $1::bigint", 2, 0).await;
    assert_eq!(goods::count(&test.owner, rows).await, before);
}
