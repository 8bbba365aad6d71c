//! Background jobs of the desk.

use serde::{Deserialize, Serialize};

use crate::infra::jobs::Job;

/// Opens again what was put aside until now. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WakeSnoozed {}

impl Job for WakeSnoozed {
    const NAME: &'static str = "chat.wake_snoozed";
    // The next minute brings the next one.
    const MAX_ATTEMPTS: i16 = 1;
}
