//! What a caller may keep between lists and hand in, so that it is not asked again. A change of the catalogue ends all of it; what is a
//! little old makes no list wrong, only a count.

use time::OffsetDateTime;

use super::{CategoryNode, ListQuery, Prices, Sort};
use crate::types::{Page, PerPage};

/// Every this many products of a list there is an anchor.
pub(super) const ANCHOR_STEP: i64 = 200;

/// Parts of a list that are known already.
#[derive(Clone, Copy, Default, Debug)]
pub struct Hints<'a> {
    /// Of [`category_tree`](super::category_tree).
    pub tree: Option<&'a [CategoryNode]>,
    /// Of [`anchors`](super::anchors) for this query's [`anchors_key`](ListQuery::anchors_key).
    pub anchors: Option<&'a Anchors>,
    /// Of [`prices`](super::prices) for this query's [`prices_key`](ListQuery::prices_key).
    pub prices: Option<&'a Prices>,
}

/// Where each few hundred products of a list begin: a deep page is looked up instead of counted out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anchors(pub(super) Vec<Anchor>);

/// The place of a product in an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Anchor {
    pub key: AnchorKey,
    pub id: i64,
}

/// What a list is ordered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum AnchorKey {
    Moment(OffsetDateTime),
    Number(i64),
}

impl Anchors {
    /// The last anchor at or before this place, and how many products lie between them.
    pub(super) fn before(&self, offset: i64) -> (Option<Anchor>, i64) {
        let reached = usize::try_from(offset / ANCHOR_STEP).unwrap_or(0).min(self.0.len());
        let anchor = reached.checked_sub(1).and_then(|nth| self.0.get(nth)).copied();
        (anchor, offset - i64::try_from(reached).unwrap_or(0) * ANCHOR_STEP)
    }
}

impl ListQuery {
    /// What its anchors depend on, to keep them by; `None` where there are none: a search or a price narrows a list to few pages.
    #[must_use]
    pub fn anchors_key(&self) -> Option<Self> {
        let plain = self.search.is_none() && self.min_price.is_none() && self.max_price.is_none();
        plain.then(|| Self {
            sort: Some(self.effective_sort()),
            page: Page::FIRST,
            per_page: PerPage::DEFAULT,
            ..self.clone()
        })
    }

    /// What the prices that its filter shows depend on, to keep them by; `None` for a search, which counts its own.
    #[must_use]
    pub fn prices_key(&self) -> Option<Self> {
        let (category, in_stock) = (self.category.clone(), self.in_stock);
        self.search.is_none().then(|| Self { category, in_stock, sort: Some(Sort::Newest), ..Self::all() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_from_the_last_anchor_before_it() {
        let anchors = Anchors((1..4).map(|id| Anchor { key: AnchorKey::Number(id), id }).collect());
        let places: Vec<_> = [0, 199, 200, 599, 600, 10_000]
            .map(|offset| anchors.before(offset))
            .map(|(anchor, rest)| (anchor.map(|a| a.id), rest))
            .into();
        assert_eq!(places, [(None, 0), (None, 199), (Some(1), 0), (Some(2), 199), (Some(3), 0), (Some(3), 9_400)]);
        assert_eq!(Anchors::default().before(500), (None, 500));
    }

    #[test]
    fn pages_of_a_list_share_what_is_kept() {
        let query = ListQuery { page: Page::parse("7").unwrap(), ..ListQuery::all() };
        assert_eq!(query.anchors_key(), ListQuery::all().anchors_key());
        let priced = ListQuery { min_price: Some(crate::types::Money::new(5, crate::types::Currency::USD)), ..query };
        assert_eq!((priced.anchors_key(), priced.prices_key()), (None, ListQuery::all().prices_key()));
    }
}
