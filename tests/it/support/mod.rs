//! What every test stands on: a database of its own, made from a migrated template.

pub mod database;
pub mod goods;
pub mod postbox;
pub mod sales;
pub mod shop;

pub use database::TestDb;
