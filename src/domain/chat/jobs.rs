//! Background jobs of the chat's rules.

use serde::{Deserialize, Serialize};

use crate::infra::jobs::Job;

/// Removes visitors' conversations that are no longer kept. Enqueued by the schedule alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ForgetVisitorChats {}

impl Job for ForgetVisitorChats {
    const NAME: &'static str = "chat.forget_visitors";
    const MAX_ATTEMPTS: i16 = 3;
}
