//! Operations of the domain on a real PostgreSQL, with the rights of the application.

mod cart;
mod catalog;
mod checkout;
mod inventory;
mod orders;
mod payments;
