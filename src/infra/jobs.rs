//! Background jobs, enqueued in the transaction that needs them: a job exists if and only if that transaction commits.

use std::time::Duration;

use serde::Serialize;
use sqlx::{FromRow, PgPool};

use super::{database::Tx, metrics::timed};

/// A kind of job: its name in the queue, and its payload (ids, not snapshots).
pub trait Job: Serialize {
    /// The task's identifier.
    const NAME: &'static str;
    /// How often it is tried before it is given up, with growing pauses.
    const MAX_ATTEMPTS: i16 = 25;
}

/// Enqueues a job in `tx`. With a `key`, a second one of the same key replaces the first while that waits.
///
/// # Errors
/// The queue's schema is missing, or the database failed.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, key: Option<&str>) -> Result<(), sqlx::Error> {
    let payload = serde_json::to_value(job).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let statement = "SELECT id FROM graphile_worker.add_job($1, $2::json, max_attempts => $3, job_key => $4)";
    let query = sqlx::query(statement).bind(J::NAME).bind(payload).bind(J::MAX_ATTEMPTS).bind(key);
    timed("jobs.enqueue", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Enqueues a job in `tx` that is run after a while, once for all that are enqueued with this key until then.
///
/// # Errors
/// The queue's schema is missing, or the database failed.
pub async fn enqueue_once_after<J: Job>(tx: &mut Tx, job: &J, key: &str, pause: Duration) -> Result<(), sqlx::Error> {
    let payload = serde_json::to_value(job).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let statement = "SELECT id FROM graphile_worker.add_job($1, $2::json, max_attempts => $3, job_key => $4,
                         job_key_mode => 'preserve_run_at', run_at => now() + make_interval(secs => $5))";
    let query = sqlx::query(statement).bind(J::NAME).bind(payload).bind(J::MAX_ATTEMPTS).bind(key);
    timed("jobs.enqueue", query.bind(pause.as_secs_f64()).execute(&mut **tx)).await?;
    Ok(())
}

/// How the queue is.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct QueueHealth {
    /// Jobs to be run, now or later.
    pub waiting: i64,
    /// Those whose time was more than five minutes ago and that nobody runs.
    pub late: i64,
    /// Those that failed as often as they may.
    pub given_up: i64,
    /// What the last of them said.
    pub last_error: Option<String>,
}

/// Looks at the queue without touching it.
///
/// # Errors
/// The queue's schema is missing, or the database failed.
pub async fn health(pool: &PgPool) -> Result<QueueHealth, sqlx::Error> {
    let statement = "SELECT count(*) FILTER (WHERE attempts < max_attempts) AS waiting,
            count(*) FILTER (WHERE attempts < max_attempts AND locked_at IS NULL AND run_at < now() - interval '5 minutes') AS late,
            count(*) FILTER (WHERE attempts >= max_attempts) AS given_up,
            (array_agg(left(last_error, 200) ORDER BY updated_at DESC) FILTER (WHERE attempts >= max_attempts))[1] AS last_error
         FROM graphile_worker.jobs";
    timed("jobs.health", sqlx::query_as(statement).fetch_one(pool)).await
}
