//! Where an account is signed in, and signing out from afar.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use time::OffsetDateTime;

use crate::{
    domain::accounts::{self, OpenSession},
    infra::database::Db,
    request::{Actor, AppError, SignedInActor},
    types::SessionId,
    views::{
        devices, filters,
        layout::{Flash, Frame},
    },
    web::{PageFrame, flash, html, redirect},
};

const SESSIONS: &str = "/account/sessions";

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    frame: Frame,
    devices: Vec<DeviceCard>,
}

/// A sign-in, in words.
struct DeviceCard {
    id: String,
    name: String,
    icon: &'static str,
    ip: String,
    is_current: bool,
    opened_at: OffsetDateTime,
    last_seen_at: OffsetDateTime,
}

impl DeviceCard {
    fn of(session: OpenSession) -> Self {
        let device = devices::name(&session.user_agent);
        Self {
            id: session.id.0.to_string(),
            name: device.words,
            icon: if device.is_mobile { "phone" } else { "laptop" },
            ip: session.ip,
            is_current: session.is_current,
            opened_at: session.opened_at,
            last_seen_at: session.last_seen_at,
        }
    }
}

/// `GET /account/sessions`.
pub async fn show(
    db: Db,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let devices = accounts::open_sessions(&db, &customer).await?.into_iter().map(DeviceCard::of).collect();
    Ok(html(StatusCode::OK, &SessionsPage { frame, devices }))
}

/// `POST /account/sessions/{id}/removal`: signs a device out; this one too, if it is named.
pub async fn end(
    db: Db,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    Path(session): Path<String>,
) -> Result<Response, AppError> {
    let session = SessionId(session.parse().map_err(|_| AppError::not_found())?);
    if session == customer.session() {
        actor.sign_out(&db).await?;
        flash::leave(actor.cookies(), &Flash::good("You are signed out."));
        return Ok(redirect("/"));
    }
    let user_agent = accounts::end_session_of(&db, &customer, session).await?.ok_or_else(AppError::not_found)?;
    let text = format!("{} is signed out.", devices::name(&user_agent).words);
    flash::leave(actor.cookies(), &Flash::good(text));
    Ok(redirect(SESSIONS))
}

/// `POST /account/sessions/others/removal`: signs every other device out.
pub async fn end_others(db: Db, actor: Actor, SignedInActor(customer): SignedInActor) -> Result<Response, AppError> {
    let text = match accounts::end_other_sessions(&db, &customer).await? {
        0 => "You are signed in on this device only.".to_owned(),
        1 => "The other device is signed out.".to_owned(),
        more => format!("The other {more} devices are signed out."),
    };
    flash::leave(actor.cookies(), &Flash::good(text));
    Ok(redirect(SESSIONS))
}
