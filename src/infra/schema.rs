//! Bringing a database to the newest schema, as its owner: the shop's tables, the job queue's, and the rights of the application's role.

use std::path::Path;

use sqlx::{
    Executor, PgPool,
    migrate::{MigrateError, Migrator},
};
use thiserror::Error;

use super::database;
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

impl SchemaError {
    /// Whether a step waited for a lock longer than it may, so that trying again may help. It left nothing behind.
    #[must_use]
    pub fn is_lock_timeout(&self) -> bool {
        match self {
            Self::Migration(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
                database::is_lock_timeout(error)
            }
            Self::Queue(graphile_worker_migrations::MigrateError::SqlError(error)) => {
                error.code() == Some(database::LOCK_TIMEOUT)
            }
            Self::Grants(error) => database::is_lock_timeout(error),
            _ => false,
        }
    }
}

/// The migrations built into this program.
#[must_use]
pub fn built_in() -> Migrator {
    Migrator { migrations: MIGRATOR.migrations.clone(), ..Migrator::DEFAULT }
}

/// The migrations of a folder, as a release brings them.
///
/// # Errors
/// A file in it is not named or written like a migration.
pub async fn of_folder(folder: &Path) -> Result<Migrator, MigrateError> {
    Migrator::new(folder).await
}

/// Applies `migrations` as the owner and gives `application_role` what it needs: data, but no DDL; the ledgers only grow.
///
/// # Errors
/// The step that failed.
pub async fn migrate(owner: &PgPool, application_role: &str, migrations: Migrator) -> Result<(), SchemaError> {
    run_migrations(owner, migrations).await?;
    graphile_worker_migrations::migrate(owner.clone(), "graphile_worker").await?;
    let role = format!("\"{}\"", application_role.replace('"', "\"\""));
    owner.execute(sqlx::AssertSqlSafe(grants(&role))).await?;
    owner.execute(sqlx::AssertSqlSafe(queue_policies(&role))).await?;
    Ok(())
}

// Migrations of a newer release are left alone: this one runs beside them, or `fits` has refused it.
async fn run_migrations(owner: &PgPool, mut migrator: Migrator) -> Result<(), MigrateError> {
    migrator.set_ignore_missing(true);
    let mut connection = owner.acquire().await?;
    let outcome = migrator.run_direct(None, &mut *connection, false).await;
    if outcome.is_err() {
        // It still holds sqlx's advisory lock, for which the next try would wait in vain.
        connection.close().await?;
    }
    outcome
}

// Repeated after every migration, so that new tables are covered without a line in each.
fn grants(role: &str) -> String {
    format!(
        "GRANT USAGE ON SCHEMA public, graphile_worker TO {role};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, graphile_worker TO {role};
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, graphile_worker TO {role};
         GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, graphile_worker TO {role};
         REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations, schema_contracts FROM {role};
         REVOKE UPDATE, DELETE ON stock_ledger, order_events, audit_log FROM {role};"
    )
}

// The queue's tables have row-level security without a policy, which hides every job from a role that does not own them. Only where one is
// missing: making a policy locks its table against everybody, and servers and worker are using it.
fn queue_policies(role: &str) -> String {
    format!(
        "DO $$
         DECLARE t record;
         BEGIN
           FOR t IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'graphile_worker' AND c.relkind IN ('r', 'p') AND c.relrowsecurity
                      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'application'
                                                                AND '{role}'::regrole = ANY (p.polroles))
           LOOP
             EXECUTE format('DROP POLICY IF EXISTS application ON graphile_worker.%I', t.relname);
             EXECUTE format('CREATE POLICY application ON graphile_worker.%I TO %s USING (true) WITH CHECK (true)', t.relname, '{role}');
           END LOOP;
         END $$;"
    )
}

/// Who holds locks on the shop's tables right now: process id and name, for the person who wonders what a migration waits for.
///
/// # Errors
/// The database failed.
pub async fn lock_holders(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    let statement =
        "SELECT DISTINCT format('pid %s (%s)', l.pid, coalesce(nullif(a.application_name, ''), a.usename, '?'))
                     FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                     WHERE l.granted AND l.locktype = 'relation' AND l.pid <> pg_backend_pid()
                       AND l.relation IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                          WHERE n.nspname IN ('public', 'graphile_worker'))
                     ORDER BY 1 LIMIT 5";
    sqlx::query_scalar(statement).fetch_all(pool).await
}

/// The migrations of this build that the database has not had, oldest first; all of them if it has had none.
///
/// # Errors
/// The database failed.
pub async fn missing(pool: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    missing_of(pool, &MIGRATOR).await
}

/// The same of any migrations.
///
/// # Errors
/// The database failed.
pub async fn missing_of(pool: &PgPool, migrations: &Migrator) -> Result<Vec<i64>, sqlx::Error> {
    // As text: without its table the shop's schema is simply not there yet.
    let known: Option<String> =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations')::text").fetch_one(pool).await?;
    let applied: Vec<i64> = match known {
        Some(_) => sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(pool).await?,
        None => Vec::new(),
    };
    Ok(versions(migrations).filter(|version| !applied.contains(version)).collect())
}

/// Why a release cannot run on a schema that has gone on without it.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "this release was built for schema {newest}, and migration {migration} took away what releases before schema {oldest} use: take a newer release, or restore a backup from before it"
)]
pub struct ContractedBeyond {
    newest: i64,
    migration: i64,
    oldest: i64,
}

/// Whether the database still carries this build, by what its contracting migrations have noted; `None` is yes.
///
/// # Errors
/// The database failed.
pub async fn contracted_beyond(pool: &PgPool) -> Result<Option<ContractedBeyond>, sqlx::Error> {
    let known: Option<String> =
        sqlx::query_scalar("SELECT to_regclass('schema_contracts')::text").fetch_one(pool).await?;
    if known.is_none() {
        return Ok(None);
    }
    let statement = "SELECT migration, oldest_schema FROM schema_contracts WHERE oldest_schema > $1
                     ORDER BY oldest_schema DESC LIMIT 1";
    let row: Option<(i64, i64)> = sqlx::query_as(statement).bind(newest()).fetch_optional(pool).await?;
    Ok(row.map(|(migration, oldest)| ContractedBeyond { newest: newest(), migration, oldest }))
}

/// The newest migration that the database has had; `None` before the first.
///
/// # Errors
/// The database failed, or has no schema of the shop.
pub async fn at(pool: &PgPool) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success").fetch_one(pool).await
}

/// The newest migration of this build.
#[must_use]
pub fn newest() -> i64 {
    versions(&MIGRATOR).max().unwrap_or(0)
}

/// What a migration does, by its file's name.
#[must_use]
pub fn name_of(migrations: &Migrator, version: i64) -> String {
    let migration = migrations.iter().find(|migration| migration.version == version);
    migration.map_or_else(String::new, |migration| migration.description.to_string())
}

fn versions(migrations: &Migrator) -> impl Iterator<Item = i64> {
    migrations.iter().filter(|migration| migration.migration_type.is_up_migration()).map(|migration| migration.version)
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
