//! Calling an order off, by its owner, by an agent who helps them, or because its time to be paid ran out.

use serde_json::json;

use super::{
    Order, OrderError, OrderStatus, OrderStep, Viewer, by_number, jobs::SendCancellation, load_in_tx, rules, sql,
};
use crate::{
    domain::{
        accounts::{Agent, Owner},
        audit, inventory, payments,
    },
    infra::{
        database::{Db, Tx},
        jobs,
    },
    types::OrderId,
};

// Orders a run of the schedule looks at; the next run goes on.
const EXPIRED_AT_ONCE: i64 = 500;

/// Cancels an order: the stock comes back once, the payment is voided or refunded, a mail is enqueued. One transaction, the order's row locked.
///
/// # Errors
/// Unknown, or too late.
pub async fn cancel(db: &Db, viewer: &Viewer, id: OrderId, reason: Option<&str>) -> Result<Order, OrderError> {
    let mut tx = db.begin().await?;
    let status = sql::lock(&mut tx, viewer.owner(), id).await?.ok_or(OrderError::Unknown)?;
    let reason = rules::storable_reason(reason);
    call_off(&mut tx, id, status, viewer.actor(), reason.as_deref().unwrap_or_default()).await?;
    let order = load_in_tx(&mut tx, id).await?;
    inventory::give_back_in_tx(&mut tx, id).await?;
    tx.commit().await?;
    Ok(order)
}

/// Cancels an order of the customer whom an agent is helping, with the same rules as for its owner, and writes down who did it.
///
/// # Errors
/// Unknown (also for an order of somebody else, and for one of the agent's own), or too late.
pub async fn cancel_for_customer(
    db: &Db,
    agent: &Agent,
    owner: Owner,
    number: &str,
    reason: Option<&str>,
) -> Result<Order, OrderError> {
    let me = agent.customer();
    if owner == Owner::Customer(me.id()) {
        return Err(OrderError::Unknown);
    }
    let id = by_number(db, &Viewer::Owner(owner), number).await?.id;
    let mut tx = db.begin().await?;
    let status = sql::lock(&mut tx, Some(owner), id).await?.ok_or(OrderError::Unknown)?;
    let reason = rules::storable_reason(reason).unwrap_or_default();
    call_off(&mut tx, id, status, &format!("agent:{}", me.id()), &reason).await?;
    let order = load_in_tx(&mut tx, id).await?;
    let detail = json!({ "from": status.id(), "reason": reason });
    audit::record_in_tx(&mut tx, me, "orders.cancelled", &order.number, &detail).await?;
    inventory::give_back_in_tx(&mut tx, id).await?;
    tx.commit().await?;
    Ok(order)
}

/// Cancels the pending orders whose reservations have expired; returns how many. One transaction each, and an order that someone
/// else is just moving is left to them.
///
/// # Errors
/// The database failed; what was cancelled before stays so.
pub async fn cancel_expired(db: &Db) -> Result<usize, OrderError> {
    let mut cancelled = 0;
    for id in inventory::orders_with_expired_holds(db, EXPIRED_AT_ONCE).await? {
        let mut tx = db.begin().await?;
        // Looked at again behind the lock: a payment may have arrived between the list and now.
        if sql::lock_free(&mut tx, id).await? != Some(OrderStatus::Pending) {
            continue;
        }
        call_off(&mut tx, id, OrderStatus::Pending, "system", "Not paid in time").await?;
        inventory::give_back_in_tx(&mut tx, id).await?;
        tx.commit().await?;
        cancelled += 1;
    }
    Ok(cancelled)
}

/// All of it but the stock, which comes last. The order's row is locked and stands at `status`.
async fn call_off(tx: &mut Tx, id: OrderId, status: OrderStatus, actor: &str, reason: &str) -> Result<(), OrderError> {
    let next = status.after(OrderStep::Cancel).ok_or(OrderError::NotCancellable(status))?;
    sql::set_status(tx, id, (status, next), actor, reason).await?;
    payments::call_off_in_tx(tx, id).await?;
    jobs::enqueue(tx, &SendCancellation { order_id: id }, None).await?;
    Ok(())
}
