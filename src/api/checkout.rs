//! `/api/checkout`: placing orders and looking at them.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Body, OptionalBody, Params, Problems, Success, invalid_field, success},
    doc::{Declined, InvalidFields, KeyReused, NotCancellable, NotOrderable, NotThere, PlacementConflict, TooMany},
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
#[derive(Deserialize, ToSchema)]
#[schema(as = PlaceOrderBody)]
pub struct ProcessBody {
    shipping_address: AddressInput,
    /// One of `GET /api/checkout/payment-methods`.
    #[schema(example = "credit_card", pattern = "^(credit_card|debit_card|paypal|upi|bank_transfer|cod)$")]
    payment_method: String,
    /// Visitors need one; an account's is taken otherwise.
    #[serde(default)]
    #[schema(format = Email, max_length = 254, example = "ada@example.com")]
    email: Option<String>,
    /// For the demo gateway alone, never stored: `4000 0000 0000 0002` is declined.
    #[serde(default)]
    #[schema(example = "4242 4242 4242 4242")]
    card_number: Option<String>,
    #[serde(default)]
    #[schema(example = "standard", default = "standard", pattern = "^(standard|express)$")]
    delivery: Option<String>,
    /// What the buyer was shown: a higher total is asked again (409) instead of charged.
    #[serde(default)]
    expected_total: Option<DecimalText>,
}

/// What cancelling may say.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct CancellationBody {
    #[serde(default)]
    #[schema(max_length = 500, example = "Ordered twice")]
    reason: Option<String>,
}

/// Which page of the orders.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct OrdersParams {
    /// From 1; beyond the last page the list is empty.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<String>,
}

/// An order, with a sentence where something was done.
#[derive(Serialize, ToSchema)]
struct OrderAnswer {
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(example = "Thank you for your order.")]
    message: &'static str,
    order: OrderShape,
}

/// A page of the orders, the newest first.
#[derive(Serialize, ToSchema)]
struct OrdersAnswer {
    orders: Vec<OrderShape>,
    #[schema(minimum = 0, example = 1)]
    total: i64,
    #[schema(minimum = 0, example = 1)]
    pages: i64,
    #[schema(minimum = 1)]
    current_page: u32,
}

/// Ways to pay.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentMethodsAnswer)]
struct MethodsAnswer {
    payment_methods: Vec<MethodShape>,
}

/// A way to pay.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentMethod)]
struct MethodShape {
    #[schema(example = "credit_card")]
    id: &'static str,
    #[schema(example = "Credit card")]
    name: &'static str,
    /// A name among Bootstrap's icons.
    #[schema(example = "credit-card")]
    icon: &'static str,
}

/// A line of the cart of which there is not enough.
#[derive(Serialize, ToSchema)]
#[schema(as = MissingLine)]
pub struct MissingShape {
    variant_id: VariantId,
    #[schema(example = "Enamel mug")]
    name: String,
    #[schema(minimum = 1)]
    wanted: i32,
    #[schema(minimum = 0)]
    available: i32,
}

/// POST `/api/checkout/process`. Again with the same `Idempotency-Key`: the same answer, marked as replayed.
///
/// # Errors
/// As the contract lists them; see [`PlaceError`].
#[utoipa::path(
    post, path = "/api/checkout/process", operation_id = "place_order", tag = "Checkout",
    summary = "Place an order",
    description = "Orders what is in the cart. With an `Idempotency-Key` a request that got no answer may be sent again: the answer is the same, marked with \
                   `Idempotent-Replayed: true`, and nothing is ordered twice.",
    params(("Idempotency-Key" = Option<String>, Header, description = "A random text, new for each order.", min_length = 8, max_length = 200)),
    request_body = ProcessBody,
    responses(
        (status = 201, description = "The order.", body = Success<OrderAnswer>,
         headers(("Idempotent-Replayed" = String, description = "`true` where the answer is an earlier one's."))),
        NotOrderable, Declined, PlacementConflict, KeyReused, TooMany
    ),
    security((), ("session" = []), ("visitor" = []))
)]
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
#[utoipa::path(
    get, path = "/api/checkout/orders", tag = "Checkout",
    summary = "Your orders",
    description = "The newest first, twelve a page.",
    params(OrdersParams),
    responses((status = 200, description = "A page of the orders.", body = Success<OrdersAnswer>), InvalidFields),
    security((), ("session" = []), ("visitor" = []))
)]
pub async fn list_orders(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    Params(params): Params<OrdersParams>,
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
#[utoipa::path(
    get, path = "/api/checkout/orders/{id}", tag = "Checkout",
    summary = "One of your orders",
    description = "As it was placed: later changes of a product do not change it.",
    params(("id" = i64, Path, description = "The order's id.")),
    responses((status = 200, description = "The order.", body = Success<OrderAnswer>), NotThere),
    security((), ("session" = []), ("visitor" = []))
)]
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
#[utoipa::path(
    post, path = "/api/checkout/orders/{id}/cancellation", tag = "Checkout",
    summary = "Cancel an order",
    description = "As long as it is not on its way. What was paid is given back.",
    params(("id" = i64, Path, description = "The order's id.")),
    request_body(content = Option<CancellationBody>),
    responses((status = 200, description = "The order, cancelled.", body = Success<OrderAnswer>), InvalidFields, NotThere, NotCancellable),
    security((), ("session" = []), ("visitor" = []))
)]
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
#[utoipa::path(
    get, path = "/api/checkout/payment-methods", tag = "Checkout",
    summary = "Ways to pay",
    description = "In the order in which they are offered.",
    responses((status = 200, description = "The ways to pay.", body = Success<MethodsAnswer>))
)]
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
