//! One file a page: the page struct, its handlers, its form.

pub mod account;
mod address_fields;
pub mod checkout;

pub mod orders;
pub mod register;
pub mod sign_in;
