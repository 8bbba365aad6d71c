//! Mails: subject, HTML and text from one set of facts. Those about orders are here.

mod chat;
mod contact;

mod alerts;

use askama::Template;
use secrecy::SecretString;
use url::Url;

use super::{filters, urls};
use crate::{
    config::{Config, ContactConfig, ShopConfig},
    domain::{
        checkout,
        orders::{Order, OrderLine},
        payments::PaymentState,
    },
    infra::mail::Mail,
    types::EmailError,
};

/// What every mail needs to know of the shop.
#[derive(Clone, Debug)]
pub struct Letterhead {
    shop: ShopConfig,
    contact: ContactConfig,
    public_url: Url,
    secret_key: SecretString,
}

/// Why a mail could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// What was given as an address is none that a mail can go to.
    #[error("this is no mail address: {0}")]
    Address(#[from] EmailError),
    /// A template failed.
    #[error("the mail could not be rendered: {0}")]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "emails/order_confirmation.html")]
struct ConfirmationHtml<'a> {
    mail: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "emails/order_confirmation.txt")]
struct ConfirmationText<'a> {
    mail: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "emails/order_cancelled.html")]
struct CancelledHtml<'a> {
    mail: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "emails/order_cancelled.txt")]
struct CancelledText<'a> {
    mail: &'a Facts<'a>,
}

/// What the templates say of an order.
struct Facts<'a> {
    order: &'a Order,
    shop: &'a ShopConfig,
    shop_url: &'a str,
    order_url: String,
}

impl Letterhead {
    /// The shop's, as configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            shop: config.shop.clone(),
            contact: config.contact.clone(),
            public_url: config.public.url.clone(),
            secret_key: config.secret_key.clone(),
        }
    }

    /// The shop's name.
    #[must_use]
    pub fn shop_name(&self) -> &str {
        &self.shop.name
    }

    /// Says what was ordered, and where to look after it.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn order_confirmation(&self, order: &Order) -> Result<Mail, LetterError> {
        let facts = self.facts(order);
        Ok(Mail {
            id: format!("order-confirmation-{}", order.number),
            to: order.contact_email.parse()?,
            reply_to: None,
            subject: format!("Your order {} at {}", order.number, self.shop.name),
            html: ConfirmationHtml { mail: &facts }.render()?,
            text: ConfirmationText { mail: &facts }.render()?,
        })
    }

    /// Says that the order was called off, and what becomes of the money.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn order_cancelled(&self, order: &Order) -> Result<Mail, LetterError> {
        let facts = self.facts(order);
        Ok(Mail {
            id: format!("order-cancellation-{}", order.number),
            to: order.contact_email.parse()?,
            reply_to: None,
            subject: format!("Your order {} at {} is cancelled", order.number, self.shop.name),
            html: CancelledHtml { mail: &facts }.render()?,
            text: CancelledText { mail: &facts }.render()?,
        })
    }

    fn facts<'a>(&'a self, order: &'a Order) -> Facts<'a> {
        Facts { order, shop: &self.shop, shop_url: self.public_url.as_str(), order_url: self.order_url(order) }
    }

    /// The order's page. A guest has nothing to sign in with, so their link carries a token.
    fn order_url(&self, order: &Order) -> String {
        let mut url = urls::absolute(&self.public_url, &urls::order(&order.number));
        if order.is_guest {
            url.push_str("?token=");
            url.push_str(&checkout::order_link_token(&self.secret_key, &order.number));
        }
        url
    }
}

impl Facts<'_> {
    fn line_name(&self, line: &OrderLine) -> String {
        match line.variant_name.as_str() {
            "" => line.product_name.clone(),
            variant => format!("{}, {variant}", line.product_name),
        }
    }

    fn delivery(&self) -> &'static str {
        self.order.delivery_method.parse::<checkout::Delivery>().map_or("Delivery", checkout::Delivery::name)
    }

    fn payment(&self) -> String {
        format!("{} ({})", self.order.payment_method.name(), self.order.payment_state.name().to_lowercase())
    }

    /// What becomes of the money of a cancelled order.
    fn money_back(&self) -> String {
        let total = self.shop.locale.money(self.order.total);
        match self.order.payment_state {
            PaymentState::Refunded => format!("{total} goes back to where it was paid from, within five working days."),
            PaymentState::Pending
            | PaymentState::Due
            | PaymentState::Captured
            | PaymentState::Declined
            | PaymentState::Voided => "Nothing was charged.".to_owned(),
        }
    }
}
