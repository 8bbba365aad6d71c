//! The cart: what is in it, and every change of it. A change answers with the cart, or without htmx leads back to it.

mod add;
mod saved;
mod view;

use axum::{extract::Path, http::StatusCode, response::Response};
use serde::Deserialize;

use self::view::{CartPage, LineProblem};
pub use self::{
    add::add,
    saved::{bring_back, remove_saved, save_for_later, to_wishlist},
};
use crate::{
    domain::{
        accounts::Owner,
        cart::{self, CartError, Removed},
        checkout::{self, Delivery},
    },
    infra::database::Db,
    request::AppError,
    types::{CartLineId, Quantity},
    views::layout::{Flash, FlashAction},
    web::{Visit, form::Form, html, redirect},
};

const CART: &str = "/cart";

/// The form of a line's quantity, as it was typed.
#[derive(Deserialize, Debug)]
pub struct QuantityForm {
    #[serde(default)]
    quantity: String,
}

/// `GET /cart`
pub async fn show(visit: Visit) -> Result<Response, AppError> {
    Ok(answer(StatusCode::OK, &load(visit).await?))
}

/// `POST /cart/items/{id}`
pub async fn set_quantity(
    visit: Visit,
    Path(line): Path<String>,
    Form(form): Form<QuantityForm>,
) -> Result<Response, AppError> {
    let (Some(owner), Some(line)) = (visit.actor.owner(), line_id(&line)) else {
        return Err(CartError::UnknownLine.into());
    };
    let (db, hx) = (&visit.db, visit.hx);
    let problem = match form.quantity.parse::<Quantity>() {
        Ok(quantity) => match cart::set_quantity(db, owner, line, quantity).await {
            Ok(_) => None,
            Err(error) => Some(LineProblem::new(line, &form.quantity, refusal(error)?)),
        },
        Err(error) if holds(db, owner, line).await? => Some(LineProblem::not_a_quantity(line, &form.quantity, error)),
        Err(_) => return Err(CartError::UnknownLine.into()),
    };
    let mut page = load(visit).await?;
    match problem {
        Some(problem) => {
            page.show_problem(problem);
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        None if hx.wants_fragment => Ok(answer(StatusCode::OK, &page)),
        None => Ok(redirect(CART)),
    }
}

/// `POST /cart/items/{id}/removal`: what is gone, or was never theirs, leads back to the cart as it is.
pub async fn remove(visit: Visit, Path(line): Path<String>) -> Result<Response, AppError> {
    let removed = match (visit.actor.owner(), line_id(&line)) {
        (Some(owner), Some(line)) => {
            let can_come_back = cart::load(&visit.db, Some(owner))
                .await?
                .lines
                .iter()
                .any(|candidate| candidate.id == line && candidate.available >= candidate.quantity.get());
            cart::remove(&visit.db, owner, line).await?.map(|removed| removal_message(&removed, can_come_back))
        }
        _ => None,
    };
    changed(visit, CART, StatusCode::OK, removed).await
}

/// `POST /cart/changes/acceptance`: the owner has seen what changed.
pub async fn accept_changes(visit: Visit) -> Result<Response, AppError> {
    let Some(owner) = visit.actor.owner() else { return Ok(redirect(CART)) };
    cart::accept_changes(&visit.db, owner).await?;
    changed(visit, CART, StatusCode::OK, Some(Flash::good("Your cart is up to date."))).await
}

// The cart as it is after a change that took away what was pressed, with what there is to say; without htmx the page at `next` says it.
async fn changed(
    mut visit: Visit,
    next: &str,
    status: StatusCode,
    message: Option<Flash>,
) -> Result<Response, AppError> {
    if let Some(response) = visit.led_to(next, message) {
        return Ok(response);
    }
    let mut page = load(visit).await?;
    page.focus_heading = true;
    Ok(answer(status, &page))
}

async fn load(visit: Visit) -> Result<CartPage, AppError> {
    let quote = checkout::quote(&visit.db, &visit.app.config.shop, visit.actor.owner(), Delivery::Standard).await?;
    Ok(CartPage::new(visit.frame, &quote, visit.hx.wants_fragment))
}

fn answer(status: StatusCode, page: &CartPage) -> Response {
    if page.is_fragment { html(status, &page.as_cart()) } else { html(status, page) }
}

fn line_id(text: &str) -> Option<CartLineId> {
    text.parse().ok().map(CartLineId)
}

async fn holds(db: &Db, owner: Owner, line: CartLineId) -> Result<bool, AppError> {
    Ok(cart::load(db, Some(owner)).await?.lines.iter().any(|candidate| candidate.id == line))
}

/// What a customer reads beside the field; anything but a quantity that cannot be had is an error of the page.
pub(super) fn refusal(error: CartError) -> Result<String, AppError> {
    match error {
        CartError::InsufficientStock { .. } | CartError::TooMany | CartError::Full | CartError::TooManySaved => {
            Ok(AppError::from(error).message)
        }
        other => Err(other.into()),
    }
}

fn removal_message(removed: &Removed, can_come_back: bool) -> Flash {
    let message = Flash::good(format!("Removed {}.", removed.name));
    if !can_come_back {
        return message;
    }
    message.with_action(FlashAction {
        label: "Undo".to_owned(),
        url: "/cart/items".to_owned(),
        fields: vec![
            ("variant_id".to_owned(), removed.variant_id.to_string()),
            ("quantity".to_owned(), removed.quantity.to_string()),
        ],
    })
}
