//! Payments: methods, the demo gateway, and the state of each order's payment.

pub mod demo;
mod rules;
mod sql;

use crate::{
    infra::database::Tx,
    types::{Money, OrderId},
};

pub use rules::{CardError, CardNumber, GatewayAnswer, PaymentMethod, PaymentState};

/// Who moves the money. Another gateway is another name here, and its answers come through the same [`settle_in_tx`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Gateway {
    /// Answers at once and moves nothing.
    Demo,
}

impl Gateway {
    /// The id that the database uses.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Demo => "demo",
        }
    }
}

/// Writes down that a payment was asked for, before anyone answers.
///
/// # Errors
/// The database failed.
pub async fn open_in_tx(
    tx: &mut Tx,
    order: OrderId,
    gateway: Gateway,
    method: PaymentMethod,
    amount: Money,
) -> Result<(), sqlx::Error> {
    sql::insert(tx, order, gateway, method, amount).await
}

/// Moves the order's payment by a gateway's answer. `None` if the answer changes nothing: told twice, or after the end.
/// The caller holds the order's row, so that two answers come one after the other.
///
/// # Errors
/// The database failed.
pub async fn settle_in_tx(
    tx: &mut Tx,
    order: OrderId,
    answer: &GatewayAnswer,
) -> Result<Option<PaymentState>, sqlx::Error> {
    let Some(state) = sql::state(tx, order).await?.after(answer) else { return Ok(None) };
    let reference = match answer {
        GatewayAnswer::Approved { reference } => Some(reference.as_str()),
        GatewayAnswer::Due | GatewayAnswer::Declined => None,
    };
    sql::set_state(tx, order, state, reference).await?;
    Ok(Some(state))
}

/// Ends the order's payment because the order is called off: unpaid is voided, paid is paid back. Once: what has ended stays.
/// The caller holds the order's row.
///
/// # Errors
/// The database failed.
pub async fn call_off_in_tx(tx: &mut Tx, order: OrderId) -> Result<(), sqlx::Error> {
    let Some(state) = sql::state(tx, order).await?.called_off() else { return Ok(()) };
    sql::set_state(tx, order, state, None).await
}
