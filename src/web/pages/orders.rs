//! Orders: the list, one order (fresh ones say thank you), and calling one off.

mod words;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use time::Duration;
use words::Step;
pub(in crate::web) use words::badge;

use crate::{
    domain::{
        checkout,
        orders::{self, Order, OrderError, OrderStatus, Viewer},
        payments::PaymentState,
    },
    infra::{clock, database::Db},
    request::{Actor, App, AppError},
    types::{Page, Paged, PerPage},
    views::{
        filters,
        layout::{Flash, Frame},
        pagination::Pagination,
        urls,
    },
    web::{PageFrame, flash, form::Form, html, redirect},
};

#[derive(Template)]
#[template(path = "orders/list.html")]
struct ListPage {
    frame: Frame,
    cards: Vec<Card>,
    links: Pagination,
    total: i64,
    is_signed_in: bool,
}

struct Card {
    number: String,
    status: &'static str,
    badge: &'static str,
    note: String,
    pictures: Vec<(String, String)>,
    more: usize,
    total: String,
}

#[derive(Template)]
#[template(path = "orders/show.html")]
struct OrderPage {
    frame: Frame,
    order: Order,
    steps: Vec<Step>,
    is_fresh: bool,
    offers_account: bool,
    token: String,
    problem: &'static str,
}

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    page: Option<String>,
}

/// How the order's page was reached.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OrderQuery {
    placed: String,
    token: String,
}

/// Why the order is called off.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CancelForm {
    reason: String,
    token: String,
}

impl Card {
    fn of(order: &Order, frame: &Frame) -> Self {
        let pieces: i32 = order.lines.iter().map(|line| line.quantity.get()).sum();
        let things = if pieces == 1 { "1 item".to_owned() } else { format!("{pieces} items") };
        let picture = |line: &orders::OrderLine| (line.picture.clone().unwrap_or_default(), line.product_name.clone());
        let (status, kind) = badge(order);
        Self {
            number: order.number.clone(),
            status,
            badge: kind,
            note: format!("{} · {things}", frame.locale.date(order.placed_at)),
            pictures: order.lines.iter().take(4).map(picture).collect(),
            more: order.lines.len().saturating_sub(4),
            total: frame.money(&order.total),
        }
    }
}

impl OrderPage {
    fn new(frame: Frame, actor: &Actor, order: Order, query: &OrderQuery, problem: &'static str) -> Self {
        let is_new = clock::now() - order.placed_at < Duration::hours(1);
        let is_open = matches!(order.status, OrderStatus::Pending | OrderStatus::Processing);
        Self {
            steps: words::steps(&order, frame.locale),
            is_fresh: query.placed == "1" && is_new && is_open,
            offers_account: order.is_guest && actor.customer().is_none(),
            token: query.token.clone(),
            problem,
            order,
            frame,
        }
    }

    fn delivery(&self) -> &'static str {
        words::delivery(&self.order)
    }

    fn payment(&self) -> &'static str {
        words::payment(self.order.payment_state)
    }

    fn event(&self, to: &OrderStatus) -> &'static str {
        words::event(*to)
    }

    // A long one would push everything else out of the window.
    fn first_name(&self) -> String {
        self.order.shipping_address.name.split(' ').next().unwrap_or_default().chars().take(40).collect()
    }
}

/// `GET /orders`.
pub async fn list(
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Query(query): Query<ListQuery>,
) -> Result<Response, AppError> {
    let page = match query.page.as_deref() {
        None | Some("") => Page::FIRST,
        Some(text) => Page::parse(text).map_err(|_| AppError::not_found())?,
    };
    let found = match actor.owner() {
        Some(owner) => orders::list(&db, owner, page).await?,
        None => Paged { items: Vec::new(), total: 0, page, per_page: PerPage::DEFAULT },
    };
    if found.items.is_empty() && page != Page::FIRST {
        return Err(AppError::not_found());
    }
    let address = |page| if page > 1 { format!("/orders?page={page}") } else { "/orders".to_owned() };
    let page = ListPage {
        cards: found.items.iter().map(|order| Card::of(order, &frame)).collect(),
        links: Pagination::new(page.get(), found.pages(), address),
        total: found.total,
        is_signed_in: actor.customer().is_some(),
        frame,
    };
    Ok(html(StatusCode::OK, &page))
}

/// `GET /orders/{number}`, for its owner or with a signed link from a mail.
pub async fn show(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Path(number): Path<String>,
    Query(query): Query<OrderQuery>,
) -> Result<Response, AppError> {
    let viewer = viewer(&app, &actor, &number, &query.token)?;
    let order = orders::by_number(&db, &viewer, &number).await?;
    Ok(html(StatusCode::OK, &OrderPage::new(frame, &actor, order, &query, "")))
}

/// `POST /orders/{number}/cancellation`.
pub async fn cancel(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Path(number): Path<String>,
    Form(form): Form<CancelForm>,
) -> Result<Response, AppError> {
    let viewer = viewer(&app, &actor, &number, &form.token)?;
    let order = orders::by_number(&db, &viewer, &number).await?;
    match orders::cancel(&db, &viewer, order.id, Some(&form.reason)).await {
        Ok(order) => {
            flash::leave(actor.cookies(), &Flash::good(cancelled(&order, &frame)));
            Ok(redirect(&address(&order.number, &form.token)))
        }
        Err(OrderError::NotCancellable(status)) => {
            let order = orders::by_number(&db, &viewer, &number).await?;
            let query = OrderQuery { placed: String::new(), token: form.token };
            let page = OrderPage::new(frame, &actor, order, &query, words::too_late(status));
            Ok(html(StatusCode::CONFLICT, &page))
        }
        Err(other) => Err(other.into()),
    }
}

// Someone else's order, a wrong token, no order at all: all the same from outside.
fn viewer(app: &App, actor: &Actor, number: &str, token: &str) -> Result<Viewer, AppError> {
    if !token.is_empty() && checkout::is_order_link(&app.config.secret_key, number, token) {
        return Ok(Viewer::Link);
    }
    actor.owner().map(Viewer::Owner).ok_or_else(|| OrderError::Unknown.into())
}

fn address(number: &str, token: &str) -> String {
    let page = urls::order(number);
    if token.is_empty() {
        return page;
    }
    let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    format!("{page}?{query}")
}

fn cancelled(order: &Order, frame: &Frame) -> String {
    let total = frame.money(&order.total);
    match order.payment_state {
        PaymentState::Refunded => format!("Order {} is cancelled, and {total} goes back to you.", order.number),
        _ => format!("Order {} is cancelled. Nothing is charged.", order.number),
    }
}
