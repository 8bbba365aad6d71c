//! Reaching the shop: a message, its telephone, its address.

pub mod call_back;
mod form;
mod thanks;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};
use form::{LABELS, MessageForm, TOPICS, Unread};
use serde::Deserialize;
pub use thanks::show as thank;

use crate::{
    domain::contact,
    infra::{clock, database::Db},
    request::{Actor, App, AppError, ErrorKind, Limit, check_limit},
    views::{contact_card, layout::Frame},
    web::{
        PageFrame,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

#[derive(Template)]
#[template(path = "contact/show.html")]
struct ContactPage {
    frame: Frame,
    typed: MessageForm,
    errors: FieldErrors,
    notice: String,
    is_open: bool,
    open_now: String,
}

/// What a link may fill in: `/contact?topic=order&order=7K2M-…`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Prefill {
    topic: String,
    order: String,
}

/// `GET /contact`.
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Query(prefill): Query<Prefill>,
) -> Result<Response, AppError> {
    let typed =
        MessageForm::prefilled(actor.customer().map(|customer| customer.user()), &prefill.topic, &prefill.order);
    Ok(html(StatusCode::OK, &page(&app, frame, typed, FieldErrors::default(), String::new())))
}

/// `POST /contact`.
pub async fn send(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Form(typed): Form<MessageForm>,
) -> Result<Response, AppError> {
    if let Err(error) = check_limit(&app, &actor, Limit::Contact).await {
        let (seconds, notice) = too_many(error)?;
        let page = page(&app, frame, typed, FieldErrors::default(), notice);
        return Ok(later(html(StatusCode::TOO_MANY_REQUESTS, &page), seconds));
    }
    if typed.is_from_a_machine() {
        // The same thanks as for everyone, so that it learns nothing.
        return Ok(redirect(&thanks::of_message(&contact::reference(rand::random()))));
    }
    match typed.read() {
        Ok(message) => {
            let reference = contact::send_message(&db, actor.customer(), message).await?;
            Ok(redirect(&thanks::of_message(&reference)))
        }
        Err(Unread::Fields(errors)) => {
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page(&app, frame, typed, errors, String::new())))
        }
        Err(Unread::Hidden) => {
            let page = page(&app, frame, typed.renewed(), FieldErrors::default(), OUT_OF_DATE.to_owned());
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

const OUT_OF_DATE: &str = "This form was out of date. Nothing was sent yet: please send it once more.";

fn page(app: &App, frame: Frame, typed: MessageForm, errors: FieldErrors, notice: String) -> ContactPage {
    let contact = &app.config.contact;
    let (is_open, open_now) = contact_card::open_now(&contact.hours, &frame.locale, clock::now());
    ContactPage { frame, typed, errors, notice, is_open, open_now }
}

// Someone who wrote for ten minutes gets the form back with what they wrote, and no page that says no.
fn too_many(error: AppError) -> Result<(u32, String), AppError> {
    match (error.kind, error.retry_after) {
        (ErrorKind::TooMany, Some(seconds)) => {
            let wait = if seconds > 1 { format!("{seconds} seconds") } else { "a second".to_owned() };
            let text = format!("That was a lot in a short time. Nothing was sent yet: please send it again in {wait}.");
            Ok((seconds, text))
        }
        _ => Err(error),
    }
}

fn later(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}
