//! Queries on audit_log.

use serde_json::Value;

use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::Entry;
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

/// Lines, the latest first, and how many there are.
pub(super) async fn page(
    executor: impl PgExecutor<'_>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Entry>, i64), sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT at AS "at: OffsetDateTime", actor_name, action, subject, detail, count(*) OVER () AS "total!"
           FROM audit_log ORDER BY at DESC, id DESC LIMIT $1 OFFSET $2"#,
        limit,
        offset
    );
    let rows = timed("audit.page", query.fetch_all(executor)).await?;
    let total = rows.first().map_or(0, |row| row.total);
    let items = rows
        .into_iter()
        .map(|row| Entry {
            at: row.at,
            actor: row.actor_name,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
        })
        .collect();
    Ok((items, total))
}
