//! What a list is asked for, and what it answers: one page of products, with the counts that its filters show.

use super::ProductSummary;
use crate::types::{Money, Page, PerPage, SearchText};

/// Beyond this many products that match a search or a price, they are no longer counted: the count says "more than".
pub const MOST_COUNTED: i64 = 2_000;

/// Which products a list shows, in which order, and which page of them. Everything in it takes part in every filter.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListQuery {
    /// Words that the products have to do with.
    pub search: Option<SearchText>,
    /// A category's slug or its name, with all below it.
    pub category: Option<String>,
    /// The least that the default variant costs.
    pub min_price: Option<Money>,
    /// The most that the default variant costs.
    pub max_price: Option<Money>,
    /// Only what can be bought now.
    pub in_stock: bool,
    /// In which order; `None` is what fits: relevance for a search, else the newest first.
    pub sort: Option<Sort>,
    /// Which page.
    pub page: Page,
    /// How many a page.
    pub per_page: PerPage,
}

/// The order of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sort {
    /// How well it fits the search; without one, the newest first.
    Relevance,
    /// The newest first.
    Newest,
    /// The cheapest first.
    PriceUp,
    /// The dearest first.
    PriceDown,
    /// What was bought most lately.
    Popular,
}

/// One page of products, and what the filters beside it show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// The products of this page.
    pub items: Vec<ProductSummary>,
    /// How many there are on all pages.
    pub total: Total,
    /// Which page this is.
    pub page: Page,
    /// How many a page.
    pub per_page: PerPage,
    /// The order they are in.
    pub sort: Sort,
    /// What each filter would show.
    pub facets: Facets,
    /// The words that were searched instead, where the given ones find next to nothing and look mistyped.
    pub corrected: Option<String>,
}

/// How many products match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Total {
    /// At most [`MOST_COUNTED`] where a search or a price narrows the list; exact otherwise.
    pub count: i64,
    /// Whether there are more than `count`.
    pub is_capped: bool,
}

/// What each filter would show, given all the others. Capped as the total is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facets {
    /// Categories that have a matching product in them or below, in the order of the tree, parents before children.
    pub categories: Vec<CategoryCount>,
    /// Prices in bands that hold about equally many; none where all cost the same.
    pub prices: Vec<PriceBand>,
    /// The lowest price among them.
    pub lowest_price: Option<Money>,
    /// The highest price among them.
    pub highest_price: Option<Money>,
    /// How many of them can be bought now.
    pub in_stock: i64,
}

/// A category as a filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryCount {
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// How many lie above it.
    pub depth: usize,
    /// How many matching products it and those below it hold.
    pub count: i64,
}

/// A range of prices as a filter; both ends belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PriceBand {
    /// From this price on; the first band has no lower end.
    pub from: Option<Money>,
    /// Up to this price; the last band has no upper end.
    pub to: Option<Money>,
    /// How many matching products cost that.
    pub count: i64,
}

/// A proposal while someone types.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Suggestion {
    /// A product, with its part of the address, its price and its picture's stem.
    Product {
        /// Its part of the address.
        slug: String,
        /// Its name.
        name: String,
        /// What the default variant costs.
        price: Money,
        /// The stem of its first picture.
        picture: Option<String>,
    },
    /// A category.
    Category {
        /// Its part of the address.
        slug: String,
        /// Its name.
        name: String,
    },
}

impl ListQuery {
    /// Everything, the newest first, from the first page.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            search: None,
            category: None,
            min_price: None,
            max_price: None,
            in_stock: false,
            sort: None,
            page: Page::FIRST,
            per_page: PerPage::DEFAULT,
        }
    }

    /// The order that is meant.
    #[must_use]
    pub const fn effective_sort(&self) -> Sort {
        match (self.sort, &self.search) {
            (Some(Sort::Relevance) | None, None) => Sort::Newest,
            (Some(sort), _) => sort,
            (None, Some(_)) => Sort::Relevance,
        }
    }
}

impl Sort {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Relevance, Self::Newest, Self::Popular, Self::PriceUp, Self::PriceDown];

    /// The word in addresses and JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::PriceUp => "price_asc",
            Self::PriceDown => "price_desc",
            Self::Popular => "popular",
        }
    }

    /// The order of that word; `None` if there is none.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.id() == id)
    }
}

impl Listing {
    /// How many pages there are; an empty list has none.
    #[must_use]
    pub fn pages(&self) -> i64 {
        let size = i64::from(self.per_page.get());
        (self.total.count + size - 1) / size
    }
}
