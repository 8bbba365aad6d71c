//! Queries on stock_levels, stock_reservations and stock_ledger.
//!
//! Each movement is one statement: level, reservation and ledger change together, in one round trip under the hot lock.

use std::collections::BTreeMap;

use sqlx::PgExecutor;

use super::Shortage;
use crate::{
    infra::{database::Tx, metrics::timed},
    types::{OrderId, VariantId},
};

// The first half of the advisory lock's two numbers; the second is the variant's id. The statements below repeat it as a literal.
const LOCK_CLASS: i32 = 7301;

/// Waits for each variant's turn, in id order: `unnest` yields its elements as they stand.
pub(super) async fn lock(tx: &mut Tx, variants: &[VariantId]) -> Result<(), sqlx::Error> {
    let mut ids: Vec<i64> = variants.iter().map(|variant| variant.0).collect();
    ids.sort_unstable();
    let query = sqlx::query_scalar!(
        "SELECT pg_advisory_xact_lock($1, (id & 2147483647)::int) FROM unnest($2::bigint[]) AS id",
        LOCK_CLASS,
        &ids,
    );
    timed("inventory.lock", query.fetch_all(&mut **tx)).await?;
    Ok(())
}

/// Reserves all or nothing, the variants' locks held. Returns what was refused, with what is left of it.
pub(super) async fn take(
    tx: &mut Tx,
    order: OrderId,
    wanted: &BTreeMap<VariantId, i32>,
) -> Result<Vec<Shortage>, sqlx::Error> {
    let variants: Vec<i64> = wanted.keys().map(|variant| variant.0).collect();
    let pieces: Vec<i32> = wanted.values().copied().collect();
    let query = sqlx::query_as!(
        Shortage,
        r#"WITH wanted AS MATERIALIZED (
               SELECT w.variant_id, w.pieces, coalesce(s.on_hand - s.reserved, 0) AS available
               FROM unnest($2::bigint[], $3::int[]) AS w (variant_id, pieces) LEFT JOIN stock_levels s USING (variant_id)
           ), taken AS (
               UPDATE stock_levels s SET reserved = s.reserved + w.pieces FROM wanted w
               WHERE s.variant_id = w.variant_id AND s.on_hand - s.reserved >= w.pieces
                 AND NOT EXISTS (SELECT FROM wanted WHERE available < pieces)
               RETURNING s.variant_id, w.pieces
           ), ledger AS (
               INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, order_id)
               SELECT variant_id, 'reserved', 0, pieces, $1 FROM taken ORDER BY variant_id
           ), held AS (
               INSERT INTO stock_reservations (order_id, variant_id, quantity, state, expires_at)
               SELECT $1, variant_id, pieces, 'held', now() + interval '30 minutes' FROM taken
           )
           SELECT variant_id AS "variant_id!: VariantId", available AS "available!" FROM wanted
           WHERE variant_id NOT IN (SELECT variant_id FROM taken) ORDER BY variant_id"#,
        order.0,
        &variants,
        &pieces,
    );
    timed("inventory.take", query.fetch_all(&mut **tx)).await
}

/// Held becomes sold. What moves is decided by the reservation's own state, so that a second call finds nothing.
pub(super) async fn sell(tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "WITH moved AS (
             UPDATE stock_reservations SET state = 'sold', updated_at = now() WHERE order_id = $1 AND state = 'held'
             RETURNING variant_id, quantity
         ), locked AS MATERIALIZED (
             SELECT variant_id, quantity, pg_advisory_xact_lock(7301, (variant_id & 2147483647)::int)
             FROM (SELECT variant_id, quantity FROM moved ORDER BY variant_id OFFSET 0) AS in_order
         ), level AS (
             UPDATE stock_levels s SET on_hand = s.on_hand - l.quantity, reserved = s.reserved - l.quantity
             FROM locked l WHERE s.variant_id = l.variant_id
         )
         INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, order_id)
         SELECT variant_id, 'sold', -quantity, -quantity, $1 FROM locked",
        order.0,
    );
    timed("inventory.sell", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Held becomes released, sold becomes returned; both are ends, so that a second call finds nothing.
pub(super) async fn give_back(tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "WITH moved AS (
             UPDATE stock_reservations
             SET state = CASE state WHEN 'held' THEN 'released' ELSE 'returned' END, updated_at = now()
             WHERE order_id = $1 AND state IN ('held', 'sold')
             RETURNING variant_id, state,
                       CASE state WHEN 'returned' THEN quantity ELSE 0 END AS to_shelf,
                       CASE state WHEN 'released' THEN quantity ELSE 0 END AS unpromised
         ), locked AS MATERIALIZED (
             SELECT variant_id, state, to_shelf, unpromised,
                    pg_advisory_xact_lock(7301, (variant_id & 2147483647)::int)
             FROM (SELECT * FROM moved ORDER BY variant_id OFFSET 0) AS in_order
         ), level AS (
             UPDATE stock_levels s SET on_hand = s.on_hand + l.to_shelf, reserved = s.reserved - l.unpromised
             FROM locked l WHERE s.variant_id = l.variant_id
         )
         INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, order_id)
         SELECT variant_id, state, to_shelf, -unpromised, $1 FROM locked",
        order.0,
    );
    timed("inventory.give_back", query.execute(&mut **tx)).await?;
    Ok(())
}

pub(super) async fn receive(tx: &mut Tx, variant: VariantId, pieces: i32, note: &str) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "WITH level AS (
             INSERT INTO stock_levels (variant_id, on_hand) VALUES ($1, $2)
             ON CONFLICT (variant_id) DO UPDATE SET on_hand = stock_levels.on_hand + excluded.on_hand
         )
         INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, note)
         SELECT $1, 'received', $2, 0, $3 WHERE $2 > 0",
        variant.0,
        pieces,
        note,
    );
    timed("inventory.receive", query.execute(&mut **tx)).await?;
    Ok(())
}

/// What can be sold of each, the variants' locks held.
pub(super) async fn available(tx: &mut Tx, variants: &[VariantId]) -> Result<BTreeMap<VariantId, i64>, sqlx::Error> {
    let ids: Vec<i64> = variants.iter().map(|variant| variant.0).collect();
    let query = sqlx::query!(
        r#"SELECT variant_id, (on_hand - reserved)::bigint AS "available!" FROM stock_levels
           WHERE variant_id = ANY($1)"#,
        &ids,
    );
    let rows = timed("inventory.available", query.fetch_all(&mut **tx)).await?;
    Ok(rows.into_iter().map(|row| (VariantId(row.variant_id), row.available)).collect())
}

/// Moves a level by so many pieces; `false`, and nothing is done, if less would lie there than is promised.
pub(super) async fn adjust(tx: &mut Tx, variant: VariantId, pieces: i32, note: &str) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"WITH moved AS (
               UPDATE stock_levels SET on_hand = on_hand + $2 WHERE variant_id = $1 AND on_hand + $2 >= reserved
               RETURNING variant_id
           ), made AS (
               INSERT INTO stock_levels (variant_id, on_hand) SELECT $1, $2
               WHERE $2 > 0 AND NOT EXISTS (SELECT FROM stock_levels WHERE variant_id = $1)
               RETURNING variant_id
           ), level AS (
               SELECT variant_id FROM moved UNION ALL SELECT variant_id FROM made
           ), ledger AS (
               INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, note)
               SELECT variant_id, 'adjusted', $2, 0, $3 FROM level
           )
           SELECT count(*) AS "moved!" FROM level"#,
        variant.0,
        pieces,
        note,
    );
    Ok(timed("inventory.adjust", query.fetch_one(&mut **tx)).await? == 1)
}

pub(super) async fn expired(executor: impl PgExecutor<'_>, limit: i64) -> Result<Vec<OrderId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT DISTINCT order_id AS "order_id: OrderId" FROM stock_reservations
           WHERE state = 'held' AND expires_at < now() ORDER BY order_id LIMIT $1"#,
        limit,
    );
    timed("inventory.expired", query.fetch_all(executor)).await
}

pub(super) async fn mismatches(executor: impl PgExecutor<'_>) -> Result<Vec<VariantId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT variant_id AS "variant_id!: VariantId"
           FROM stock_levels FULL JOIN (
               SELECT variant_id, sum(on_hand_delta) AS on_hand_sum, sum(reserved_delta) AS reserved_sum
               FROM stock_ledger GROUP BY variant_id
           ) AS ledger USING (variant_id)
           WHERE coalesce(on_hand, 0) <> coalesce(on_hand_sum, 0) OR coalesce(reserved, 0) <> coalesce(reserved_sum, 0)
           ORDER BY variant_id"#,
    );
    timed("inventory.mismatches", query.fetch_all(executor)).await
}
