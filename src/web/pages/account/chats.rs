//! What was said in the chat: to take along, or to have removed.

use askama::Template;
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    request::{Actor, App, AppError, SignedInActor},
    views::layout::{Flash, Frame},
    web::{
        PageFrame, flash,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

const CHATS: &str = "/account/chats";

#[derive(Template)]
#[template(path = "account/chats.html")]
struct ChatsPage {
    frame: Frame,
    kept: i64,
    errors: FieldErrors,
}

/// What was ticked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RemovalForm {
    sure: String,
}

/// `GET /account/chats`.
pub async fn show(
    State(app): State<App>,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let kept = app.chat.kept_of(&customer).await?;
    Ok(html(StatusCode::OK, &ChatsPage { frame, kept, errors: FieldErrors::default() }))
}

/// `GET /account/chats.json`: all of it, as a file.
pub async fn export(State(app): State<App>, SignedInActor(customer): SignedInActor) -> Result<Response, AppError> {
    let chats = app.chat.export(&customer).await?;
    let headers = [
        (header::CACHE_CONTROL, "private, no-store"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"chats.json\""),
    ];
    Ok((headers, Json(json!({ "chats": chats }))).into_response())
}

/// `POST /account/chats/removal`.
pub async fn remove(
    State(app): State<App>,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
    Form(form): Form<RemovalForm>,
) -> Result<Response, AppError> {
    if form.sure.is_empty() {
        let mut errors = FieldErrors::default();
        errors.add("sure", "Please tick this first: it cannot be undone");
        let kept = app.chat.kept_of(&customer).await?;
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &ChatsPage { frame, kept, errors }));
    }
    app.chat.erase(&customer).await?;
    flash::leave(actor.cookies(), &Flash::good("Your chats are removed."));
    Ok(redirect(CHATS))
}
