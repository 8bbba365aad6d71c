//! The whole table of the pages' routes.

use axum::{Router, middleware};

use super::errors;
use crate::request::{App, AppError};

/// Every page, with errors as pages. A path with or without its last slash is the same (see `cli::serve`).
///
/// GET  `/` home · `/products` list · `/products/{slug}` product · `/cart` · `/checkout` · `/orders` · `/orders/{number}` · `/account` · `/login` · `/register`
/// POST `/cart/items` add · `/cart/items/{id}` set quantity · `/cart/items/{id}/removal` · `/cart/changes/acceptance` · `/checkout` place ·
///      `/orders/{number}/cancellation` · `/account` profile · `/login` · `/register` · `/logout`
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .fallback(async || AppError::not_found())
        .layer(middleware::from_fn_with_state(app.clone(), errors::layer))
}
