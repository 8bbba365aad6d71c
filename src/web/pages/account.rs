//! One's own account: profile and default address.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use serde::Deserialize;

use super::address_fields::{AddressFields, LABELS};
use crate::{
    domain::accounts::{self, AccountError, ProfileChange, User},
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
}

/// What was typed. The address has no telephone number of its own: it takes the account's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AccountForm {
    full_name: String,
    email: String,
    #[serde(flatten)]
    address: AddressFields,
}

impl AccountForm {
    fn of(user: &User) -> Self {
        let mut address = user.address.clone().map(AddressFields::from).unwrap_or_default();
        address.phone = user.phone.clone().unwrap_or_default();
        Self { full_name: user.full_name.clone(), email: user.email.clone(), address }
    }

    fn read(&self, errors: &mut FieldErrors) -> Option<ProfileChange> {
        let full_name = errors.check("full_name", line_or_empty(&self.full_name, 120));
        let email = errors.check("email", self.email.parse());
        let phone = match self.address.phone.trim() {
            "" => Some(None),
            text => errors.check("phone", text.parse::<Phone>()).map(Some),
        };
        let address = self.read_address(phone.is_some(), errors);
        Some(ProfileChange {
            full_name: Some(full_name?),
            phone: Some(phone?),
            address: Some(address?),
            email: Some(email?),
        })
    }

    // An emptied address is removed; one that is there must be complete.
    fn read_address(&self, phone_is_good: bool, errors: &mut FieldErrors) -> Option<Option<Address>> {
        if self.address.is_blank() {
            return Some(None);
        }
        let mut fields = self.address.clone();
        if fields.name.trim().is_empty() {
            fields.name.clone_from(&self.full_name);
        }
        if !phone_is_good {
            // Said once, at its field.
            fields.phone.clear();
        }
        fields.read(errors).map(Some)
    }
}

/// `GET /account`.
pub async fn show(SignedInActor(customer): SignedInActor, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let user = customer.user();
    let form = AccountForm::of(user);
    let page = AccountPage { frame, username: user.username.clone(), typed: form, errors: FieldErrors::default() };
    Ok(html(StatusCode::OK, &page))
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
            Err(AccountError::EmailTaken) => errors.add("email", "There is another account with this mail address"),
            Err(other) => return Err(other.into()),
        }
    }
    let page = AccountPage { frame, username: customer.user().username.clone(), typed: form, errors };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}
