//! `/api/products`: reading the catalogue.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    body::{Params, Problems, Success, success},
    doc::{InvalidFields, NotThere},
    shapes::ProductShape,
};
use crate::{
    domain::catalog::{self, CatalogError, ListQuery},
    infra::database::Db,
    request::{App, AppError},
    types::{Page, PerPage, ProductId},
};

/// The parameters of the list, as texts: what is no number is said by name.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ListParams {
    /// A category's slug or its name, with all below it. One that is not there has no products.
    category: Option<String>,
    /// From 1; beyond the last page the list is empty.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 12)]
    per_page: Option<String>,
}

/// A page of products.
#[derive(Serialize, ToSchema)]
#[schema(as = ProductsAnswer)]
struct ListAnswer {
    products: Vec<ProductShape>,
    /// How many there are on all pages.
    #[schema(minimum = 0, example = 1)]
    total: i64,
    #[schema(minimum = 0, example = 1)]
    pages: i64,
    #[schema(minimum = 1)]
    current_page: u32,
}

/// A product.
#[derive(Serialize, ToSchema)]
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
#[utoipa::path(
    get, path = "/api/products", operation_id = "list_products", tag = "Products",
    summary = "Products",
    description = "What is for sale, filtered and sorted.",
    params(ListParams),
    responses((status = 200, description = "A page of products.", body = Success<ListAnswer>), InvalidFields)
)]
pub async fn list(State(app): State<App>, db: Db, Params(params): Params<ListParams>) -> Result<Response, AppError> {
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
#[utoipa::path(
    get, path = "/api/products/{id}", operation_id = "show_product", tag = "Products",
    summary = "A product",
    description = "With its variants; the price is the default one's.",
    params(("id" = i64, Path, description = "The product's id.")),
    responses((status = 200, description = "The product.", body = Success<ProductAnswer>), NotThere)
)]
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
