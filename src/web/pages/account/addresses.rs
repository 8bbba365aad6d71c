//! The address book.

use askama::Template;
use axum::{extract::Path, http::StatusCode, response::Response};
use serde::Deserialize;

use crate::{
    domain::accounts::{self, AddressBookError, MOST_ADDRESSES, SavedAddress, User},
    infra::database::Db,
    request::{Actor, AppError, SignedInActor},
    types::{Address, AddressId},
    views::layout::{Flash, FlashAction, Frame},
    web::{
        PageFrame, flash,
        form::{FieldErrors, Form},
        html,
        pages::address_fields::{AddressFields, LABELS},
        redirect,
    },
};

const BOOK: &str = "/account/addresses";

#[derive(Template)]
#[template(path = "account/addresses.html")]
struct AddressesPage {
    frame: Frame,
    addresses: Vec<SavedAddress>,
    is_full: bool,
}

#[derive(Template)]
#[template(path = "account/address.html")]
struct AddressPage {
    frame: Frame,
    /// None for a new one.
    id: Option<AddressId>,
    typed: AddressForm,
    /// Whether there is a choice: the only default stays one.
    can_choose_default: bool,
    errors: FieldErrors,
    /// Why it cannot be saved whatever is typed; may be empty.
    problem: String,
}

impl AddressPage {
    fn title(&self) -> &'static str {
        if self.id.is_some() { "Edit an address" } else { "Add an address" }
    }
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AddressForm {
    #[serde(flatten)]
    address: AddressFields,
    make_default: String,
}

impl AddressForm {
    // Most people save their own address first.
    fn blank(user: &User) -> Self {
        let name = user.full_name.clone();
        let phone = user.phone.clone().unwrap_or_default();
        Self { address: AddressFields { name, phone, ..AddressFields::default() }, make_default: String::new() }
    }

    fn is_default(&self) -> bool {
        !self.make_default.is_empty()
    }
}

/// `GET /account/addresses`.
pub async fn list(
    db: Db,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let addresses = accounts::addresses(&db, &customer).await?;
    let is_full = addresses.len() >= MOST_ADDRESSES;
    Ok(html(StatusCode::OK, &AddressesPage { frame, addresses, is_full }))
}

/// `GET /account/addresses/new`.
pub async fn new(
    db: Db,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let saved = accounts::addresses(&db, &customer).await?;
    let page = AddressPage {
        frame,
        id: None,
        typed: AddressForm::blank(customer.user()),
        can_choose_default: has_default(&saved),
        errors: FieldErrors::default(),
        problem: if saved.len() >= MOST_ADDRESSES { full() } else { String::new() },
    };
    Ok(html(StatusCode::OK, &page))
}

/// `POST /account/addresses`: a new one, or one that was removed a moment ago.
pub async fn add(
    db: Db,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    PageFrame(frame): PageFrame,
    Form(typed): Form<AddressForm>,
) -> Result<Response, AppError> {
    let (mut errors, mut problem) = (FieldErrors::default(), String::new());
    if let Some(address) = typed.address.read(&mut errors) {
        match accounts::add_address(&db, &customer, &address, typed.is_default()).await {
            Ok(_) => return Ok(saved(&actor, "The address is saved.")),
            Err(AddressBookError::Full) => problem = full(),
            Err(other) => return Err(other.into()),
        }
    }
    let can_choose_default = has_default(&accounts::addresses(&db, &customer).await?);
    let page = AddressPage { frame, id: None, typed, can_choose_default, errors, problem };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `GET /account/addresses/{id}`.
pub async fn edit(
    db: Db,
    SignedInActor(customer): SignedInActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let known = accounts::address(&db, &customer, address_id(&id)?).await?;
    let typed = AddressForm { address: known.address.into(), make_default: String::new() };
    let page = AddressPage {
        frame,
        id: Some(known.id),
        typed,
        can_choose_default: !known.is_default,
        errors: FieldErrors::default(),
        problem: String::new(),
    };
    Ok(html(StatusCode::OK, &page))
}

/// `POST /account/addresses/{id}`.
pub async fn change(
    db: Db,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
    Form(typed): Form<AddressForm>,
) -> Result<Response, AppError> {
    let known = accounts::address(&db, &customer, address_id(&id)?).await?;
    let mut errors = FieldErrors::default();
    if let Some(address) = typed.address.read(&mut errors) {
        accounts::change_address(&db, &customer, known.id, &address, typed.is_default()).await?;
        return Ok(saved(&actor, "The address is saved."));
    }
    let can_choose_default = !known.is_default;
    let page = AddressPage { frame, id: Some(known.id), typed, can_choose_default, errors, problem: String::new() };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /account/addresses/{id}/default`.
pub async fn make_default(
    db: Db,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    accounts::make_default_address(&db, &customer, address_id(&id)?).await?;
    Ok(saved(&actor, "Checkout fills in this address from now on."))
}

/// `POST /account/addresses/{id}/removal`.
pub async fn remove(
    db: Db,
    actor: Actor,
    SignedInActor(customer): SignedInActor,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let removed = accounts::remove_address(&db, &customer, address_id(&id)?).await?;
    flash::leave(actor.cookies(), &removal_message(removed));
    Ok(redirect(BOOK))
}

fn saved(actor: &Actor, text: &str) -> Response {
    flash::leave(actor.cookies(), &Flash::good(text));
    redirect(BOOK)
}

// Undo adds it again with what stood in it. The message travels in a cookie, and Nginx takes heads of answers up to 4 kB: a very long
// address comes without a way back.
fn removal_message(removed: SavedAddress) -> Flash {
    let flash = Flash::good(format!("{} is removed.", short(&removed.address)));
    if removed.address.text().len() > 800 {
        return flash;
    }
    let mut fields = AddressFields::from(removed.address).pairs();
    if removed.is_default {
        fields.push(("make_default".to_owned(), "1".to_owned()));
    }
    flash.with_action(FlashAction { label: "Undo".to_owned(), url: BOOK.to_owned(), fields })
}

/// The line that tells it from others, cut to what fits into a sentence.
pub fn short(address: &Address) -> String {
    let line: String = address.line1.chars().take(60).collect();
    if line.len() < address.line1.len() { format!("{}…", line.trim_end()) } else { line }
}

fn has_default(saved: &[SavedAddress]) -> bool {
    saved.iter().any(|known| known.is_default)
}

fn full() -> String {
    format!("You can save up to {MOST_ADDRESSES} addresses. Please remove one that you no longer need.")
}

fn address_id(text: &str) -> Result<AddressId, AddressBookError> {
    text.parse().map(AddressId).map_err(|_| AddressBookError::Unknown)
}
