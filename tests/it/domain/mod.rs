//! Operations of the domain on a real PostgreSQL, with the rights of the application.

mod accounts;
mod cart;
mod catalog;
mod checkout;
mod inventory;
mod orders;
mod payments;
mod sign_in;
mod wishlist;
