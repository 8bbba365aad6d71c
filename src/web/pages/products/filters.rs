//! The filters beside a list: each a link to the list that it would make, so that they work alone and can be shared.

use super::asked::Asked;
use crate::{
    domain::catalog::{CategoryNode, Facets, ListQuery, MOST_COUNTED, PriceBand},
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
                count: counted(facets.in_stock, query, locale),
            },
            chips: chips(query, path, locale),
            clear_url: urls::products(&ListQuery {
                search: query.search.clone(),
                sort: query.sort,
                ..ListQuery::all()
            }),
        }
    }

    /// Whether something in them has to be put right: they are shown then, wherever they are folded away.
    pub(super) const fn has_problems(&self) -> bool {
        !self.price.min_problem.is_empty() || !self.price.max_problem.is_empty()
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
        count: counted(count, query, locale),
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

// Where a search or a price narrows the list, counting ends somewhere.
fn counted(count: i64, query: &ListQuery, locale: &Locale) -> String {
    let is_narrowed = query.search.is_some() || query.min_price.is_some() || query.max_price.is_some();
    if is_narrowed { capped(count, locale) } else { locale.count(count) }
}

fn capped(count: i64, locale: &Locale) -> String {
    let more = if count >= MOST_COUNTED { "+" } else { "" };
    format!("{}{more}", locale.count(count))
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
            // Choosing it narrows the list by a price.
            count: capped(band.count, locale),
            is_current,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::catalog::CategoryCount,
        types::{CategoryId, Currency},
    };

    fn node(slug: &str, children: Vec<CategoryNode>) -> CategoryNode {
        CategoryNode {
            id: CategoryId(i64::try_from(slug.len()).unwrap()),
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            description: String::new(),
            product_count: 0,
            in_stock_count: 0,
            picture: None,
            children,
        }
    }

    fn facets() -> Facets {
        let counted = [("kitchen", 0, 5), ("mugs", 1, 3), ("tall-mugs", 2, 1), ("desk", 0, 2), ("pens", 1, 2)];
        let category = |(slug, depth, count): (&str, usize, i64)| CategoryCount {
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            depth,
            count,
        };
        let band = |from, to| PriceBand { from: money(from), to: money(to), count: 1_500 };
        Facets {
            categories: counted.into_iter().map(category).collect(),
            prices: vec![band(0, 999), band(1000, 0)],
            lowest_price: money(450),
            highest_price: money(2000),
            in_stock: 7,
        }
    }

    fn money(minor: i64) -> Option<Money> {
        (minor > 0).then(|| Money::new(minor, Currency::USD))
    }

    fn filters(query: &str, path: &[&CategoryNode]) -> Filters {
        let locale = "en-US".parse().unwrap();
        Filters::new(&Asked::read(query, Currency::USD).unwrap(), path, &facets(), &locale)
    }

    fn shown(filters: &Filters) -> Vec<(&str, usize, &str)> {
        filters.categories.iter().map(|link| (link.name.as_str(), link.depth, link.count.as_str())).collect()
    }

    #[test]
    fn only_the_branch_that_is_open_shows_what_is_below() {
        assert_eq!(shown(&filters("", &[])), [("KITCHEN", 0, "5"), ("DESK", 0, "2")]);
        let (kitchen, mugs) = (node("kitchen", vec![]), node("mugs", vec![]));
        let open = filters("category=mugs&in_stock=1&page=3", &[&kitchen, &mugs]);
        assert_eq!(shown(&open), [("KITCHEN", 0, "5"), ("MUGS", 1, "3"), ("TALL-MUGS", 2, "1"), ("DESK", 0, "2")]);
        let current: Vec<&str> =
            open.categories.iter().filter(|link| link.is_current).map(|link| link.url.as_str()).collect();
        assert_eq!(current, ["/products?category=mugs&in_stock=1"], "a filter keeps the others, and begins at page 1");
    }

    #[test]
    fn the_category_one_is_in_is_shown_even_if_nothing_in_it_fits() {
        let (garden, pots) = (node("garden", vec![]), node("pots", vec![]));
        assert_eq!(
            shown(&filters("category=pots", &[&garden, &pots])),
            [("KITCHEN", 0, "5"), ("DESK", 0, "2"), ("GARDEN", 0, "0"), ("POTS", 1, "0")]
        );
        let (desk, lamps) = (node("desk", vec![]), node("lamps", vec![]));
        let names: Vec<String> =
            filters("category=lamps", &[&desk, &lamps]).categories.into_iter().map(|link| link.name).collect();
        assert_eq!(names, ["KITCHEN", "DESK", "LAMPS", "PENS"]);
    }

    #[test]
    fn a_band_is_put_on_and_taken_off_by_its_link() {
        let off = filters("search=mug&sort=price_asc", &[]);
        let urls: Vec<&str> = off.bands.iter().map(|band| band.url.as_str()).collect();
        assert_eq!(
            urls,
            ["/products?search=mug&max_price=9.99&sort=price_asc", "/products?search=mug&min_price=10&sort=price_asc"]
        );
        assert_eq!((off.bands[0].label.as_str(), off.bands[0].count.as_str()), ("Up to $9.99", "1,500"));
        let on = filters("search=mug&min_price=10.00", &[]);
        assert!(on.bands[1].is_current && !on.bands[0].is_current);
        assert_eq!(on.bands[1].url, "/products?search=mug");
        assert_eq!((on.price.lowest.as_str(), on.price.highest.as_str()), ("4.50", "20"));
    }

    #[test]
    fn each_filter_that_is_on_can_be_taken_off_alone_or_with_all() {
        let kitchen = node("kitchen", vec![]);
        let path = [&kitchen];
        let all = filters("search=mug&category=kitchen&min_price=5&max_price=20&in_stock=1&sort=newest&page=2", &path);
        let chips: Vec<(&str, &str)> = all.chips.iter().map(|chip| (chip.label.as_str(), chip.url.as_str())).collect();
        assert_eq!(
            chips,
            [
                ("KITCHEN", "/products?search=mug&min_price=5&max_price=20&in_stock=1&sort=newest"),
                ("$5.00 to $20.00", "/products?search=mug&category=kitchen&in_stock=1&sort=newest"),
                ("In stock", "/products?search=mug&category=kitchen&min_price=5&max_price=20&sort=newest"),
            ]
        );
        assert_eq!(all.clear_url, "/products?search=mug&sort=newest");
        assert!(filters("category=kitchen", &path).chips.is_empty(), "a category alone is what the page is about");
        assert_eq!(filters("category=kitchen&search=mug", &path).chips.len(), 1);
        assert!(filters("min_price=9&max_price=5", &[]).chips.is_empty(), "what is not applied is not on");
    }

    #[test]
    fn forms_carry_the_other_filters_and_nothing_empty() {
        let some = filters("search=mug&min_price=5&in_stock=1&page=4", &[]);
        assert_eq!(some.price.fields, [("search", "mug".to_owned()), ("in_stock", "1".to_owned())]);
        assert_eq!(some.in_stock.fields, [("search", "mug".to_owned()), ("min_price", "5".to_owned())]);
    }
}
