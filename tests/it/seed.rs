//! The demo shop, stored in a database of its own.

use ecommerce::{cli::seed, infra::passwords::PasswordHasher, types::Currency};

use crate::support::{database::TestDb, goods::count};

const ROWS: [&str; 9] = [
    "SELECT count(*) FROM categories",
    "SELECT count(*) FROM products WHERE archived_at IS NULL",
    "SELECT count(*) FROM product_variants WHERE archived_at IS NULL",
    "SELECT count(*) FROM media",
    "SELECT count(*) FROM product_images",
    "SELECT count(*) FROM stock_ledger",
    "SELECT sum(on_hand)::bigint FROM stock_levels",
    "SELECT count(*) FROM users",
    "SELECT count(*) FROM user_roles",
];

async fn rows(db: &TestDb) -> Vec<i64> {
    let mut rows = Vec::new();
    for statement in ROWS {
        rows.push(count(&db.owner, statement).await);
    }
    rows
}

#[tokio::test]
async fn seeding_again_changes_nothing_and_receives_no_stock_twice() {
    let db = TestDb::new().await;
    let hasher = PasswordHasher::new(2).unwrap();
    let first = seed::store(&db, &hasher, Currency::USD, None).await.unwrap();
    let after_first = rows(&db).await;
    let second = seed::store(&db, &hasher, Currency::USD, None).await.unwrap();
    assert_eq!(after_first, rows(&db).await);
    assert_eq!((first.new_accounts, second.new_accounts), (4, 0));
    let counted: Vec<usize> = after_first.iter().take(4).map(|rows| usize::try_from(*rows).unwrap()).collect();
    assert_eq!(counted, [first.categories, first.products, first.variants, first.pictures]);
    assert!(first.products >= 60, "{first}");
}

#[tokio::test]
async fn the_demo_shop_has_what_is_sold_out_nearly_gone_and_reduced() {
    let db = TestDb::new().await;
    seed::store(&db, &PasswordHasher::new(2).unwrap(), Currency::USD, None).await.unwrap();
    let sold_out = "SELECT count(*) FROM product_variants v LEFT JOIN stock_levels s ON s.variant_id = v.id WHERE coalesce(s.on_hand, 0) = 0";
    assert!(count(&db.owner, sold_out).await >= 5);
    assert!(count(&db.owner, "SELECT count(*) FROM stock_levels WHERE on_hand BETWEEN 1 AND 3").await >= 8);
    assert!(count(&db.owner, "SELECT count(*) FROM product_variants WHERE compare_at_minor IS NOT NULL").await >= 8);
    let nested = "SELECT count(*) FROM categories WHERE parent_id IS NOT NULL";
    assert!(count(&db.owner, nested).await >= 8);
}
