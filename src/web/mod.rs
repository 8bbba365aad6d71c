//! The pages: HTML for browsers, whole or as the fragment that htmx asked for.

pub mod errors;
pub mod files;
pub mod flash;
pub mod form;
mod frame;
pub mod pages;
mod render;
pub mod routes;
pub mod security;
pub mod support;
mod visit;

pub use frame::PageFrame;
pub use render::{Hx, html, redirect, too_many, too_much_was_said};
pub use visit::Visit;

pub use crate::request::keepable;
