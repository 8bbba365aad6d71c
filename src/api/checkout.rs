//! `/api/checkout`: placing orders and looking at them.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    body::{Body, OptionalBody, Problems, invalid_field, success},
    shapes::{AddressInput, OrderShape, TotalsShape},
};
use crate::{
    domain::{
        checkout::{self, Delivery, IdempotencyKey, MissingLine, PlaceError, Placement},
        orders::{self, Viewer},
        payments::PaymentMethod,
    },
    infra::database::Db,
    request::{Actor, App, AppError, ErrorKind, Limit, check_limit},
    types::{DecimalText, Money, OrderId, Page, TextError, VariantId, lines_of},
};

/// What placing an order takes. The card's number goes to the demo gateway and is never stored.
#[derive(Deserialize)]
pub struct ProcessBody {
    shipping_address: AddressInput,
    payment_method: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    card_number: Option<String>,
    #[serde(default)]
    delivery: Option<String>,
    #[serde(default)]
    expected_total: Option<DecimalText>,
}

/// What cancelling may say.
#[derive(Debug, Default, Deserialize)]
pub struct CancellationBody {
    #[serde(default)]
    reason: Option<String>,
}

/// Which page of the orders.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OrdersParams {
    page: Option<String>,
}

#[derive(Serialize)]
struct OrderAnswer<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    order: OrderShape,
}

#[derive(Serialize)]
struct OrdersAnswer {
    orders: Vec<OrderShape>,
    total: i64,
    pages: i64,
    current_page: u32,
}

#[derive(Serialize)]
struct MethodsAnswer {
    payment_methods: Vec<MethodShape>,
}

#[derive(Serialize)]
struct MethodShape {
    id: &'static str,
    name: &'static str,
    icon: &'static str,
}

#[derive(Serialize)]
struct MissingShape {
    variant_id: VariantId,
    name: String,
    wanted: i32,
    available: i32,
}

/// POST `/api/checkout/process`. Again with the same `Idempotency-Key`: the same answer, marked as replayed.
///
/// # Errors
/// As the contract lists them; see [`PlaceError`].
pub async fn process(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    headers: HeaderMap,
    Body(body): Body<ProcessBody>,
) -> Result<Response, AppError> {
    let placement = placement(&app, &actor, &headers, body)?;
    check_limit(&app, &actor, Limit::Checkout).await?;
    let Some(owner) = actor.owner() else { return Err(refused(&app, PlaceError::EmptyCart)) };
    let placed =
        checkout::place(&db, &app.config.shop, owner, placement).await.map_err(|error| refused(&app, error))?;
    let order = OrderShape::new(&app, placed.order);
    let mut response = success(StatusCode::CREATED, OrderAnswer { message: "Thank you for your order.", order });
    if placed.replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// GET `/api/checkout/orders`.
///
/// # Errors
/// A page out of range.
pub async fn list_orders(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Query(params): Query<OrdersParams>,
) -> Result<Response, AppError> {
    let page =
        params.page.map_or(Ok(Page::FIRST), |text| Page::parse(&text)).map_err(|error| invalid_field("page", error))?;
    let Some(owner) = actor.owner() else {
        let none = OrdersAnswer { orders: Vec::new(), total: 0, pages: 0, current_page: page.get() };
        return Ok(success(StatusCode::OK, none));
    };
    let found = orders::list(&db, owner, page).await?;
    let (total, pages, current_page) = (found.total, found.pages(), found.page.get());
    let orders = found.items.into_iter().map(|order| OrderShape::new(&app, order)).collect();
    Ok(success(StatusCode::OK, OrdersAnswer { orders, total, pages, current_page }))
}

/// GET `/api/checkout/orders/{id}`.
///
/// # Errors
/// Not there, or someone else's.
pub async fn show_order(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    let (viewer, id) = viewer_and_id(&actor, &id)?;
    let order = orders::by_id(&db, &viewer, id).await?;
    Ok(success(StatusCode::OK, OrderAnswer { message: "", order: OrderShape::new(&app, order) }))
}

/// POST `/api/checkout/orders/{id}/cancellation`.
///
/// # Errors
/// Not there, someone else's, or too late.
pub async fn cancel_order(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Path(id): Path<String>,
    OptionalBody(body): OptionalBody<CancellationBody>,
) -> Result<Response, AppError> {
    let (viewer, id) = viewer_and_id(&actor, &id)?;
    let reason = body.reason.map(|reason| lines_of(&reason, 500)).transpose();
    let reason = reason.map_err(|error: TextError| invalid_field("reason", error))?;
    let order = orders::cancel(&db, &viewer, id, reason.as_deref()).await?;
    Ok(success(
        StatusCode::OK,
        OrderAnswer { message: "Your order is cancelled.", order: OrderShape::new(&app, order) },
    ))
}

/// GET `/api/checkout/payment-methods`.
pub async fn payment_methods() -> Response {
    let shape = |method: PaymentMethod| MethodShape { id: method.id(), name: method.name(), icon: method.icon() };
    success(StatusCode::OK, MethodsAnswer { payment_methods: PaymentMethod::ALL.into_iter().map(shape).collect() })
}

fn placement(app: &App, actor: &Actor, headers: &HeaderMap, body: ProcessBody) -> Result<Placement, AppError> {
    let mut problems = Problems::default();
    let key = problems.check("Idempotency-Key", idempotency_key(headers));
    let method = problems
        .check("payment_method", body.payment_method.parse().map_err(|()| "This is none of the payment methods"));
    let delivery = body.delivery.map_or(Ok(Delivery::Standard), |id| id.parse());
    let delivery = problems.check("delivery", delivery.map_err(|()| "This is neither standard nor express"));
    let card = body.card_number.filter(|text| !text.trim().is_empty()).map(|text| text.parse()).transpose();
    let card = problems.check("card_number", card);
    let currency = app.config.shop.currency;
    let expected_total = body.expected_total.map(|text| Money::parse(&text.0, currency)).transpose();
    let expected_total = problems.check("expected_total", expected_total);
    let account_email = || actor.customer().map(|customer| customer.user().email.clone());
    let email = body.email.filter(|text| !text.trim().is_empty()).or_else(account_email);
    let email = problems.check("email", email.unwrap_or_default().parse());
    let address = body.shipping_address.parsed().map_err(|error| {
        for (part, problem) in error.fields {
            problems.add(&format!("shipping_address.{part}"), problem);
        }
    });
    problems.none_or_error()?;
    match (key, method, delivery, card, expected_total, email, address) {
        (
            Some(key),
            Some(payment_method),
            Some(delivery),
            Some(card),
            Some(expected_total),
            Some(contact_email),
            Ok(shipping_address),
        ) => Ok(Placement { key, contact_email, shipping_address, delivery, payment_method, card, expected_total }),
        _ => Err(AppError::bad_request("invalid_fields", "Some fields are not right.")),
    }
}

// Without the header every request is a placement of its own, as in the shops that this one replaces.
fn idempotency_key(headers: &HeaderMap) -> Result<IdempotencyKey, checkout::KeyError> {
    match headers.get("idempotency-key") {
        None => Ok(IdempotencyKey::random()),
        Some(value) => value.to_str().map_err(|_| checkout::KeyError)?.parse(),
    }
}

fn viewer_and_id(actor: &Actor, id: &str) -> Result<(Viewer, OrderId), AppError> {
    let unknown = || AppError::from(orders::OrderError::Unknown);
    let id = id.parse().map(OrderId).map_err(|_| unknown())?;
    Ok((Viewer::Owner(actor.owner().ok_or_else(unknown)?), id))
}

fn refused(app: &App, error: PlaceError) -> AppError {
    let conflict = |code, message: &str| AppError::new(ErrorKind::Conflict, code, message);
    match error {
        PlaceError::EmptyCart => AppError::bad_request("empty_cart", "Your cart is empty."),
        PlaceError::OutOfStock(lines) => {
            let lines: Vec<_> = lines.into_iter().map(MissingShape::from).collect();
            conflict("out_of_stock", "Some of it is sold out. Nothing was ordered.").with("lines", lines)
        }
        PlaceError::PriceChanged(quote) => conflict("price_changed", "The total has changed. Nothing was ordered.")
            .with("totals", TotalsShape::from(&quote.totals)),
        PlaceError::Declined { order, .. } => {
            let message = "The payment was declined. Nothing was charged, and the order is cancelled.";
            AppError::new(ErrorKind::PaymentDeclined, "payment_declined", message)
                .with("order", OrderShape::new(app, *order))
        }
        PlaceError::KeyReused => {
            let message = "This idempotency key was used for another request.";
            AppError::new(ErrorKind::Unprocessable, "idempotency_key_reused", message)
        }
        PlaceError::StillRunning => {
            conflict("still_running", "A request with this idempotency key is still running.").retry_after(2)
        }
        PlaceError::Cart(error) => error.into(),
        PlaceError::Database(error) => error.into(),
    }
}

impl From<MissingLine> for MissingShape {
    fn from(line: MissingLine) -> Self {
        Self { variant_id: line.variant_id, name: line.name, wanted: line.wanted, available: line.available }
    }
}
