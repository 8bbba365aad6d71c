//! What somebody looked at before, as a row below a product. The browser remembers it, in a cookie of its own: it is none of those by
//! which the shop knows someone, so pages stay the same for everybody and only this row is made for one.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use time::Duration;

use crate::{
    domain::catalog,
    infra::database::Db,
    request::{App, AppError, Cookies},
    types::ProductId,
    views::{layout::Frame, product_card::ProductCard},
    web::{PageFrame, html, pages::products::value_of},
};

const COOKIE: &str = "viewed";
// How many are remembered, the one on the page among them.
const MOST: usize = 8;
// How many are shown: a row of the widest grid. The others step in for those that are no longer sold.
const SHOWN: usize = 4;
const KEPT: Duration = Duration::days(30);

#[derive(Template)]
#[template(path = "products/recent.html")]
struct RecentRow {
    frame: Frame,
    cards: Vec<ProductCard>,
}

/// `GET /recently-viewed?current=`: the row, and the cookie with the current product put first. A row that cannot be had is left out
/// without a word: nobody asked for it.
pub async fn show(
    State(app): State<App>,
    db: Db,
    cookies: axum::Extension<Cookies>,
    frame: Result<PageFrame, AppError>,
    RawQuery(query): RawQuery,
) -> Response {
    let nothing = || StatusCode::NO_CONTENT.into_response();
    let Ok(PageFrame(frame)) = frame else { return nothing() };
    row(&app, &db, &cookies, frame, &query.unwrap_or_default()).await.unwrap_or_else(|_| nothing())
}

async fn row(app: &App, db: &Db, cookies: &Cookies, frame: Frame, query: &str) -> Result<Response, AppError> {
    let current = match value_of(query, "current") {
        Some(slug) => app.shelf().product(&slug).await?.map(|product| product.id),
        None => None,
    };
    let before = read(&cookies.get(COOKIE).unwrap_or_default());
    let others: Vec<_> = before.iter().copied().filter(|id| Some(*id) != current).collect();
    if let Some(id) = current {
        let all = [&[id], others.as_slice()].concat();
        cookies.set(COOKIE, written(&all), Some(KEPT));
    }
    let mut products = catalog::summaries(db, &others).await?;
    products.sort_by_key(|product| others.iter().position(|id| *id == product.id));
    products.truncate(SHOWN);
    let cards = ProductCard::all(&products, &frame.locale);
    Ok(html(StatusCode::OK, &RecentRow { frame, cards }))
}

// Whatever else stands in the cookie is no id.
fn read(text: &str) -> Vec<ProductId> {
    let mut ids = Vec::new();
    for id in text.split('.').take(MOST * 2).filter_map(|id| id.parse().ok()).map(ProductId) {
        if id.0 > 0 && !ids.contains(&id) && ids.len() < MOST {
            ids.push(id);
        }
    }
    ids
}

fn written(ids: &[ProductId]) -> String {
    ids.iter().take(MOST).map(ToString::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_holds_a_few_ids_and_nothing_else() {
        let ids = |numbers: &[i64]| numbers.iter().copied().map(ProductId).collect::<Vec<_>>();
        assert_eq!(read("3.1.3.2"), ids(&[3, 1, 2]));
        assert_eq!(read("<b>.-1.0..7.99999999999999999999"), ids(&[7]));
        assert_eq!(read(&"1.2.3.4.5.6.7.8.9.10".repeat(100)).len(), MOST);
        assert_eq!(written(&ids(&[9, 8, 7, 6, 5, 4, 3, 2, 1])), "9.8.7.6.5.4.3.2");
        assert!(read("").is_empty());
    }
}
