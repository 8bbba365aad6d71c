//! Queries on stock_alerts.

use sqlx::PgExecutor;

use super::Alert;
use crate::{
    infra::{
        database::{Tx, unreadable},
        metrics::timed,
    },
    types::{Email, Money, StockAlertId, UserId, VariantId},
};

/// Notes an alert unless the same waits already, or more than `most` wait for the address.
pub(super) async fn insert(
    executor: impl PgExecutor<'_>,
    user: Option<UserId>,
    variant: VariantId,
    email: &Email,
    token: &str,
    most: i64,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO stock_alerts (variant_id, email, user_id, token)
         SELECT $1, ($2::text)::citext, $3, $4
         WHERE (SELECT count(*) FROM stock_alerts WHERE email = ($2::text)::citext AND sent_at IS NULL) < $5
         ON CONFLICT (variant_id, email) WHERE sent_at IS NULL DO NOTHING",
        variant.0,
        email.as_str(),
        user.map(|user| user.0),
        token,
        most
    );
    timed("alerts.insert", query.execute(executor)).await?;
    Ok(())
}

/// Marks the oldest alerts as sent whose variant can be sold; those that another worker is at are its own.
pub(super) async fn claim(tx: &mut Tx, limit: i64) -> Result<Vec<StockAlertId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"WITH due AS (
               SELECT a.id FROM stock_alerts a
               JOIN stock_levels s ON s.variant_id = a.variant_id
               JOIN product_variants v ON v.id = a.variant_id
               JOIN products p ON p.id = v.product_id
               WHERE a.sent_at IS NULL AND s.on_hand > s.reserved AND v.archived_at IS NULL AND p.archived_at IS NULL
               ORDER BY a.id LIMIT $1 FOR UPDATE OF a SKIP LOCKED)
           UPDATE stock_alerts a SET sent_at = now() FROM due WHERE a.id = due.id RETURNING a.id AS "id: StockAlertId""#,
        limit
    );
    timed("alerts.claim", query.fetch_all(&mut **tx)).await
}

/// What the mail of an alert says.
pub(super) async fn by_id(executor: impl PgExecutor<'_>, id: StockAlertId) -> Result<Option<Alert>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT a.email::text AS "email!", a.token, a.variant_id, p.slug, p.name AS product_name, v.name AS variant_name,
                  v.currency::text AS "currency!", v.price_minor
           FROM stock_alerts a JOIN product_variants v ON v.id = a.variant_id JOIN products p ON p.id = v.product_id
           WHERE a.id = $1 AND v.archived_at IS NULL AND p.archived_at IS NULL"#,
        id.0
    );
    let Some(row) = timed("alerts.by_id", query.fetch_optional(executor)).await? else { return Ok(None) };
    let currency = row.currency.parse().map_err(unreadable)?;
    Ok(Some(Alert {
        id,
        email: row.email,
        token: row.token,
        slug: row.slug,
        product_name: row.product_name,
        variant_id: VariantId(row.variant_id),
        variant_name: row.variant_name,
        price: Money::new(row.price_minor, currency),
    }))
}

/// The address of the alert with that token.
pub(super) async fn address_of(executor: impl PgExecutor<'_>, token: &str) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(r#"SELECT email::text AS "email!" FROM stock_alerts WHERE token = $1"#, token);
    timed("alerts.address_of", query.fetch_optional(executor)).await
}

/// Deletes what waits for the address of the alert with that token. The alert itself stays if it was sent, so that the link goes on to
/// work.
pub(super) async fn stop(executor: impl PgExecutor<'_>, token: &str) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"WITH meant AS (SELECT email FROM stock_alerts WHERE token = $1),
                stopped AS (DELETE FROM stock_alerts WHERE email = (SELECT email FROM meant) AND sent_at IS NULL)
           SELECT email::text AS "email!" FROM meant"#,
        token
    );
    timed("alerts.stop", query.fetch_optional(executor)).await
}

/// Deletes what nobody asks for any more.
pub(super) async fn forget_old(executor: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!(
        "DELETE FROM stock_alerts WHERE sent_at < now() - interval '90 days' OR created_at < now() - interval '1 year'"
    );
    Ok(timed("alerts.forget_old", query.execute(executor)).await?.rows_affected())
}
