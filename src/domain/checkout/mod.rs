//! From a cart to an order: quoting, and placing under an idempotency key.

pub mod jobs;
mod keys;
mod placing;
mod rules;
mod sql;

use secrecy::SecretString;
use thiserror::Error;

pub use placing::place;
pub use rules::{Delivery, Totals};

use crate::{
    config::ShopConfig,
    domain::{
        accounts::Owner,
        cart::{self, Cart, CartError},
        orders::Order,
        payments::{CardNumber, PaymentMethod},
    },
    infra::database::Db,
    types::{Address, Email, Money},
};

// Few enough that nobody waits for the deletion.
const KEYS_AT_ONCE: i64 = 5_000;

/// What an order of the present cart would cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quote {
    /// The cart at today's prices.
    pub cart: Cart,
    /// Its totals with the chosen delivery.
    pub totals: Totals,
}

/// Names one placement: 8 to 200 visible ASCII letters, from the `Idempotency-Key` header or the form.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct IdempotencyKey(String);

/// A request to place an order, already held to the rules of each field.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Names this placement; a repetition gives the same order.
    pub key: IdempotencyKey,
    /// Where mails about the order go.
    pub contact_email: Email,
    /// Where it goes.
    pub shipping_address: Address,
    /// How it goes.
    pub delivery: Delivery,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// For the demo gateway, needed by cards unless `None` is meant to be approved; never stored.
    pub card: Option<CardNumber>,
    /// The total the buyer saw; a higher one is asked again.
    pub expected_total: Option<Money>,
}

/// An order that was placed, now or by an earlier request with the key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// The order.
    pub order: Order,
    /// Whether an earlier request placed it.
    pub replayed: bool,
}

/// A line that cannot be had as asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissingLine {
    /// The variant.
    pub variant_id: crate::types::VariantId,
    /// Product and variant.
    pub name: String,
    /// How many were asked for.
    pub wanted: i32,
    /// How many are left.
    pub available: i32,
}

/// Why no order was placed.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// Nothing in the cart.
    #[error("your cart is empty")]
    EmptyCart,
    /// Sold out meanwhile; nothing was changed.
    #[error("some of it is sold out")]
    OutOfStock(Vec<MissingLine>),
    /// Dearer than the buyer saw; nothing was changed.
    #[error("the total has changed")]
    PriceChanged(Box<Quote>),
    /// The gateway declined: this order was recorded as cancelled, the stock is back, the cart is kept. A new try needs a new key.
    #[error("the payment was declined")]
    Declined {
        /// The cancelled order.
        order: Box<Order>,
        /// Whether an earlier request was declined with this key.
        replayed: bool,
    },
    /// The key was used for another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// A request with the key is still running.
    #[error("a request with this idempotency key is still running")]
    StillRunning,
    /// The cart could not be reckoned.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Why a text is no idempotency key.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("an idempotency key has 8 to 200 letters, digits or signs without blanks")]
pub struct KeyError;

impl IdempotencyKey {
    /// A key for a new form.
    #[must_use]
    pub fn random() -> Self {
        Self(crate::infra::tokens::random())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for IdempotencyKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (8..=200).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(KeyError) }
    }
}

/// What the owner's cart would cost with this delivery.
///
/// # Errors
/// The database failed.
pub async fn quote(db: &Db, shop: &ShopConfig, owner: Option<Owner>, delivery: Delivery) -> Result<Quote, CartError> {
    Ok(placing::quote_of(shop, cart::load(db, owner).await?, delivery)?)
}

/// Deletes idempotency keys older than 30 days, a few thousand at a time; returns how many.
///
/// # Errors
/// The database failed.
pub async fn forget_old_keys(db: &Db) -> Result<u64, sqlx::Error> {
    let mut forgotten = 0;
    loop {
        let deleted = sql::forget(db.primary(), KEYS_AT_ONCE).await?;
        forgotten += deleted;
        if deleted == 0 {
            return Ok(forgotten);
        }
    }
}

/// A signed token that lets a guest see an order from a mail, for 60 days.
#[must_use]
pub fn order_link_token(key: &SecretString, number: &str) -> String {
    let expires = crate::infra::clock::now() + time::Duration::days(60);
    crate::infra::tokens::sign(key, &format!("order:{number}"), expires)
}

/// Whether a token was made by [`order_link_token`] for this order and is still good.
#[must_use]
pub fn is_order_link(key: &SecretString, number: &str, token: &str) -> bool {
    crate::infra::tokens::verify(key, &format!("order:{number}"), token, crate::infra::clock::now())
}
