//! The shop: one library, one thin binary.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[cfg(all(feature = "drill", not(debug_assertions)))]
compile_error!("the feature `drill` belongs to debug builds alone: it can end the process on purpose");

pub mod api;
pub mod cli;
pub mod config;
pub mod domain;
pub mod infra;
pub mod realtime;
pub mod request;
pub mod types;
pub mod views;
pub mod web;
pub mod worker;

// A request makes and drops a few hundred small things, for which glibc's allocator took a quarter of a server's time.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The shop's migrations, built into the binary.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
