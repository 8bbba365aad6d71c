//! `ecommerce serve`: one application server.

use std::{
    future::IntoFuture,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use tokio::sync::mpsc::Receiver;

use super::{router, start};
use crate::{
    config::Config,
    domain::{catalog, chat::ChatEvent},
    infra::{
        changes::Changes,
        listener::ClosingListener,
        live::Live,
        media::MediaStore,
        metrics_page,
        passwords::PasswordHasher,
        pubsub::PubSub,
        redis::Redis,
        service_manager,
        shutdown::{self, Phase, Stage},
        telemetry,
    },
    realtime::Realtime,
    request::{App, AppParts},
    views::{assets::Assets, help::HelpPages},
};

// After SHUTDOWN_LINGER_SECONDS connections that only wait are closed; a request that still runs gets this long to end.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves until a signal, and then until the last request is answered.
///
/// # Errors
/// One line: a store that does not answer, a schema that is too old, a port that is taken, an unfit setting.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let telemetry = telemetry::start(&config.server.name, config.paths.log_dir.as_deref(), true)?;
    telemetry.reopen_on_hangup().context("SIGHUP cannot be listened to")?;
    let phase = Phase::default();
    shutdown::drain_on_signal(phase.clone()).context("SIGTERM cannot be listened to")?;
    let outcome = async {
        let started = tokio::select! {
            started = Server::start(config, phase.clone()) => started?,
            // Told to stop while it was still waiting for a store.
            () = phase.draining() => return Ok(()),
        };
        started.serve(phase.clone()).await
    };
    outcome.await.inspect_err(|error| tracing::error!(error = format!("{error:#}"), "the server ends"))
}

// Everything a server holds once it may serve.
struct Server {
    app: App,
    redis: Redis,
    pubsub: PubSub,
    realtime: Realtime,
    routes: Router,
    listener: ClosingListener,
}

impl Server {
    async fn start(config: Config, phase: Phase) -> anyhow::Result<Self> {
        let (app, redis, told) = assemble(config, phase.clone()).await?;
        let server = &app.config.server;
        let pubsub = start::pubsub(&app.config).await?;
        let (realtime, sockets) = Realtime::open(&app, &pubsub, told).await?;
        let routes = router::with_sockets(&app, redis.session_store(), sockets)?;
        // Last: before, a connection is refused and Nginx asks another server, which is better than an answer that has to wait.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port));
        let binding = ClosingListener::bind(address, phase).await;
        let listener = binding.with_context(|| format!("PORT: {address} cannot be listened on"))?;
        metrics_page::serve(server.metrics_port, &server.name, app.db.primary().clone()).await?;
        Ok(Self { app, redis, pubsub, realtime, routes, listener })
    }

    async fn serve(self, phase: Phase) -> anyhow::Result<()> {
        let Self { app, redis, pubsub, realtime, routes, listener } = self;
        let server = &app.config.server;
        // Sockets stay open for hours: once nobody new can come, they are closed, or the process would wait for them in vain.
        let (closed, leaving) = (listener.closed(), realtime.clone());
        tokio::spawn(async move {
            closed.await;
            leaving.close().await;
        });
        let drained = listener.drained(server.linger);
        phase.advance(Stage::Ready);
        service_manager::ready(&format!("{} serves on port {}", server.name, server.port));
        tracing::info!(server = server.name, port = server.port, version = env!("CARGO_PKG_VERSION"), "ready");
        let serving = axum::serve(listener, routes).with_graceful_shutdown(drained);
        tokio::select! {
            served = serving.into_future() => served?,
            () = last_moment(&phase, server.linger + LAST_REQUESTS) => {
                tracing::warn!("requests are cut off: they ran longer than a shutdown may take");
            }
        }
        pubsub.quit().await;
        redis.quit().await;
        app.db.primary().close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

async fn last_moment(phase: &Phase, patience: Duration) {
    phase.draining().await;
    service_manager::stopping();
    tokio::time::sleep(patience).await;
}

async fn assemble(config: Config, phase: Phase) -> anyhow::Result<(App, Redis, Receiver<ChatEvent>)> {
    let assets = assets(&config)?;
    let help = HelpPages::open(&config).context("SHOP_DIR")?;
    let db = start::database(&config).await?;
    start::fit_for_production(&config, &db).await?;
    let redis = start::redis(&config).await?;
    let hasher = PasswordHasher::new(config.limits.password_jobs)?;
    let media = MediaStore::open(&config.media).context("the media store")?;
    let limiter = redis.rate_limiter();
    let changes = Changes::default();
    tokio::spawn(changes.clone().follow(config.database.url.clone(), catalog::CHANNEL));
    let (live, told) = Live::pair();
    let chat = start::chat(&config, &db, live);
    Ok((App::new(AppParts { config, db, hasher, limiter, media, assets, help, phase, changes, chat }), redis, told))
}

// A shop in production without its style sheet would look broken to everyone; a developer's may.
fn assets(config: &Config) -> anyhow::Result<Assets> {
    match Assets::read(&config.paths.static_dir, &config.public.asset_base) {
        Err(error) if !config.is_production() => {
            tracing::warn!(error = format!("{error:#}"), "pages have no style and no scripts yet");
            Ok(Assets::unbuilt())
        }
        read => read.context("STATIC_DIR"),
    }
}
