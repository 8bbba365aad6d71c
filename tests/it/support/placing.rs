//! The configuration of a shop, and requests to place orders in it.

use ecommerce::{
    config::Config,
    domain::{
        checkout::{Delivery, IdempotencyKey, Placement},
        payments::PaymentMethod,
    },
};

use super::sales;

/// The demo shop's configuration, with some variables changed.
pub fn config(changes: &[(&str, &str)]) -> Config {
    let key = "k".repeat(64);
    let base = [("DATABASE_URL", "postgres://x"), ("REDIS_URL", "redis://x"), ("SECRET_KEY", key.as_str())];
    let find = |name: &str| {
        changes.iter().chain(&base).find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    Config::from_source(&find).unwrap()
}

/// A request to place an order: standard delivery, a card that is approved.
pub fn placement() -> Placement {
    Placement {
        key: IdempotencyKey::random(),
        contact_email: "ada@example.com".parse().unwrap(),
        shipping_address: sales::address(),
        delivery: Delivery::Standard,
        payment_method: PaymentMethod::CreditCard,
        card: Some("4242 4242 4242 4242".parse().unwrap()),
        expected_total: None,
    }
}
