//! One's own account: the profile here, and a page each for addresses, password and devices.

pub mod addresses;
pub mod chats;
pub mod password;
pub mod sessions;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde::Deserialize;

use super::address_fields::LABELS;
use crate::{
    domain::accounts::{self, AccountError, Customer, ProfileChange, User},
    infra::database::Db,
    request::{Actor, AppError, SignedInActor},
    types::{Address, Phone, line_or_empty},
    views::layout::{Flash, Frame},
    web::{
        PageFrame, flash,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

#[derive(Template)]
#[template(path = "account/show.html")]
struct AccountPage {
    frame: Frame,
    username: String,
    typed: AccountForm,
    errors: FieldErrors,
    /// The default address, line by line.
    default_address: Vec<String>,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AccountForm {
    full_name: String,
    email: String,
    phone: String,
}

impl AccountForm {
    fn of(user: &User) -> Self {
        let phone = user.phone.clone().unwrap_or_default();
        Self { full_name: user.full_name.clone(), email: user.email.clone(), phone }
    }

    fn read(&self, errors: &mut FieldErrors) -> Option<ProfileChange> {
        let full_name = errors.check("full_name", line_or_empty(&self.full_name, 120));
        let email = errors.check("email", self.email.parse());
        let phone = match self.phone.trim() {
            "" => Some(None),
            text => errors.check("phone", text.parse::<Phone>()).map(Some),
        };
        Some(ProfileChange { full_name: Some(full_name?), phone: Some(phone?), address: None, email: Some(email?) })
    }
}

impl AccountPage {
    fn new(frame: Frame, customer: &Customer, typed: AccountForm, errors: FieldErrors) -> Self {
        let user = customer.user();
        let default_address = user.address.as_ref().map(Address::lines).unwrap_or_default();
        Self { frame, username: user.username.clone(), typed, errors, default_address }
    }
}

/// `GET /account`.
pub async fn show(SignedInActor(customer): SignedInActor, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let typed = AccountForm::of(customer.user());
    Ok(html(StatusCode::OK, &AccountPage::new(frame, &customer, typed, FieldErrors::default())))
}

/// `POST /account`.
pub async fn save(
    db: Db,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
    Form(form): Form<AccountForm>,
) -> Result<Response, AppError> {
    let mut errors = FieldErrors::default();
    if let Some(change) = form.read(&mut errors) {
        match accounts::update_profile(&db, &customer, change).await {
            Ok(_) => {
                flash::leave(actor.cookies(), &Flash::good("Your account is saved."));
                return Ok(redirect("/account"));
            }
            Err(AccountError::EmailTaken) => errors.add("email", "There is another account with this email address"),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &AccountPage::new(frame, &customer, form, errors)))
}
