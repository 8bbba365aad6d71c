//! Queries on idempotency_keys.

use sqlx::PgExecutor;

use crate::{
    infra::{database::Tx, metrics::timed},
    types::OrderId,
};

pub(super) struct KeyRow {
    pub fingerprint: Vec<u8>,
    pub order_id: Option<i64>,
    pub outcome: Option<String>,
}

/// Whether the key is ours now; waits for a transaction that has inserted it and not ended yet.
pub(super) async fn claim(tx: &mut Tx, owner: &str, key: &str, fingerprint: &[u8]) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO idempotency_keys (owner, key, fingerprint) VALUES ($1, $2, $3) ON CONFLICT (owner, key) DO NOTHING",
        owner,
        key,
        fingerprint,
    );
    Ok(timed("checkout.claim_key", query.execute(&mut **tx)).await?.rows_affected() == 1)
}

pub(super) async fn find(tx: &mut Tx, owner: &str, key: &str) -> Result<Option<KeyRow>, sqlx::Error> {
    let query = sqlx::query_as!(
        KeyRow,
        "SELECT fingerprint, order_id, outcome FROM idempotency_keys WHERE owner = $1 AND key = $2",
        owner,
        key
    );
    timed("checkout.find_key", query.fetch_optional(&mut **tx)).await
}

pub(super) async fn record(
    tx: &mut Tx,
    owner: &str,
    key: &str,
    order: OrderId,
    outcome: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE idempotency_keys SET order_id = $3, outcome = $4 WHERE owner = $1 AND key = $2",
        owner,
        key,
        order.0,
        outcome
    );
    timed("checkout.record_key", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Deletes up to `limit` keys older than 30 days; returns how many.
pub(super) async fn forget(executor: impl PgExecutor<'_>, limit: i64) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!(
        "DELETE FROM idempotency_keys WHERE id IN (
             SELECT id FROM idempotency_keys WHERE created_at < now() - interval '30 days' ORDER BY created_at LIMIT $1)",
        limit,
    );
    Ok(timed("checkout.forget_keys", query.execute(executor)).await?.rows_affected())
}
