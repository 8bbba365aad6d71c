//! `/api/cart`: the cart of an account or a visitor.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    body::{Body, invalid_field, message, success},
    shapes::CartItemShape,
};
use crate::{
    domain::cart::{self, Cart, Item, NewItem},
    infra::database::Db,
    request::{Actor, App, AppError, ErrorKind},
    types::{CartLineId, Money, ProductId, Quantity, VariantId},
};

/// What adding takes: a product (its default variant) or a variant.
#[derive(Debug, Deserialize)]
pub struct AddBody {
    #[serde(default)]
    product_id: Option<i64>,
    #[serde(default)]
    variant_id: Option<i64>,
    #[serde(default)]
    quantity: Option<i64>,
}

/// What changing a line takes.
#[derive(Debug, Deserialize)]
pub struct UpdateBody {
    quantity: i64,
}

#[derive(Serialize)]
struct CartAnswer {
    cart_items: Vec<CartItemShape>,
    total: Money,
    item_count: i64,
}

#[derive(Serialize)]
struct ItemAnswer<'a> {
    message: &'a str,
    cart_item: CartItemShape,
}

/// GET `/api/cart/`.
///
/// # Errors
/// The database failed.
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

fn answer(app: &App, cart: Cart, line: CartLineId, message: &str) -> Result<Response, AppError> {
    let line = cart.lines.into_iter().find(|each| each.id == line).ok_or_else(unknown_line)?;
    Ok(success(StatusCode::OK, ItemAnswer { message, cart_item: CartItemShape::new(app, line) }))
}

fn unknown_line() -> AppError {
    AppError::new(ErrorKind::NotFound, "unknown_line", "This line is not in your cart.")
}
