//! Operations of the domain on a real PostgreSQL, with the rights of the application.

mod accounts;
mod cart;
mod catalog;
mod checkout;
mod indexes;
mod inventory;
mod listings;
mod orders;
mod payments;
mod search;
mod sign_in;
