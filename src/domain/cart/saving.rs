//! Putting things aside for later, and bringing them back.

use super::{
    BroughtBack, CartError, MAX_LINES, MAX_SAVED, Removed,
    rules::{self, Content},
    sql::{self, Wanted},
};
use crate::{
    domain::accounts::Owner,
    infra::database::Db,
    types::{CartLineId, Quantity, SavedLineId},
};

/// Puts a line of the cart aside; `None` if it was gone or never the owner's, which is no error.
///
/// # Errors
/// A hundred different things are put aside, or the database failed.
pub async fn save_for_later(
    db: &Db,
    owner: Owner,
    line: CartLineId,
) -> Result<Option<(SavedLineId, Removed)>, CartError> {
    let mut tx = db.begin().await?;
    let Some(cart) = sql::lock(&mut tx, owner).await? else { return Ok(None) };
    let Some(removed) = sql::take_out(&mut tx, cart, line).await? else { return Ok(None) };
    let saved = sql::put_aside(&mut tx, cart, removed.variant_id, removed.quantity, MAX_SAVED).await?;
    let saved = saved.ok_or(CartError::TooManySaved)?;
    tx.commit().await?;
    Ok(Some((saved, removed)))
}

/// Brings what was put aside back into the cart, as much of it as is left.
///
/// # Errors
/// Not the owner's, none left, or the cart is full; it stays put aside then.
pub async fn bring_back(db: &Db, owner: Owner, saved: SavedLineId) -> Result<BroughtBack, CartError> {
    let mut tx = db.begin().await?;
    let cart = sql::lock(&mut tx, owner).await?.ok_or(CartError::UnknownLine)?;
    let (variant, wanted) = sql::saved_quantity(&mut tx, cart, saved).await?.ok_or(CartError::UnknownLine)?;
    let offer = sql::offer(&mut tx, cart, Wanted::Variant(variant)).await?.ok_or(CartError::UnknownItem)?;
    if offer.in_cart == 0 && offer.lines >= MAX_LINES {
        return Err(CartError::Full);
    }
    let left = i64::from(offer.available - offer.in_cart);
    // Where none is left, the merge refuses it in its own words.
    let back = Quantity::try_from(left.min(wanted.get().into())).unwrap_or(wanted);
    let quantity = rules::merge(offer.in_cart, back, offer.available).map_err(|why| offer.refused(why))?;
    sql::put(&mut tx, cart, &[Content { variant, quantity, seen_price: offer.price }]).await?;
    let removed = sql::drop_saved(&mut tx, cart, saved).await?.ok_or(CartError::UnknownLine)?;
    tx.commit().await?;
    Ok(BroughtBack { name: removed.name, quantity: back, reduced: back < wanted })
}

/// Forgets what was put aside; `None` if it was gone or never the owner's, which is no error.
///
/// # Errors
/// The database failed.
pub async fn remove_saved(db: &Db, owner: Owner, saved: SavedLineId) -> Result<Option<Removed>, CartError> {
    let mut tx = db.begin().await?;
    let Some(cart) = sql::lock(&mut tx, owner).await? else { return Ok(None) };
    let removed = sql::drop_saved(&mut tx, cart, saved).await?;
    tx.commit().await?;
    Ok(removed)
}
