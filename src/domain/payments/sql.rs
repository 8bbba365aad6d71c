//! Queries on payments.

use super::{Gateway, PaymentMethod, PaymentState};
use crate::{
    infra::{database::Tx, metrics::timed},
    types::{Money, OrderId},
};

pub(super) async fn insert(
    tx: &mut Tx,
    order: OrderId,
    gateway: Gateway,
    method: PaymentMethod,
    amount: Money,
) -> Result<(), sqlx::Error> {
    let currency = amount.currency();
    let query = sqlx::query!(
        "INSERT INTO payments (order_id, provider, method, state, currency, amount_minor)
         VALUES ($1, $2, $3, 'pending', $4, $5)",
        order.0,
        gateway.id(),
        method.id(),
        currency.code(),
        amount.minor(),
    );
    timed("payments.insert", query.execute(&mut **tx)).await?;
    Ok(())
}

pub(super) async fn state(tx: &mut Tx, order: OrderId) -> Result<PaymentState, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT state FROM payments WHERE order_id = $1 FOR UPDATE", order.0);
    let state = timed("payments.state", query.fetch_one(&mut **tx)).await?;
    state.parse().map_err(|()| sqlx::Error::Decode(format!("payment state '{state}'").into()))
}

pub(super) async fn set_state(
    tx: &mut Tx,
    order: OrderId,
    state: PaymentState,
    reference: Option<&str>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE payments SET state = $2, reference = coalesce($3, reference), updated_at = now() WHERE order_id = $1",
        order.0,
        state.id(),
        reference,
    );
    timed("payments.set_state", query.execute(&mut **tx)).await?;
    Ok(())
}
