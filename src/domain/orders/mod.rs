//! Orders: what was bought, where it stands, who may see it.

mod cancelling;
pub mod jobs;
mod placing;
mod rules;
mod sql;

use thiserror::Error;
use time::OffsetDateTime;

pub use cancelling::{cancel, cancel_expired, cancel_for_customer};
pub use placing::{NewLine, NewOrder, StockMove, apply_payment_answer_in_tx, place_in_tx, record_payment_answer_in_tx};
pub use rules::{OrderStatus, OrderStep};

use crate::{
    domain::{
        accounts::Owner,
        payments::{PaymentMethod, PaymentState},
    },
    infra::database::{Db, Tx},
    types::{
        Address, Money, OrderId, OrderLineId, Page, Paged, PerPage, ProductId, Quantity, UserId, VariantId, VisitorId,
    },
};

/// An order with its lines, as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// What people quote; cannot be guessed.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Sum of the lines.
    pub subtotal: Money,
    /// Taken off.
    pub discount: Money,
    /// For delivery.
    pub shipping: Money,
    /// Contained in, or on top of, the rest.
    pub tax: Money,
    /// Whether the tax is contained in the prices.
    pub prices_include_tax: bool,
    /// To be paid.
    pub total: Money,
    /// Where mails about it go.
    pub contact_email: String,
    /// Where it goes.
    pub shipping_address: Address,
    /// `standard` or `express`.
    pub delivery_method: String,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// Where the payment stands.
    pub payment_state: PaymentState,
    /// When it was placed.
    pub placed_at: OffsetDateTime,
    /// When it was cancelled.
    pub cancelled_at: Option<OffsetDateTime>,
    /// Whether a visitor has it, and no account.
    pub is_guest: bool,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// Its steps, oldest first.
    pub events: Vec<OrderEvent>,
}

/// One line: a snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderLineId,
    /// The product, for a link.
    pub product_id: ProductId,
    /// The product's part of the address today; `None` when it is archived.
    pub product_slug: Option<String>,
    /// The variant.
    pub variant_id: VariantId,
    /// The product's name as it was.
    pub product_name: String,
    /// The variant's name as it was.
    pub variant_name: String,
    /// The shop's number for it.
    pub sku: String,
    /// The stem of the picture as it was.
    pub picture: Option<String>,
    /// The price of one as it was.
    pub unit_price: Money,
    /// How many.
    pub quantity: Quantity,
    /// `unit_price × quantity`.
    pub line_total: Money,
}

/// A step of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderEvent {
    /// Where it came to stand.
    pub to: OrderStatus,
    /// When.
    pub at: OffsetDateTime,
    /// A word about it.
    pub note: String,
}

/// Who asks to see an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// The account or visitor it should belong to.
    Owner(Owner),
    /// Someone with a signed link to this order, checked by the caller.
    Link,
    /// A job of the shop.
    System,
}

/// Why an order did not change.
#[derive(Debug, Error)]
pub enum OrderError {
    /// No such order, or someone else's.
    #[error("there is no such order")]
    Unknown,
    /// It was shipped, cancelled or refunded already.
    #[error("this order can no longer be cancelled")]
    NotCancellable(OrderStatus),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Viewer {
    /// The account or visitor whose orders alone may be seen; `None` sees any.
    const fn owner(&self) -> Option<Owner> {
        match self {
            Self::Owner(owner) => Some(*owner),
            Self::Link | Self::System => None,
        }
    }

    /// What the order's history calls them.
    const fn actor(&self) -> &'static str {
        match self {
            Self::Owner(Owner::Customer(_)) => "customer",
            Self::Owner(Owner::Visitor(_)) | Self::Link => "visitor",
            Self::System => "system",
        }
    }
}

/// One page of the owner's orders, newest first, in four statements whatever their number.
///
/// # Errors
/// The database failed.
pub async fn list(db: &Db, owner: Owner, page: Page) -> Result<Paged<Order>, sqlx::Error> {
    let per_page = PerPage::DEFAULT;
    let mut connection = db.read().acquire().await?;
    let total = sql::read::count(&mut connection, owner).await?;
    let items = sql::read::page(&mut connection, owner, i64::from(per_page.get()), per_page.offset(page)).await?;
    Ok(Paged { items, total, page, per_page })
}

/// The owner's latest orders, newest first, as they stand inside a transaction.
///
/// # Errors
/// The database failed.
pub async fn latest_in_tx(tx: &mut Tx, owner: Owner, most: i64) -> Result<Vec<Order>, sqlx::Error> {
    sql::read::page(tx, owner, most, 0).await
}

/// The order of that number, if this viewer may see it.
///
/// # Errors
/// [`OrderError::Unknown`], also for someone else's.
pub async fn by_number(db: &Db, viewer: &Viewer, number: &str) -> Result<Order, OrderError> {
    let number = rules::written_number(number).ok_or(OrderError::Unknown)?;
    let mut connection = db.read().acquire().await?;
    sql::read::by_number(&mut connection, viewer.owner(), &number).await?.ok_or(OrderError::Unknown)
}

/// The order of that id, if this viewer may see it.
///
/// # Errors
/// [`OrderError::Unknown`], also for someone else's.
pub async fn by_id(db: &Db, viewer: &Viewer, id: OrderId) -> Result<Order, OrderError> {
    // A job may start before a replica has heard of its order.
    let pool = if *viewer == Viewer::System { db.primary() } else { db.read() };
    let mut connection = pool.acquire().await?;
    sql::read::by_id(&mut connection, viewer.owner(), id).await?.ok_or(OrderError::Unknown)
}

/// The order of that id as it stands inside a transaction, for the use case that is just changing it.
///
/// # Errors
/// There is no such order.
pub async fn load_in_tx(tx: &mut Tx, id: OrderId) -> Result<Order, sqlx::Error> {
    sql::read::by_id(tx, None, id).await?.ok_or(sqlx::Error::RowNotFound)
}

/// The visitor's orders become the account's.
///
/// # Errors
/// The database failed.
pub async fn join_in_tx(tx: &mut Tx, visitor: VisitorId, user: UserId) -> Result<u64, sqlx::Error> {
    sql::join(tx, visitor, user).await
}
