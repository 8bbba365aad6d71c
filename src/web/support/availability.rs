//! The switch in the desk's head: whether an agent is given new conversations.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{
    asked::{Asked, Part},
    desk,
    view::Draft,
};
use crate::{
    request::{Actor, AgentActor, App, AppError},
    views::layout::Flash,
    web::{PageFrame, flash, form::Form, redirect},
};

/// `yes` or `no`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    available: String,
    next: String,
}

/// `POST /support/availability`
pub async fn set(
    State(app): State<App>,
    AgentActor(agent): AgentActor,
    actor: Actor,
    PageFrame(mut frame): PageFrame,
    part: Part,
    Form(wanted): Form<Wanted>,
) -> Result<Response, AppError> {
    // What is wanted and not the other of what is: pressed twice, or in two windows, it is the same.
    let (available, said) = match wanted.available.as_str() {
        "yes" => (true, "You are available. New conversations come to you again."),
        "no" => (false, "You are not available. New conversations go to colleagues; what you have stays yours."),
        _ => return Err(AppError::bad_request("bad_availability", "An agent is available or not.")),
    };
    app.chat.set_available(&agent, available).await?;
    let (asked, said) = (Asked::of_query(&wanted.next), Flash::good(said));
    if part == Part::Page {
        flash::leave(actor.cookies(), &said);
        return Ok(redirect(&asked.url()));
    }
    frame.flash = Some(said);
    desk(&app, &agent, frame, Part::Desk, asked, Draft::default(), StatusCode::OK).await
}
