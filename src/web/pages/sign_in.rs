//! Signing in and out.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::address_fields::LABELS;
use crate::{
    domain::{
        accounts::{self, SignInError},
        sign_in::{self, Credentials, SignedIn},
    },
    infra::database::Db,
    request::{Actor, App, AppError, check_sign_in_limit},
    types::Password,
    views::{
        layout::{Flash, FlashAction, Frame},
        urls,
    },
    web::{
        PageFrame, flash,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

/// Where people land who asked for no other page.
const HOME_OF_PEOPLE: &str = "/account";

#[derive(Template)]
#[template(path = "sign_in/show.html")]
struct SignInPage {
    frame: Frame,
    login: String,
    remember: bool,
    next: String,
    errors: FieldErrors,
    is_wrong: bool,
}

/// The page to come back to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Next {
    next: String,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    login: String,
    password: SecretString,
    remember: String,
    next: String,
}

impl Next {
    /// The page to come back to, if it is one of this shop.
    pub(super) fn local(&self) -> String {
        local(&self.next)
    }
}

/// `GET /login`.
pub async fn show(actor: Actor, PageFrame(frame): PageFrame, Query(next): Query<Next>) -> Result<Response, AppError> {
    let next = next.local();
    if actor.customer().is_some() {
        return Ok(redirect(&next));
    }
    let errors = FieldErrors::default();
    let page = SignInPage { frame, login: String::new(), remember: false, next, errors, is_wrong: false };
    Ok(html(StatusCode::OK, &page))
}

/// `POST /login`.
pub async fn enter(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Form(form): Form<SignInForm>,
) -> Result<Response, AppError> {
    check_sign_in_limit(&app, &actor, &form.login).await?;
    let mut errors = FieldErrors::default();
    for (field, text) in [("login", form.login.trim()), ("password", form.password.expose_secret())] {
        if text.is_empty() {
            errors.add(field, "Please fill this in");
        }
    }
    let remember = !form.remember.is_empty();
    let page = |frame, errors, is_wrong| SignInPage {
        frame,
        login: form.login.chars().take(254).collect(),
        remember,
        next: local(&form.next),
        errors,
        is_wrong,
    };
    if !errors.is_empty() {
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page(frame, errors, false)));
    }
    let password = Password::given(form.password.expose_secret().to_owned());
    let credentials = Credentials { login: form.login.trim().to_owned(), password, remember };
    actor.require_session_store().await?;
    match sign_in::sign_in(&db, &app.hasher, credentials, actor.device(), actor.visitor()).await {
        Ok(signed_in) => welcome(&db, &actor, &signed_in, remember, "Welcome back", &form.next).await,
        Err(SignInError::Wrong) => Ok(html(StatusCode::UNAUTHORIZED, &page(frame, errors, true))),
        Err(other) => Err(other.into()),
    }
}

/// `POST /logout`.
pub async fn leave(db: Db, actor: Actor) -> Result<Response, AppError> {
    actor.sign_out(&db).await?;
    flash::leave(actor.cookies(), &Flash::good("You are signed out."));
    Ok(redirect("/"))
}

/// Binds the browser to the sign-in, says what came along, and goes on to the page that was asked for.
pub(super) async fn welcome(
    db: &Db,
    actor: &Actor,
    signed_in: &SignedIn,
    remember: bool,
    greeting: &str,
    next: &str,
) -> Result<Response, AppError> {
    if let Some(before) = actor.customer() {
        accounts::end_session(db, before).await?;
    }
    actor.remember_sign_in(signed_in, remember).await?;
    flash::leave(actor.cookies(), &message(greeting, signed_in));
    Ok(redirect(&local(next)))
}

pub(super) fn local(next: &str) -> String {
    urls::local_or(next, HOME_OF_PEOPLE)
}

// What the visitor had in the cart is in the account's now: whoever signs in on the way to paying must be told.
fn message(greeting: &str, signed_in: &SignedIn) -> Flash {
    let name: String = signed_in.customer.user().display_name().chars().take(60).collect();
    let moved = match signed_in.joined.moved {
        0 => String::new(),
        1 => " What was in your cart came along.".to_owned(),
        lines => format!(" The {lines} things in your cart came along."),
    };
    let reduced = &signed_in.joined.reduced;
    let fewer = if reduced.is_empty() {
        String::new()
    } else {
        format!(" There are fewer left than you asked for of {}.", some_of(reduced))
    };
    let text = format!("{greeting}, {name}.{moved}{fewer}");
    let flash = if reduced.is_empty() { Flash::good(text) } else { Flash::warn(text) };
    if signed_in.joined.moved == 0 && reduced.is_empty() {
        return flash;
    }
    flash.with_action(FlashAction { label: "View cart".to_owned(), url: "/cart".to_owned(), fields: Vec::new() })
}

// A cookie carries the message, so a long list is cut.
fn some_of(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|name| name.chars().take(80).collect()).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        1 => format!("{} and one more", shown.join(", ")),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
