//! Who did what with the rights of the shop's people. It is written in the transaction of what was done, and only grows.

mod sql;

use serde_json::Value;

use crate::{domain::accounts::Customer, infra::database::Tx};

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
