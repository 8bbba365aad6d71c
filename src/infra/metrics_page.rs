//! `/metrics` on a loopback port of its own, in Prometheus' text format. Nginx never passes it on.

use std::{fs, net::Ipv4Addr, sync::Arc};

use anyhow::Context;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{gauge::Gauge, info::Info},
    registry::{Registry, Unit},
};
use sqlx::PgPool;
use tokio::net::TcpListener;

use super::metrics::METRICS;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct Page {
    registry: Registry,
    pool: PgPool,
    // Read from elsewhere when the page is asked for.
    connections: Gauge,
    idle_connections: Gauge,
    memory: Gauge,
}

/// Serves the metrics of this process until it ends.
///
/// # Errors
/// The port is taken.
pub async fn serve(port: u16, process: &str, pool: PgPool) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("METRICS_PORT: port {port} on 127.0.0.1 cannot be listened on"))?;
    let routes = router(process, pool);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(())
}

/// The page alone.
pub fn router(process: &str, pool: PgPool) -> Router {
    Router::new().route("/metrics", get(show)).with_state(Arc::new(Page::new(process, pool)))
}

impl Page {
    fn new(process: &str, pool: PgPool) -> Self {
        let mut registry = Registry::default();
        METRICS.register(&mut registry);
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("server", process.to_owned())]);
        registry.register("ecommerce_build", "Which build this is", build);
        let page = Self {
            pool,
            connections: Gauge::default(),
            idle_connections: Gauge::default(),
            memory: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("db_pool_connections", "Open connections to PostgreSQL", page.connections.clone());
        registry.register("db_pool_idle_connections", "Those of them that wait", page.idle_connections.clone());
        let bytes = Unit::Bytes;
        registry.register_with_unit("process_resident_memory", "Memory this process holds", bytes, page.memory.clone());
        Self { registry, ..page }
    }

    fn write(&self) -> Result<String, std::fmt::Error> {
        self.connections.set(self.pool.size().into());
        self.idle_connections.set(i64::try_from(self.pool.num_idle()).unwrap_or(i64::MAX));
        self.memory.set(resident_bytes().unwrap_or(0));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

async fn show(State(page): State<Arc<Page>>) -> Response {
    match page.write() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<i64>().ok().map(|kilobytes| kilobytes * 1024)
}
