//! The thanks for a message or a call asked for.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::{
    domain::contact,
    request::{App, AppError},
    views::layout::Frame,
    web::{PageFrame, html, redirect},
};

#[derive(Template)]
#[template(path = "contact/thanks.html")]
struct ThanksPage {
    frame: Frame,
    reference: String,
    call: Option<Call>,
}

struct Call {
    day: String,
    from: String,
    until: String,
}

/// What the address says: a reference, and of a call when it comes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Thanks {
    message: String,
    call: String,
    at: String,
}

/// Where a message leads.
pub(super) fn of_message(reference: &str) -> String {
    format!("/contact/thanks?message={reference}")
}

/// Where a call that was noted leads.
pub(super) fn of_call(reference: &str, starts_at: OffsetDateTime) -> String {
    format!("/contact/thanks?call={reference}&at={}", starts_at.unix_timestamp())
}

/// `GET /contact/thanks`. It asks nothing of the database, and says nothing that its address does not say already.
pub async fn show(
    State(app): State<App>,
    PageFrame(frame): PageFrame,
    Query(thanks): Query<Thanks>,
) -> Result<Response, AppError> {
    let page = if contact::is_reference(&thanks.message) {
        ThanksPage { frame, reference: thanks.message, call: None }
    } else if let (true, Some(call)) = (contact::is_reference(&thanks.call), call(&app, &thanks.at)) {
        ThanksPage { frame, reference: thanks.call, call: Some(call) }
    } else {
        return Ok(redirect("/contact"));
    };
    Ok(html(StatusCode::OK, &page))
}

fn call(app: &App, at: &str) -> Option<Call> {
    let starts_at = OffsetDateTime::from_unix_timestamp(at.parse().ok()?).ok()?;
    let ends_at = starts_at.checked_add(app.config.contact.call_back.slot)?;
    // The ends of the calendar are no times of a call, and have no zone.
    let plausible = (2000..3000).contains(&starts_at.year());
    let (locale, zone) = (&app.config.shop.locale, app.config.contact.hours.zone());
    plausible.then(|| Call {
        day: locale.day(zone.local(starts_at).date()),
        from: locale.time(starts_at),
        until: locale.time(ends_at),
    })
}
