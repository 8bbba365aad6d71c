//! Carts of accounts and visitors.
//!
//! Every change locks the cart's row first, so that changes of one cart happen one after the other: equal adds at the same moment
//! sum up, and nothing slips between reading a cart and ordering it.

mod rules;
mod saving;
mod sql;
mod types;

use thiserror::Error;

pub use saving::{bring_back, remove_saved, save_for_later};
pub use types::{BroughtBack, Cart, CartLine, Item, JoinReport, LineNotice, NewItem, Removed, SavedLine};

use self::{
    rules::{Content, Refusal},
    sql::{Offer, Wanted},
};
use crate::{
    domain::accounts::Owner,
    infra::database::{Db, Tx},
    types::{CartLineId, Currency, Money, MoneyError, Quantity, UserId, VisitorId},
};

/// How many different things a cart holds.
const MAX_LINES: usize = 100;
/// How many different things are put aside beside it.
const MAX_SAVED: i64 = 100;

/// Why a cart did not change.
#[derive(Debug, Error)]
pub enum CartError {
    /// No such product or variant, or not sold any more.
    #[error("this product is not there")]
    UnknownItem,
    /// Not a line of this cart.
    #[error("this line is not in your cart")]
    UnknownLine,
    /// The line would ask for more than can be sold.
    #[error("not enough in stock")]
    InsufficientStock {
        /// Pieces that can be sold now.
        available: i32,
        /// Of these, how many are in the cart already.
        in_cart: i32,
        /// The product's name.
        name: String,
    },
    /// More than 999 of one thing.
    #[error("a cart holds at most 999 of one thing")]
    TooMany,
    /// More different things than a cart holds (100).
    #[error("a cart holds at most 100 different things")]
    Full,
    /// More different things than can be put aside (100).
    #[error("at most 100 different things can be put aside")]
    TooManySaved,
    /// A total beyond what can be reckoned.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The owner's cart; empty for nobody.
///
/// # Errors
/// The database failed.
pub async fn load(db: &Db, owner: Option<Owner>) -> Result<Cart, CartError> {
    let content = match owner {
        Some(owner) => sql::content(db.read(), owner).await?,
        None => Default::default(),
    };
    let currency = match currency_of(&content) {
        Some(currency) => currency,
        None => sql::currency(db.read()).await?,
    };
    with_subtotal(content, currency)
}

/// The cart inside a transaction, its row locked so that no edit slips between reading and ordering.
///
/// # Errors
/// The database failed.
pub async fn load_locked_in_tx(tx: &mut Tx, owner: Owner) -> Result<Cart, CartError> {
    sql::lock(tx, owner).await?;
    load_in_tx(tx, owner).await
}

async fn load_in_tx(tx: &mut Tx, owner: Owner) -> Result<Cart, CartError> {
    let content = sql::content(&mut **tx, owner).await?;
    let currency = match currency_of(&content) {
        Some(currency) => currency,
        None => sql::currency(&mut **tx).await?,
    };
    with_subtotal(content, currency)
}

fn currency_of((lines, saved): &(Vec<CartLine>, Vec<SavedLine>)) -> Option<Currency> {
    let price = lines.first().map(|line| line.unit_price).or_else(|| saved.first().map(|line| line.unit_price));
    price.map(|price| price.currency())
}

fn with_subtotal((lines, saved): (Vec<CartLine>, Vec<SavedLine>), currency: Currency) -> Result<Cart, CartError> {
    Ok(Cart { subtotal: Money::sum(currency, lines.iter().map(|line| line.line_total))?, lines, saved })
}

/// Adds to the owner's cart; a line that is there grows.
///
/// # Errors
/// Unknown, not enough in stock for the sum, too many.
pub async fn add_item(db: &Db, owner: Owner, new: NewItem) -> Result<(Cart, CartLineId), CartError> {
    let mut tx = db.begin().await?;
    let id = add_in_tx(&mut tx, owner, new).await?;
    let loaded = load_in_tx(&mut tx, owner).await?;
    tx.commit().await?;
    Ok((loaded, id))
}

/// The same inside a transaction that takes it from somewhere else.
///
/// # Errors
/// Unknown, not enough in stock for the sum, too many.
pub async fn add_in_tx(tx: &mut Tx, owner: Owner, new: NewItem) -> Result<CartLineId, CartError> {
    let cart = sql::lock_or_make(tx, owner).await?;
    let offer = sql::offer(tx, cart, Wanted::from(new.item)).await?.filter(|offer| !offer.archived);
    let offer = offer.ok_or(CartError::UnknownItem)?;
    if offer.in_cart == 0 && offer.lines >= MAX_LINES {
        return Err(CartError::Full);
    }
    let quantity = rules::merge(offer.in_cart, new.quantity, offer.available).map_err(|why| offer.refused(why))?;
    let line = Content { variant: offer.variant, quantity, seen_price: offer.price };
    let ids = sql::put(tx, cart, &[line]).await?;
    Ok(ids.first().copied().ok_or(sqlx::Error::RowNotFound)?)
}

/// Sets a line's quantity.
///
/// # Errors
/// Not a line of this cart, not enough in stock.
pub async fn set_quantity(db: &Db, owner: Owner, line: CartLineId, quantity: Quantity) -> Result<Cart, CartError> {
    let mut tx = db.begin().await?;
    let cart = sql::lock(&mut tx, owner).await?.ok_or(CartError::UnknownLine)?;
    let offer = sql::offer(&mut tx, cart, Wanted::Line(line)).await?.ok_or(CartError::UnknownLine)?;
    let quantity = rules::merge(0, quantity, offer.available).map_err(|why| offer.refused(why))?;
    sql::put(&mut tx, cart, &[Content { variant: offer.variant, quantity, seen_price: offer.price }]).await?;
    let loaded = load_in_tx(&mut tx, owner).await?;
    tx.commit().await?;
    Ok(loaded)
}

/// Takes a line out; `None` if it was gone or never the owner's, which is no error.
///
/// # Errors
/// The database failed.
pub async fn remove(db: &Db, owner: Owner, line: CartLineId) -> Result<Option<Removed>, CartError> {
    let mut tx = db.begin().await?;
    let removed = take_out_in_tx(&mut tx, owner, line, None).await?;
    tx.commit().await?;
    Ok(removed)
}

/// The same inside a transaction that puts it somewhere else; of a line with more pieces than asked for, the rest stays.
///
/// # Errors
/// The database failed.
pub async fn take_out_in_tx(
    tx: &mut Tx,
    owner: Owner,
    line: CartLineId,
    pieces: Option<Quantity>,
) -> Result<Option<Removed>, CartError> {
    let Some(cart) = sql::lock(tx, owner).await? else { return Ok(None) };
    if let Some(pieces) = pieces
        && let Some(removed) = sql::take_some(tx, cart, line, pieces).await?
    {
        return Ok(Some(removed));
    }
    Ok(sql::take_out(tx, cart, line).await?)
}

/// Takes everything out.
///
/// # Errors
/// The database failed.
pub async fn clear(db: &Db, owner: Owner) -> Result<(), sqlx::Error> {
    let mut tx = db.begin().await?;
    clear_in_tx(&mut tx, owner).await?;
    tx.commit().await
}

/// Takes everything out, inside the transaction that ordered it.
///
/// # Errors
/// The database failed.
pub async fn clear_in_tx(tx: &mut Tx, owner: Owner) -> Result<(), sqlx::Error> {
    match sql::lock(tx, owner).await? {
        Some(cart) => sql::clear(tx, cart).await,
        None => Ok(()),
    }
}

/// The owner has seen what changed: today's prices become the seen ones, quantities fall to what is left, what is gone goes.
///
/// # Errors
/// The database failed.
pub async fn accept_changes(db: &Db, owner: Owner) -> Result<Cart, CartError> {
    let mut tx = db.begin().await?;
    if let Some(cart) = sql::lock(&mut tx, owner).await? {
        let (kept, gone) = rules::accept(&sql::standing(&mut tx, cart).await?);
        sql::drop(&mut tx, cart, &gone).await?;
        sql::put(&mut tx, cart, &kept).await?;
    }
    let loaded = load_in_tx(&mut tx, owner).await?;
    tx.commit().await?;
    Ok(loaded)
}

/// Pours the visitor's cart into the account's: summed, held to the stock. What was put aside comes along as it is.
///
/// # Errors
/// The database failed.
pub async fn join_in_tx(tx: &mut Tx, visitor: VisitorId, user: UserId) -> Result<JoinReport, sqlx::Error> {
    let Some((from, into)) = sql::lock_both(tx, visitor, user).await? else { return Ok(JoinReport::default()) };
    let (brought, there) = (sql::standing(tx, from).await?, sql::standing(tx, into).await?);
    let joined = rules::join(&brought, &there, MAX_LINES);
    sql::put(tx, into, &joined.lines).await?;
    sql::drop(tx, from, &joined.taken).await?;
    sql::join_saved(tx, from, into, MAX_SAVED).await?;
    Ok(joined.report)
}

impl Offer {
    fn refused(&self, why: Refusal) -> CartError {
        match why {
            Refusal::TooMany => CartError::TooMany,
            Refusal::Short => CartError::InsufficientStock {
                available: self.available,
                in_cart: self.in_cart,
                name: self.product_name.clone(),
            },
        }
    }
}
