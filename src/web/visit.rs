//! What a handler of a page that is somebody's wants to know of its request, in one.

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};

use super::{Hx, PageFrame, flash, redirect};
use crate::{
    infra::database::Db,
    request::{Actor, App, AppError},
    views::layout::{Flash, Frame},
};

/// Who asks, and the frame of the page that they get.
#[derive(Clone, Debug)]
pub struct Visit {
    /// What handlers share.
    pub app: App,
    /// The database.
    pub db: Db,
    /// Who asks.
    pub actor: Actor,
    /// The page's frame, for them.
    pub frame: Frame,
    /// Whether they get the whole page.
    pub hx: Hx,
}

impl FromRequestParts<App> for Visit {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let actor = Actor::from_request_parts(parts, app).await?;
        let Ok(db) = Db::from_request_parts(parts, app).await;
        let PageFrame(frame) = PageFrame::from_request_parts(parts, app).await?;
        let Ok(hx) = Hx::from_request_parts(parts, app).await;
        Ok(Self { app: app.clone(), db, actor, frame, hx })
    }
}

impl Visit {
    /// After something was done: leads to the page at `path`, which says the message. `None` for htmx, which is to be answered with that
    /// page as it is now; its frame says the message.
    pub fn led_to(&mut self, path: &str, message: Option<Flash>) -> Option<Response> {
        if self.hx.wants_fragment {
            self.frame.flash = message;
            return None;
        }
        if let Some(message) = &message {
            flash::leave(self.actor.cookies(), message);
        }
        Some(redirect(path))
    }
}
