//! One integration binary: operations on a real PostgreSQL, pages and API through the router, jobs through a real worker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod api;
mod architecture;
mod domain;
mod migrations;
mod realtime;
mod seed;
mod server;
mod support;
mod web;
mod worker;
