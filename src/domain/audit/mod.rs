//! Who did what with the rights of the shop's people. It is written in the transaction of what was done, and only grows.

mod sql;

use serde_json::Value;

use time::OffsetDateTime;

use crate::{
    domain::accounts::{Administrator, Customer},
    infra::database::{Db, Tx},
    types::{Page, Paged, PerPage},
};

/// A line of the trail.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// When.
    pub at: OffsetDateTime,
    /// Who, as they were called then.
    pub actor: String,
    /// Noun and verb.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// What is worth knowing besides.
    pub detail: Value,
}

/// A page of what was done, the latest first.
///
/// # Errors
/// The database failed.
pub async fn list(db: &Db, _administrator: &Administrator, page: Page) -> Result<Paged<Entry>, sqlx::Error> {
    let per_page = PerPage::DEFAULT;
    let (items, total) = sql::page(db.primary(), i64::from(per_page.get()), per_page.offset(page)).await?;
    Ok(Paged { items, total, page, per_page })
}

/// Writes down what a person does, in the transaction that does it: what is rolled back was never done.
///
/// `action` is noun and verb, `orders.cancelled`; `subject` what it was done to, as people call it; `detail` an object with what is worth
/// knowing later, never a secret.
///
/// # Errors
/// The database failed.
pub async fn record_in_tx(
    tx: &mut Tx,
    actor: &Customer,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    let user = actor.user();
    sql::insert(tx, user.id, user.display_name(), action, subject, detail).await
}
