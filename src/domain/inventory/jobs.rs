//! Background jobs around stock.

use serde::{Deserialize, Serialize};

use crate::infra::jobs::Job;

/// Cancels the orders whose reservations have expired unsold. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReleaseExpired {}

impl Job for ReleaseExpired {
    const NAME: &'static str = "inventory.release_expired";
    // The next minute brings the next one.
    const MAX_ATTEMPTS: i16 = 1;
}
