//! The whole table of the pages' routes.

use axum::{
    Router, middleware,
    routing::{get, post},
};

use super::{
    errors,
    pages::{cart, home, product, products},
};
use crate::request::{App, AppError};

/// Every page, with errors as pages. A path with or without its last slash is the same (see `cli::serve`).
///
/// GET  `/` home · `/products` list · `/products/{slug}` product · `/cart` · `/checkout` · `/orders` · `/orders/{number}` · `/account` · `/login` · `/register`
/// POST `/cart/items` add · `/cart/items/{id}` set quantity · `/cart/items/{id}/removal` · `/cart/changes/acceptance` · `/checkout` place ·
///      `/orders/{number}/cancellation` · `/account` profile · `/login` · `/register` · `/logout`
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/products", get(products::show))
        .route("/products/{slug}", get(product::show))
        .route("/cart", get(cart::show))
        .route("/cart/items", post(cart::add))
        .route("/cart/items/{id}", post(cart::set_quantity))
        .route("/cart/items/{id}/removal", post(cart::remove))
        .route("/cart/changes/acceptance", post(cart::accept_changes))
        .fallback(async || AppError::not_found())
        .layer(middleware::from_fn_with_state(app.clone(), errors::layer))
}
