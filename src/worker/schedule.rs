//! What runs by the clock (UTC). However many workers there are, each moment's job is enqueued once.

use graphile_worker::{Cron, CrontabTimerError, WorkerOptions};
use serde_json::json;

use crate::domain::{checkout::jobs::ForgetOldKeys, inventory::jobs::ReleaseExpired};

/// Adds the schedule. A moment missed while no worker ran is not made up for: the next one does the same work.
pub(super) fn add(options: WorkerOptions) -> Result<WorkerOptions, CrontabTimerError> {
    // Said outright: without a payload the job would get null, which is no job without fields.
    Ok(options
        .with_cron(Cron::every_minute::<ReleaseExpired>().payload_value(json!({})).max_attempts(1))
        .with_cron(Cron::daily_at::<ForgetOldKeys>(3, 20)?.payload_value(json!({})).max_attempts(3)))
}
