//! `ecommerce worker`: the process that runs background jobs.

use std::env;

use anyhow::Context;
use tokio::sync::mpsc::Receiver;

use super::start;
use crate::{
    config::{Config, ConfigError},
    domain::chat::ChatEvent,
    infra::{
        broadcast::Broadcast,
        live::Live,
        mail::Mailer,
        media::MediaStore,
        metrics_page, service_manager,
        shutdown::{self, Phase, Stage},
        telemetry,
    },
    realtime,
    views::mails::Letterhead,
    worker::{self, WorkerParts},
};

// What its log files and metrics call it.
const NAME: &str = "worker";

/// A worker's configuration: as a server's, but its metrics are on a port of their own.
///
/// # Errors
/// The first variable that is missing or malformed.
pub fn config() -> Result<Config, ConfigError> {
    Config::from_source(&|name| match (name, env::var(name)) {
        ("METRICS_PORT", Err(_)) => Some("9199".to_owned()),
        (_, value) => value.ok(),
    })
}

/// Runs jobs until a signal, and then until those that run are done.
///
/// # Errors
/// One line: a database that does not answer, a schema that is too old, a port that is taken.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let telemetry = telemetry::start(NAME, config.paths.log_dir.as_deref(), false)?;
    telemetry.reopen_on_hangup().context("SIGHUP cannot be listened to")?;
    let phase = Phase::default();
    shutdown::drain_on_signal(phase.clone()).context("SIGTERM cannot be listened to")?;
    let outcome = async {
        let parts = tokio::select! {
            parts = assemble(&config) => parts?,
            // Told to stop while it was still waiting for the database.
            () = phase.draining() => return Ok(()),
        };
        work(parts, phase.clone()).await
    };
    outcome.await.inspect_err(|error| tracing::error!(error = format!("{error:#}"), "the worker ends"))
}

async fn assemble(config: &Config) -> anyhow::Result<WorkerParts> {
    let mailer = Mailer::new(&config.mail, &config.shop.name)?;
    let media = MediaStore::open(&config.media).context("the media store")?;
    let db = start::database(config).await?;
    start::fit_for_production(config, &db).await?;
    metrics_page::serve(config.server.metrics_port, NAME, db.primary().clone()).await?;
    let (live, told) = Live::pair();
    tokio::spawn(tell_servers(config.clone(), told));
    let chat = start::chat(config, &db, live);
    Ok(WorkerParts { chat, db, media, mailer, letterhead: Letterhead::new(config) })
}

// Jobs run without Redis: until it can be reached, the servers find in the database what they were not told.
async fn tell_servers(config: Config, mut told: Receiver<ChatEvent>) {
    let pubsub = loop {
        match start::pubsub(&config).await {
            Ok(pubsub) => break pubsub,
            Err(error) => tracing::warn!(error = format!("{error:#}"), "the servers are not told of what jobs say"),
        }
    };
    let broadcast = Broadcast::speaking(&pubsub, realtime::CHANNEL);
    while let Some(event) = told.recv().await {
        broadcast.tell(event);
    }
}

async fn work(parts: WorkerParts, phase: Phase) -> anyhow::Result<()> {
    let pool = parts.db.primary().clone();
    phase.advance(Stage::Ready);
    service_manager::ready("runs background jobs");
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "ready");
    let stop = async move {
        phase.draining().await;
        service_manager::stopping();
    };
    worker::run(parts, stop).await?;
    pool.close().await;
    tracing::info!("stopped");
    Ok(())
}
