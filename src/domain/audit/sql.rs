//! Queries on audit_log.

use serde_json::Value;

use crate::{
    infra::{database::Tx, metrics::timed},
    types::UserId,
};

/// Adds a line.
pub(super) async fn insert(
    tx: &mut Tx,
    actor: UserId,
    actor_name: &str,
    action: &str,
    subject: &str,
    detail: &Value,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO audit_log (actor_id, actor_name, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        actor.0,
        actor_name,
        action,
        subject,
        detail
    );
    timed("audit.insert", query.execute(&mut **tx)).await?;
    Ok(())
}
