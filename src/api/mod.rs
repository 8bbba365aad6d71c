//! JSON for programs: the same operations as the pages, shapes as CONTRACT.md fixes them.

mod auth;
mod body;
mod cart;
mod checkout;
pub mod errors;
mod products;
mod shapes;

use axum::{
    Router, middleware,
    routing::{any, delete, get, post, put},
};

use crate::request::{App, AppError};

/// Every route under `/api` and `/auth`, with errors as JSON. Paths are without their last slash: the server drops it.
pub fn router() -> Router<App> {
    let unknown = || any(async || AppError::not_found());
    Router::new()
        .route("/auth/register", post(auth::register))
        .route("/auth/login", post(auth::login))
        .route("/auth/logout", post(auth::logout))
        .route("/auth/current-user", get(auth::current_user))
        .route("/auth/update-profile", put(auth::update_profile))
        .route("/auth/{*rest}", unknown())
        .route("/api/products", get(products::list))
        .route("/api/products/{id}", get(products::show))
        .route("/api/cart", get(cart::show))
        .route("/api/cart/add", post(cart::add))
        .route("/api/cart/update/{id}", put(cart::update))
        .route("/api/cart/remove/{id}", delete(cart::remove))
        .route("/api/cart/clear", delete(cart::clear))
        .route("/api/checkout/process", post(checkout::process))
        .route("/api/checkout/orders", get(checkout::list_orders))
        .route("/api/checkout/orders/{id}", get(checkout::show_order))
        .route("/api/checkout/orders/{id}/cancellation", post(checkout::cancel_order))
        .route("/api/checkout/payment-methods", get(checkout::payment_methods))
        .route("/api/{*rest}", unknown())
        .layer(middleware::from_fn(errors::layer))
}
