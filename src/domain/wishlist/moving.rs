//! From the wishlist into the cart, and from the cart to the wishlist: in one transaction each, the cart locked first, as at sign-in.

use thiserror::Error;

use super::{WishlistError, sql};
use crate::{
    domain::{
        accounts::Owner,
        cart::{self, CartError, Item, NewItem, Removed},
        catalog,
    },
    infra::database::Db,
    types::{CartLineId, ProductId, Quantity, VariantId, WishlistItemId},
};

/// What moved into the cart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// The product.
    pub product: ProductId,
    /// Its name.
    pub name: String,
    /// The line that holds it now.
    pub line: CartLineId,
    /// How many of it came.
    pub pieces: Quantity,
}

/// What moved to the wishlist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejoined {
    /// What was in the cart.
    pub removed: Removed,
    /// The wish; `None` if it was wished for already.
    pub item: Option<WishlistItemId>,
}

/// Why nothing moved.
#[derive(Debug, Error)]
pub enum MoveError {
    /// Not on this wishlist.
    #[error("this is not on your wishlist")]
    UnknownWish,
    /// There are several variants, and none was chosen.
    #[error("one of several has to be chosen")]
    NeedsChoice {
        /// The product's part of the address.
        slug: String,
    },
    /// The cart did not take it, or had no such line.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// The wishlist did not take it.
    #[error(transparent)]
    Wishlist(#[from] WishlistError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Puts what was wished for into the cart and takes it off the list: one piece, or this many of the chosen variant.
///
/// # Errors
/// Not on the list, a choice is needed, or the cart does not take it; nothing is changed then.
pub async fn move_to_cart(
    db: &Db,
    owner: Owner,
    item: WishlistItemId,
    chosen: Option<(VariantId, Quantity)>,
) -> Result<Moved, MoveError> {
    let mut tx = db.begin().await?;
    let product = sql::product_of(&mut *tx, owner, item).await?.ok_or(MoveError::UnknownWish)?;
    let sold = catalog::summaries_in_tx(&mut tx, &[product]).await?.pop().ok_or(CartError::UnknownItem)?;
    if chosen.is_none() && sold.variant_count > 1 {
        return Err(MoveError::NeedsChoice { slug: sold.slug });
    }
    let (variant, pieces) = chosen.unwrap_or((sold.default_variant, Quantity::ONE));
    let new = NewItem { item: Item::Variant(variant), quantity: pieces };
    let line = cart::add_in_tx(&mut tx, owner, new).await?;
    // Another tab may have been quicker: once wished for, once moved.
    sql::delete(&mut *tx, owner, item).await?.ok_or(MoveError::UnknownWish)?;
    tx.commit().await?;
    Ok(Moved { product, name: sold.name, line, pieces })
}

/// Takes a line out of the cart, or so many pieces of it, and puts the product on the wishlist. `None` if there is no such line.
///
/// # Errors
/// The product is not sold any more, or the list is full; nothing is changed then.
pub async fn move_from_cart(
    db: &Db,
    owner: Owner,
    line: CartLineId,
    pieces: Option<Quantity>,
) -> Result<Option<Rejoined>, MoveError> {
    let mut tx = db.begin().await?;
    let Some(removed) = cart::take_out_in_tx(&mut tx, owner, line, pieces).await? else { return Ok(None) };
    let list = sql::lock_or_make(&mut tx, owner).await?;
    let item = if sql::holds(&mut tx, list, removed.product_id).await? {
        None
    } else {
        Some(super::insert(&mut tx, list, removed.product_id).await?)
    };
    tx.commit().await?;
    Ok(Some(Rejoined { removed, item }))
}
