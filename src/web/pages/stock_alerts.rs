//! Stopping the mails about things that are back: the link in such a mail asks first, since programs that look through mails open links.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};

use crate::{
    domain::alerts,
    infra::database::Db,
    request::{AppError, ErrorKind},
    views::{layout::Frame, urls},
    web::{PageFrame, html},
};

#[derive(Template)]
#[template(path = "products/stop_alerts.html")]
struct StopPage {
    frame: Frame,
    email: String,
    url: String,
    is_done: bool,
}

/// `GET /stock-alerts/{token}/removal`
pub async fn show(db: Db, Path(token): Path<String>, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let email = alerts::address_of(&db, &token).await?.ok_or_else(unknown)?;
    Ok(html(StatusCode::OK, &StopPage::new(frame, email, &token, false)))
}

/// `POST /stock-alerts/{token}/removal`
pub async fn stop(db: Db, Path(token): Path<String>, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let email = alerts::stop(&db, &token).await?.ok_or_else(unknown)?;
    Ok(html(StatusCode::OK, &StopPage::new(frame, email, &token, true)))
}

fn unknown() -> AppError {
    AppError::new(
        ErrorKind::NotFound,
        "unknown_link",
        "This link leads nowhere any more. No email will come because of it.",
    )
}

impl StopPage {
    fn new(frame: Frame, email: String, token: &str, is_done: bool) -> Self {
        // The token acts for whoever has it: no link on the page carries it on.
        let canonical = frame.canonical.split("/stock-alerts").next().unwrap_or_default().to_owned();
        let frame = Frame { page_path: "/".to_owned(), canonical, ..frame };
        Self { frame, email, url: urls::stop_alerts(token), is_done }
    }
}
