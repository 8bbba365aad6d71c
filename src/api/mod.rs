//! JSON for programs: the same operations as the pages, shapes as CONTRACT.md fixes them.

// What `#[utoipa::path]` expands to names the parameters' types by more of their path than is needed.
#![allow(unused_qualifications)]

mod auth;
mod body;
mod cart;
mod checkout;
mod doc;
pub mod errors;
mod product_writes;
mod products;
mod shapes;
mod wishlist;

use axum::{Router, routing::any};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use doc::{Document, document};

use crate::request::{App, AppError};

/// Every route under `/api` and `/auth`; [`errors::layer`] goes around it. Paths are without their last slash: the server drops it.
pub fn router() -> Router<App> {
    described().split_for_parts().0
}

// A handler's path and method stand in its `#[utoipa::path]`; `routes!` takes them from there, for the router and the document at once.
// Handlers of one path stand in one `routes!`.
fn described() -> OpenApiRouter<App> {
    let unknown = || any(async || AppError::not_found());
    OpenApiRouter::with_openapi(doc::Base::openapi())
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::current_user))
        .routes(routes!(auth::update_profile))
        .route("/auth/{*rest}", unknown())
        .routes(routes!(products::list))
        .routes(routes!(products::categories))
        .routes(routes!(product_writes::create))
        .routes(routes!(products::show, product_writes::update, product_writes::archive))
        .routes(routes!(cart::show))
        .routes(routes!(cart::add))
        .routes(routes!(cart::update))
        .routes(routes!(cart::remove))
        .routes(routes!(cart::clear))
        .routes(routes!(wishlist::show))
        .routes(routes!(wishlist::add))
        .routes(routes!(wishlist::remove))
        .routes(routes!(wishlist::clear))
        .routes(routes!(checkout::process))
        .routes(routes!(checkout::list_orders))
        .routes(routes!(checkout::show_order))
        .routes(routes!(checkout::cancel_order))
        .routes(routes!(checkout::payment_methods))
        .routes(routes!(doc::show))
        .route("/api/{*rest}", unknown())
}
