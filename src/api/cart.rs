//! `/api/cart`: the cart of an account or a visitor.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{Body, Success, invalid_field, message, success},
    doc::{NotEnough, NotThere},
    shapes::{CartItemShape, Message},
};
use crate::{
    domain::cart::{self, Cart, Item, NewItem},
    infra::database::Db,
    request::{Actor, App, AppError, ErrorKind},
    types::{CartLineId, Money, ProductId, Quantity, VariantId},
};

/// What adding takes: a product (its default variant) or a variant.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AddToCartBody)]
pub struct AddBody {
    /// The product, in its default variant.
    #[serde(default)]
    #[schema(example = 7)]
    product_id: Option<i64>,
    /// The variant; it comes before `product_id`.
    #[serde(default)]
    #[schema(example = 7)]
    variant_id: Option<i64>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 999, default = 1)]
    quantity: Option<i64>,
}

/// What changing a line takes.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ChangeCartItemBody)]
pub struct UpdateBody {
    #[schema(minimum = 1, maximum = 999, example = 2)]
    quantity: i64,
}

/// A cart.
#[derive(Serialize, ToSchema)]
struct CartAnswer {
    cart_items: Vec<CartItemShape>,
    /// What the items cost, without shipping.
    total: Money,
    /// Pieces, over all items.
    #[schema(minimum = 0, example = 2)]
    item_count: i64,
}

/// An item of the cart as it is now.
#[derive(Serialize, ToSchema)]
#[schema(as = CartItemAnswer)]
struct ItemAnswer {
    #[schema(example = "Added to your cart.")]
    message: &'static str,
    cart_item: CartItemShape,
}

/// GET `/api/cart/`.
///
/// # Errors
/// The database failed.
#[utoipa::path(
    get, path = "/api/cart", operation_id = "show_cart", tag = "Cart",
    summary = "The cart",
    description = "Today's prices. Nobody's cart is empty.",
    responses((status = 200, description = "The cart.", body = Success<CartAnswer>)),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn show(State(app): State<App>, db: Db, actor: Actor) -> Result<Response, AppError> {
    let cart = cart::load(&db, actor.owner()).await?;
    let (total, item_count) = (cart.subtotal, cart.item_count());
    let cart_items = cart.lines.into_iter().map(|line| CartItemShape::new(&app, line)).collect();
    Ok(success(StatusCode::OK, CartAnswer { cart_items, total, item_count }))
}

/// POST `/api/cart/add`.
///
/// # Errors
/// Unknown, not enough in stock, out of range.
#[utoipa::path(
    post, path = "/api/cart/add", operation_id = "add_to_cart", tag = "Cart",
    summary = "Put into the cart",
    description = "What is in the cart already becomes more. A visitor gets a cookie of their own.",
    request_body = AddBody,
    responses((status = 200, description = "The item as it is now.", body = Success<ItemAnswer>), NotEnough, NotThere),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn add(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Body(body): Body<AddBody>,
) -> Result<Response, AppError> {
    let new = NewItem { item: item(&body)?, quantity: quantity(body.quantity.unwrap_or(1))? };
    let owner = actor.owner_for_writing(&db).await?;
    let (cart, line) = cart::add_item(&db, owner, new).await?;
    answer(&app, cart, line, "Added to your cart.")
}

/// PUT `/api/cart/update/{id}`.
///
/// # Errors
/// Not a line of this cart, not enough in stock, out of range.
#[utoipa::path(
    put, path = "/api/cart/update/{id}", operation_id = "change_cart_item", tag = "Cart",
    summary = "Change how many",
    description = "Sets the quantity of an item.",
    params(("id" = i64, Path, description = "The item's id.")),
    request_body = UpdateBody,
    responses((status = 200, description = "The item as it is now.", body = Success<ItemAnswer>), NotEnough, NotThere),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn update(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Path(id): Path<String>,
    Body(body): Body<UpdateBody>,
) -> Result<Response, AppError> {
    let quantity = quantity(body.quantity)?;
    let (Some(owner), Ok(line)) = (actor.owner(), id.parse().map(CartLineId)) else { return Err(unknown_line()) };
    let cart = cart::set_quantity(&db, owner, line, quantity).await?;
    answer(&app, cart, line, "Your cart is updated.")
}

/// DELETE `/api/cart/remove/{id}`: what is gone, or was never yours, is no error and nothing is done.
///
/// # Errors
/// The database failed.
#[utoipa::path(
    delete, path = "/api/cart/remove/{id}", operation_id = "remove_from_cart", tag = "Cart",
    summary = "Take out of the cart",
    description = "What is gone, or was never yours, is no error; nothing is done then.",
    params(("id" = i64, Path, description = "The item's id.")),
    responses((status = 200, description = "It is not in the cart.", body = Success<Message>)),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn remove(db: Db, actor: Actor, Path(id): Path<String>) -> Result<Response, AppError> {
    if let (Some(owner), Ok(line)) = (actor.owner(), id.parse().map(CartLineId)) {
        cart::remove(&db, owner, line).await?;
    }
    Ok(message("It is not in your cart any more."))
}

/// DELETE `/api/cart/clear`.
///
/// # Errors
/// The database failed.
#[utoipa::path(
    delete, path = "/api/cart/clear", operation_id = "clear_cart", tag = "Cart",
    summary = "Empty the cart",
    description = "An empty cart stays empty.",
    responses((status = 200, description = "The cart is empty.", body = Success<Message>)),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn clear(db: Db, actor: Actor) -> Result<Response, AppError> {
    if let Some(owner) = actor.owner() {
        cart::clear(&db, owner).await?;
    }
    Ok(message("Your cart is empty."))
}

fn item(body: &AddBody) -> Result<Item, AppError> {
    let product = || body.product_id.map(|id| Item::Product(ProductId(id)));
    let item = body.variant_id.map(|id| Item::Variant(VariantId(id))).or_else(product);
    item.ok_or_else(|| invalid_field("product_id", "This is needed, unless there is a variant_id"))
}

fn quantity(number: i64) -> Result<Quantity, AppError> {
    Quantity::try_from(number).map_err(|error| invalid_field("quantity", error))
}

fn answer(app: &App, cart: Cart, line: CartLineId, message: &'static str) -> Result<Response, AppError> {
    let line = cart.lines.into_iter().find(|each| each.id == line).ok_or_else(unknown_line)?;
    Ok(success(StatusCode::OK, ItemAnswer { message, cart_item: CartItemShape::new(app, line) }))
}

fn unknown_line() -> AppError {
    AppError::new(ErrorKind::NotFound, "unknown_line", "This line is not in your cart.")
}
