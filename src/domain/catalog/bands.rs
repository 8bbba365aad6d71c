//! Prices as a filter offers them: few bands with round limits that hold about equally many products.

use super::{MOST_COUNTED, PriceBand};
use crate::types::{Currency, Money};

/// How fine prices are counted, in minor units: every limit is a multiple of it.
pub(super) const GRAIN: i64 = 50;
/// At most this many bands.
const BANDS: i64 = 5;

/// How many products cost about the same: between two multiples of [`GRAIN`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize)]
pub(super) struct PriceCount {
    /// The price divided by [`GRAIN`].
    pub grain: i64,
    /// How many.
    pub count: i64,
    /// The lowest of these prices, in minor units.
    pub lowest: i64,
    /// The highest of them.
    pub highest: i64,
}

/// What a filter of prices shows of a list, whatever price it is narrowed to: kept by the caller between lists of a category.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prices {
    pub(super) bands: Vec<PriceBand>,
    pub(super) lowest: Option<Money>,
    pub(super) highest: Option<Money>,
}

impl Prices {
    /// Of these counts, ordered by price.
    pub(super) fn of(counts: &[PriceCount], currency: Currency) -> Self {
        let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, currency));
        Self {
            bands: bands(counts, currency),
            lowest: money(counts.iter().map(|count| count.lowest).min()),
            highest: money(counts.iter().map(|count| count.highest).max()),
        }
    }
}

fn bands(counts: &[PriceCount], currency: Currency) -> Vec<PriceBand> {
    let limits = limits(counts);
    if limits.is_empty() {
        return Vec::new();
    }
    let ends = limits.iter().copied().map(Some).chain([None]);
    let starts = [None].into_iter().chain(limits.iter().copied().map(Some));
    let money = |minor| Money::new(minor, currency);
    starts
        .zip(ends)
        .map(|(from, below)| {
            let to = below.map(|below| below - 1);
            PriceBand { from: from.map(money), to: to.map(money), count: within(counts, from, below).min(MOST_COUNTED) }
        })
        .collect()
}

// The prices at which a new band begins. A limit that would leave a band empty is left out.
fn limits(counts: &[PriceCount]) -> Vec<i64> {
    let total: i64 = counts.iter().map(|count| count.count).sum();
    let mut limits: Vec<i64> = Vec::new();
    for nth in 1..BANDS {
        let Some(limit) = quantile(counts, total * nth / BANDS).map(round) else { continue };
        let begins = limits.last().copied();
        if begins.is_none_or(|begins| begins < limit) && within(counts, begins, Some(limit)) > 0 {
            limits.push(limit);
        }
    }
    while limits.last().is_some_and(|last| within(counts, Some(*last), None) == 0) {
        limits.pop();
    }
    limits
}

fn within(counts: &[PriceCount], from: Option<i64>, below: Option<i64>) -> i64 {
    let grains = |count: &&PriceCount| {
        from.is_none_or(|from| count.grain >= from / GRAIN) && below.is_none_or(|below| count.grain < below / GRAIN)
    };
    counts.iter().filter(grains).map(|count| count.count).sum()
}

// The price that `rank` products cost less than.
fn quantile(counts: &[PriceCount], rank: i64) -> Option<i64> {
    let mut before = 0;
    let at = |count: &&PriceCount| {
        before += count.count;
        before > rank
    };
    counts.iter().find(at).map(|count| count.lowest)
}

// To half of its first digit's place: 14.90 becomes 15, 76 becomes 75, 182 becomes 200.
fn round(minor: i64) -> i64 {
    let magnitude = 10_i64.pow(minor.max(100).ilog10());
    let step = (magnitude / 2).max(GRAIN);
    (minor + step / 2) / step * step
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn counts(prices: &[i64]) -> Vec<PriceCount> {
        let mut grains: BTreeMap<i64, PriceCount> = BTreeMap::new();
        for price in prices {
            let fresh = PriceCount { grain: price / GRAIN, count: 0, lowest: *price, highest: *price };
            let entry = grains.entry(price / GRAIN).or_insert(fresh);
            entry.count += 1;
            entry.lowest = entry.lowest.min(*price);
            entry.highest = entry.highest.max(*price);
        }
        grains.into_values().collect()
    }

    #[test]
    fn limits_are_round() {
        let rounded = [1, 99, 100, 1_490, 2_490, 7_600, 18_200, 999, 123_456].map(round);
        assert_eq!(rounded, [0, 100, 100, 1_500, 2_500, 7_500, 20_000, 1_000, 100_000]);
    }

    #[test]
    fn one_price_or_none_makes_no_bands() {
        assert_eq!(Prices::of(&[], Currency::USD), Prices::default());
        let one = Prices::of(&counts(&[1_990, 1_990]), Currency::USD);
        assert_eq!(
            (one.bands.len(), one.lowest.map(Money::minor), one.highest.map(Money::minor)),
            (0, Some(1_990), Some(1_990))
        );
    }

    proptest! {
        #[test]
        fn every_price_is_in_exactly_one_band_and_none_is_empty(prices in prop::collection::vec(0i64..200_000, 1..300)) {
            let bands = Prices::of(&counts(&prices), Currency::USD).bands;
            prop_assert!(bands.len() <= 5 && bands.len() != 1);
            for band in &bands {
                let inside = prices.iter().filter(|price| {
                    band.from.is_none_or(|from| **price >= from.minor()) && band.to.is_none_or(|to| **price <= to.minor())
                });
                prop_assert_eq!(inside.count() as i64, band.count);
                prop_assert!(band.count > 0);
                prop_assert!(band.from.is_none_or(|from| from.minor() % GRAIN == 0));
            }
            if !bands.is_empty() {
                prop_assert_eq!(bands.iter().map(|band| band.count).sum::<i64>(), prices.len() as i64);
            }
        }
    }
}
