//! The schema: up, down, and with the rights of the application.

use ecommerce::infra::schema;
use sqlx::Executor;

use crate::support::{TestDb, goods};

#[tokio::test]
async fn every_migration_goes_down_and_up_again() {
    let test = TestDb::new().await;
    ecommerce::MIGRATOR.undo(&test.owner, 0).await.unwrap();
    let left: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        .fetch_all(&test.owner)
        .await
        .unwrap();
    assert_eq!(left, ["_sqlx_migrations"]);
    schema::migrate(&test.owner, "ecommerce_user", schema::built_in()).await.unwrap();
}

#[tokio::test]
async fn the_application_can_neither_change_the_schema_nor_rewrite_the_ledger() {
    let test = TestDb::new().await;
    for refused in [
        "CREATE TABLE t ()",
        "DROP TABLE users",
        "ALTER TABLE users ADD x int",
        "UPDATE stock_ledger SET note = ''",
        "DELETE FROM order_events",
        "DELETE FROM _sqlx_migrations",
        "INSERT INTO schema_contracts (migration, oldest_schema) VALUES (1, 1)",
    ] {
        let error = test.db.primary().execute(refused).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{refused}");
    }
}

#[tokio::test]
async fn the_application_can_enqueue_and_see_a_job() {
    let test = TestDb::new().await;
    sqlx::query("SELECT graphile_worker.add_job('probe', '{}'::json)").execute(test.db.primary()).await.unwrap();
    let jobs: i64 =
        sqlx::query_scalar("SELECT count(*) FROM graphile_worker.jobs").fetch_one(test.db.primary()).await.unwrap();
    assert_eq!(jobs, 1);
}

#[tokio::test]
async fn a_migration_that_waits_for_a_lock_leaves_nothing_and_can_be_tried_again() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(format!("20990101000000_later.{name}.sql"));
    std::fs::write(file("up"), "CREATE TABLE later (); ALTER TABLE products ADD COLUMN later int;").unwrap();
    std::fs::write(file("down"), "DROP TABLE later; ALTER TABLE products DROP COLUMN later;").unwrap();
    let migrate = async || {
        let migrations = schema::of_folder(folder.path()).await.unwrap();
        schema::migrate(&test.impatient_owner(), "ecommerce_user", migrations).await
    };
    let mut holder = test.db.begin().await.unwrap();
    sqlx::query("SELECT FROM products").execute(&mut *holder).await.unwrap();
    for _ in 0..2 {
        let error = migrate().await.unwrap_err();
        assert!(error.is_lock_timeout(), "{error}");
    }
    let left: Option<String> =
        sqlx::query_scalar("SELECT to_regclass('later')::text").fetch_one(&test.owner).await.unwrap();
    assert_eq!(left, None);
    holder.rollback().await.unwrap();
    migrate().await.unwrap();
    // A release that does not know it runs on, and its own migrations change nothing.
    assert!(schema::missing(test.db.primary()).await.unwrap().is_empty());
    schema::migrate(&test.owner, "ecommerce_user", schema::built_in()).await.unwrap();
    assert_eq!(schema::at(test.db.primary()).await.unwrap(), Some(20_990_101_000_000));
}

#[tokio::test]
async fn listings_that_are_there_before_their_counts_are_counted_once() {
    let test = TestDb::new().await;
    ecommerce::MIGRATOR.undo(&test.owner, 20_261_128_194_500).await.unwrap();
    goods::variant(&test.owner, "Mug", 1_990, 3).await;
    let mut writing = test.owner.begin().await.unwrap();
    let variant = "INSERT INTO product_variants (product_id, sku, name, is_default, currency, price_minor)
                 SELECT id, 'LATE', 'Late', true, 'USD', 4990 FROM p";
    let product = "WITH p AS (INSERT INTO products (slug, name, category_id) SELECT 'late', 'Late', id FROM categories RETURNING id)";
    sqlx::query(sqlx::AssertSqlSafe(format!("{product} {variant}"))).execute(&mut *writing).await.unwrap();
    // Who writes listings at that moment is waited for, but not long.
    let migrate = async |owner| schema::migrate(&owner, "ecommerce_user", schema::built_in()).await;
    assert!(migrate(test.impatient_owner()).await.unwrap_err().is_lock_timeout());
    writing.commit().await.unwrap();
    migrate(test.impatient_owner()).await.unwrap();
    let counted: Vec<(i64, bool, i32)> =
        sqlx::query_as("SELECT price_from, in_stock, products FROM listing_counts ORDER BY price_from")
            .fetch_all(&test.owner)
            .await
            .unwrap();
    assert_eq!(counted, [(1_500, true, 1), (4_500, false, 1)]);
}

#[tokio::test]
async fn a_schema_that_was_contracted_beyond_this_release_refuses_it() {
    let test = TestDb::new().await;
    let note = async |oldest: i64| {
        let statement = "INSERT INTO schema_contracts (migration, oldest_schema) VALUES ($1, $1)";
        sqlx::query(statement).bind(oldest).execute(&test.owner).await.unwrap();
        schema::contracted_beyond(test.db.primary()).await.unwrap().map(|reason| reason.to_string())
    };
    assert_eq!(note(schema::newest()).await, None);
    let reason = note(schema::newest() + 1).await.unwrap();
    assert!(reason.contains(&(schema::newest() + 1).to_string()), "{reason}");
    let error = ecommerce::cli::start::schema_fits(&test.db).await.unwrap_err();
    assert_eq!(error.to_string(), reason);
}
