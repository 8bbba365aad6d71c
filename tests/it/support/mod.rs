//! What every test stands on: a database of its own, made from a migrated template.

pub mod database;

pub use database::TestDb;
