//! Help: the owner's texts, and what leads to them.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};

use crate::{
    request::{App, AppError},
    views::{
        help::{HelpPage, HelpTopic},
        layout::Frame,
    },
    web::{PageFrame, html},
};

#[derive(Template)]
#[template(path = "help/show.html")]
struct HelpView {
    frame: Frame,
    topic: HelpTopic,
    page: Arc<HelpPage>,
}

#[derive(Template)]
#[template(path = "help/index.html")]
struct HelpIndex {
    frame: Frame,
    pages: Vec<(HelpTopic, Arc<HelpPage>)>,
}

/// `GET /shipping`, `/returns`, `/privacy`, `/terms`, `/about`.
pub async fn show(State(app): State<App>, uri: Uri, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let topic = HelpTopic::ALL.into_iter().find(|topic| topic.path() == uri.path()).ok_or_else(AppError::not_found)?;
    Ok(html(StatusCode::OK, &HelpView { frame, topic, page: app.help.page(topic) }))
}

/// `GET /help`.
pub async fn index(State(app): State<App>, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let pages = HelpTopic::ALL.into_iter().map(|topic| (topic, app.help.page(topic))).collect();
    Ok(html(StatusCode::OK, &HelpIndex { frame, pages }))
}
