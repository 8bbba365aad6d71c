//! Background jobs: the runner, the schedule, and a few lines a job that call the domain.
//!
//! A job exists if and only if the transaction that enqueued it committed, and is run at least once: every handler can be repeated.
//! A worker that is killed leaves its jobs locked; another one, or the same started again, takes them over after half a minute.

mod schedule;
mod tasks;

use std::{fmt, future::Future, time::Duration};

use futures_util::future::{FutureExt, Shared};
use graphile_worker::{
    LocalQueueConfig, RefetchDelayConfig, Worker, WorkerBuildError, WorkerOptions, WorkerRecoveryConfig,
};
use thiserror::Error;
use tokio::time::{Instant, sleep};

use crate::{
    domain::chat::Chat,
    infra::{database::Db, mail::Mailer, media::MediaStore},
    views::mails::Letterhead,
};

// How many jobs run at once; most of their time they wait for a mail server.
const CONCURRENCY: usize = 4;
// How long a database that does not answer is waited for at the start, before anything has ever run.
const START_PATIENCE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the worker works with.
#[derive(Clone)]
pub struct WorkerParts {
    /// Live support; what is said is told to the servers.
    pub chat: Chat,
    /// The database, as the application's role; the pool needs a few connections more than [`CONCURRENCY`].
    pub db: Db,
    /// Where pictures lie.
    pub media: MediaStore,
    /// The way out for mails.
    pub mailer: Mailer,
    /// What mails say of the shop.
    pub letterhead: Letterhead,
}

/// Why the worker never began.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// The queue's tables are not there or not reachable.
    #[error("the job queue cannot be opened (was `ecommerce migrate` run?): {0}")]
    Queue(#[from] WorkerBuildError),
    /// A line of the schedule is malformed.
    #[error("the schedule is malformed: {0}")]
    Schedule(String),
}

impl fmt::Debug for WorkerParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerParts").finish_non_exhaustive()
    }
}

/// Runs jobs until `shutdown` comes; what runs then has a few seconds to finish. A database that goes away is waited for.
///
/// # Errors
/// The queue could not be opened at all.
pub async fn run(parts: WorkerParts, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), WorkerError> {
    let shutdown = shutdown.boxed().shared();
    let started = Instant::now();
    let (mut has_run, mut pause) = (false, Duration::from_secs(1));
    while shutdown.clone().now_or_never().is_none() {
        let broke_off = match open(&parts, shutdown.clone()).await {
            Ok(worker) => {
                (has_run, pause) = (true, Duration::from_secs(1));
                tracing::info!("the worker is ready");
                worker.run().await.err().map(|error| error.to_string())
            }
            Err(error) if !has_run && started.elapsed() > START_PATIENCE => return Err(error),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = broke_off {
            tracing::error!(error, "the job queue is away; trying again");
        }
        tokio::select! {
            () = shutdown.clone() => {}
            () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
    Ok(())
}

// With a queue of its own a bulk of jobs drains at hundreds a second instead of four. The delay is not optional: without one the queue
// wakes itself after every empty look and asks the database thousands of times a second (0.14.1). A new job's NOTIFY ends it at once.
fn local_queue() -> LocalQueueConfig {
    let delay = RefetchDelayConfig::default().with_duration(Duration::from_secs(1)).with_max_abort_threshold(1);
    LocalQueueConfig::default().with_size(100).with_refetch_delay(delay)
}

async fn open(
    parts: &WorkerParts,
    shutdown: Shared<impl Future<Output = ()> + Send + 'static>,
) -> Result<Worker, WorkerError> {
    let recovery = WorkerRecoveryConfig::default()
        .heartbeat_interval(Duration::from_secs(5))
        .sweep_interval(Duration::from_secs(10))
        .sweep_threshold(Duration::from_secs(30))
        .recovery_delay(Duration::from_secs(1));
    let options = WorkerOptions::default()
        .pg_pool(parts.db.primary().clone())
        .schema("graphile_worker")
        .concurrency(CONCURRENCY)
        .local_queue(local_queue())
        .worker_recovery(recovery)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(shutdown)
        .shutdown_grace_period(Duration::from_secs(8))
        .add_extension(parts.clone());
    let options = schedule::add(tasks::define(options)).map_err(|error| WorkerError::Schedule(error.to_string()))?;
    Ok(options.init().await?)
}
