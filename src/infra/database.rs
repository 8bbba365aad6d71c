//! PostgreSQL: a primary, later optionally a replica. A request's handle says where it may read.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// A transaction on the primary; dropped without a commit it is rolled back.
pub type Tx = Transaction<'static, Postgres>;

/// The handle that reads and writes go through.
#[derive(Clone, Debug)]
pub struct Db {
    primary: PgPool,
}

impl Db {
    /// A handle on a pool of connections to the primary.
    #[must_use]
    pub const fn new(primary: PgPool) -> Self {
        Self { primary }
    }

    /// For reads that may come from a replica which has seen this person's last write; until there is a replica, the primary.
    #[must_use]
    pub const fn read(&self) -> &PgPool {
        &self.primary
    }

    /// For reads that decide something: stock, price, sign-in.
    #[must_use]
    pub const fn primary(&self) -> &PgPool {
        &self.primary
    }

    /// Opens a transaction on the primary.
    ///
    /// # Errors
    /// No connection could be had in time.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        self.primary.begin().await
    }
}

/// Opens a pool without connecting yet, so that a process starts while the database does.
///
/// Every wait is bounded: 3 s for a connection, 8 s for a lock, 15 s for a statement. The lock's is below the request's timeout (9 s), so
/// that a second request with an idempotency key hears 409 and not a timeout.
///
/// # Errors
/// The address is malformed.
pub fn pool(url: &SecretString, size: u32) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.expose_secret().parse()?;
    let options = options.application_name("ecommerce").options([
        ("lock_timeout", "8s"),
        ("statement_timeout", "15s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]);
    Ok(PgPoolOptions::new().max_connections(size).acquire_timeout(Duration::from_secs(3)).connect_lazy_with(options))
}

/// The name of the constraint that an error is about, if it is about one.
#[must_use]
pub fn constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}

/// Whether an error says that a lock was not had within `lock_timeout`.
#[must_use]
pub fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code().map(|code| code == "55P03")).unwrap_or(false)
}

/// A stored value that its type refuses: the database holds what this code never wrote.
#[must_use]
pub fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
