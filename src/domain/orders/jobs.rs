//! Background jobs of orders: the mails about them. Ids, not snapshots: the mail says what is true when it is sent.

use serde::{Deserialize, Serialize};

use crate::{infra::jobs::Job, types::OrderId};

/// Sends the mail that says what was ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendConfirmation {
    /// Which order.
    pub order_id: OrderId,
}

/// Sends the mail that says that the order was called off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendCancellation {
    /// Which order.
    pub order_id: OrderId,
}

impl Job for SendConfirmation {
    const NAME: &'static str = "orders.send_confirmation";
}

impl Job for SendCancellation {
    const NAME: &'static str = "orders.send_cancellation";
}
