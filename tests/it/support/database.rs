//! One database a test, copied from a template that is migrated once a run.
//!
//! `TEST_DATABASE_URL` names a role that may create databases and roles; its database is never written to.

use std::{
    env,
    ops::Deref,
    sync::atomic::{AtomicU32, Ordering},
};

use ecommerce::infra::{database::Db, schema};
use sqlx::{
    Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A database with the whole schema, seen with the rights of the application. Dropped at the end of the test.
pub struct TestDb {
    /// The handle that the domain takes, as the application's role.
    pub db: Db,
    /// A pool with the owner's rights, to prepare and to look.
    pub owner: PgPool,
    name: String,
}

impl TestDb {
    /// A fresh database.
    pub async fn new() -> Self {
        let template = TEMPLATE.get_or_init(make_template).await;
        let name = format!("{template}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        admin(&format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER ecommerce_owner"#)).await;
        let pool = |role: &str| {
            let options = options().database(&name).username(role).options([("lock_timeout", "10s")]);
            PgPoolOptions::new().max_connections(20).connect_lazy_with(options)
        };
        Self { db: Db::new(pool("ecommerce_user")), owner: pool("ecommerce_owner"), name }
    }

    /// The same database for someone who waits for a lock no longer than a moment.
    pub fn impatient(&self) -> Db {
        let options = options().database(&self.name).username("ecommerce_user").options([("lock_timeout", "200ms")]);
        Db::new(PgPoolOptions::new().max_connections(2).connect_lazy_with(options))
    }

    /// The owner's pool for a migration that waits for a lock no longer than a moment.
    pub fn impatient_owner(&self) -> PgPool {
        let options = options().database(&self.name).username("ecommerce_owner").options([("lock_timeout", "200ms")]);
        PgPoolOptions::new().max_connections(2).connect_lazy_with(options)
    }

    /// An address for a process of its own, as the application's role.
    pub fn url(&self) -> String {
        with_role_and_database("ecommerce_user", &self.name)
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let name = self.name.clone();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(admin(&format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#)));
        });
        let _ = dropping.join();
    }
}

/// Where the tests' PostgreSQL is.
pub fn options() -> PgConnectOptions {
    let url = env::var("TEST_DATABASE_URL")
        .expect("TEST_DATABASE_URL: run deployment/test.sh, which starts a PostgreSQL for the tests");
    url.parse().expect("TEST_DATABASE_URL is an address of PostgreSQL")
}

fn with_role_and_database(role: &str, database: &str) -> String {
    let options = options().username(role).database(database);
    let host =
        options.get_socket().map_or(options.get_host().to_owned(), |dir| dir.display().to_string().replace('/', "%2F"));
    format!("postgres://{role}@{host}:{}/{database}", options.get_port())
}

async fn admin(statement: &str) {
    let mut connection = PgConnection::connect_with(&options()).await.expect("the tests' PostgreSQL answers");
    connection
        .execute(sqlx::AssertSqlSafe(statement.to_owned()))
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

// What earlier runs left: a template outlives its process, and so does the database of a test that was killed.
async fn forget_dead_runs() {
    let mut connection = PgConnection::connect_with(&options()).await.expect("the tests' PostgreSQL answers");
    let statement = r"SELECT datname::text FROM pg_database WHERE datname ~ '^it_[0-9]+(_[0-9]+)?$'";
    let names: Vec<String> = sqlx::query_scalar(statement).fetch_all(&mut connection).await.unwrap();
    for name in names {
        let process = name.split('_').nth(1).unwrap_or_default();
        if process == std::process::id().to_string() || !std::path::Path::new("/proc").join(process).exists() {
            admin(&format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#)).await;
        }
    }
}

async fn make_template() -> String {
    let name = format!("it_{}", std::process::id());
    for role in ["ecommerce_owner", "ecommerce_user"] {
        let statement = format!(
            "DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        admin(&statement).await;
    }
    forget_dead_runs().await;
    admin(&format!(r#"CREATE DATABASE "{name}" OWNER ecommerce_owner"#)).await;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_lazy_with(options().database(&name).username("ecommerce_owner"));
    schema::migrate(&pool, "ecommerce_user", schema::built_in()).await.expect("the schema can be made");
    pool.close().await;
    name
}
