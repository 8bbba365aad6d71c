//! What an order costs.

use std::str::FromStr;

use crate::{
    config::ShopConfig,
    types::{BasisPoints, Money, MoneyError, Rounding},
};

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
    /// All, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Express];

    /// The id that forms, JSON and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Express => "express",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard delivery",
            Self::Express => "Express delivery",
        }
    }

    /// What it costs for goods of this subtotal: standard delivery is free from the shop's threshold on, express never.
    #[must_use]
    pub const fn price(self, shop: &ShopConfig, subtotal: Money) -> Money {
        match self {
            Self::Standard if subtotal.minor() >= shop.free_shipping_from.minor() => Money::zero(shop.currency),
            Self::Standard => shop.shipping_standard,
            Self::Express => shop.shipping_express,
        }
    }
}

impl FromStr for Delivery {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|delivery| delivery.id() == id).ok_or(())
    }
}

/// What an order of these lines (their totals, each with its tax rate) costs. Tax is rounded line by line, so that the lines of an
/// invoice add up to it; delivery carries none of its own. Without lines everything is zero.
///
/// # Errors
/// Overflow, or a line in another currency than the shop's.
pub(super) fn totals(
    shop: &ShopConfig,
    lines: &[(Money, BasisPoints)],
    delivery: Delivery,
) -> Result<Totals, MoneyError> {
    let zero = Money::zero(shop.currency);
    let subtotal = Money::sum(shop.currency, lines.iter().map(|(total, _)| *total))?;
    let shipping = if lines.is_empty() { zero } else { delivery.price(shop, subtotal) };
    let tax = lines.iter().try_fold(zero, |sum, (total, rate)| {
        let tax = if shop.prices_include_tax { Money::tax_included } else { Money::tax_on_top };
        sum.plus(tax(*total, *rate, Rounding::HalfUp)?)
    })?;
    let goods_and_delivery = subtotal.plus(shipping)?;
    let total = if shop.prices_include_tax { goods_and_delivery } else { goods_and_delivery.plus(tax)? };
    let missing = shop.free_shipping_from.minus(subtotal)?;
    let to_free_shipping = (missing.minor() > 0).then_some(missing);
    Ok(Totals { subtotal, discount: zero, shipping, tax, total, to_free_shipping })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        config::Config,
        types::{Currency, Quantity},
    };

    fn shop(prices_include_tax: bool) -> ShopConfig {
        let key = "k".repeat(64);
        let find = |name: &str| match name {
            "DATABASE_URL" | "REDIS_URL" => Some("x://x".to_owned()),
            "SECRET_KEY" => Some(key.clone()),
            "PRICES_INCLUDE_TAX" => Some(prices_include_tax.to_string()),
            _ => None,
        };
        Config::from_source(&find).unwrap().shop
    }

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn tax_is_part_of_the_total_or_comes_on_top() {
        let lines = [(usd(1080), BasisPoints(800)), (usd(500), BasisPoints(0))];
        let included = totals(&shop(true), &lines, Delivery::Standard).unwrap();
        assert_eq!((included.tax, included.total), (usd(80), usd(1580 + 490)));
        let on_top = totals(&shop(false), &lines, Delivery::Standard).unwrap();
        assert_eq!((on_top.tax, on_top.total), (usd(86), usd(1580 + 490 + 86)));
    }

    #[test]
    fn standard_delivery_is_free_from_the_threshold_on_and_express_never() {
        let shop = shop(true);
        let at = |minor, delivery| totals(&shop, &[(usd(minor), BasisPoints(0))], delivery).unwrap();
        let below = at(4999, Delivery::Standard);
        assert_eq!((below.shipping, below.to_free_shipping), (usd(490), Some(usd(1))));
        let reached = at(5000, Delivery::Standard);
        assert_eq!((reached.shipping, reached.to_free_shipping), (usd(0), None));
        assert_eq!(at(5000, Delivery::Express).shipping, usd(990));
    }

    #[test]
    fn an_empty_cart_costs_nothing_and_an_absurd_one_is_refused() {
        assert_eq!(totals(&shop(true), &[], Delivery::Express).unwrap().total, usd(0));
        let absurd = [(usd(i64::MAX), BasisPoints(0)), (usd(1), BasisPoints(0))];
        assert_eq!(totals(&shop(true), &absurd, Delivery::Standard), Err(MoneyError::Overflow));
    }

    fn line() -> impl Strategy<Value = (i64, i32, i32)> {
        (0i64..100_000_000_000, 1i32..=999, 0i32..=10_000)
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_total(
            lines in prop::collection::vec(line(), 1..100), included: bool, express: bool,
        ) {
            let shop = shop(included);
            let delivery = if express { Delivery::Express } else { Delivery::Standard };
            let priced: Vec<_> = lines.iter().map(|&(price, quantity, rate)| {
                let quantity = Quantity::try_from(i64::from(quantity)).unwrap();
                (usd(price).times(quantity).unwrap(), BasisPoints(rate))
            }).collect();
            let totals = totals(&shop, &priced, delivery).unwrap();
            let goods: i64 = lines.iter().map(|&(price, quantity, _)| price * i64::from(quantity)).sum();
            prop_assert_eq!(totals.subtotal.minor(), goods);
            let on_top = if included { 0 } else { totals.tax.minor() };
            prop_assert_eq!(totals.total.minor(), goods + totals.shipping.minor() - totals.discount.minor() + on_top);
            prop_assert!(totals.tax.minor() >= 0 && totals.tax.minor() <= goods);
            let free = delivery == Delivery::Standard && goods >= shop.free_shipping_from.minor();
            prop_assert_eq!(totals.shipping.is_zero(), free);
        }

        #[test]
        fn the_order_of_the_lines_changes_nothing(lines in prop::collection::vec(line(), 1..20)) {
            let priced: Vec<_> = lines.iter().map(|&(price, _, rate)| (usd(price), BasisPoints(rate))).collect();
            let reversed: Vec<_> = priced.iter().rev().copied().collect();
            let shop = shop(true);
            let (one, other) = (totals(&shop, &priced, Delivery::Express), totals(&shop, &reversed, Delivery::Express));
            prop_assert_eq!(one, other);
        }
    }
}
