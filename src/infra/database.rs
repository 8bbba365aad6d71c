//! PostgreSQL: a primary, later optionally a replica. A request's handle says where it may read.

use std::{io, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use time::OffsetDateTime;

// A database that is started again takes longer than this.
const RESTED: Duration = Duration::from_millis(500);

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
/// A connection that rested for a moment is asked whether it still lives before it is handed out; asking each time would be a second
/// round trip for every statement.
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
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(3))
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for >= RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
    Ok(pool.connect_lazy_with(options))
}

/// Opens a pool for migrations. A lock is waited for no longer than `lock_wait`: whoever asks for the same table meanwhile waits behind the
/// migration, and those are the customers. Statements may take as long as they need: a large table is filled or indexed in minutes.
///
/// # Errors
/// The address is malformed.
pub fn owner_pool(url: &SecretString, lock_wait: Duration) -> Result<PgPool, sqlx::Error> {
    let options: PgConnectOptions = url.expose_secret().parse()?;
    let options = options
        .application_name("ecommerce migrate")
        .options([("lock_timeout", format!("{}ms", lock_wait.as_millis()))]);
    Ok(PgPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5)).connect_lazy_with(options))
}

/// The name of the constraint that an error is about, if it is about one.
#[must_use]
pub fn constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
}

/// PostgreSQL's code for a lock that was not had within `lock_timeout`.
pub const LOCK_TIMEOUT: &str = "55P03";

/// Whether an error says that a lock was not had within `lock_timeout`.
#[must_use]
pub fn is_lock_timeout(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code().map(|code| code == LOCK_TIMEOUT)).unwrap_or(false)
}

/// A stored value that its type refuses: the database holds what this code never wrote.
#[must_use]
pub fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// The oldest major version that this shop runs on.
pub const MINIMUM: u32 = 15;

/// Asks a server for its major version, over a connection of its own: unlike a pool's, its error says what is wrong.
///
/// # Errors
/// The server is away, or refuses the role or the database.
pub async fn version(url: &SecretString) -> Result<u32, sqlx::Error> {
    let options: PgConnectOptions = url.expose_secret().parse()?;
    let connecting = PgConnection::connect_with(&options);
    let mut connection = tokio::time::timeout(Duration::from_secs(5), connecting).await.map_err(|_| timed_out())??;
    let number: String = sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut connection).await?;
    connection.close().await?;
    number.parse::<u32>().map(|number| number / 10_000).map_err(unreadable)
}

fn timed_out() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "no answer within 5 s"))
}

/// What time it is for a server.
///
/// # Errors
/// The database failed.
pub async fn clock(pool: &PgPool) -> Result<OffsetDateTime, sqlx::Error> {
    sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(pool).await
}

/// Whether an error says that the server is away or still starting, so that waiting may mend it.
#[must_use]
pub fn is_away(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) || code.is_some_and(|code| code.starts_with("57P"))
}
