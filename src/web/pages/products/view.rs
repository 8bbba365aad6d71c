//! What the list's page shows.

use askama::Template;

use super::{
    asked::Asked,
    filters::{Fields, Filters, first_page},
};
use crate::{
    domain::catalog::{CategoryNode, ListQuery, Listing, ProductSummary, Sort, Total},
    types::{Locale, Page},
    views::{layout::Frame, pagination::Pagination, product_card::ProductCard, urls},
};

// Of what was searched, as many characters as a heading shows.
const LONGEST_SHOWN: usize = 60;

#[derive(Template)]
#[template(path = "products/list.html", blocks = ["list"])]
pub(super) struct ListPage {
    pub(super) frame: Frame,
    /// Only the list's block is shown, and beside it what else changed.
    pub(super) is_fragment: bool,
    heading: String,
    lead: String,
    note: String,
    spoken: String,
    show_label: String,
    crumbs: Vec<(String, String)>,
    corrected: Option<Corrected>,
    filters: Filters,
    sorting: Sorting,
    cards: Vec<ProductCard>,
    page: u32,
    first_url: String,
    links: Pagination,
    nothing: Option<Nothing>,
}

// What was searched instead of what was typed.
struct Corrected {
    typed: String,
    searched: String,
    url: String,
}

struct Sorting {
    options: Vec<(&'static str, &'static str)>,
    selected: &'static str,
    fields: Fields,
}

// No product at all: what that means, and what may help.
struct Nothing {
    title: String,
    text: &'static str,
    popular: Vec<ProductCard>,
}

impl ListPage {
    pub(super) fn new(
        mut frame: Frame,
        asked: &Asked,
        path: &[&CategoryNode],
        listing: &Listing,
        popular: &[ProductSummary],
    ) -> Self {
        let (query, locale) = (&asked.query, frame.locale);
        frame.search = words_of(query).to_owned();
        let current = path.last();
        let total = in_words(listing.total, &locale);
        let filters = Filters::new(asked, path, &listing.facets, &locale);
        let at = |page: u32| Page::parse(&page.to_string()).unwrap_or(Page::FIRST);
        Self {
            heading: match (&query.search, current) {
                (Some(words), _) => {
                    format!("Results for “{}”", cut(listing.corrected.as_deref().unwrap_or_else(|| words.as_str())))
                }
                (None, Some(category)) => category.name.clone(),
                (None, None) => "All products".to_owned(),
            },
            lead: current
                .filter(|_| query.search.is_none())
                .map(|category| category.description.clone())
                .unwrap_or_default(),
            note: note(&total, listing),
            show_label: format!("Show {}", lower_first(&total)),
            spoken: spoken(asked, &total),
            crumbs: crumbs(query, path),
            corrected: listing.corrected.as_deref().map(|searched| Corrected::new(query, searched)),
            sorting: Sorting::new(query, listing.sort),
            cards: ProductCard::all_in_view(&listing.items, &locale),
            page: listing.page.get(),
            first_url: urls::products(&first_page(query)),
            links: Pagination::new(listing.page.get(), listing.pages(), |page| {
                urls::products(&ListQuery { page: at(page), ..query.clone() })
            }),
            nothing: (listing.total.count == 0).then(|| Nothing {
                popular: ProductCard::all(popular, &locale),
                ..Nothing::of(query, filters.chips.len())
            }),
            is_fragment: false,
            filters,
            frame,
        }
    }
}

impl Corrected {
    fn new(query: &ListQuery, searched: &str) -> Self {
        let search = crate::types::SearchText::read(searched);
        Self {
            typed: words_of(query).to_owned(),
            searched: searched.to_owned(),
            url: urls::products(&ListQuery { search, ..first_page(query) }),
        }
    }
}

impl Sorting {
    fn new(query: &ListQuery, sort: Sort) -> Self {
        let usual = ListQuery { sort: None, ..query.clone() }.effective_sort();
        // The usual order needs no word in the address.
        let id = |sort: Sort| if sort == usual { "" } else { sort.id() };
        let offered = Sort::ALL.into_iter().filter(|sort| *sort != Sort::Relevance || query.search.is_some());
        Self {
            options: offered.map(|sort| (id(sort), label(sort))).collect(),
            selected: id(sort),
            fields: urls::list_fields(&ListQuery { sort: None, ..first_page(query) }),
        }
    }
}

impl Nothing {
    fn of(query: &ListQuery, filters: usize) -> Self {
        let (title, text) = match (&query.search, filters) {
            (Some(words), 0) => {
                (format!("Nothing for “{}”", cut(words.as_str())), "Check the spelling, or try a more general word.")
            }
            (Some(words), _) => (
                format!("Nothing for “{}” with these filters", cut(words.as_str())),
                "Take a filter off, or try another word.",
            ),
            (None, 0) if query.category.is_some() => {
                ("Nothing here yet".to_owned(), "There is nothing in this category right now.")
            }
            (None, 0) => {
                ("The shelves are empty".to_owned(), "There is nothing for sale right now. Please come back soon.")
            }
            (None, _) => ("Nothing fits these filters".to_owned(), "Take one of them off to see more."),
        };
        Self { title, text, popular: Vec::new() }
    }
}

const fn label(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => "Best match",
        Sort::Newest => "Newest",
        Sort::Popular => "Most popular",
        Sort::PriceUp => "Cheapest first",
        Sort::PriceDown => "Dearest first",
    }
}

fn words_of(query: &ListQuery) -> &str {
    query.search.as_ref().map_or("", |search| search.as_str())
}

// A long search as a heading shows it; the field of the search keeps all of it.
fn cut(words: &str) -> String {
    if words.chars().count() <= LONGEST_SHOWN {
        return words.to_owned();
    }
    let start: String = words.chars().take(LONGEST_SHOWN).collect();
    format!("{}…", start.trim_end())
}

/// `42 products`, `More than 2,000 products`.
fn in_words(total: Total, locale: &Locale) -> String {
    match (total.count, total.is_capped) {
        (0, _) => "No products".to_owned(),
        (1, false) => "1 product".to_owned(),
        (count, false) => format!("{} products", locale.count(count)),
        (count, true) => format!("More than {} products", locale.count(count)),
    }
}

// What is wrong comes first: the field is not where the eyes of a screen reader are.
fn spoken(asked: &Asked, total: &str) -> String {
    let problems = asked.problems.named(&[("min_price", "Lowest price"), ("max_price", "Highest price")]);
    problems.iter().map(|(_, message)| message.as_str()).chain([total]).collect::<Vec<_>>().join(" ")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn note(total: &str, listing: &Listing) -> String {
    let (page, pages) = (listing.page.get(), listing.pages());
    if pages > 1 && i64::from(page) <= pages { format!("{total}, page {page} of {pages}") } else { total.to_owned() }
}

fn crumbs(query: &ListQuery, path: &[&CategoryNode]) -> Vec<(String, String)> {
    let all = ("All products".to_owned(), urls::list(None, 1));
    if query.search.is_some() {
        return vec![all, ("Search".to_owned(), String::new())];
    }
    let below = path.iter().map(|category| (category.name.clone(), urls::list(Some(&category.slug), 1)));
    std::iter::once(all).chain(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_search_is_cut_by_characters_and_a_short_one_is_not() {
        let fits = "ü".repeat(LONGEST_SHOWN);
        assert_eq!(cut(&fits), fits);
        assert_eq!(cut(&format!("{fits}ü")), format!("{fits}…"));
        let word = "ü".repeat(LONGEST_SHOWN - 1);
        assert_eq!(cut(&format!("{word} mugs")), format!("{word}…"), "no space stands before the dots");
    }
}
