//! Prices as a filter offers them: few bands with round limits that hold about equally many products.

use super::{MOST_COUNTED, PriceBand};
use crate::types::{Currency, Money};

/// The width of the narrowest cells, in minor units: every other is made of some.
pub(super) const NARROWEST: i64 = 50;
/// At most this many bands.
const BANDS: i64 = 5;

/// How many products cost about the same: a cell is half of its first digit's place wide, as the database's `price_cell` has it. So 14.90
/// is in the cell of 10, 76 in that of 75, and 182 in that of 150.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize)]
pub(super) struct PriceCount {
    /// The start of the cell, in minor units.
    pub price_from: i64,
    /// How many.
    pub count: i64,
}

/// What a filter of prices shows of a list, whatever price it is narrowed to: kept by the caller between lists of a category.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prices {
    pub(super) bands: Vec<PriceBand>,
    pub(super) lowest: Option<Money>,
    pub(super) highest: Option<Money>,
}

impl Prices {
    /// Of these counts, ordered by price, and the prices at both ends.
    pub(super) fn of(counts: &[PriceCount], ends: (Option<i64>, Option<i64>), currency: Currency) -> Self {
        let money = |minor: Option<i64>| minor.map(|minor| Money::new(minor, currency));
        Self { bands: bands(counts, currency), lowest: money(ends.0), highest: money(ends.1) }
    }
}

/// A range of prices as it is counted: whole cells, and what is left of it at both ends, at most a cell each.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct PriceRange {
    /// From the start of the first cell to where the last ends; open where the range is.
    pub cells: Option<Span>,
    /// Parts of a cell.
    pub edges: Vec<Span>,
}

/// Prices from one on, and below another, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub from: i64,
    pub below: Option<i64>,
}

impl PriceRange {
    /// Prices of at least `from` and at most `to`.
    pub(super) fn of(from: Option<i64>, to: Option<i64>) -> Self {
        let (from, below) = (from.unwrap_or(0).max(0), to.map(|to| to.saturating_add(1)));
        if below.is_some_and(|below| below <= from) {
            return Self::default();
        }
        // The first cell that begins within, and the last that does not end there.
        let first = if cell(from) == from { from } else { cell(from) + step(from) };
        let last = below.map(cell);
        if last.is_some_and(|last| last < first) {
            return Self { cells: None, edges: vec![Span { from, below }] };
        }
        let span = |from, below: Option<i64>| below.is_none_or(|below| from < below).then_some(Span { from, below });
        let edges = [span(from, Some(first)), last.and_then(|last| span(last, below))];
        Self { cells: span(first, last), edges: edges.into_iter().flatten().collect() }
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
        let Some(limit) = limit_near(counts, total * nth / BANDS) else { continue };
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

// Limits never cut a cell, so that its count is wholly in or out.
fn within(counts: &[PriceCount], from: Option<i64>, below: Option<i64>) -> i64 {
    let cells = |count: &&PriceCount| {
        from.is_none_or(|from| count.price_from >= from) && below.is_none_or(|below| count.price_from < below)
    };
    counts.iter().filter(cells).map(|count| count.count).sum()
}

// The start or the end of the cell in which the cheapest `rank` products end, whichever is nearer.
fn limit_near(counts: &[PriceCount], rank: i64) -> Option<i64> {
    let mut before = 0;
    for PriceCount { price_from, count } in counts {
        let after = before + count;
        if after > rank {
            return Some(if rank - before <= after - rank { *price_from } else { price_from + step(*price_from) });
        }
        before = after;
    }
    None
}

// Where the cell of a price begins.
fn cell(minor: i64) -> i64 {
    minor - minor % step(minor)
}

// How wide it is.
fn step(minor: i64) -> i64 {
    let first_digit = 10_i64.pow(minor.max(1).ilog10());
    (first_digit / 2).max(NARROWEST)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn counts(prices: &[i64]) -> Vec<PriceCount> {
        let mut cells: BTreeMap<i64, i64> = BTreeMap::new();
        for price in prices {
            *cells.entry(cell(*price)).or_default() += 1;
        }
        cells.into_iter().map(|(price_from, count)| PriceCount { price_from, count }).collect()
    }

    fn of(prices: &[i64]) -> Prices {
        let ends = (prices.iter().min().copied(), prices.iter().max().copied());
        Prices::of(&counts(prices), ends, Currency::USD)
    }

    fn limits_of(prices: &[i64]) -> Vec<i64> {
        of(prices).bands.iter().filter_map(|band| band.from.map(Money::minor)).collect()
    }

    #[test]
    fn cells_are_half_of_the_first_digits_place_wide() {
        let starts = [0, 49, 50, 999, 1_000, 1_490, 1_500, 9_999, 10_000, 18_200, 123_456, 99_999_999_999].map(cell);
        let expected = [0, 0, 50, 950, 1_000, 1_000, 1_500, 9_500, 10_000, 15_000, 100_000, 95_000_000_000];
        assert_eq!(starts, expected);
        for minor in [0, 999, 1_000, 12_345, 99_999, 1_000_000] {
            let end = cell(minor) + step(minor);
            assert_eq!(cell(end), end, "a cell ends where one begins");
        }
    }

    #[test]
    fn a_limit_is_set_where_bands_become_more_equal() {
        assert_eq!(limits_of(&[1_490; 10].into_iter().chain([2_990; 10]).collect::<Vec<_>>()), [1_500]);
        let even: Vec<i64> = (0..100).map(|nth| 1_000 + nth * 50).collect();
        assert_eq!(limits_of(&even), [2_000, 3_000, 4_000, 5_000]);
    }

    #[test]
    fn one_price_or_none_makes_no_bands() {
        assert_eq!(of(&[]), Prices::default());
        let one = of(&[1_990, 1_990]);
        assert_eq!(
            (one.bands.len(), one.lowest.map(Money::minor), one.highest.map(Money::minor)),
            (0, Some(1_990), Some(1_990))
        );
    }

    fn holds(span: Span, price: i64) -> bool {
        price >= span.from && span.below.is_none_or(|below| price < below)
    }

    #[test]
    fn round_limits_leave_nothing_at_the_ends_but_the_last_price() {
        let span = |from, below| Span { from, below };
        assert_eq!(
            PriceRange::of(Some(2_000), Some(6_000)),
            PriceRange { cells: Some(span(2_000, Some(6_000))), edges: vec![span(6_000, Some(6_001))] }
        );
        assert_eq!(PriceRange::of(Some(2_000), Some(5_999)).edges, []);
        assert_eq!(PriceRange::of(Some(2_100), None).cells, Some(span(2_500, None)));
        assert_eq!(
            PriceRange::of(Some(2_100), Some(2_200)),
            PriceRange { cells: None, edges: vec![span(2_100, Some(2_201))] }
        );
        assert_eq!(PriceRange::of(Some(3_000), Some(2_000)), PriceRange::default());
        assert_eq!(PriceRange::of(None, Some(i64::MAX)).cells.map(|cells| cells.from), Some(0));
    }

    proptest! {
        #[test]
        fn every_price_of_a_range_is_counted_once_and_no_other(
            from in prop::option::of(0i64..30_000), to in prop::option::of(0i64..30_000), prices in prop::collection::vec(0i64..30_000, 1..200)
        ) {
            let PriceRange { cells, edges } = PriceRange::of(from, to);
            for price in prices {
                let is_within = from.is_none_or(|from| price >= from) && to.is_none_or(|to| price <= to);
                // A cell is wholly in or out, so that its start stands for all of it.
                let times = cells.iter().filter(|cells| holds(**cells, cell(price))).count()
                    + edges.iter().filter(|edge| holds(**edge, price)).count();
                prop_assert_eq!(times, usize::from(is_within), "{} of {:?} to {:?}", price, from, to);
            }
            for edge in edges {
                prop_assert!(edge.below.is_some_and(|below| below - edge.from <= step(edge.from)), "no more than a cell: {:?}", edge);
            }
        }

        #[test]
        fn every_price_is_in_exactly_one_band_and_none_is_empty(prices in prop::collection::vec(0i64..200_000, 1..300)) {
            let bands = of(&prices).bands;
            prop_assert!(bands.len() <= 5 && bands.len() != 1);
            for band in &bands {
                let inside = prices.iter().filter(|price| {
                    band.from.is_none_or(|from| **price >= from.minor()) && band.to.is_none_or(|to| **price <= to.minor())
                });
                prop_assert_eq!(inside.count() as i64, band.count);
                prop_assert!(band.count > 0);
                prop_assert!(band.from.is_none_or(|from| cell(from.minor()) == from.minor()), "every limit is round");
            }
            if !bands.is_empty() {
                prop_assert_eq!(bands.iter().map(|band| band.count).sum::<i64>(), prices.len() as i64);
            }
        }
    }
}
