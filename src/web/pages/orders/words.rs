//! What people read about where an order stands.

use crate::{
    domain::{
        orders::{Order, OrderStatus},
        payments::PaymentState,
    },
    types::Locale,
};

/// A step on the way to the customer's door, for `shop::status_steps`.
pub(super) struct Step {
    pub label: &'static str,
    pub note: String,
    pub state: &'static str,
}

/// A status in a word and the kind of its badge; a declined card is no cancellation to its owner.
pub(in crate::web) fn badge(order: &Order) -> (&'static str, &'static str) {
    if order.payment_state == PaymentState::Declined {
        return ("Card declined", "bad");
    }
    let kind = match order.status {
        OrderStatus::Pending => "warn",
        OrderStatus::Processing | OrderStatus::Shipped => "accent",
        OrderStatus::Delivered => "good",
        OrderStatus::Cancelled | OrderStatus::Refunded => "",
    };
    (order.status.name(), kind)
}

/// A step of the history in a word.
pub(super) fn event(to: OrderStatus) -> &'static str {
    WAY.iter().find(|(status, _)| *status == to).map_or_else(|| to.name(), |(_, label)| label)
}

const WAY: [(OrderStatus, &str); 4] = [
    (OrderStatus::Pending, "Placed"),
    (OrderStatus::Processing, "Being packed"),
    (OrderStatus::Shipped, "On its way"),
    (OrderStatus::Delivered, "Delivered"),
];

/// The steps that were taken, with their dates, and those to come; an order that ended early shows no more than its end.
pub(super) fn steps(order: &Order, locale: Locale) -> Vec<Step> {
    let reached = |status| order.events.iter().find(|event| event.to == status).map(|event| locale.date(event.at));
    let ended = matches!(order.status, OrderStatus::Cancelled | OrderStatus::Refunded);
    let mut steps = Vec::new();
    for (status, label) in WAY {
        let mut date = reached(status);
        if status == OrderStatus::Pending {
            date.get_or_insert_with(|| locale.date(order.placed_at));
        }
        let state = match (&date, status == order.status) {
            (Some(_), true) if status != OrderStatus::Delivered => "now",
            (Some(_), _) => "done",
            (None, _) if ended => continue,
            (None, _) => "todo",
        };
        steps.push(Step { label, note: date.unwrap_or_default(), state });
    }
    if ended {
        steps.push(Step {
            label: order.status.name(),
            note: reached(order.status).unwrap_or_default(),
            state: "stopped",
        });
    }
    steps
}

/// How it goes, and how long that takes.
pub(super) fn delivery(order: &Order) -> &'static str {
    if order.delivery_method == "express" {
        "Express, on the next working day"
    } else {
        "Standard, 3 to 5 working days"
    }
}

/// Where the payment stands.
pub(super) const fn payment(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Pending => "Waiting for the payment",
        PaymentState::Due => "To be paid on delivery",
        PaymentState::Captured => "Paid",
        PaymentState::Declined => "Declined, nothing was charged",
        PaymentState::Voided => "Nothing was charged",
        PaymentState::Refunded => "Paid back",
    }
}

/// Why an order cannot be called off any more.
pub(super) const fn too_late(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Cancelled => "This order is cancelled already.",
        OrderStatus::Refunded => "This order was paid back already.",
        _ => "This order can no longer be cancelled: it is on its way to you.",
    }
}
