//! Background jobs of the checkout.

use serde::{Deserialize, Serialize};

use crate::infra::jobs::Job;

/// Deletes idempotency keys that nobody will repeat any more. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ForgetOldKeys {}

impl Job for ForgetOldKeys {
    const NAME: &'static str = "checkout.forget_old_keys";
    const MAX_ATTEMPTS: i16 = 3;
}
