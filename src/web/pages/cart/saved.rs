//! What leaves the cart without being lost: put aside for later, or moved to the wishlist.

use axum::{extract::Path, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{CART, changed, line_id, refusal};
use crate::{
    domain::{
        cart::{self, BroughtBack, CartError},
        wishlist::{self, MoveError, Rejoined, WishlistError},
    },
    request::AppError,
    types::{Quantity, SavedLineId},
    views::{layout::Flash, urls},
    web::{Visit, form::Form, pages::wishlist::undo, redirect},
};

/// How many pieces of a line move, all of it unless said; and the page to come back to, if it is not the cart.
#[derive(Deserialize, Debug)]
pub struct MoveForm {
    #[serde(default)]
    pieces: String,
    #[serde(default)]
    next: String,
}

/// `POST /cart/items/{id}/later`: what is gone, or was never theirs, leads back to the cart as it is.
pub async fn save_for_later(visit: Visit, Path(line): Path<String>) -> Result<Response, AppError> {
    let (Some(owner), Some(line)) = (visit.actor.owner(), line_id(&line)) else { return Ok(redirect(CART)) };
    let (status, message) = match cart::save_for_later(&visit.db, owner, line).await {
        Ok(Some((saved, removed))) => {
            let action = undo(&format!("/cart/saved/{saved}/cart"), [("undo", "1".to_owned())]);
            (StatusCode::OK, Some(Flash::good(format!("Saved {} for later.", removed.name)).with_action(action)))
        }
        Ok(None) => (StatusCode::OK, None),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Some(Flash::bad(refusal(error)?))),
    };
    changed(visit, CART, status, message).await
}

/// `POST /cart/saved/{id}/cart`
pub async fn bring_back(visit: Visit, Path(saved): Path<String>) -> Result<Response, AppError> {
    let (Some(owner), Some(saved)) = (visit.actor.owner(), saved_id(&saved)) else {
        return Err(CartError::UnknownLine.into());
    };
    let (status, message) = match cart::bring_back(&visit.db, owner, saved).await {
        Ok(back) => (StatusCode::OK, back_message(&back)),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Flash::bad(refusal(error)?)),
    };
    changed(visit, CART, status, Some(message)).await
}

/// `POST /cart/saved/{id}/removal`: as with a line of the cart.
pub async fn remove_saved(visit: Visit, Path(saved): Path<String>) -> Result<Response, AppError> {
    let removed = match (visit.actor.owner(), saved_id(&saved)) {
        (Some(owner), Some(saved)) => cart::remove_saved(&visit.db, owner, saved).await?,
        _ => None,
    };
    let message = removed.map(|removed| Flash::good(format!("Removed {}.", removed.name)));
    changed(visit, CART, StatusCode::OK, message).await
}

/// `POST /cart/items/{id}/wishlist`
pub async fn to_wishlist(
    mut visit: Visit,
    Path(line): Path<String>,
    Form(form): Form<MoveForm>,
) -> Result<Response, AppError> {
    let (Some(owner), Some(line)) = (visit.actor.owner(), line_id(&line)) else { return Ok(redirect(CART)) };
    let pieces = form.pieces.parse::<Quantity>().ok();
    let (status, message) = match wishlist::move_from_cart(&visit.db, owner, line, pieces).await {
        Ok(Some(moved)) => {
            if moved.item.is_some() {
                visit.frame.wished.push(moved.removed.product_id);
            }
            (StatusCode::OK, Some(wished_message(&moved, &form.next)))
        }
        Ok(None) => (StatusCode::OK, None),
        Err(MoveError::Wishlist(error @ (WishlistError::Full | WishlistError::UnknownProduct))) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Some(Flash::bad(AppError::from(error).message)))
        }
        Err(error) => return Err(error.into()),
    };
    changed(visit, &urls::local_or(&form.next, CART), status, message).await
}

fn saved_id(text: &str) -> Option<SavedLineId> {
    text.parse().ok().map(SavedLineId)
}

fn back_message(back: &BroughtBack) -> Flash {
    if back.reduced {
        Flash::warn(format!("Moved {} to your cart. Only {} of it could come back.", back.name, back.quantity))
    } else {
        Flash::good(format!("Moved {} to your cart.", back.name))
    }
}

// Taking it back takes the wish back as well, unless it was there before. What undid a move is not offered to be undone again.
fn wished_message(moved: &Rejoined, next: &str) -> Flash {
    let removed = &moved.removed;
    let message = Flash::good(format!("Moved {} to your wishlist.", removed.name));
    if !next.is_empty() {
        return message;
    }
    let url = match moved.item {
        Some(item) => format!("/wishlist/items/{item}/cart"),
        None => "/cart/items".to_owned(),
    };
    let fields = [
        ("variant_id", removed.variant_id.to_string()),
        ("quantity", removed.quantity.to_string()),
        ("next", CART.to_owned()),
    ];
    message.with_action(undo(&url, fields))
}
