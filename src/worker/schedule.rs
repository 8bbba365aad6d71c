//! What runs by the clock (UTC). However many workers there are, each moment's job is enqueued once.

use graphile_worker::{Cron, CrontabTimerError, WorkerOptions};
use serde_json::{Value, json};

use crate::domain::{
    alerts::jobs::{ForgetOldAlerts, NotifyBackInStock},
    catalog::jobs::{CountPopularity, FoldCounts, RebuildWords, TidyMedia},
    chat::{
        desk::jobs::WakeSnoozed,
        jobs::ForgetVisitorChats,
        letters::{NotifyAway, TidyFiles},
    },
    checkout::jobs::ForgetOldKeys,
    contact::jobs::ForgetOldContacts,
    inventory::jobs::ReleaseExpired,
};

/// Adds the schedule. A moment missed while no worker ran is not made up for: the next one does the same work.
pub(super) fn add(options: WorkerOptions) -> Result<WorkerOptions, CrontabTimerError> {
    Ok(options
        .with_cron(Cron::every_minute::<ReleaseExpired>().payload_value(empty()).max_attempts(1))
        .with_cron(Cron::every_minute::<NotifyBackInStock>().payload_value(empty()).max_attempts(1))
        .with_cron(Cron::every_minute::<WakeSnoozed>().payload_value(empty()).max_attempts(1))
        .with_cron(Cron::every_minute::<NotifyAway>().payload_value(empty()).max_attempts(1))
        .with_cron(Cron::every_minute::<FoldCounts>().payload_value(empty()).max_attempts(1))
        .with_cron(Cron::daily_at::<TidyFiles>(4, 0)?.payload_value(empty()).max_attempts(3))
        .with_cron(Cron::daily_at::<ForgetOldAlerts>(3, 30)?.payload_value(empty()).max_attempts(3))
        .with_cron(Cron::daily_at::<ForgetOldKeys>(3, 20)?.payload_value(empty()).max_attempts(3))
        .with_cron(Cron::daily_at::<ForgetVisitorChats>(4, 10)?.payload_value(empty()).max_attempts(3))
        .with_cron(Cron::hourly_at::<CountPopularity>(12)?.payload_value(empty()).max_attempts(3))
        .with_cron(Cron::hourly_at::<RebuildWords>(42)?.payload_value(empty()).max_attempts(3))
        .with_cron(Cron::daily_at::<TidyMedia>(3, 40)?.payload_value(empty()).max_attempts(3))
        .with_cron(Cron::daily_at::<ForgetOldContacts>(3, 50)?.payload_value(empty()).max_attempts(3)))
}

// Said outright: without a payload the job would get null, which is no job without fields.
fn empty() -> Value {
    json!({})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedules_jobs_can_read_their_payload() {
        assert!(serde_json::from_value::<ReleaseExpired>(empty()).is_ok());
        assert!(serde_json::from_value::<ForgetOldKeys>(empty()).is_ok());
        assert!(serde_json::from_value::<TidyMedia>(empty()).is_ok());
        assert!(serde_json::from_value::<RebuildWords>(empty()).is_ok());
        assert!(serde_json::from_value::<CountPopularity>(empty()).is_ok());
        assert!(serde_json::from_value::<FoldCounts>(empty()).is_ok());
        assert!(serde_json::from_value::<ForgetOldContacts>(empty()).is_ok());
        assert!(serde_json::from_value::<NotifyBackInStock>(empty()).is_ok());
        assert!(serde_json::from_value::<ForgetOldAlerts>(empty()).is_ok());
        assert!(serde_json::from_value::<WakeSnoozed>(empty()).is_ok());
        assert!(serde_json::from_value::<NotifyAway>(empty()).is_ok());
        assert!(serde_json::from_value::<TidyFiles>(empty()).is_ok());
        assert!(serde_json::from_value::<ForgetVisitorChats>(empty()).is_ok());
        assert!(serde_json::from_value::<ReleaseExpired>(Value::Null).is_err(), "what the schedule sends unless told");
    }
}
