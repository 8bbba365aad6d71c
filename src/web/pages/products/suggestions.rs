//! What is proposed while someone types into the search: the options of a list box, for `static/js/combobox.js`.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::Response,
};

use super::value_of;
use crate::{
    domain::catalog::{self, ListQuery, Suggestion},
    infra::database::Db,
    request::{App, AppError},
    types::{Locale, SearchText},
    views::{layout::Frame, urls},
    web::{frame, html},
};

/// How many are proposed; a list that must be scrolled is slower than typing on.
const SHOWN: usize = 6;

/// Letters from which on something is proposed.
const LEAST: usize = 2;

#[derive(Template)]
#[template(path = "products/suggestions.html")]
struct Suggestions {
    frame: Frame,
    words: String,
    search_url: String,
    options: Vec<Proposal>,
}

struct Proposal {
    url: String,
    name: String,
    is_category: bool,
    stem: String,
    price: String,
}

/// `GET /products/suggestions?search=`: nothing for less than two letters.
///
/// No limit by address: counting costs a round trip to Redis, more than the answer does. What bounds it is the query, a few rows by
/// index, and the minute that browsers keep the answer.
pub async fn show(State(app): State<App>, db: Db, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let typed = value_of(&query.unwrap_or_default(), "search").unwrap_or_default();
    let search = SearchText::read(&typed).filter(|search| search.as_str().chars().count() >= LEAST);
    let found = match &search {
        Some(search) => catalog::suggest(&db, search.as_str(), SHOWN).await?,
        None => Vec::new(),
    };
    let locale = app.config.shop.locale;
    let page = Suggestions {
        frame: frame::bare(&app, "/", String::new()),
        words: search.as_ref().map(|search| search.as_str().to_owned()).unwrap_or_default(),
        search_url: urls::products(&ListQuery { search, ..ListQuery::all() }),
        options: found.into_iter().map(|suggestion| Proposal::new(suggestion, &locale)).collect(),
    };
    let mut response = html(StatusCode::OK, &page);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    Ok(response)
}

impl Proposal {
    fn new(suggestion: Suggestion, locale: &Locale) -> Self {
        match suggestion {
            Suggestion::Product { slug, name, price, picture } => Self {
                url: urls::product(&slug),
                name,
                is_category: false,
                stem: picture.unwrap_or_default(),
                price: locale.money(price),
            },
            Suggestion::Category { slug, name } => Self {
                url: urls::list(Some(&slug), 1),
                name,
                is_category: true,
                stem: String::new(),
                price: String::new(),
            },
        }
    }
}
