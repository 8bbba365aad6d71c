use proptest::prelude::*;

use super::*;
use crate::types::Currency;

fn quantity(number: i32) -> Quantity {
    Quantity::try_from(i64::from(number)).unwrap()
}

fn standing(variant: i64, pieces: i32, seen_price: i64, price: i64, available: i32) -> Standing {
    let content = Content { variant: VariantId(variant), quantity: quantity(pieces), seen_price };
    Standing { content, name: format!("Thing {variant}"), price, available }
}

#[test]
fn a_line_grows_to_the_stock_and_to_999() {
    assert_eq!(merge(0, quantity(3), 3), Ok(quantity(3)));
    assert_eq!(merge(2, quantity(2), 3), Err(Refusal::Short));
    assert_eq!(merge(998, quantity(1), 2_000), Ok(Quantity::MAX));
    assert_eq!(merge(998, quantity(2), 2_000), Err(Refusal::TooMany));
    assert_eq!(merge(998, quantity(2), 500), Err(Refusal::Short), "the tighter bound is the one that helps");
    assert_eq!(merge(0, quantity(1), 0), Err(Refusal::Short));
}

#[test]
fn a_line_says_what_changed() {
    let usd = |minor| Money::new(minor, Currency::USD);
    let told = |pieces, seen, price, available, archived| {
        notices(quantity(pieces), usd(seen), usd(price), available, archived)
    };
    assert_eq!(told(2, 100, 100, 2, false), []);
    assert_eq!(told(2, 100, 120, 5, false), [LineNotice::PriceRose { was: usd(100) }]);
    assert_eq!(
        told(2, 100, 80, 1, false),
        [LineNotice::PriceFell { was: usd(100) }, LineNotice::OnlyLeft { available: 1 }]
    );
    assert_eq!(told(2, 100, 100, 0, false), [LineNotice::SoldOut]);
    assert_eq!(told(2, 100, 120, 0, true), [LineNotice::Archived], "nothing else matters then");
}

#[test]
fn accepting_takes_todays_prices_and_what_is_left() {
    let (kept, gone) = accept(&[standing(1, 5, 100, 120, 3), standing(2, 5, 100, 100, 9), standing(3, 1, 100, 90, 0)]);
    assert_eq!(
        kept,
        [
            Content { variant: VariantId(1), quantity: quantity(3), seen_price: 120 },
            Content { variant: VariantId(2), quantity: quantity(5), seen_price: 100 },
        ]
    );
    assert_eq!(gone, [VariantId(3)]);
}

#[test]
fn joining_sums_equal_things_and_says_what_is_short() {
    let brought = [standing(1, 2, 90, 100, 10), standing(2, 4, 100, 100, 5), standing(3, 2, 100, 100, 0)];
    let there = [standing(2, 3, 80, 100, 5), standing(9, 1, 100, 100, 0)];
    let joined = join(&brought, &there, 100);
    assert_eq!(
        joined.lines,
        [
            Content { variant: VariantId(1), quantity: quantity(2), seen_price: 90 },
            Content { variant: VariantId(2), quantity: quantity(5), seen_price: 80 },
            Content { variant: VariantId(3), quantity: quantity(1), seen_price: 100 },
        ]
    );
    assert_eq!(
        joined.report,
        JoinReport { moved: 3, reduced: vec!["Thing 2".into(), "Thing 3".into()], left_behind: vec![] }
    );
}

#[test]
fn what_finds_no_room_stays_behind_and_is_named() {
    let brought = [standing(1, 1, 1, 1, 9), standing(2, 1, 1, 1, 9), standing(3, 1, 1, 1, 9)];
    let joined = join(&brought, &[standing(3, 1, 1, 1, 9)], 2);
    assert_eq!(joined.taken, [VariantId(1), VariantId(3)], "a line that is there needs no room");
    assert_eq!(joined.report.left_behind, ["Thing 2"]);
}

fn carts() -> impl Strategy<Value = Vec<Standing>> {
    let line = (1i64..30, 1i32..=999, 1i64..10_000, 0i32..2_000);
    prop::collection::vec(line, 0..20).prop_map(|lines| {
        let mut cart: Vec<Standing> = Vec::new();
        for (variant, pieces, seen, available) in lines {
            if !cart.iter().any(|line| line.content.variant.0 == variant) {
                // The stock is the shop's, not the cart's: the same for a variant in either cart.
                cart.push(standing(variant, pieces, seen, seen, (available * variant as i32) % 2_000));
            }
        }
        cart
    })
}

proptest! {
    #[test]
    fn a_merge_never_passes_stock_or_bound(in_cart in 0i32..=999, more in 1i32..=999, available in 0i32..3_000) {
        match merge(in_cart, quantity(more), available) {
            Ok(sum) => prop_assert!(sum.get() == in_cart + more && sum.get() <= available),
            Err(Refusal::Short) => prop_assert!(in_cart + more > available),
            Err(Refusal::TooMany) => prop_assert!(in_cart + more > 999),
        }
    }

    #[test]
    fn a_join_loses_nothing_and_never_asks_for_more_than_there_is(brought in carts(), there in carts(), max in 0usize..40) {
        let joined = join(&brought, &there, max);
        prop_assert_eq!(joined.taken.len() + joined.report.left_behind.len(), brought.len());
        prop_assert_eq!(joined.report.moved, joined.taken.len());
        let new = joined.lines.iter().filter(|line| !there.iter().any(|t| t.content.variant == line.variant)).count();
        prop_assert!(new == 0 || there.len() + new <= max);
        for line in &joined.lines {
            let source = brought.iter().find(|b| b.content.variant == line.variant).unwrap();
            let other = there.iter().find(|t| t.content.variant == line.variant);
            let wanted = source.content.quantity.get() + other.map_or(0, |t| t.content.quantity.get());
            prop_assert!(line.quantity.get() <= source.available.max(1));
            prop_assert!(line.quantity.get() == wanted.min(999) || line.quantity.get() == source.available.max(1));
        }
    }

    #[test]
    fn accepting_twice_is_accepting_once(cart in carts()) {
        let (kept, gone) = accept(&cart);
        prop_assert_eq!(kept.len() + gone.len(), cart.len());
        let again: Vec<_> = cart.iter().filter_map(|line| {
            let content = *kept.iter().find(|kept| kept.variant == line.content.variant)?;
            Some(Standing { content, ..line.clone() })
        }).collect();
        prop_assert_eq!(accept(&again), (kept, vec![]));
    }
}
