//! One file a page: its struct, its handler, its form.

pub mod account;
mod address_fields;
pub mod admin;
pub mod answers;
pub mod api_docs;
pub mod cart;
pub mod checkout;
pub mod contact;
pub mod figures;
pub mod help;
pub mod home;
pub mod orders;
pub mod product;
pub mod products;
pub mod register;
pub mod sign_in;
pub mod sitemap;
pub mod stock_alerts;
pub mod wishlist;
