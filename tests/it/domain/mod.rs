//! Operations of the domain on a real PostgreSQL, with the rights of the application.

mod accounts;
mod address_book;
mod alerts;
mod cart;
mod catalog;
mod checkout;
mod inventory;
mod orders;
mod password_change;
mod payments;
mod sign_in;
