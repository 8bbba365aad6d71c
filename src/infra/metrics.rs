//! What is counted and timed, in Prometheus' terms. One registry a process.

use std::{future::Future, sync::LazyLock, time::Instant};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
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

/// A look into something that is kept in memory.
#[derive(Clone, Hash, PartialEq, Eq, Debug, EncodeLabelSet)]
pub struct KeptLabels {
    /// What is kept: `pages`, `lists`.
    pub kept: &'static str,
    /// `hit` or `miss`.
    pub outcome: &'static str,
}

/// Something in the chat: a message by its side, a refusal by its code.
#[derive(Clone, Hash, PartialEq, Eq, Debug, EncodeLabelSet)]
pub struct ChatLabels {
    /// `said`, `refused`, `caught_up`, …
    pub what: &'static str,
    /// The side, or the code.
    pub detail: &'static str,
}

/// A request by its route and method.
#[derive(Clone, Hash, PartialEq, Eq, Debug, EncodeLabelSet)]
pub struct RouteLabels {
    /// The route's template: `/products/{slug}`.
    pub route: String,
    /// The method.
    pub method: &'static str,
}

/// A request by its route, method and status.
#[derive(Clone, Hash, PartialEq, Eq, Debug, EncodeLabelSet)]
pub struct RequestLabels {
    /// The route's template: `/products/{slug}`.
    pub route: String,
    /// The method.
    pub method: &'static str,
    /// The status it was answered with.
    pub status: u16,
}

/// Every family of the process.
pub struct Metrics {
    /// Seconds a query took, by its name.
    pub queries: Family<QueryLabels, Histogram>,
    /// Attempts to place an order, by how they ended.
    pub orders: Family<OrderLabels, Counter>,
    /// Runs of background jobs, by task and how they ended.
    pub jobs: Family<JobLabels, Counter>,
    /// Looks into what is kept in memory, by what it is and whether it was there.
    pub kept: Family<KeptLabels, Counter>,
    /// Requests, by route, method and status.
    pub requests: Family<RequestLabels, Counter>,
    /// Seconds a request took, by route and method.
    pub request_seconds: Family<RouteLabels, Histogram>,
    /// Requests that are being answered now.
    pub requests_in_flight: Gauge,
    /// What happens in the chat.
    pub chat: Family<ChatLabels, Counter>,
    /// Customers who wait for an answer, as of the last tick.
    pub chat_waiting: Gauge,
    /// Agents who are there and take conversations, as of the last tick.
    pub chat_agents: Gauge,
    /// Sockets that are open here.
    pub sockets: Gauge,
    /// Events nobody could be told of at once, since too many waited; they are found in the database.
    pub live_dropped: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let buckets = || Histogram::new(exponential_buckets(0.000_25, 2.0, 14));
        Self {
            queries: Family::new_with_constructor(buckets),
            orders: Family::default(),
            jobs: Family::default(),
            kept: Family::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(buckets),
            requests_in_flight: Gauge::default(),
            chat: Family::default(),
            chat_waiting: Gauge::default(),
            chat_agents: Gauge::default(),
            sockets: Gauge::default(),
            live_dropped: Counter::default(),
        }
    }
}

impl Metrics {
    /// Enters every family into a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("db_query_duration_seconds", "Seconds a query took", self.queries.clone());
        registry.register("orders", "Attempts to place an order, by outcome", self.orders.clone());
        registry.register("jobs", "Runs of background jobs, by task and outcome", self.jobs.clone());
        let kept = self.kept.clone();
        registry.register("kept_lookups", "Looks into what is kept in memory, by what it is and outcome", kept);
        registry.register("http_requests", "Requests by route, method and status", self.requests.clone());
        let seconds = self.request_seconds.clone();
        registry.register("http_request_duration_seconds", "Seconds until a request was answered", seconds);
        let in_flight = self.requests_in_flight.clone();
        registry.register("http_requests_in_flight", "Requests that are being answered now", in_flight);
        registry.register("chat_events", "Messages, refusals and catch-ups of the chat", self.chat.clone());
        registry.register("chat_waiting", "Customers who wait for an answer", self.chat_waiting.clone());
        registry.register("chat_agents_there", "Agents who take conversations now", self.chat_agents.clone());
        registry.register("sockets_open", "Sockets that are open on this server", self.sockets.clone());
        let dropped = self.live_dropped.clone();
        registry.register("live_dropped", "Events that were left to be found in the database", dropped);
    }

    /// Counts an attempt to place an order.
    pub fn count_order(&self, outcome: &'static str) {
        self.orders.get_or_create(&OrderLabels { outcome }).inc();
    }

    /// Counts a run of a background job.
    pub fn count_job(&self, task: &'static str, outcome: &'static str) {
        self.jobs.get_or_create(&JobLabels { task, outcome }).inc();
    }

    /// Counts something in the chat.
    pub fn count_chat(&self, what: &'static str, detail: &'static str) {
        self.chat.get_or_create(&ChatLabels { what, detail }).inc();
    }

    /// Counts something in the chat that happened several times at once.
    pub fn count_chat_by(&self, what: &'static str, detail: &'static str, times: usize) {
        self.chat.get_or_create(&ChatLabels { what, detail }).inc_by(u64::try_from(times).unwrap_or(u64::MAX));
    }

    /// Counts an event that nobody could be told of.
    pub fn count_live_dropped(&self) {
        self.live_dropped.inc();
    }

    /// Counts a look into something that is kept in memory.
    pub fn count_kept(&self, kept: &'static str, found: bool) {
        let outcome = if found { "hit" } else { "miss" };
        self.kept.get_or_create(&KeptLabels { kept, outcome }).inc();
    }
}

/// A request that is being answered; counted as such until it is dropped, however it ends.
#[derive(Debug)]
pub struct RequestInFlight(());

impl RequestInFlight {
    /// Counts one more.
    #[must_use]
    pub fn enter() -> Self {
        METRICS.requests_in_flight.inc();
        Self(())
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        METRICS.requests_in_flight.dec();
    }
}

/// Runs a query under its name, so that `/metrics` shows how often it ran and how long it took.
pub async fn timed<F: Future>(query: &'static str, future: F) -> F::Output {
    let started = Instant::now();
    let output = future.await;
    METRICS.queries.get_or_create(&QueryLabels { query }).observe(started.elapsed().as_secs_f64());
    output
}
