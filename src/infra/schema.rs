//! Bringing a database to the newest schema, as its owner: the shop's tables, the job queue's, and the rights of the application's role.

use sqlx::{Executor, PgPool, migrate::MigrateError};
use thiserror::Error;

use crate::MIGRATOR;

/// Why the schema was not brought up to date; what was done before the failing step stays and is not done again.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// A migration of the shop.
    #[error("migration failed: {0}")]
    Migration(#[from] MigrateError),
    /// A migration of the job queue.
    #[error("the job queue's schema could not be installed: {0}")]
    Queue(#[from] graphile_worker_migrations::MigrateError),
    /// The rights of the application's role.
    #[error("the application's rights could not be granted: {0}")]
    Grants(#[from] sqlx::Error),
}

/// Migrates as the owner and gives `application_role` what it needs: data, but no DDL; the ledgers only grow.
///
/// # Errors
/// The step that failed.
pub async fn migrate(owner: &PgPool, application_role: &str) -> Result<(), SchemaError> {
    MIGRATOR.run(owner).await?;
    graphile_worker_migrations::migrate(owner.clone(), "graphile_worker").await?;
    let role = format!("\"{}\"", application_role.replace('"', "\"\""));
    owner.execute(sqlx::AssertSqlSafe(grants(&role))).await?;
    owner.execute(sqlx::AssertSqlSafe(queue_policies(&role))).await?;
    Ok(())
}

// Repeated after every migration, so that new tables are covered without a line in each.
fn grants(role: &str) -> String {
    format!(
        "GRANT USAGE ON SCHEMA public, graphile_worker TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, graphile_worker TO {role};
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, graphile_worker TO {role};
         GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, graphile_worker TO {role};
         REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM {role};
         REVOKE UPDATE, DELETE ON stock_ledger, order_events, audit_log FROM {role};"
    )
}

// The queue's tables have row-level security without a policy, which hides every job from a role that does not own them.
fn queue_policies(role: &str) -> String {
    format!(
        "DO $$
         DECLARE t record;
         BEGIN
           FOR t IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'graphile_worker' AND c.relkind IN ('r', 'p') AND c.relrowsecurity
           LOOP
             EXECUTE format('DROP POLICY IF EXISTS application ON graphile_worker.%I', t.relname);
             EXECUTE format('CREATE POLICY application ON graphile_worker.%I TO %s USING (true) WITH CHECK (true)', t.relname, '{role}');
           END LOOP;
         END $$;"
    )
}

/// The migrations of this build that the database has not had, oldest first; all of them if it has had none.
///
/// # Errors
/// The database failed.
pub async fn missing(pool: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    // As text: without its table the shop's schema is simply not there yet.
    let known: Option<String> =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::text").fetch_one(pool).await?;
    let applied: Vec<i64> = match known {
        Some(_) => sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(pool).await?,
        None => Vec::new(),
    };
    Ok(versions().filter(|version| !applied.contains(version)).collect())
}

/// The newest migration of this build.
#[must_use]
pub fn newest() -> i64 {
    versions().max().unwrap_or(0)
}

/// What a migration of this build does, by its file's name.
#[must_use]
pub fn name_of(version: i64) -> &'static str {
    let migration = MIGRATOR.iter().find(|migration| migration.version == version);
    migration.map_or("", |migration| &migration.description)
}

fn versions() -> impl Iterator<Item = i64> {
    MIGRATOR.iter().filter(|migration| migration.migration_type.is_up_migration()).map(|migration| migration.version)
}

/// Whether this role could change the schema, which a server must not be able to.
///
/// # Errors
/// The database failed.
pub async fn may_alter(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let statement = "SELECT rolsuper OR has_schema_privilege('public', 'CREATE') OR has_database_privilege(current_database(), 'CREATE')
                            OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                       WHERE n.nspname = 'public' AND c.relowner = pg_roles.oid)
                     FROM pg_roles WHERE rolname = current_user";
    sqlx::query_scalar(statement).fetch_one(pool).await
}
