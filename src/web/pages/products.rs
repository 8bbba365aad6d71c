//! The list of products: everything, a category or what was searched for, filtered and page by page.

mod asked;
mod filters;
pub mod suggestions;
mod view;

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode},
    response::Response,
};

pub(super) use self::asked::value_of;
use self::{asked::Asked, view::ListPage};
use crate::{
    domain::catalog::{CategoryNode, ListQuery, ProductSummary, Sort},
    request::{App, AppError, ErrorKind},
    views::urls,
    web::{Hx, PageFrame, html, keepable, redirect},
};

/// How many are shown where nothing was found.
const POPULAR: usize = 4;

/// `GET /products?search=&category=&min_price=&max_price=&in_stock=&sort=&page=`
pub async fn show(
    State(app): State<App>,
    hx: Hx,
    RawQuery(query): RawQuery,
    PageFrame(mut frame): PageFrame,
) -> Result<Response, AppError> {
    let mut asked = Asked::read(&query.unwrap_or_default(), app.config.shop.currency)?;
    let categories = std::mem::take(&mut frame.categories);
    let path = match &asked.query.category {
        Some(category) => path_to(&categories, category).ok_or_else(unknown_category)?,
        None => Vec::new(),
    };
    asked.query.category = path.last().map(|category| category.slug.clone());
    let address = urls::products(&asked.query);
    let is_well = asked.problems.is_empty();
    if asked.has_blanks && is_well && !hx.wants_fragment {
        return Ok(redirect(&address));
    }
    let listing = app.shelf().list_under(&categories, &asked.query).await?;
    let popular = if listing.total.count == 0 { popular(&app, &categories).await? } else { Vec::new() };
    let shows: Vec<_> = listing.items.iter().chain(&popular).map(|product| product.id).collect();
    frame.canonical = urls::absolute(&app.config.public.url, &address);
    let mut page = ListPage::new(frame, &asked, &path, &listing, &popular);
    page.frame.categories = categories;
    if !hx.wants_fragment {
        return Ok(keepable(html(StatusCode::OK, &page), shows));
    }
    page.is_fragment = true;
    let mut response = html(StatusCode::OK, &page.as_list());
    // What was typed wrong stays in the address, as it does without JavaScript.
    if is_well && let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert("hx-push-url", address);
    }
    Ok(keepable(response, shows))
}

async fn popular(app: &App, tree: &Arc<[CategoryNode]>) -> Result<Vec<ProductSummary>, AppError> {
    let query = ListQuery { in_stock: true, sort: Some(Sort::Popular), ..ListQuery::all() };
    Ok(app.shelf().list_under(tree, &query).await?.items.iter().take(POPULAR).cloned().collect())
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
