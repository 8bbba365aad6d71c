//! One file a page: its struct, its handler, its form.

pub mod cart;
pub mod home;
pub mod product;
pub mod products;
