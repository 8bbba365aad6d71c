//! What the shop does, free of HTTP. Each noun: `mod.rs` with its public types and operations, `sql.rs` with its queries (private:
//! nothing else writes its tables), `rules.rs` with what is pure, `jobs.rs` with payloads of its background jobs.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod cart;
pub mod catalog;
pub mod chat;
pub mod checkout;
pub mod contact;
pub mod inventory;
pub mod orders;
pub mod payments;
pub mod sign_in;
pub mod wishlist;
