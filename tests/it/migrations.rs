//! The schema: up, down, and with the rights of the application.

use ecommerce::infra::schema;
use sqlx::{Connection, Executor, PgConnection};

use crate::support::TestDb;

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
