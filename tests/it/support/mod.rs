//! What every test stands on: a database of its own, made from a migrated template, and a whole shop on it.

pub mod browser;
pub mod catalogue;
pub mod contract;
pub mod database;
pub mod goods;
pub mod placing;
pub mod postbox;
pub mod proxy;
pub mod sales;
pub mod shop;
pub mod sockets;
pub mod statements;
pub mod talk;

pub use browser::{Answer, Browser};
pub use database::TestDb;
pub use proxy::Proxy;
pub use shop::TestShop;
