//! A new password. It ends every other sign-in.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{
    domain::accounts::{self, PasswordChangeError},
    infra::database::Db,
    request::{Actor, App, AppError, SignedInActor, check_password_limit},
    types::Password,
    views::layout::{Flash, Frame},
    web::{
        PageFrame, flash,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

const LABELS: [(&str, &str); 2] = [("current_password", "Current password"), ("new_password", "New password")];

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage {
    frame: Frame,
    username: String,
    errors: FieldErrors,
}

/// What was typed. None of it is ever sent back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    current_password: SecretString,
    new_password: SecretString,
}

impl PasswordForm {
    fn read(&self, errors: &mut FieldErrors) -> Option<(Password, Password)> {
        let current = match self.current_password.expose_secret() {
            "" => {
                errors.add("current_password", "Please fill this in");
                None
            }
            text => Some(Password::given(text.to_owned())),
        };
        let new = errors.check("new_password", Password::chosen(self.new_password.expose_secret().to_owned()));
        Some((current?, new?))
    }
}

/// `GET /account/password`.
pub async fn show(SignedInActor(customer): SignedInActor, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let username = customer.user().username.clone();
    Ok(html(StatusCode::OK, &PasswordPage { frame, username, errors: FieldErrors::default() }))
}

/// `POST /account/password`.
pub async fn change(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
    Form(form): Form<PasswordForm>,
) -> Result<Response, AppError> {
    let mut errors = FieldErrors::default();
    if let Some((current, new)) = form.read(&mut errors) {
        check_password_limit(&app, &customer).await?;
        match accounts::change_password(&db, &app.hasher, &customer, actor.device(), current, new).await {
            Ok(changed) => {
                actor.renew_sign_in(&changed).await?;
                flash::leave(actor.cookies(), &Flash::good(message(changed.ended)));
                return Ok(redirect("/account"));
            }
            Err(PasswordChangeError::Wrong) => errors.add("current_password", "This is not your current password"),
            Err(PasswordChangeError::Unchanged) => {
                errors.add("new_password", "This is the password you have now. Please choose another one");
            }
            Err(other) => return Err(other.into()),
        }
    }
    let username = customer.user().username.clone();
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &PasswordPage { frame, username, errors }))
}

fn message(ended: usize) -> String {
    match ended {
        0 => "Your password is changed.".to_owned(),
        1 => "Your password is changed. One other device was signed out.".to_owned(),
        more => format!("Your password is changed. {more} other devices were signed out."),
    }
}
