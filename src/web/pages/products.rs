//! The list of products: a category or all of them, page by page.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use url::form_urlencoded;

use crate::{
    domain::catalog::{CategoryNode, ListQuery, Listing},
    request::{App, AppError, ErrorKind},
    types::Page,
    views::{layout::Frame, pagination::Pagination, product_card::ProductCard, urls},
    web::{PageFrame, html, keepable},
};

#[derive(Template)]
#[template(path = "products/list.html")]
struct ListPage {
    frame: Frame,
    heading: String,
    lead: String,
    count_note: String,
    crumbs: Vec<(String, String)>,
    is_all: bool,
    nav: Vec<NavEntry>,
    below: Vec<NavEntry>,
    cards: Vec<ProductCard>,
    page: u32,
    first_url: String,
    links: Pagination,
}

// A category in the navigation, with those below it where they are shown.
struct NavEntry {
    url: String,
    name: String,
    is_current: bool,
    children: Vec<NavEntry>,
}

/// `GET /products?category=&page=`
pub async fn show(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let query = query.unwrap_or_default();
    let page = page_of(&query)?;
    let path = match value_of(&query, "category").filter(|category| !category.is_empty()) {
        Some(category) => path_to(&frame.categories, &category).ok_or_else(unknown_category)?,
        None => Vec::new(),
    };
    let slug = path.last().map(|category| category.slug.clone());
    let query = ListQuery { category: slug.clone(), page, ..ListQuery::all() };
    let products = app.shelf().list(&query).await?;
    let mut page = ListPage::new(frame.clone(), &path, &products);
    page.frame.canonical = urls::absolute(&app.config.public.url, &urls::list(slug.as_deref(), query.page.get()));
    Ok(keepable(html(StatusCode::OK, &page), products.items.iter().map(|product| product.id)))
}

/// The first value of a query's parameter. Parameters that this page does not know are nobody's fault.
pub(super) fn value_of(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn page_of(query: &str) -> Result<Page, AppError> {
    let Some(text) = value_of(query, "page") else { return Ok(Page::FIRST) };
    Page::parse(&text).map_err(|_| {
        AppError::bad_request("bad_page", "A page is a whole number from 1 to 1,000,000. The list begins at page 1.")
    })
}

fn unknown_category() -> AppError {
    AppError::new(ErrorKind::NotFound, "unknown_category", "There is no such category.")
}

// From the topmost category to the one of that slug or name. The frame's tree has them all: what is not in it reaches no query.
fn path_to<'a>(tree: &'a [CategoryNode], slug_or_name: &str) -> Option<Vec<&'a CategoryNode>> {
    let by_slug = find(tree, &|category| category.slug == slug_or_name);
    by_slug.or_else(|| find(tree, &|category| category.name == slug_or_name))
}

fn find<'a>(tree: &'a [CategoryNode], is_it: &dyn Fn(&CategoryNode) -> bool) -> Option<Vec<&'a CategoryNode>> {
    tree.iter().find_map(|category| {
        if is_it(category) {
            return Some(vec![category]);
        }
        let mut path = find(&category.children, is_it)?;
        path.insert(0, category);
        Some(path)
    })
}

impl ListPage {
    fn new(frame: Frame, path: &[&CategoryNode], products: &Listing) -> Self {
        let current = path.last();
        let slug = current.map(|category| category.slug.as_str());
        let page = products.page.get();
        Self {
            heading: current.map_or_else(|| "All products".to_owned(), |category| category.name.clone()),
            lead: current.map(|category| category.description.clone()).unwrap_or_default(),
            count_note: count_note(products),
            crumbs: crumbs(path),
            is_all: path.is_empty(),
            nav: frame.categories.iter().map(|top| NavEntry::with_children(top, path)).collect(),
            // The navigation shows two levels; what is deeper is offered above the products.
            below: current
                .filter(|_| path.len() > 1)
                .map(|category| category.children.iter().map(|child| NavEntry::new(child, path)).collect())
                .unwrap_or_default(),
            cards: ProductCard::all(&products.items, &frame.locale),
            page,
            first_url: urls::list(slug, 1),
            links: Pagination::new(page, products.pages(), |page| urls::list(slug, page)),
            frame,
        }
    }
}

impl NavEntry {
    fn new(category: &CategoryNode, path: &[&CategoryNode]) -> Self {
        Self {
            url: urls::list(Some(&category.slug), 1),
            name: category.name.clone(),
            is_current: path.last().is_some_and(|current| current.id == category.id),
            children: Vec::new(),
        }
    }

    // Only the branch that is open shows what is below it.
    fn with_children(category: &CategoryNode, path: &[&CategoryNode]) -> Self {
        let is_open = path.first().is_some_and(|top| top.id == category.id);
        let shown = if is_open { category.children.as_slice() } else { &[] };
        let children = shown.iter().map(|child| Self::new(child, path)).collect();
        Self { children, ..Self::new(category, path) }
    }
}

fn count_note(products: &Listing) -> String {
    let count =
        if products.total.count == 1 { "1 product".to_owned() } else { format!("{} products", products.total.count) };
    let (page, pages) = (products.page.get(), products.pages());
    if pages > 1 && i64::from(page) <= pages { format!("{count}, page {page} of {pages}") } else { count }
}

fn crumbs(path: &[&CategoryNode]) -> Vec<(String, String)> {
    let all = ("All products".to_owned(), urls::list(None, 1));
    let below = path.iter().map(|category| (category.name.clone(), urls::list(Some(&category.slug), 1)));
    std::iter::once(all).chain(below).collect()
}
