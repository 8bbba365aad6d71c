//! Wrappers of one library each; nothing here knows of shops.

pub mod clock;
pub mod database;
pub mod drill;
pub mod jobs;
pub mod metrics;
pub mod passwords;
pub mod schema;
pub mod tokens;
