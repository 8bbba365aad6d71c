//! Who wants to be told when something sold out can be had again: one mail for each time they ask, and then nothing more.

pub mod jobs;
mod sql;

use thiserror::Error;

use crate::{
    infra::{
        database::{self, Db},
        jobs::enqueue,
        tokens,
    },
    types::{Email, Money, StockAlertId, UserId, VariantId},
};

// More than a person waits for; what goes beyond is somebody's play with a stranger's address.
const MOST_WAITING: i64 = 50;
// Marked as sent in one transaction; the next one takes the rest.
const BATCH: i64 = 200;

/// What the mail says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    /// Its id.
    pub id: StockAlertId,
    /// Where the mail goes.
    pub email: String,
    /// For the link that stops more such mails.
    pub token: String,
    /// The product's part of the address.
    pub slug: String,
    /// The product's name.
    pub product_name: String,
    /// What can be bought again.
    pub variant_id: VariantId,
    /// Its name; empty where there is no choice.
    pub variant_name: String,
    /// What it costs now.
    pub price: Money,
}

/// Why nobody will be told.
#[derive(Debug, Error)]
pub enum AlertError {
    /// There is no such variant.
    #[error("there is no such variant")]
    UnknownVariant,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Notes that a mail should go to this address once the variant can be sold again. Asking twice is asking once, and nobody learns
/// whether the address was noted before.
///
/// # Errors
/// No such variant.
pub async fn ask(db: &Db, user: Option<UserId>, variant: VariantId, email: &Email) -> Result<(), AlertError> {
    sql::insert(db.primary(), user, variant, email, &tokens::random(), MOST_WAITING).await.map_err(AlertError::storing)
}

/// Marks alerts as sent whose variant can be sold again, and enqueues a mail for each in the same transaction: whatever breaks off,
/// each has one mail or still waits. Several workers at once take different ones. Returns how many.
///
/// # Errors
/// The database failed.
pub async fn notify_due(db: &Db) -> Result<u64, sqlx::Error> {
    let mut total = 0;
    loop {
        let mut tx = db.begin().await?;
        let claimed = sql::claim(&mut tx, BATCH).await?;
        for id in &claimed {
            enqueue(&mut tx, &jobs::SendBackInStock { alert_id: *id }, None).await?;
        }
        tx.commit().await?;
        if claimed.is_empty() {
            return Ok(total);
        }
        total += u64::try_from(claimed.len()).unwrap_or(0);
    }
}

/// What the mail of an alert says; `None` if it is gone or its product is not sold any more.
///
/// # Errors
/// The database failed.
pub async fn by_id(db: &Db, id: StockAlertId) -> Result<Option<Alert>, sqlx::Error> {
    sql::by_id(db.primary(), id).await
}

/// The address behind the token of a mail that was sent.
///
/// # Errors
/// The database failed.
pub async fn address_of(db: &Db, token: &str) -> Result<Option<String>, sqlx::Error> {
    if is_token(token) { sql::address_of(db.read(), token).await } else { Ok(None) }
}

/// Forgets everything that waits for the address behind the token, and returns the address. Stopping twice is stopping once.
///
/// # Errors
/// The database failed.
pub async fn stop(db: &Db, token: &str) -> Result<Option<String>, sqlx::Error> {
    if is_token(token) { sql::stop(db.primary(), token).await } else { Ok(None) }
}

/// Forgets what was sent 90 days ago, and what has waited for a year. Returns how many.
///
/// # Errors
/// The database failed.
pub async fn forget_old(db: &Db) -> Result<u64, sqlx::Error> {
    sql::forget_old(db.primary()).await
}

// What is none was never given out, and may hold what PostgreSQL refuses to compare.
fn is_token(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl AlertError {
    fn storing(error: sqlx::Error) -> Self {
        match database::constraint(&error) {
            Some("stock_alerts_variant_fkey") => Self::UnknownVariant,
            _ => Self::Database(error),
        }
    }
}
