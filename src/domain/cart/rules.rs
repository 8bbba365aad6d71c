//! What a cart comes to hold: sums, bounds, and what its owner is told. No I/O.

use super::{JoinReport, LineNotice};
use crate::types::{Money, Quantity, VariantId};

/// What a line holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Content {
    pub variant: VariantId,
    pub quantity: Quantity,
    /// The price of one that the owner last saw, in minor units.
    pub seen_price: i64,
}

/// A line beside what the shop has to offer today.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    pub content: Content,
    /// The product's name.
    pub name: String,
    /// Today's price of one, in minor units.
    pub price: i64,
    /// Pieces that can be sold now; 0 for what is not sold any more.
    pub available: i32,
}

/// Why a line cannot grow that far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// More than can be sold.
    Short,
    /// More than a line holds.
    TooMany,
}

/// What comes of pouring one cart into another.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Joined {
    /// Lines to store in the account's cart.
    pub lines: Vec<Content>,
    /// What leaves the visitor's cart.
    pub taken: Vec<VariantId>,
    pub report: JoinReport,
}

/// The quantity of a line with `more` added. The stock is asked first: it says how many can still be had.
pub(super) fn merge(in_cart: i32, more: Quantity, available: i32) -> Result<Quantity, Refusal> {
    let sum = i64::from(in_cart) + i64::from(more.get());
    if sum > i64::from(available) {
        return Err(Refusal::Short);
    }
    Quantity::try_from(sum).map_err(|_| Refusal::TooMany)
}

/// What an owner is told about a line.
pub(super) fn notices(
    quantity: Quantity,
    seen: Money,
    price: Money,
    available: i32,
    archived: bool,
) -> Vec<LineNotice> {
    if archived {
        return vec![LineNotice::Archived];
    }
    let mut notices = Vec::new();
    if price.minor() > seen.minor() {
        notices.push(LineNotice::PriceRose { was: seen });
    } else if price.minor() < seen.minor() {
        notices.push(LineNotice::PriceFell { was: seen });
    }
    if available <= 0 {
        notices.push(LineNotice::SoldOut);
    } else if available < quantity.get() {
        notices.push(LineNotice::OnlyLeft { available });
    }
    notices
}

/// The lines as their owner accepts them today, and what cannot be bought any more.
pub(super) fn accept(lines: &[Standing]) -> (Vec<Content>, Vec<VariantId>) {
    let (kept, gone): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.available > 0);
    let kept = kept.into_iter().map(|line| Content {
        quantity: held(i64::from(line.content.quantity.get()), line.available),
        seen_price: line.price,
        ..line.content
    });
    (kept.collect(), gone.into_iter().map(|line| line.content.variant).collect())
}

/// Pours `brought` into `there`, in the order of `brought`: equal things are summed and held to the stock. One piece stays of
/// what is sold out, so that its line can say so. Of two seen prices the lower one stays, so that no rise goes unsaid. What finds
/// no room in a cart of `max_lines` stays behind.
pub(super) fn join(brought: &[Standing], there: &[Standing], max_lines: usize) -> Joined {
    let mut joined = Joined::default();
    let mut room = max_lines.saturating_sub(there.len());
    for line in brought {
        let variant = line.content.variant;
        let other = there.iter().find(|other| other.content.variant == variant);
        if other.is_none() && room == 0 {
            joined.report.left_behind.push(line.name.clone());
            continue;
        }
        let wanted =
            i64::from(line.content.quantity.get()) + other.map_or(0, |other| i64::from(other.content.quantity.get()));
        if wanted > i64::from(line.available) {
            joined.report.reduced.push(line.name.clone());
        }
        let seen_price = other.map_or(line.content.seen_price, |o| o.content.seen_price.min(line.content.seen_price));
        joined.lines.push(Content { variant, quantity: held(wanted, line.available), seen_price });
        joined.taken.push(variant);
        joined.report.moved += 1;
        room -= usize::from(other.is_none());
    }
    joined
}

// `wanted` within what is left and what a line holds, but at least one piece.
fn held(wanted: i64, available: i32) -> Quantity {
    let most = i64::from(available.clamp(1, Quantity::MAX.get()));
    Quantity::try_from(wanted.min(most)).unwrap_or(Quantity::ONE)
}

#[cfg(test)]
mod tests;
