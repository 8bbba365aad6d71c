//! The end of a conversation: ending it, rating it, having it sent.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{Screen, again};
use crate::{
    domain::chat::{ChatError, Conversation, Rating, Side, Speaker},
    request::{Actor, App, AppError, Limit, check_limit},
    types::{ConversationToken, Email},
    views::layout::{Flash, Frame},
    web::{Hx, PageFrame, flash, form::Form, redirect},
};

/// How it was.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RatingForm {
    stars: String,
    comment: String,
}

/// Where a transcript goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TranscriptForm {
    email: String,
}

/// `POST /chat/{token}/end`.
pub async fn end(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    hx: Hx,
    Path(token): Path<String>,
) -> Result<Response, AppError> {
    let (speaker, conversation) = own(&app, &actor, &token).await?;
    app.chat.end(&speaker, &conversation.token).await?;
    let screen = Screen { good: "You have ended this conversation.".to_owned(), ..Screen::default() };
    done(&app, &actor, frame, hx, &conversation, screen).await
}

/// `POST /chat/{token}/rating`.
pub async fn rate(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    hx: Hx,
    Path(token): Path<String>,
    Form(typed): Form<RatingForm>,
) -> Result<Response, AppError> {
    let (speaker, conversation) = own(&app, &actor, &token).await?;
    let mut screen = Screen::default();
    let Some(rating) = typed.stars.parse().ok().and_then(|stars| Rating::new(stars, &typed.comment)) else {
        screen.errors.add("chat-stars", "Please choose one to five stars");
        return refused(&app, &actor, frame, hx, &conversation, screen).await;
    };
    match app.chat.rate(&speaker, &conversation.token, &rating).await {
        Ok(_) => {
            screen.good = "Thank you for telling us.".to_owned();
            done(&app, &actor, frame, hx, &conversation, screen).await
        }
        Err(ChatError::Unknown) => {
            screen.notice = "A conversation can be rated once it is over.".to_owned();
            refused(&app, &actor, frame, hx, &conversation, screen).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /chat/{token}/transcript`. An address given here is also where answers go from now on.
pub async fn transcript(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    hx: Hx,
    Path(token): Path<String>,
    Form(typed): Form<TranscriptForm>,
) -> Result<Response, AppError> {
    let (speaker, conversation) = own(&app, &actor, &token).await?;
    check_limit(&app, &actor, Limit::Contact).await?;
    let mut screen = Screen::default();
    screen.typed.email.clone_from(&typed.email);
    let known = app.chat.mail_address(&conversation).await?;
    // An account's mails go to its own address, whatever is typed.
    if actor.customer().is_none() && (known.is_none() || !typed.email.trim().is_empty()) {
        let problem = match typed.email.trim().parse::<Email>() {
            Ok(email) => match app.chat.answer_to(&speaker, &conversation.token, &email).await {
                Ok(()) => None,
                Err(error @ ChatError::MailsStopped) => Some(error.to_string()),
                Err(error) => return Err(error.into()),
            },
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = problem {
            screen.errors.add("chat-email", problem);
            return refused(&app, &actor, frame, hx, &conversation, screen).await;
        }
    }
    match app.chat.send_transcript(&speaker, &conversation.token).await {
        Ok(email) => {
            screen.typed.email.clear();
            screen.good = format!("The conversation is on its way to {email}.");
            done(&app, &actor, frame, hx, &conversation, screen).await
        }
        Err(error @ (ChatError::MailsStopped | ChatError::NotAnswered | ChatError::TooManyMails)) => {
            screen.notice = error.to_string();
            refused(&app, &actor, frame, hx, &conversation, screen).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn own(app: &App, actor: &Actor, token: &str) -> Result<(Speaker, Conversation), AppError> {
    let token = ConversationToken::parse(token).ok_or(ChatError::Unknown)?;
    let speaker = actor.speaker().ok_or(ChatError::Unknown)?;
    match app.chat.find(&speaker, &token).await? {
        (conversation, Side::Customer) => Ok((speaker, conversation)),
        (_, Side::Support) => Err(ChatError::Unknown.into()),
    }
}

async fn done(
    app: &App,
    actor: &Actor,
    frame: Frame,
    hx: Hx,
    conversation: &Conversation,
    mut screen: Screen,
) -> Result<Response, AppError> {
    if !hx.wants_fragment {
        flash::leave(actor.cookies(), &Flash::good(screen.good));
        return Ok(redirect(&format!("/chat?conversation={}", conversation.token)));
    }
    screen.typed.conversation = conversation.token.to_string();
    again(app, actor, frame, hx, screen, StatusCode::OK).await
}

async fn refused(
    app: &App,
    actor: &Actor,
    frame: Frame,
    hx: Hx,
    conversation: &Conversation,
    mut screen: Screen,
) -> Result<Response, AppError> {
    screen.typed.conversation = conversation.token.to_string();
    again(app, actor, frame, hx, screen, StatusCode::UNPROCESSABLE_ENTITY).await
}
