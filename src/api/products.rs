//! `/api/products`: reading the catalogue.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    body::{Problems, success},
    shapes::ProductShape,
};
use crate::{
    domain::catalog::{self, CatalogError, ListQuery},
    infra::database::Db,
    request::{App, AppError},
    types::{Page, PerPage, ProductId},
};

/// The parameters of the list, as texts: what is no number is said by name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    category: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

#[derive(Serialize)]
struct ListAnswer {
    products: Vec<ProductShape>,
    total: i64,
    pages: i64,
    current_page: u32,
}

#[derive(Serialize)]
struct ProductAnswer {
    product: ProductShape,
}

impl ListAnswer {
    const fn empty(page: Page) -> Self {
        Self { products: Vec::new(), total: 0, pages: 0, current_page: page.get() }
    }
}

/// GET `/api/products/`. A category that is not there has no products.
///
/// # Errors
/// A parameter out of range.
pub async fn list(State(app): State<App>, db: Db, Query(params): Query<ListParams>) -> Result<Response, AppError> {
    let query = list_query(params)?;
    let found = match catalog::list(&db, &query).await {
        Ok(found) => found,
        Err(CatalogError::UnknownCategory) => return Ok(success(StatusCode::OK, ListAnswer::empty(query.page))),
        Err(error) => return Err(error.into()),
    };
    let (total, pages, current_page) = (found.total.count, found.pages(), found.page.get());
    let products = found.items.into_iter().map(|product| ProductShape::of_summary(&app, product)).collect();
    Ok(success(StatusCode::OK, ListAnswer { products, total, pages, current_page }))
}

/// GET `/api/products/{id}`.
///
/// # Errors
/// Not there, or archived.
pub async fn show(State(app): State<App>, db: Db, Path(id): Path<String>) -> Result<Response, AppError> {
    let unknown =
        || AppError::new(crate::request::ErrorKind::NotFound, "unknown_product", "This product is not there.");
    let id = id.parse().map(ProductId).map_err(|_| unknown())?;
    let product = catalog::by_id(&db, id).await?.ok_or_else(unknown)?;
    let product = ProductShape::of_product(&app, product).ok_or_else(unknown)?;
    Ok(success(StatusCode::OK, ProductAnswer { product }))
}

fn list_query(params: ListParams) -> Result<ListQuery, AppError> {
    let mut problems = Problems::default();
    let page = params.page.map_or(Ok(Page::FIRST), |text| Page::parse(&text));
    let per_page = params.per_page.map_or(Ok(PerPage::DEFAULT), |text| PerPage::parse(&text));
    let (page, per_page) = (problems.check("page", page), problems.check("per_page", per_page));
    problems.none_or_error()?;
    let category = params.category.filter(|category| !category.trim().is_empty());
    let (page, per_page) = (page.unwrap_or(Page::FIRST), per_page.unwrap_or(PerPage::DEFAULT));
    Ok(ListQuery { category, page, per_page, ..ListQuery::all() })
}
