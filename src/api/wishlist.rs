//! `/api/wishlist`: the wishlist of an account or a visitor.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{Body, Success, message, success},
    doc::{NotThere, NotWishable},
    shapes::{Message, WishlistItemShape},
};
use crate::{
    domain::wishlist,
    infra::database::Db,
    request::{Actor, App, AppError},
    types::{ProductId, WishlistItemId},
};

/// What is wished for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AddToWishlistBody)]
pub struct AddBody {
    #[schema(example = 7)]
    product_id: i64,
}

/// A wishlist, the latest wish first.
#[derive(Serialize, ToSchema)]
struct WishlistAnswer {
    wishlist_items: Vec<WishlistItemShape>,
    #[schema(minimum = 0, example = 1)]
    item_count: usize,
}

/// What is on the list now.
#[derive(Serialize, ToSchema)]
#[schema(as = WishlistItemAnswer)]
struct ItemAnswer {
    #[schema(example = "Added to your wishlist.")]
    message: &'static str,
    wishlist_item: WishlistItemShape,
}

/// GET `/api/wishlist/`.
///
/// # Errors
/// The database failed.
#[utoipa::path(
    get, path = "/api/wishlist", operation_id = "show_wishlist", tag = "Wishlist",
    summary = "The wishlist",
    description = "The latest wish first, without what is not sold any more. Nobody's wishlist is empty.",
    responses((status = 200, description = "The wishlist.", body = Success<WishlistAnswer>)),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn show(State(app): State<App>, db: Db, actor: Actor) -> Result<Response, AppError> {
    let list = wishlist::load(&db, actor.owner()).await?;
    let wishlist_items: Vec<_> = list.items.into_iter().map(|item| WishlistItemShape::new(&app, item)).collect();
    let item_count = wishlist_items.len();
    Ok(success(StatusCode::OK, WishlistAnswer { wishlist_items, item_count }))
}

/// POST `/api/wishlist/add`.
///
/// # Errors
/// Unknown, there already, or the list is full.
#[utoipa::path(
    post, path = "/api/wishlist/add", operation_id = "add_to_wishlist", tag = "Wishlist",
    summary = "Put on the wishlist",
    description = "A visitor gets a cookie of their own. A wishlist holds at most 200 products.",
    request_body = AddBody,
    responses(
        (status = 200, description = "It is on the wishlist.", body = Success<ItemAnswer>), NotWishable, NotThere
    ),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn add(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Body(body): Body<AddBody>,
) -> Result<Response, AppError> {
    let owner = actor.owner_for_writing(&db).await?;
    let item = wishlist::add(&db, owner, ProductId(body.product_id)).await?;
    let wishlist_item = WishlistItemShape::new(&app, item);
    Ok(success(StatusCode::OK, ItemAnswer { message: "Added to your wishlist.", wishlist_item }))
}

/// DELETE `/api/wishlist/remove/{id}`: what is gone, or was never yours, is no error and nothing is done.
///
/// # Errors
/// The database failed.
#[utoipa::path(
    delete, path = "/api/wishlist/remove/{id}", operation_id = "remove_from_wishlist", tag = "Wishlist",
    summary = "Take off the wishlist",
    description = "What is gone, or was never yours, is no error; nothing is done then.",
    params(("id" = i64, Path, description = "The item's id.")),
    responses((status = 200, description = "It is not on the wishlist.", body = Success<Message>)),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn remove(db: Db, actor: Actor, Path(id): Path<String>) -> Result<Response, AppError> {
    if let (Some(owner), Ok(item)) = (actor.owner(), id.parse().map(WishlistItemId)) {
        wishlist::remove(&db, owner, item).await?;
    }
    Ok(message("It is not on your wishlist any more."))
}

/// DELETE `/api/wishlist/clear`.
///
/// # Errors
/// The database failed.
#[utoipa::path(
    delete, path = "/api/wishlist/clear", operation_id = "clear_wishlist", tag = "Wishlist",
    summary = "Empty the wishlist",
    description = "An empty wishlist stays empty.",
    responses((status = 200, description = "The wishlist is empty.", body = Success<Message>)),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn clear(db: Db, actor: Actor) -> Result<Response, AppError> {
    if let Some(owner) = actor.owner() {
        wishlist::clear(&db, owner).await?;
    }
    Ok(message("Your wishlist is empty."))
}
