//! The home page: a promise, the categories, what is new, popular and reduced.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use crate::{
    config::Config,
    domain::catalog::{CategoryNode, ListQuery, ProductSummary, Sort},
    request::{App, AppError},
    types::{Locale, PerPage, ProductId},
    views::{layout::Frame, product_card::ProductCard, structured::JsonLd, urls},
    web::{PageFrame, html, keepable},
};

const NEW: usize = 8;
const POPULAR: usize = 8;
const REDUCED: i64 = 4;

#[derive(Template)]
#[template(path = "home/show.html")]
struct HomePage {
    frame: Frame,
    found_as: JsonLd,
    category_names: String,
    hero: Option<Hero>,
    tiles: Vec<Tile>,
    newest: Vec<ProductCard>,
    popular: Vec<ProductCard>,
    reduced: Vec<ProductCard>,
}

// The one picture beside the promise.
struct Hero {
    url: String,
    name: String,
    stem: String,
    alt: String,
    /// The picture's whole address, for links elsewhere.
    share: String,
}

struct Tile {
    url: String,
    name: String,
    stem: String,
    note: String,
}

/// `GET /`
pub async fn show(State(app): State<App>, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    let latest = app.shelf().list(&ListQuery { per_page: looked_at(), ..ListQuery::all() }).await?;
    let bought = ListQuery { sort: Some(Sort::Popular), in_stock: true, per_page: looked_at(), ..ListQuery::all() };
    let bought = app.shelf().list(&bought).await?;
    let reduced = app.shelf().reduced(REDUCED).await?;
    let hero = latest.items.iter().find(|product| product.available > 0 && product.picture.is_some());
    // What stands higher up is not shown again further down.
    let mut shown: HashSet<ProductId> = hero.iter().map(|product| product.id).collect();
    let newest = varied(&latest.items, NEW, &mut shown);
    let popular = varied(&bought.items, POPULAR, &mut shown);
    let shows: Vec<_> = shown.into_iter().chain(reduced.iter().map(|product| product.id)).collect();
    let page = HomePage {
        category_names: names(&frame.categories),
        found_as: JsonLd::shop(&app.config),
        hero: hero.and_then(|product| Hero::new(&app.config, product)),
        tiles: frame
            .categories
            .iter()
            .filter(|category| category.product_count > 0)
            .map(|category| Tile::new(category, &frame.locale))
            .collect(),
        newest: ProductCard::all(&newest, &frame.locale),
        popular: ProductCard::all(&popular, &frame.locale),
        reduced: ProductCard::all(&reduced, &frame.locale),
        frame,
    };
    Ok(keepable(html(StatusCode::OK, &page), shows))
}

// From how many a row is chosen: a delivery of one kind must not fill it.
fn looked_at() -> PerPage {
    PerPage::MOST
}

// The first of these, of as many kinds as there are: one of each category, then a second of each, and so on; in the order of the list.
fn varied(products: &[ProductSummary], most: usize, shown: &mut HashSet<ProductId>) -> Vec<ProductSummary> {
    let mut held: HashMap<&str, usize> = HashMap::new();
    let fresh = products.iter().filter(|product| !shown.contains(&product.id));
    let mut ranked: Vec<(usize, usize, &ProductSummary)> = fresh
        .enumerate()
        .map(|(place, product)| {
            let count = held.entry(&product.category.slug).or_default();
            *count += 1;
            (*count, place, product)
        })
        .collect();
    ranked.sort_by_key(|(count, place, _)| (*count, *place));
    ranked.truncate(most);
    ranked.sort_by_key(|(_, place, _)| *place);
    shown.extend(ranked.iter().map(|(_, _, product)| product.id));
    ranked.into_iter().map(|(_, _, product)| product.clone()).collect()
}

impl Hero {
    fn new(config: &Config, product: &ProductSummary) -> Option<Self> {
        let picture = product.picture.clone()?;
        let share = urls::absolute(&config.public.url, &urls::share_image(&product.slug));
        let (url, name) = (urls::product(&product.slug), product.name.clone());
        Some(Self { url, name, stem: picture.stem, alt: picture.alt, share })
    }
}

fn names(categories: &[CategoryNode]) -> String {
    categories.iter().map(|category| category.name.to_lowercase()).collect::<Vec<_>>().join(", ")
}

impl Tile {
    fn new(category: &CategoryNode, locale: &Locale) -> Self {
        let count = category.product_count;
        Self {
            url: urls::list(Some(&category.slug), 1),
            name: category.name.clone(),
            stem: category.picture.clone().unwrap_or_default(),
            note: if count == 1 { "1 product".to_owned() } else { format!("{} products", locale.count(count)) },
        }
    }
}
