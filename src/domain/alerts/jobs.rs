//! Background jobs of the alerts.

use serde::{Deserialize, Serialize};

use crate::{infra::jobs::Job, types::StockAlertId};

/// Finds alerts whose variant is back, and enqueues their mails. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotifyBackInStock {}

/// Sends the mail that something is back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SendBackInStock {
    /// Which alert.
    pub alert_id: StockAlertId,
}

/// Forgets old alerts. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ForgetOldAlerts {}

impl Job for NotifyBackInStock {
    const NAME: &'static str = "alerts.notify_back_in_stock";
    // The next minute brings the next one.
    const MAX_ATTEMPTS: i16 = 1;
}

impl Job for SendBackInStock {
    const NAME: &'static str = "alerts.send_back_in_stock";
}

impl Job for ForgetOldAlerts {
    const NAME: &'static str = "alerts.forget_old";
    const MAX_ATTEMPTS: i16 = 3;
}
