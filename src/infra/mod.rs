//! Wrappers of one library each; nothing here knows of shops.

pub mod changes;
pub mod clock;
pub mod compress;
pub mod database;
pub mod drill;
pub mod jobs;
mod json_line;
pub mod kept;
pub mod listener;
pub mod live;
pub mod mail;
pub mod media;
pub mod metrics;
pub mod metrics_page;
pub mod passwords;
pub mod pdf;
pub mod pictures;
pub mod rate_limit;
pub mod redis;
pub mod schema;
pub mod service_manager;
pub mod shutdown;
pub mod telemetry;
pub mod text_folder;
pub mod tls;
pub mod tokens;
