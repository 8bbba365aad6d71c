//! Stopping the mails of the chat, and allowing them again. The link asks first, since programs that look through mails open links.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use crate::{
    domain::chat::stop_address,
    infra::clock,
    request::{App, AppError, ErrorKind},
    types::Email,
    views::{layout::Frame, urls},
    web::{PageFrame, form::Form, html, redirect},
};

#[derive(Template)]
#[template(path = "chat/stop_mails.html")]
struct StopPage {
    frame: Frame,
    email: String,
    url: String,
    is_stopped: bool,
}

/// `yes`: mails again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    allow: String,
}

/// `GET /chat/mails/{token}`
pub async fn show(
    State(app): State<App>,
    Path(link): Path<String>,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let email = address(&app, &link)?;
    let is_stopped = !app.chat.takes_mails(&email).await?;
    // The link acts for whoever has it: nothing on the page carries it on.
    let canonical = frame.canonical.split("/chat/mails").next().unwrap_or_default().to_owned();
    let frame = Frame { page_path: "/".to_owned(), canonical, ..frame };
    let page = StopPage { frame, email: email.to_string(), url: urls::stop_chat_mails(&link), is_stopped };
    Ok(html(StatusCode::OK, &page))
}

/// `POST /chat/mails/{token}`
pub async fn switch(
    State(app): State<App>,
    Path(link): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, AppError> {
    let email = address(&app, &link)?;
    match wanted.allow.as_str() {
        "yes" => app.chat.allow_mails(&email).await?,
        _ => app.chat.stop_mails(&email).await?,
    }
    Ok(redirect(&urls::stop_chat_mails(&link)))
}

fn address(app: &App, link: &str) -> Result<Email, AppError> {
    stop_address(&app.config.secret_key, link, clock::now()).ok_or_else(|| {
        let message = "This link leads nowhere any more. Every email from the chat has one of its own.";
        AppError::new(ErrorKind::NotFound, "unknown_link", message)
    })
}
