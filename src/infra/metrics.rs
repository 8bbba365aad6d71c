//! What is counted and timed, in Prometheus' terms. One registry a process.

use std::{future::Future, sync::LazyLock, time::Instant};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// The process's metrics: counted where things happen, read at `/metrics`.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::default);

/// The name a query carries.
#[derive(Clone, Hash, PartialEq, Eq, Debug, EncodeLabelSet)]
pub struct QueryLabels {
    /// Noun and verb: `cart.load`.
    pub query: &'static str,
}

/// How an attempt to place an order ended.
#[derive(Clone, Hash, PartialEq, Eq, Debug, EncodeLabelSet)]
pub struct OrderLabels {
    /// `placed`, `replayed`, `declined`, `out_of_stock` and so on.
    pub outcome: &'static str,
}

/// How a run of a background job ended.
#[derive(Clone, Hash, PartialEq, Eq, Debug, EncodeLabelSet)]
pub struct JobLabels {
    /// Its name in the queue.
    pub task: &'static str,
    /// `done`, `retried` or `given_up`.
    pub outcome: &'static str,
}

/// Every family of the process.
pub struct Metrics {
    /// Seconds a query took, by its name.
    pub queries: Family<QueryLabels, Histogram>,
    /// Attempts to place an order, by how they ended.
    pub orders: Family<OrderLabels, Counter>,
    /// Runs of background jobs, by task and how they ended.
    pub jobs: Family<JobLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let buckets = || Histogram::new(exponential_buckets(0.000_25, 2.0, 14));
        Self { queries: Family::new_with_constructor(buckets), orders: Family::default(), jobs: Family::default() }
    }
}

impl Metrics {
    /// Enters every family into a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("db_query_duration_seconds", "Seconds a query took", self.queries.clone());
        registry.register("orders", "Attempts to place an order, by outcome", self.orders.clone());
        registry.register("jobs", "Runs of background jobs, by task and outcome", self.jobs.clone());
    }

    /// Counts an attempt to place an order.
    pub fn count_order(&self, outcome: &'static str) {
        self.orders.get_or_create(&OrderLabels { outcome }).inc();
    }

    /// Counts a run of a background job.
    pub fn count_job(&self, task: &'static str, outcome: &'static str) {
        self.jobs.get_or_create(&JobLabels { task, outcome }).inc();
    }
}

/// Runs a query under its name, so that `/metrics` shows how often it ran and how long it took.
pub async fn timed<F: Future>(query: &'static str, future: F) -> F::Output {
    let started = Instant::now();
    let output = future.await;
    METRICS.queries.get_or_create(&QueryLabels { query }).observe(started.elapsed().as_secs_f64());
    output
}
