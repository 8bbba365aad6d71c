//! How not to take stock: read the level, decide, write the whole row back. Kept to prove that the drills see overselling; exists in
//! debug builds with the feature `drill` alone, and runs only with `DRILL_NAIVE_STOCK=1`.

use std::collections::BTreeMap;

use super::{Shortage, StockError};
use crate::{
    infra::database::Tx,
    types::{OrderId, VariantId},
};

pub(super) fn is_chosen() -> bool {
    std::env::var("DRILL_NAIVE_STOCK").is_ok_and(|value| value == "1")
}

pub(super) async fn take_in_tx(
    tx: &mut Tx,
    order: OrderId,
    wanted: &BTreeMap<VariantId, i32>,
) -> Result<(), StockError> {
    for (variant, pieces) in wanted {
        let query = sqlx::query!("SELECT on_hand, reserved FROM stock_levels WHERE variant_id = $1", variant.0);
        let level = query.fetch_one(&mut **tx).await?;
        let available = level.on_hand - level.reserved;
        if available < *pieces {
            return Err(StockError::Short(vec![Shortage { variant_id: *variant, available }]));
        }
        let query = sqlx::query!(
            "WITH level AS (UPDATE stock_levels SET on_hand = $3, reserved = $4 WHERE variant_id = $2),
                  ledger AS (INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, order_id)
                             VALUES ($2, 'reserved', 0, $5, $1))
             INSERT INTO stock_reservations (order_id, variant_id, quantity, state, expires_at)
             VALUES ($1, $2, $5, 'held', now() + interval '30 minutes')",
            order.0,
            variant.0,
            level.on_hand,
            level.reserved + pieces,
            pieces,
        );
        query.execute(&mut **tx).await?;
    }
    Ok(())
}
