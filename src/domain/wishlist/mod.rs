//! Wishlists of accounts and visitors: products, not variants, since a size is chosen when it is bought.

mod moving;
mod sql;

use thiserror::Error;

pub use moving::{MoveError, Moved, Rejoined, move_from_cart, move_to_cart};

use crate::{
    domain::{
        accounts::Owner,
        catalog::{self, ProductSummary},
    },
    infra::{
        database::{self, Db, Tx},
        tokens,
    },
    types::{ProductId, UserId, VisitorId, WishlistId, WishlistItemId},
};

/// How many products a wishlist holds.
pub const MOST: i64 = 200;

/// Why a wishlist did not change.
#[derive(Debug, Error)]
pub enum WishlistError {
    /// No such product, or not sold any more.
    #[error("this product is not there")]
    UnknownProduct,
    /// It is on the list.
    #[error("this is on your wishlist already")]
    AlreadyThere,
    /// It holds no more.
    #[error("a wishlist holds at most 200 products")]
    Full,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A wishlist as it is shown, the latest wish first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wishlist {
    /// What is wished for and still sold.
    pub items: Vec<WishlistItem>,
    /// The token of the link under which others see it, if its owner wants that.
    pub share_token: Option<String>,
}

/// A wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WishlistItem {
    /// Its id.
    pub id: WishlistItemId,
    /// The product.
    pub product: ProductSummary,
}

/// What the frame of a page says of a person, from one statement.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Badges {
    /// Pieces in the cart.
    pub cart: i64,
    /// Products on the wishlist.
    pub wished: Vec<ProductId>,
}

/// The owner's wishlist; empty for nobody.
///
/// # Errors
/// The database failed.
pub async fn load(db: &Db, owner: Option<Owner>) -> Result<Wishlist, sqlx::Error> {
    let Some(owner) = owner else { return Ok(Wishlist::default()) };
    let (share_token, wishes) = sql::wishes(db.read(), owner).await?;
    Ok(Wishlist { items: items(db, wishes).await?, share_token })
}

/// The wishlist behind a link, if its owner still shares it.
///
/// # Errors
/// The database failed.
pub async fn shared(db: &Db, token: &str) -> Result<Option<Wishlist>, sqlx::Error> {
    // Nothing else was ever given out; it may hold what PostgreSQL refuses to compare.
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Ok(None);
    }
    let Some(wishes) = sql::shared(db.read(), token).await? else { return Ok(None) };
    Ok(Some(Wishlist { items: items(db, wishes).await?, share_token: None }))
}

/// How many pieces are in the owner's cart, and what is on the wishlist; nothing for nobody.
///
/// # Errors
/// The database failed.
pub async fn badges(db: &Db, owner: Option<Owner>) -> Result<Badges, sqlx::Error> {
    match owner {
        Some(owner) => sql::badges(db.read(), owner).await,
        None => Ok(Badges::default()),
    }
}

/// Puts a product on the owner's wishlist.
///
/// # Errors
/// Not sold, there already, or the list is full.
pub async fn add(db: &Db, owner: Owner, product: ProductId) -> Result<WishlistItem, WishlistError> {
    let mut tx = db.begin().await?;
    let list = sql::lock_or_make(&mut tx, owner).await?;
    let id = insert(&mut tx, list, product).await?;
    let product = catalog::summaries_in_tx(&mut tx, &[product]).await?.pop().ok_or(WishlistError::UnknownProduct)?;
    tx.commit().await?;
    Ok(WishlistItem { id, product })
}

/// Takes a wish off the owner's list; returns the product, or `None` if it was gone or never theirs, which is no error.
///
/// # Errors
/// The database failed.
pub async fn remove(db: &Db, owner: Owner, item: WishlistItemId) -> Result<Option<ProductId>, sqlx::Error> {
    sql::delete(db.primary(), owner, item).await
}

/// The same by product: what a heart does when it is pressed again.
///
/// # Errors
/// The database failed.
pub async fn remove_product(db: &Db, owner: Owner, product: ProductId) -> Result<bool, sqlx::Error> {
    sql::delete_product(db.primary(), owner, product).await
}

/// Takes everything off.
///
/// # Errors
/// The database failed.
pub async fn clear(db: &Db, owner: Owner) -> Result<(), sqlx::Error> {
    sql::clear(db.primary(), owner).await
}

/// Makes the list visible under a link, and returns its token. One that is shared keeps its link.
///
/// # Errors
/// The database failed.
pub async fn share(db: &Db, owner: Owner) -> Result<String, sqlx::Error> {
    let mut tx = db.begin().await?;
    let list = sql::lock_or_make(&mut tx, owner).await?;
    let token = sql::share(&mut tx, list, &tokens::random()).await?;
    tx.commit().await?;
    Ok(token)
}

/// Makes the list the owner's alone again: the link that was given out leads nowhere.
///
/// # Errors
/// The database failed.
pub async fn stop_sharing(db: &Db, owner: Owner) -> Result<(), sqlx::Error> {
    sql::stop_sharing(db.primary(), owner).await
}

/// Pours the visitor's wishlist into the account's. What has no room stays with the visitor.
///
/// # Errors
/// The database failed.
pub async fn join_in_tx(tx: &mut Tx, visitor: VisitorId, user: UserId) -> Result<(), sqlx::Error> {
    sql::join(tx, visitor, user, MOST).await
}

// The list is locked, so what it holds is counted after the insert: what is there already is told as such, also on a full list.
async fn insert(tx: &mut Tx, list: WishlistId, product: ProductId) -> Result<WishlistItemId, WishlistError> {
    let id = sql::insert(tx, list, product).await.map_err(WishlistError::storing)?;
    let id = id.ok_or(WishlistError::UnknownProduct)?;
    if sql::count(tx, list).await? > MOST { Err(WishlistError::Full) } else { Ok(id) }
}

async fn items(db: &Db, wishes: Vec<(WishlistItemId, ProductId)>) -> Result<Vec<WishlistItem>, sqlx::Error> {
    let ids: Vec<ProductId> = wishes.iter().map(|(_, product)| *product).collect();
    let mut products = catalog::summaries(db, &ids).await?;
    let mut item = |(id, product): (WishlistItemId, ProductId)| {
        let place = products.iter().position(|summary| summary.id == product)?;
        Some(WishlistItem { id, product: products.swap_remove(place) })
    };
    Ok(wishes.into_iter().filter_map(&mut item).collect())
}

impl WishlistError {
    fn storing(error: sqlx::Error) -> Self {
        match database::constraint(&error) {
            Some("wishlist_items_product_key") => Self::AlreadyThere,
            _ => Self::Database(error),
        }
    }
}
