//! Fills the frame of a page for the request that asks for it.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::flash;
use crate::{
    domain::wishlist,
    request::{Actor, App, AppError},
    views::{
        layout::{Frame, PersonBadge},
        urls,
    },
};

/// The frame as an extractor. Take it in handlers that render a page.
#[derive(Clone, Debug)]
pub struct PageFrame(pub Frame);

impl FromRequestParts<App> for PageFrame {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let mut frame = bare(app, parts.uri.path_and_query().map_or("/", |path| path.as_str()), request_id(parts));
        let badges = wishlist::badges(&app.db, actor.owner()).await?;
        frame.cart_count = u32::try_from(badges.cart).unwrap_or(u32::MAX);
        frame.wished = badges.wished;
        frame.categories = app.shelf().tree().await?;
        frame.person = actor.customer().map(|customer| {
            let user = customer.user();
            let is_agent = customer.as_agent().is_some();
            PersonBadge { name: user.display_name().to_owned(), email: user.email.clone(), is_agent }
        });
        frame.flash = flash::take(actor.cookies());
        Ok(Self(frame))
    }
}

/// A frame that asks nothing of the database, for error pages: it must be there when nothing else is.
#[must_use]
pub fn bare(app: &App, page_path: &str, request_id: String) -> Frame {
    let config = &app.config;
    let path = page_path.split('?').next().unwrap_or("/");
    Frame {
        shop_name: config.shop.name.clone(),
        server_name: config.server.name.clone(),
        locale: config.shop.locale,
        assets: app.assets.clone(),
        asset_base: config.public.asset_base.clone(),
        page_path: page_path.to_owned(),
        canonical: urls::absolute(&config.public.url, path),
        search: String::new(),
        cart_count: 0,
        wished: Vec::new(),
        person: None,
        categories: Arc::default(),
        free_shipping_from: Some(config.shop.locale.money(config.shop.free_shipping_from)),
        contact: app.help.card(),
        prices_include_tax: config.shop.prices_include_tax,
        flash: None,
        request_id,
    }
}

fn request_id(parts: &Parts) -> String {
    parts.headers.get("x-request-id").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
