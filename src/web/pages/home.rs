//! The home page: a promise, the categories, what is new and what is reduced.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use crate::{
    config::Config,
    domain::catalog::{CategoryNode, ListQuery, ProductSummary},
    request::{App, AppError},
    views::{
        layout::Frame,
        product_card::ProductCard,
        structured::{self, JsonLd},
        urls,
    },
    web::{PageFrame, html, keepable},
};

const NEW: usize = 8;
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
    let mut newest = app.shelf().list(&ListQuery::all()).await?.items.clone();
    let reduced = app.shelf().reduced(REDUCED).await?;
    let shows: Vec<_> = newest.iter().chain(reduced.iter()).map(|product| product.id).collect();
    let hero = take_hero(&app.config, &mut newest);
    newest.truncate(NEW);
    let page = HomePage {
        category_names: names(&frame.categories),
        found_as: JsonLd::shop(&app.config),
        hero,
        tiles: frame.categories.iter().filter(|category| category.product_count > 0).map(Tile::new).collect(),
        newest: ProductCard::all(&newest, &frame.locale),
        reduced: ProductCard::all(&reduced, &frame.locale),
        frame,
    };
    Ok(keepable(html(StatusCode::OK, &page), shows))
}

// The newest thing that can be bought and seen; it is not shown again in the row below.
fn take_hero(config: &Config, newest: &mut Vec<ProductSummary>) -> Option<Hero> {
    let place = newest.iter().position(|product| product.available > 0 && product.picture.is_some())?;
    let product = newest.remove(place);
    let picture = product.picture?;
    let (url, share) = (urls::product(&product.slug), structured::picture_url(config, &picture.stem));
    Some(Hero { url, name: product.name, stem: picture.stem, alt: picture.alt, share })
}

fn names(categories: &[CategoryNode]) -> String {
    categories.iter().map(|category| category.name.to_lowercase()).collect::<Vec<_>>().join(", ")
}

impl Tile {
    fn new(category: &CategoryNode) -> Self {
        let count = category.product_count;
        Self {
            url: urls::list(Some(&category.slug), 1),
            name: category.name.clone(),
            stem: category.picture.clone().unwrap_or_default(),
            note: if count == 1 { "1 product".to_owned() } else { format!("{count} products") },
        }
    }
}
