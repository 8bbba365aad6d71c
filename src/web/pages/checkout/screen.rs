//! The checkout's page in all its states: fresh, with errors, sold out, dearer, declined.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{book::AddressChoices, form::CheckoutForm};
use crate::{
    config::ShopConfig,
    domain::{
        accounts::{self, SavedAddress},
        cart::{Cart, LineNotice},
        checkout::{self, Delivery, IdempotencyKey, MissingLine, Quote},
        payments::PaymentMethod,
    },
    infra::database::Db,
    request::{Actor, App, AppError},
    types::Money,
    views::layout::{Flash, Frame},
    web::{flash, form::FieldErrors, html, pages::address_fields::LABELS, redirect},
};

/// What a request to the checkout has at hand.
pub(super) struct Screen {
    pub app: App,
    pub db: Db,
    pub actor: Actor,
    pub frame: Frame,
}

/// What the page should say beside the cart as it stands.
pub(super) struct State {
    pub typed: CheckoutForm,
    /// The key to carry on with; a new one without.
    pub key: Option<IdempotencyKey>,
    pub errors: FieldErrors,
    pub notice: Option<Notice>,
    pub missing: Vec<MissingLine>,
    /// The person's addresses, if they were asked for already.
    pub saved: Option<Vec<SavedAddress>>,
}

/// Something to read before going on.
pub(super) struct Notice {
    pub kind: &'static str,
    pub heading: String,
    pub text: String,
    pub link: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "checkout/show.html")]
struct CheckoutPage {
    frame: Frame,
    state: State,
    key: IdempotencyKey,
    deliveries: Vec<Choice>,
    payments: Vec<Choice>,
    is_signed_in: bool,
    addresses: AddressChoices,
    money: MoneyParts,
}

#[derive(Template)]
#[template(path = "checkout/totals.html")]
struct TotalsFragment {
    frame: Frame,
    money: MoneyParts,
}

/// What changes with delivery and payment.
struct MoneyParts {
    quote: Quote,
    pay_label: String,
    is_buyable: bool,
}

struct Choice {
    id: &'static str,
    name: &'static str,
    text: &'static str,
    price: String,
    icon: &'static str,
    is_chosen: bool,
}

impl State {
    pub(super) fn of(typed: CheckoutForm) -> Self {
        let key = typed.key();
        Self { typed, key, errors: FieldErrors::default(), notice: None, missing: Vec::new(), saved: None }
    }

    pub(super) fn with_errors(mut self, errors: FieldErrors) -> Self {
        self.errors = errors;
        self
    }

    pub(super) fn with_saved(mut self, saved: Vec<SavedAddress>) -> Self {
        self.saved = Some(saved);
        self
    }

    pub(super) fn with_missing(mut self, missing: Vec<MissingLine>) -> Self {
        self.missing = missing;
        self
    }

    pub(super) fn saying(mut self, kind: &'static str, heading: &str, text: impl Into<String>) -> Self {
        self.notice = Some(Notice { kind, heading: heading.to_owned(), text: text.into(), link: None });
        self
    }

    /// With a link behind the words of the notice.
    pub(super) fn leading_to(mut self, label: &'static str, url: &'static str) -> Self {
        if let Some(notice) = &mut self.notice {
            notice.link = Some((label, url));
        }
        self
    }

    pub(super) fn with_new_key(mut self) -> Self {
        self.key = None;
        self
    }
}

impl Screen {
    /// The whole page; without anything to buy, the way back to the cart.
    pub(super) async fn show(self, status: StatusCode, mut state: State) -> Result<Response, AppError> {
        let quote = self.quote(state.typed.delivery()).await?;
        if quote.cart.is_empty() {
            return Ok(self.nothing_to_buy());
        }
        if state.missing.is_empty() && !quote.cart.is_buyable() {
            state.missing = missing(&quote.cart);
            if state.notice.is_none() {
                let text = "Please change it in the cart, or go on with what is left.";
                state = state
                    .saying("bad", "Not everything is there any more", text)
                    .leading_to("Change it in the cart", "/cart");
            }
        }
        let addresses = self.addresses(&mut state).await?;
        let page = CheckoutPage {
            addresses,
            key: state.key.take().unwrap_or_else(IdempotencyKey::random),
            deliveries: deliveries(&self.app.config.shop, &quote, state.typed.delivery()),
            payments: payments(state.typed.payment_method()),
            is_signed_in: self.actor.customer().is_some(),
            money: MoneyParts::new(quote, state.typed.payment_method(), &self.frame),
            frame: self.frame,
            state,
        };
        Ok(html(status, &page))
    }

    /// The parts that change with delivery and payment alone.
    pub(super) async fn totals(self, typed: &CheckoutForm) -> Result<Response, AppError> {
        let quote = self.quote(typed.delivery()).await?;
        let money = MoneyParts::new(quote, typed.payment_method(), &self.frame);
        Ok(html(StatusCode::OK, &TotalsFragment { frame: self.frame, money }))
    }

    /// An order needs something in the cart.
    pub(super) fn nothing_to_buy(&self) -> Response {
        flash::leave(self.actor.cookies(), &Flash::warn("There is nothing to pay: your cart is empty."));
        redirect("/cart")
    }

    async fn addresses(&self, state: &mut State) -> Result<AddressChoices, AppError> {
        let Some(customer) = self.actor.customer() else { return Ok(AddressChoices::default()) };
        let saved = match state.saved.take() {
            Some(saved) => saved,
            None => accounts::addresses(&self.db, customer).await?,
        };
        Ok(AddressChoices::new(&saved, &state.typed, customer.user()))
    }

    async fn quote(&self, delivery: Delivery) -> Result<Quote, AppError> {
        Ok(checkout::quote(&self.db, &self.app.config.shop, self.actor.owner(), delivery).await?)
    }
}

impl MoneyParts {
    fn new(quote: Quote, method: PaymentMethod, frame: &Frame) -> Self {
        let total = frame.money(&quote.totals.total);
        let pay_label = match method {
            PaymentMethod::CashOnDelivery => format!("Place order · {total}"),
            _ => format!("Pay {total}"),
        };
        Self { is_buyable: quote.cart.is_buyable(), quote, pay_label }
    }

    // Whether anything can still be had, so that going on with the rest makes sense.
    fn has_rest(&self) -> bool {
        self.quote.cart.lines.iter().any(|line| line.available > 0)
    }
}

impl CheckoutPage {
    fn change(&self, notice: &LineNotice, now: &Money) -> String {
        let now = self.frame.money(now);
        match notice {
            LineNotice::PriceRose { was } | LineNotice::PriceFell { was } => {
                format!("Now {now}, was {} when you last looked.", self.frame.money(was))
            }
            LineNotice::OnlyLeft { available } => format!("Only {available} left."),
            LineNotice::SoldOut => "Sold out.".to_owned(),
            LineNotice::Archived => "Not sold any more.".to_owned(),
        }
    }

    fn title(&self) -> &str {
        self.state.notice.as_ref().map_or("Checkout", |notice| &notice.heading)
    }
}

fn missing(cart: &Cart) -> Vec<MissingLine> {
    let short = cart.lines.iter().filter(|line| line.available < line.quantity.get());
    let named = short.map(|line| MissingLine {
        variant_id: line.variant_id,
        name: if line.variant_name.is_empty() {
            line.product_name.clone()
        } else {
            format!("{}, {}", line.product_name, line.variant_name)
        },
        wanted: line.quantity.get(),
        available: line.available,
    });
    named.collect()
}

fn deliveries(shop: &ShopConfig, quote: &Quote, chosen: Delivery) -> Vec<Choice> {
    let choice = |delivery: Delivery| {
        let price = delivery.price(shop, quote.totals.subtotal);
        Choice {
            id: delivery.id(),
            name: delivery.name(),
            text: match delivery {
                Delivery::Standard => "3 to 5 working days",
                Delivery::Express => "The next working day",
            },
            price: if price.is_zero() { "Free".to_owned() } else { shop.locale.money(price) },
            icon: "truck",
            is_chosen: delivery == chosen,
        }
    };
    Delivery::ALL.map(choice).into()
}

fn payments(chosen: PaymentMethod) -> Vec<Choice> {
    let choice = |method: PaymentMethod| Choice {
        id: method.id(),
        name: method.name(),
        text: "",
        price: String::new(),
        icon: method.icon(),
        is_chosen: method == chosen,
    };
    PaymentMethod::ALL.map(choice).into()
}
