//! Operations of the domain on a real PostgreSQL, with the rights of the application.

mod accounts;
mod address_book;
mod alerts;
mod cart;
mod catalog;
mod chat;
mod chat_rules;
mod chat_together;
mod checkout;
mod contact;
mod counts;
mod desk;
mod indexes;
mod inventory;
mod listings;
mod lists;
mod orders;
mod password_change;
mod payments;
mod search;
mod sign_in;
mod wishlist;
