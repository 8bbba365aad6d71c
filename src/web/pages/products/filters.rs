//! The filters beside a list: each a link to the list that it would make, so that they work alone and can be shared.

use super::asked::Asked;
use crate::{
    domain::catalog::{CategoryNode, Facets, ListQuery, PriceBand},
    types::{Locale, Money, Page},
    views::urls,
};

/// What the column (on phones: the sheet) shows.
pub(super) struct Filters {
    pub(super) all_url: String,
    pub(super) is_all: bool,
    pub(super) categories: Vec<CategoryLink>,
    pub(super) bands: Vec<BandLink>,
    pub(super) price: PriceForm,
    pub(super) in_stock: StockForm,
    /// Those that are on.
    pub(super) chips: Vec<Chip>,
    /// The list without any of them.
    pub(super) clear_url: String,
}

/// A category with what it would show.
pub(super) struct CategoryLink {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) name: String,
    pub(super) depth: usize,
    pub(super) count: String,
    pub(super) is_current: bool,
}

/// A range of prices; the one that is on leads back to all prices.
pub(super) struct BandLink {
    pub(super) url: String,
    pub(super) label: String,
    pub(super) count: String,
    pub(super) is_current: bool,
}

/// Two fields for a range of one's own.
pub(super) struct PriceForm {
    pub(super) fields: Fields,
    pub(super) min: String,
    pub(super) max: String,
    pub(super) min_problem: String,
    pub(super) max_problem: String,
    pub(super) lowest: String,
    pub(super) highest: String,
}

/// Only what can be bought now.
pub(super) struct StockForm {
    pub(super) fields: Fields,
    pub(super) is_on: bool,
    pub(super) count: String,
}

/// A filter that is on, and the list without it.
pub(super) struct Chip {
    pub(super) label: String,
    pub(super) url: String,
}

/// What a form carries along beside its own fields.
pub(super) type Fields = Vec<(&'static str, String)>;

impl Filters {
    pub(super) fn new(asked: &Asked, path: &[&CategoryNode], facets: &Facets, locale: &Locale) -> Self {
        let query = &first_page(&asked.query);
        let without_price = ListQuery { min_price: None, max_price: None, ..query.clone() };
        let without_stock = ListQuery { in_stock: false, ..query.clone() };
        let amount = |amount: Option<Money>| amount.map(urls::plain).unwrap_or_default();
        Self {
            all_url: urls::products(&ListQuery { category: None, ..query.clone() }),
            is_all: path.is_empty(),
            categories: categories(query, path, facets, locale),
            bands: facets.prices.iter().map(|band| BandLink::new(query, band, locale)).collect(),
            price: PriceForm {
                fields: urls::list_fields(&without_price),
                min: asked.min_price.clone(),
                max: asked.max_price.clone(),
                min_problem: asked.problems.of("min_price").to_owned(),
                max_problem: asked.problems.of("max_price").to_owned(),
                lowest: amount(facets.lowest_price),
                highest: amount(facets.highest_price),
            },
            in_stock: StockForm {
                fields: urls::list_fields(&without_stock),
                is_on: query.in_stock,
                count: locale.count(facets.in_stock),
            },
            chips: chips(query, path, locale),
            clear_url: urls::products(&ListQuery { search: query.search.clone(), sort: query.sort, ..ListQuery::all() }),
        }
    }
}

/// The same list from its beginning: what changes it begins there.
pub(super) fn first_page(query: &ListQuery) -> ListQuery {
    ListQuery { page: Page::FIRST, ..query.clone() }
}

// The topmost ones, and what lies directly below each that is open.
fn categories(query: &ListQuery, path: &[&CategoryNode], facets: &Facets, locale: &Locale) -> Vec<CategoryLink> {
    let is_open = |slug: &str| path.iter().any(|category| category.slug == slug);
    let link = |slug: &str, name: &str, depth, count| CategoryLink {
        id: format!("category-{slug}"),
        url: urls::products(&ListQuery { category: Some(slug.to_owned()), ..query.clone() }),
        name: name.to_owned(),
        depth,
        count: locale.count(count),
        is_current: path.last().is_some_and(|category| category.slug == slug),
    };
    let mut links: Vec<CategoryLink> = Vec::new();
    let mut above: Vec<&str> = Vec::new();
    for category in &facets.categories {
        above.truncate(category.depth);
        if above.last().is_none_or(|parent| is_open(parent)) {
            links.push(link(&category.slug, &category.name, category.depth, category.count));
        }
        above.push(&category.slug);
    }
    // Where one is must be seen, even if nothing in there matches.
    let mut place = links.len();
    for (depth, category) in path.iter().enumerate() {
        let id = format!("category-{}", category.slug);
        place = match links.iter().position(|link| link.id == id) {
            Some(found) => found + 1,
            None => {
                links.insert(place, link(&category.slug, &category.name, depth, 0));
                place + 1
            }
        };
    }
    links
}

fn chips(query: &ListQuery, path: &[&CategoryNode], locale: &Locale) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut add = |label: String, without: &ListQuery| chips.push(Chip { label, url: urls::products(without) });
    if let Some(category) = path.last() {
        add(category.name.clone(), &ListQuery { category: None, ..query.clone() });
    }
    if query.min_price.is_some() || query.max_price.is_some() {
        let label = range(query.min_price, query.max_price, locale);
        add(label, &ListQuery { min_price: None, max_price: None, ..query.clone() });
    }
    if query.in_stock {
        add("In stock".to_owned(), &ListQuery { in_stock: false, ..query.clone() });
    }
    // A category alone is no filter but what the page is about.
    let is_category = query.search.is_none() && !path.is_empty() && chips.len() == 1;
    if is_category { Vec::new() } else { chips }
}

fn range(from: Option<Money>, to: Option<Money>, locale: &Locale) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{} to {}", locale.money(from), locale.money(to)),
        (Some(from), None) => format!("From {}", locale.money(from)),
        (None, Some(to)) => format!("Up to {}", locale.money(to)),
        (None, None) => "Any price".to_owned(),
    }
}

impl BandLink {
    fn new(query: &ListQuery, band: &PriceBand, locale: &Locale) -> Self {
        let is_current = (query.min_price, query.max_price) == (band.from, band.to);
        let (min_price, max_price) = if is_current { (None, None) } else { (band.from, band.to) };
        Self {
            url: urls::products(&ListQuery { min_price, max_price, ..query.clone() }),
            label: range(band.from, band.to, locale),
            count: locale.count(band.count),
            is_current,
        }
    }
}
