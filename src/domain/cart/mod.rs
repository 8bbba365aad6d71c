//! Carts of accounts and visitors.

mod sql;

use thiserror::Error;

use crate::{
    domain::accounts::Owner,
    infra::database::{Db, Tx},
    types::{BasisPoints, CartLineId, Money, MoneyError, ProductId, Quantity, UserId, VariantId, VisitorId},
};

/// A cart as it stands, at today's prices. Someone who never put anything in has an empty one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cart {
    /// In the order they were added.
    pub lines: Vec<CartLine>,
    /// The sum of the lines' totals.
    pub subtotal: Money,
}

/// One variant in a cart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CartLine {
    /// Its id.
    pub id: CartLineId,
    /// The product.
    pub product_id: ProductId,
    /// The product's part of the address.
    pub product_slug: String,
    /// The product's name.
    pub product_name: String,
    /// The product's description.
    pub description: String,
    /// The name of the product's category.
    pub category: String,
    /// The variant.
    pub variant_id: VariantId,
    /// `Blue, large`, or empty.
    pub variant_name: String,
    /// The shop's number for it.
    pub sku: String,
    /// The stem of the product's first picture.
    pub picture: Option<String>,
    /// What that picture shows.
    pub picture_alt: String,
    /// How many.
    pub quantity: Quantity,
    /// Today's price of one.
    pub unit_price: Money,
    /// `unit_price × quantity`.
    pub line_total: Money,
    /// The variant's tax.
    pub tax_rate: BasisPoints,
    /// Pieces that can be sold now; 0 also when the product is archived.
    pub available: i32,
    /// What changed since the owner last touched the line.
    pub notices: Vec<LineNotice>,
}

/// A change that the owner of a cart should see in the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LineNotice {
    /// It costs more than when it was put in.
    PriceRose {
        /// The price then.
        was: Money,
    },
    /// It costs less.
    PriceFell {
        /// The price then.
        was: Money,
    },
    /// Fewer are left than the line asks for.
    OnlyLeft {
        /// How many are left.
        available: i32,
    },
    /// None is left.
    SoldOut,
    /// The product is not sold any more.
    Archived,
}

/// What to put into a cart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewItem {
    /// Which thing.
    pub item: Item,
    /// How many more.
    pub quantity: Quantity,
}

/// A variant, or a product's default one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Item {
    /// This variant.
    Variant(VariantId),
    /// The default variant of this product.
    Product(ProductId),
}

/// A line that was taken out, with what is needed to put it back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removed {
    /// The variant.
    pub variant_id: VariantId,
    /// How many there were.
    pub quantity: Quantity,
    /// The product's name, with the variant's.
    pub name: String,
}

/// What happened to a visitor's cart at sign-in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct JoinReport {
    /// Lines that came along.
    pub moved: usize,
    /// Names of the products of which fewer are left than both carts asked for.
    pub reduced: Vec<String>,
}

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
    /// A total beyond what can be reckoned.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Cart {
    /// How many pieces are in it.
    #[must_use]
    pub fn item_count(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.quantity.get())).sum()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether every line can be bought as it stands.
    #[must_use]
    pub fn is_buyable(&self) -> bool {
        !self.is_empty() && self.lines.iter().all(|line| line.available >= line.quantity.get())
    }
}

/// The owner's cart; empty for nobody.
///
/// # Errors
/// The database failed.
pub async fn load(db: &Db, owner: Option<Owner>) -> Result<Cart, CartError> {
    todo!()
}

/// The cart inside a transaction, its row locked so that no edit slips between reading and ordering.
///
/// # Errors
/// The database failed.
pub async fn load_locked_in_tx(tx: &mut Tx, owner: Owner) -> Result<Cart, CartError> {
    todo!()
}

/// How many pieces are in the owner's cart, for the badge.
///
/// # Errors
/// The database failed.
pub async fn count(db: &Db, owner: Option<Owner>) -> Result<i64, sqlx::Error> {
    todo!()
}

/// Adds to the owner's cart; a line that is there grows.
///
/// # Errors
/// Unknown, not enough in stock for the sum, too many.
pub async fn add_item(db: &Db, owner: Owner, new: NewItem) -> Result<(Cart, CartLineId), CartError> {
    todo!()
}

/// Sets a line's quantity.
///
/// # Errors
/// Not a line of this cart, not enough in stock.
pub async fn set_quantity(db: &Db, owner: Owner, line: CartLineId, quantity: Quantity) -> Result<Cart, CartError> {
    todo!()
}

/// Takes a line out; `None` if it was gone or never the owner's, which is no error.
///
/// # Errors
/// The database failed.
pub async fn remove(db: &Db, owner: Owner, line: CartLineId) -> Result<Option<Removed>, CartError> {
    todo!()
}

/// Takes everything out.
///
/// # Errors
/// The database failed.
pub async fn clear(db: &Db, owner: Owner) -> Result<(), sqlx::Error> {
    todo!()
}

/// Takes everything out, inside the transaction that ordered it.
///
/// # Errors
/// The database failed.
pub async fn clear_in_tx(tx: &mut Tx, owner: Owner) -> Result<(), sqlx::Error> {
    todo!()
}

/// The owner has seen what changed: today's prices become the seen ones, quantities fall to what is left, what is gone goes.
///
/// # Errors
/// The database failed.
pub async fn accept_changes(db: &Db, owner: Owner) -> Result<Cart, CartError> {
    todo!()
}

/// Pours the visitor's cart into the account's: summed, held to the stock.
///
/// # Errors
/// The database failed.
pub async fn join_in_tx(tx: &mut Tx, visitor: VisitorId, user: UserId) -> Result<JoinReport, CartError> {
    todo!()
}
