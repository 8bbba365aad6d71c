//! What an order costs.

use std::str::FromStr;

use crate::types::Money;

/// How an order goes to its address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Delivery {
    /// Three to five working days.
    #[default]
    Standard,
    /// The next working day.
    Express,
}

/// Every money part of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Sum of the lines.
    pub subtotal: Money,
    /// Taken off.
    pub discount: Money,
    /// For delivery.
    pub shipping: Money,
    /// Contained in, or on top of, the rest.
    pub tax: Money,
    /// To be paid.
    pub total: Money,
    /// What is missing to free standard delivery; `None` when it is free.
    pub to_free_shipping: Option<Money>,
}

impl Delivery {
    /// The id that forms, JSON and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Express => "express",
        }
    }
}

impl FromStr for Delivery {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        [Self::Standard, Self::Express].into_iter().find(|delivery| delivery.id() == id).ok_or(())
    }
}
