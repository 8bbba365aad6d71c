//! The link of a mail: its page, and going on.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use crate::{
    domain::{
        accounts::Owner,
        chat::{Conversation, resumed},
    },
    infra::{clock, database::Db},
    request::{Actor, App, AppError},
    views::{layout::Frame, urls},
    web::{PageFrame, html, redirect},
};

#[derive(Template)]
#[template(path = "chat/resume.html")]
struct ResumePage {
    frame: Frame,
    action: String,
    sign_in: Option<String>,
    is_good: bool,
}

/// `GET /chat/resume/{link}`: changes nothing, since programs that look at mails fetch it too.
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Path(link): Path<String>,
) -> Result<Response, AppError> {
    let Some(found) = find(&app, &link).await? else {
        let page = ResumePage { frame, action: String::new(), sign_in: None, is_good: false };
        return Ok(html(StatusCode::NOT_FOUND, &page));
    };
    let there = format!("/chat?conversation={}", found.token);
    if actor.owner() == Some(found.owner) {
        return Ok(redirect(&there));
    }
    let sign_in = matches!(found.owner, Owner::Customer(_)).then(|| urls::login(&there));
    Ok(html(StatusCode::OK, &ResumePage { frame, action: urls::chat_resume(&link), sign_in, is_good: true }))
}

/// `POST /chat/resume/{link}`: a visitor's conversation is from now on that of this browser.
pub async fn resume(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Path(link): Path<String>,
) -> Result<Response, AppError> {
    let here = urls::chat_resume(&link);
    let Some(found) = find(&app, &link).await? else { return Ok(redirect(&here)) };
    if let Owner::Customer(_) = found.owner
        && actor.owner() != Some(found.owner)
    {
        return Ok(redirect(&here));
    }
    actor.owner_for_writing(&db).await?;
    let speaker = actor.speaker().ok_or_else(AppError::not_found)?;
    app.chat.take_over(&found.token, &speaker).await?;
    Ok(redirect(&format!("/chat?conversation={}", found.token)))
}

async fn find(app: &App, link: &str) -> Result<Option<Conversation>, AppError> {
    let Some(token) = resumed(&app.config.secret_key, link, clock::now()) else { return Ok(None) };
    Ok(app.chat.by_link(&token).await.map(Some)?)
}
