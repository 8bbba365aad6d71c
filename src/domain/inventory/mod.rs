//! Stock: levels, reservations and the ledger. The only code that changes them.
//!
//! Every writer takes an advisory lock a variant, in id order, before it touches the level: buyers of one hot product queue there and
//! not on the row, and nobody who buys several can meet another in the opposite order. The level's UPDATE is conditional all the same,
//! and the table's CHECKs stand behind both.

pub mod jobs;
#[cfg(feature = "drill")]
mod naive;
mod rules;
mod sql;

use thiserror::Error;

use crate::{
    infra::database::{Db, Tx},
    types::{OrderId, Quantity, VariantId},
};

/// Some lines ask for more than can be sold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shortage {
    /// Which variant.
    pub variant_id: VariantId,
    /// How many are left.
    pub available: i32,
}

/// Why stock was not taken.
#[derive(Debug, Error)]
pub enum StockError {
    /// Not enough of these; nothing was taken.
    #[error("not enough in stock")]
    Short(Vec<Shortage>),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Reserves stock for an order: merged by variant, in id order, each behind an advisory lock. The last step of its transaction,
/// because its locks are the hot ones. All lines or none.
///
/// # Errors
/// [`StockError::Short`] names every line that is short.
pub async fn take_in_tx(tx: &mut Tx, order: OrderId, lines: &[(VariantId, Quantity)]) -> Result<(), StockError> {
    let wanted = rules::merge(lines);
    #[cfg(feature = "drill")]
    if naive::is_chosen() {
        return naive::take_in_tx(tx, order, &wanted).await;
    }
    sql::lock(tx, &wanted.keys().copied().collect::<Vec<_>>()).await?;
    let refused = sql::take(tx, order, &wanted).await?;
    if refused.is_empty() { Ok(()) } else { Err(StockError::Short(rules::short(&wanted, refused))) }
}

/// What was reserved for the order leaves the stock.
///
/// # Errors
/// The database failed.
pub async fn sell_in_tx(tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
    sql::sell(tx, order).await
}

/// Gives back what the order holds, reserved or sold, once: what was given back already stays as it is.
///
/// # Errors
/// The database failed.
pub async fn give_back_in_tx(tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
    sql::give_back(tx, order).await
}

/// Receives pieces of a variant into stock, making its level if it has none. No pieces make the level alone.
///
/// # Errors
/// The database failed.
pub async fn receive_in_tx(tx: &mut Tx, variant: VariantId, pieces: i32, note: &str) -> Result<(), sqlx::Error> {
    sql::lock(tx, &[variant]).await?;
    sql::receive(tx, variant, pieces.max(0), note).await
}

/// Sets how many pieces of these variants together can be sold: the level of `of` takes up the difference, as an adjustment. What is
/// sold at the same time is sold before or after, never lost.
///
/// # Errors
/// [`StockError::Short`] if the others hold more than that already.
pub async fn set_available_in_tx(
    tx: &mut Tx,
    variants: &[VariantId],
    of: VariantId,
    wanted: i32,
    note: &str,
) -> Result<(), StockError> {
    sql::lock(tx, variants).await?;
    let available: i64 = sql::available(tx, variants).await?.values().sum();
    let difference = i64::from(wanted) - available;
    if difference == 0 {
        return Ok(());
    }
    let short = |available| StockError::Short(vec![Shortage { variant_id: of, available }]);
    let pieces = i32::try_from(difference).map_err(|_| short(wanted))?;
    if sql::adjust(tx, of, pieces, note).await? { Ok(()) } else { Err(short(wanted)) }
}

/// Up to `limit` orders whose reservations have outlived their time unsold, in id order.
///
/// # Errors
/// The database failed.
pub async fn orders_with_expired_holds(db: &Db, limit: i64) -> Result<Vec<OrderId>, sqlx::Error> {
    sql::expired(db.primary(), limit).await
}

/// Variants whose level is not the sum of their ledger; empty in a sound shop.
///
/// # Errors
/// The database failed.
pub async fn ledger_mismatches(db: &Db) -> Result<Vec<VariantId>, sqlx::Error> {
    sql::mismatches(db.primary()).await
}
