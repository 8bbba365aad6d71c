//! Writing an order down, and what a payment's answer does to it.

use super::{OrderStep, jobs::SendConfirmation, rules, sql};
use crate::{
    domain::{
        accounts::Owner,
        inventory,
        payments::{self, Gateway, GatewayAnswer, PaymentMethod, PaymentState},
    },
    infra::{database::Tx, jobs},
    types::{Address, BasisPoints, Email, Money, OrderId, ProductId, Quantity, VariantId},
};

/// An order about to be written down: every amount, name and rate is a snapshot.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Whose it is.
    pub owner: Owner,
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
    /// `standard` or `express`.
    pub delivery_method: &'static str,
    /// How it is paid.
    pub payment_method: PaymentMethod,
    /// Who moves the money.
    pub gateway: Gateway,
    /// Where mails about it go.
    pub contact_email: Email,
    /// Where it goes.
    pub shipping_address: Address,
    /// What is bought, each variant once.
    pub lines: Vec<NewLine>,
}

/// A line about to be written down.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// The product's name.
    pub product_name: String,
    /// The variant's name.
    pub variant_name: String,
    /// The shop's number for it.
    pub sku: String,
    /// The stem of the picture.
    pub picture: Option<String>,
    /// The price of one.
    pub unit_price: Money,
    /// Its tax.
    pub tax_rate: BasisPoints,
    /// How many.
    pub quantity: Quantity,
    /// `unit_price × quantity`.
    pub line_total: Money,
}

/// What the stock does because an order moved. Apart, so that a use case can touch the hot rows last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "the stock has to follow the order"]
pub enum StockMove {
    /// Nothing.
    Stay,
    /// What was reserved leaves.
    Sell,
    /// What the order holds comes back.
    GiveBack,
}

impl StockMove {
    /// Moves the order's stock.
    ///
    /// # Errors
    /// The database failed.
    pub async fn apply_in_tx(self, tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
        match self {
            Self::Stay => Ok(()),
            Self::Sell => inventory::sell_in_tx(tx, order).await,
            Self::GiveBack => inventory::give_back_in_tx(tx, order).await,
        }
    }
}

/// Writes a pending order down, under a number of its own, with its first event and its open payment.
///
/// # Errors
/// The database failed.
pub async fn place_in_tx(tx: &mut Tx, new: &NewOrder) -> Result<OrderId, sqlx::Error> {
    let actor = match new.owner {
        Owner::Customer(_) => "customer",
        Owner::Visitor(_) => "visitor",
    };
    let order = loop {
        // 60 random bits: meeting an earlier number is a matter of centuries, but it only costs another try.
        if let Some(order) = sql::insert(tx, new, &rules::number(rand::random()), actor).await? {
            break order;
        }
    };
    payments::open_in_tx(tx, order, new.gateway, new.payment_method, new.total).await?;
    Ok(order)
}

/// Moves payment, order and stock by a gateway's answer, whoever brings it: the checkout, a webhook, the customer's return.
/// The same answer told twice changes nothing.
///
/// # Errors
/// The database failed.
pub async fn apply_payment_answer_in_tx(
    tx: &mut Tx,
    order: OrderId,
    answer: &GatewayAnswer,
) -> Result<(), sqlx::Error> {
    record_payment_answer_in_tx(tx, order, answer).await?.apply_in_tx(tx, order).await
}

/// The same without the stock, which the caller moves last.
///
/// # Errors
/// The database failed.
pub async fn record_payment_answer_in_tx(
    tx: &mut Tx,
    order: OrderId,
    answer: &GatewayAnswer,
) -> Result<StockMove, sqlx::Error> {
    let status = sql::lock(tx, None, order).await?.ok_or(sqlx::Error::RowNotFound)?;
    let Some(state) = payments::settle_in_tx(tx, order, answer).await? else { return Ok(StockMove::Stay) };
    let (step, note, movement) = match state {
        PaymentState::Captured => (OrderStep::PaymentSettled, "Payment received", StockMove::Sell),
        PaymentState::Due => (OrderStep::PaymentSettled, "To be paid on delivery", StockMove::Sell),
        PaymentState::Declined => (OrderStep::PaymentDeclined, "Payment declined", StockMove::GiveBack),
        PaymentState::Pending | PaymentState::Voided | PaymentState::Refunded => return Ok(StockMove::Stay),
    };
    let Some(next) = status.after(step) else { return Ok(StockMove::Stay) };
    sql::set_status(tx, order, (status, next), "system", note).await?;
    if movement == StockMove::Sell {
        jobs::enqueue(tx, &SendConfirmation { order_id: order }, None).await?;
    }
    Ok(movement)
}
