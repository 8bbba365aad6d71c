//! Merging lines, and telling which of them are short.

use std::collections::BTreeMap;

use super::Shortage;
use crate::types::{Quantity, VariantId};

/// Pieces a variant, each variant once, in id order: the order in which stock is locked.
pub(super) fn merge(lines: &[(VariantId, Quantity)]) -> BTreeMap<VariantId, i32> {
    let mut wanted = BTreeMap::new();
    for (variant, quantity) in lines {
        let pieces: &mut i32 = wanted.entry(*variant).or_default();
        *pieces = pieces.saturating_add(quantity.get());
    }
    wanted
}

/// Of the lines that were not taken, those that are short themselves. A refusal without one (someone changed the level by hand
/// between reading and writing) names them all: better a line too many than an order without stock.
pub(super) fn short(wanted: &BTreeMap<VariantId, i32>, refused: Vec<Shortage>) -> Vec<Shortage> {
    let is_short = |line: &Shortage| wanted.get(&line.variant_id).is_some_and(|pieces| line.available < *pieces);
    let named: Vec<_> = refused.iter().filter(|line| is_short(line)).cloned().collect();
    if named.is_empty() { refused } else { named }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn merging_keeps_every_piece_and_sorts_by_id(lines in prop::collection::vec((1i64..20, 1i64..=999), 0..50)) {
            let lines: Vec<_> =
                lines.iter().map(|&(id, pieces)| (VariantId(id), Quantity::try_from(pieces).unwrap())).collect();
            let wanted = merge(&lines);
            let before: i32 = lines.iter().map(|(_, quantity)| quantity.get()).sum();
            prop_assert_eq!(wanted.values().sum::<i32>(), before);
            prop_assert!(wanted.keys().is_sorted());
        }
    }

    #[test]
    fn only_what_is_short_is_named() {
        let wanted = BTreeMap::from([(VariantId(1), 2), (VariantId(2), 2)]);
        let refused =
            |available| Shortage { variant_id: VariantId(available), available: i32::try_from(available).unwrap() };
        assert_eq!(short(&wanted, vec![refused(1), refused(2)]), [refused(1)]);
        assert_eq!(short(&wanted, vec![refused(2)]), [refused(2)]);
    }
}
