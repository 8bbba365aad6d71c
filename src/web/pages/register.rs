//! Making an account, which also signs in.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    address_fields::LABELS,
    sign_in::{self as pages, Next},
};
use crate::{
    domain::{
        accounts::{AccountError, Registration},
        sign_in,
    },
    infra::database::Db,
    request::{Actor, App, AppError, Limit, check_limit},
    types::{Password, line_or_empty},
    views::layout::Frame,
    web::{
        PageFrame,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

#[derive(Template)]
#[template(path = "sign_in/register.html")]
struct RegisterPage {
    frame: Frame,
    typed: RegisterForm,
    next: String,
    errors: FieldErrors,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    username: String,
    email: String,
    full_name: String,
    password: SecretString,
    next: String,
}

impl RegisterForm {
    fn read(&self, errors: &mut FieldErrors) -> Option<Registration> {
        let username = errors.check("username", self.username.parse());
        let email = errors.check("email", self.email.parse());
        let full_name = errors.check("full_name", line_or_empty(&self.full_name, 120));
        let password = errors.check("password", Password::chosen(self.password.expose_secret().to_owned()));
        Some(Registration {
            username: username?,
            email: email?,
            password: password?,
            full_name: full_name?,
            phone: None,
            address: None,
        })
    }
}

/// `GET /register`.
pub async fn show(actor: Actor, PageFrame(frame): PageFrame, Query(next): Query<Next>) -> Result<Response, AppError> {
    let next = next.local();
    if actor.customer().is_some() {
        return Ok(redirect(&next));
    }
    let page = RegisterPage { frame, typed: RegisterForm::default(), next, errors: FieldErrors::default() };
    Ok(html(StatusCode::OK, &page))
}

/// `POST /register`.
pub async fn enter(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Form(form): Form<RegisterForm>,
) -> Result<Response, AppError> {
    check_limit(&app, &actor, Limit::Register).await?;
    let mut errors = FieldErrors::default();
    if let Some(registration) = form.read(&mut errors) {
        actor.require_session_store().await?;
        match sign_in::register(&db, &app.hasher, registration, actor.device(), actor.visitor()).await {
            Ok(signed_in) => return pages::welcome(&db, &actor, &signed_in, false, "Welcome", &form.next).await,
            Err(AccountError::UsernameTaken) => errors.add("username", "This user name is taken"),
            Err(AccountError::EmailTaken) => errors.add("email", "There is an account with this email address already"),
            Err(other) => return Err(other.into()),
        }
    }
    let page = RegisterPage { frame, next: pages::local(&form.next), typed: form, errors };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}
