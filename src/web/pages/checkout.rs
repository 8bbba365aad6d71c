//! From the cart to an order: one form, guests first.

mod book;
mod form;
mod screen;

use axum::{
    extract::{Query, State as AxumState},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::Response,
};
use book::Chosen;
use form::{CheckoutForm, Unread};
use screen::{Screen, State};

use crate::{
    domain::{
        accounts::{self, Owner},
        cart,
        checkout::{self, PlaceError, Placement, Quote},
    },
    infra::database::Db,
    request::{Actor, App, AppError, Limit, check_limit},
    views::{layout::Flash, urls},
    web::{Hx, PageFrame, flash, form::Form, redirect},
};

/// `GET /checkout`.
pub async fn show(
    AxumState(app): AxumState<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Query(chosen): Query<Chosen>,
) -> Result<Response, AppError> {
    let state = match actor.customer() {
        Some(customer) => {
            let saved = accounts::addresses(&db, customer).await?;
            let typed = CheckoutForm::prefilled(customer.user(), chosen.of(&saved)?);
            State::of(typed).with_saved(saved)
        }
        None => State::of(CheckoutForm::default()),
    };
    Screen { app, db, actor, frame }.show(StatusCode::OK, state).await
}

/// `GET /checkout/summary`: totals and button for a delivery and a way to pay, for htmx.
pub async fn summary(
    AxumState(app): AxumState<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    hx: Hx,
    Query(typed): Query<CheckoutForm>,
) -> Result<Response, AppError> {
    if !hx.wants_fragment {
        return Ok(redirect("/checkout"));
    }
    Screen { app, db, actor, frame }.totals(&typed).await
}

/// `POST /checkout`: places the order; or, by its other buttons, reckons anew or goes on with what is left.
pub async fn place(
    AxumState(app): AxumState<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Form(typed): Form<CheckoutForm>,
) -> Result<Response, AppError> {
    let screen = Screen { app, db, actor, frame };
    if typed.account == "1" && screen.actor.customer().is_none() {
        let text = "You were signed out meanwhile. Nothing was ordered; sign in again to go on.";
        flash::leave(screen.actor.cookies(), &Flash::warn(text));
        return Ok(redirect(&urls::login("/checkout")));
    }
    let Some(owner) = screen.actor.owner() else { return Ok(screen.nothing_to_buy()) };
    match typed.action.as_str() {
        "update" => screen.show(StatusCode::OK, State::of(typed)).await,
        "accept" => accept_changes(screen, owner, typed).await,
        _ => place_order(screen, owner, typed).await,
    }
}

async fn accept_changes(screen: Screen, owner: Owner, typed: CheckoutForm) -> Result<Response, AppError> {
    cart::accept_changes(&screen.db, owner).await?;
    let text = "Only what is left is in it now. Please look at the total before you go on.";
    screen.show(StatusCode::OK, State::of(typed).saying("info", "Your order has changed", text)).await
}

async fn place_order(screen: Screen, owner: Owner, typed: CheckoutForm) -> Result<Response, AppError> {
    check_limit(&screen.app, &screen.actor, Limit::Checkout).await?;
    match typed.read(&screen.app.config.shop) {
        Ok(placement) => answer(screen, owner, typed, placement).await,
        Err(Unread::Fields(errors)) => {
            screen.show(StatusCode::UNPROCESSABLE_ENTITY, State::of(typed).with_errors(errors)).await
        }
        Err(Unread::Hidden) => {
            let text = "Please look at the total and send it once more.";
            let state = State::of(typed).saying("warn", "This form was out of date", text);
            screen.show(StatusCode::UNPROCESSABLE_ENTITY, state).await
        }
    }
}

async fn answer(screen: Screen, owner: Owner, typed: CheckoutForm, placement: Placement) -> Result<Response, AppError> {
    let kept = (typed.save_address == "1").then(|| placement.shipping_address.clone());
    let error = match checkout::place(&screen.db, &screen.app.config.shop, owner, placement).await {
        Ok(placed) => {
            if let Some(address) = kept {
                book::keep(&screen, &address).await;
            }
            return Ok(redirect(&format!("{}?placed=1", urls::order(&placed.order.number))));
        }
        Err(error) => error,
    };
    let state = State::of(typed);
    match error {
        PlaceError::EmptyCart => Ok(screen.nothing_to_buy()),
        PlaceError::OutOfStock(missing) => {
            let text = "Someone was quicker. Nothing was ordered and nothing is charged.";
            screen
                .show(
                    StatusCode::CONFLICT,
                    state
                        .with_missing(missing)
                        .saying("bad", "Sold out meanwhile", text)
                        .leading_to("Change it in the cart", "/cart"),
                )
                .await
        }
        PlaceError::PriceChanged(quote) => {
            let state = dearer(&screen, state, &quote);
            screen.show(StatusCode::CONFLICT, state).await
        }
        PlaceError::Declined { .. } => {
            let text =
                "Nothing was charged, and your cart is as it was. Please try another card or another way to pay.";
            let state = state
                .with_new_key()
                .saying("bad", "The card was declined", text)
                .leading_to("Choose how to pay", "#step-3");
            screen.show(StatusCode::PAYMENT_REQUIRED, state).await
        }
        PlaceError::KeyReused => {
            let text = "An order was placed with this form before. If you want another one, please send it once more.";
            let state = state.with_new_key().saying("warn", "You have ordered with this form already", text);
            screen.show(StatusCode::UNPROCESSABLE_ENTITY, state).await
        }
        PlaceError::StillRunning => still_running(screen, state).await,
        PlaceError::Cart(error) => Err(error.into()),
        PlaceError::Database(error) => Err(error.into()),
    }
}

fn dearer(screen: &Screen, state: State, quote: &Quote) -> State {
    let now = screen.frame.money(&quote.totals.total);
    let seen = state.typed.expected_total(&screen.app.config.shop).map(|total| screen.frame.money(&total));
    let before = seen.map(|total| format!(" It was {total} when you looked.")).unwrap_or_default();
    let text =
        format!("The total is {now} now.{before} Nothing was ordered yet: if that is fine, please confirm below.");
    state.saying("warn", "The total has changed", text)
}

async fn still_running(screen: Screen, state: State) -> Result<Response, AppError> {
    let text = "Please wait a few seconds and send it again. It will not be charged twice.";
    let state = state.saying("warn", "Your order is still being placed", text);
    let mut response = screen.show(StatusCode::CONFLICT, state).await?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("3"));
    Ok(response)
}
