//! Stock: levels, reservations and the ledger. The only code that changes them.

mod sql;

use thiserror::Error;

use crate::{
    infra::database::Tx,
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
/// because its locks are the hot ones.
///
/// # Errors
/// [`StockError::Short`] names every line that is short.
pub async fn take_in_tx(tx: &mut Tx, order: OrderId, lines: &[(VariantId, Quantity)]) -> Result<(), StockError> {
    todo!()
}

/// What was reserved for the order leaves the stock.
///
/// # Errors
/// The database failed.
pub async fn sell_in_tx(tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
    todo!()
}

/// Gives back what the order holds, reserved or sold, once: what was given back already stays as it is.
///
/// # Errors
/// The database failed.
pub async fn give_back_in_tx(tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
    todo!()
}

/// Receives pieces of a variant into stock, making its level if it has none.
///
/// # Errors
/// The database failed.
pub async fn receive_in_tx(tx: &mut Tx, variant: VariantId, pieces: i32, note: &str) -> Result<(), sqlx::Error> {
    todo!()
}

/// Variants whose level is not the sum of their ledger; empty in a sound shop.
///
/// # Errors
/// The database failed.
pub async fn ledger_mismatches(db: &crate::infra::database::Db) -> Result<Vec<VariantId>, sqlx::Error> {
    todo!()
}
