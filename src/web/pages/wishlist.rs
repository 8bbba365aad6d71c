//! The wishlist: what is on it, moving it into the cart, and showing it to others. Hearts stand in a file of their own.

mod heart;
mod view;

use axum::{extract::Path, http::StatusCode, response::Response};
use serde::Deserialize;

pub use self::heart::{add, remove as remove_product};
use self::view::{SharedPage, WishlistPage};
use super::cart::refusal;
use crate::{
    domain::{
        cart::CartError,
        catalog,
        wishlist::{self, MoveError, Moved},
    },
    infra::database::Db,
    request::AppError,
    types::{ProductId, Quantity, VariantId, WishlistItemId},
    views::{
        layout::{Flash, FlashAction},
        urls,
    },
    web::{PageFrame, Visit, form::Form, html, redirect},
};

const WISHLIST: &str = "/wishlist";

/// What was chosen; empty where the product decides. Undoing a move says it.
#[derive(Deserialize, Debug)]
pub struct MoveForm {
    #[serde(default)]
    variant_id: String,
    #[serde(default)]
    quantity: String,
    #[serde(default)]
    next: String,
}

/// `GET /wishlist`
pub async fn show(visit: Visit) -> Result<Response, AppError> {
    page(visit, StatusCode::OK).await
}

/// `GET /wishlist/shared/{token}`: what is on a list whose owner gave away its link.
pub async fn shared(db: Db, Path(token): Path<String>, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let list = wishlist::shared(&db, &token).await?.ok_or_else(AppError::not_found)?;
    Ok(html(StatusCode::OK, &SharedPage::new(frame, &list)))
}

/// `POST /wishlist/items/{id}/removal`: what is gone, or was never theirs, leads back to the list as it is.
pub async fn remove(visit: Visit, Path(item): Path<String>) -> Result<Response, AppError> {
    let removed = match (visit.actor.owner(), item_id(&item)) {
        (Some(owner), Some(item)) => wishlist::remove(&visit.db, owner, item).await?,
        _ => None,
    };
    let message = match removed {
        Some(product) => Some(removal_message(&visit.db, product).await?),
        None => None,
    };
    changed(visit, WISHLIST, StatusCode::OK, message).await
}

/// `POST /wishlist/items/{id}/cart`
pub async fn to_cart(
    mut visit: Visit,
    Path(item): Path<String>,
    Form(form): Form<MoveForm>,
) -> Result<Response, AppError> {
    let (Some(owner), Some(item)) = (visit.actor.owner(), item_id(&item)) else {
        return Err(MoveError::UnknownWish.into());
    };
    let chosen = form.variant_id.parse().ok().map(VariantId).zip(form.quantity.parse::<Quantity>().ok());
    let (status, message) = match wishlist::move_to_cart(&visit.db, owner, item, chosen).await {
        Ok(moved) => {
            visit.frame.cart_count = visit.frame.cart_count.saturating_add(moved.pieces.get().unsigned_abs());
            (StatusCode::OK, moved_message(&moved))
        }
        Err(MoveError::NeedsChoice { slug }) if visit.hx.wants_fragment => {
            (StatusCode::UNPROCESSABLE_ENTITY, choose_message(&slug))
        }
        Err(MoveError::NeedsChoice { slug }) => return Ok(redirect(&urls::product(&slug))),
        Err(MoveError::Cart(error @ (CartError::InsufficientStock { .. } | CartError::TooMany | CartError::Full))) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Flash::bad(refusal(error)?))
        }
        Err(error) => return Err(error.into()),
    };
    changed(visit, &urls::local_or(&form.next, WISHLIST), status, Some(message)).await
}

/// `POST /wishlist/sharing`
pub async fn share(visit: Visit) -> Result<Response, AppError> {
    let Some(owner) = visit.actor.owner() else { return Ok(redirect(WISHLIST)) };
    wishlist::share(&visit.db, owner).await?;
    let message = Flash::good("Your wishlist link is ready.");
    changed(visit, WISHLIST, StatusCode::OK, Some(message)).await
}

/// `POST /wishlist/sharing/removal`
pub async fn stop_sharing(visit: Visit) -> Result<Response, AppError> {
    let Some(owner) = visit.actor.owner() else { return Ok(redirect(WISHLIST)) };
    wishlist::stop_sharing(&visit.db, owner).await?;
    let message = Flash::good("Only you see your wishlist now. The link leads nowhere any more.");
    changed(visit, WISHLIST, StatusCode::OK, Some(message)).await
}

// The list as it is after a change, with what there is to say; without htmx the page at `next` says it.
async fn changed(
    mut visit: Visit,
    next: &str,
    status: StatusCode,
    message: Option<Flash>,
) -> Result<Response, AppError> {
    match visit.led_to(next, message) {
        Some(response) => Ok(response),
        None => page(visit, status).await,
    }
}

async fn page(visit: Visit, status: StatusCode) -> Result<Response, AppError> {
    let list = wishlist::load(&visit.db, visit.actor.owner()).await?;
    let page = WishlistPage::new(visit.frame, &list, &visit.app.config.public.url, visit.hx.wants_fragment);
    Ok(if page.is_fragment { html(status, &page.as_wishlist()) } else { html(status, &page) })
}

fn item_id(text: &str) -> Option<WishlistItemId> {
    text.parse().ok().map(WishlistItemId)
}

// What is not sold any more cannot come back.
async fn removal_message(db: &Db, product: ProductId) -> Result<Flash, AppError> {
    let Some(sold) = catalog::summaries(db, &[product]).await?.pop() else {
        return Ok(Flash::good("Removed from your wishlist."));
    };
    let fields = [("product_id", product.to_string()), ("next", WISHLIST.to_owned())];
    Ok(Flash::good(format!("Removed {} from your wishlist.", sold.name)).with_action(undo("/wishlist/items", fields)))
}

fn choose_message(slug: &str) -> Flash {
    let action = FlashAction { label: "Choose".to_owned(), url: urls::product(slug), fields: Vec::new() };
    Flash::warn("There are several of it now. Please choose one.").with_action(action)
}

fn moved_message(moved: &Moved) -> Flash {
    let url = format!("/cart/items/{}/wishlist", moved.line);
    let fields = [("pieces", moved.pieces.to_string()), ("next", WISHLIST.to_owned())];
    Flash::good(format!("Moved {} to your cart.", moved.name)).with_action(undo(&url, fields))
}

/// A button that takes back what was done.
pub(super) fn undo<const N: usize>(url: &str, fields: [(&str, String); N]) -> FlashAction {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    FlashAction { label: "Undo".to_owned(), url: url.to_owned(), fields }
}
