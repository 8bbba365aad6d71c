//! `/api/products`: reading the catalogue.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{Array, RefOr, Schema, schema::AnyOfBuilder},
};

use super::{
    body::{Params, Problems, Success, success},
    doc::{InvalidFields, NotModified, NotThere},
    shapes::{CategoryShape, ProductShape},
};
use crate::{
    domain::catalog::{CatalogError, ListQuery, Sort},
    request::{App, AppError, keepable},
    types::{Currency, Money, Page, PerPage, ProductId, SearchText},
};

/// The parameters of the list, as texts: what is no number is said by name. An empty one is as good as none, but for the pages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ListParams {
    /// Words that the products have to do with; what goes beyond 200 letters is passed over.
    #[param(example = "mug")]
    search: Option<String>,
    /// A category's slug or its name, with all below it. One that is not there has no products.
    #[param(example = "kitchen")]
    category: Option<String>,
    /// The least that a product costs, with at most two decimals.
    #[param(value_type = Option<f64>, minimum = 0, multiple_of = 0.01, example = 5)]
    min_price: Option<String>,
    /// The most that a product costs, with at most two decimals; not below `min_price`.
    #[param(value_type = Option<f64>, minimum = 0, multiple_of = 0.01, example = 50)]
    max_price: Option<String>,
    /// Only what can be bought now. `1` and `0` will do as well.
    #[param(value_type = Option<bool>)]
    in_stock: Option<String>,
    /// `relevance` (usual for a search), `newest` (usual otherwise), `popular`, `price_asc` or `price_desc`.
    #[param(pattern = "^(relevance|newest|popular|price_asc|price_desc)$", example = "newest")]
    sort: Option<String>,
    /// From 1; beyond the last page the list is empty.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 12)]
    per_page: Option<String>,
}

/// How the categories are given.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct CategoriesParams {
    /// Nested, with counts, instead of their names alone. `1` and `0` will do as well.
    #[param(value_type = Option<bool>)]
    tree: Option<String>,
}

/// A page of products.
#[derive(Serialize, ToSchema)]
#[schema(as = ProductsAnswer)]
struct ListAnswer {
    products: Vec<ProductShape>,
    /// How many there are on all pages.
    #[schema(minimum = 0, example = 1)]
    total: i64,
    /// There and true where there are more than `total`: what many products match is not counted to its end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total_is_capped: bool,
    #[schema(minimum = 0, example = 1)]
    pages: i64,
    #[schema(minimum = 1)]
    current_page: u32,
}

/// A product, with a sentence where something was done.
#[derive(Serialize, ToSchema)]
pub struct ProductAnswer {
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(example = "The product is stored.")]
    pub message: &'static str,
    pub product: ProductShape,
}

/// The categories that have products.
#[derive(Serialize, ToSchema)]
struct CategoriesAnswer {
    #[schema(schema_with = categories_schema)]
    categories: Categories,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Categories {
    Names(Vec<String>),
    Tree(Vec<CategoryShape>),
}

// Not oneOf: an empty list is both.
fn categories_schema() -> RefOr<Schema> {
    let tree = Array::new(utoipa::openapi::Ref::from_schema_name(CategoryShape::name()));
    let names = Array::new(String::schema());
    AnyOfBuilder::new().item(tree).item(names).description(Some("Their names; nested if `tree` asks for it.")).into()
}

impl ListAnswer {
    const fn empty(page: Page) -> Self {
        Self { products: Vec::new(), total: 0, total_is_capped: false, pages: 0, current_page: page.get() }
    }
}

/// GET `/api/products/`. A category that is not there has no products.
///
/// # Errors
/// A parameter out of range.
#[utoipa::path(
    get, path = "/api/products", operation_id = "list_products", tag = "Products",
    summary = "Products",
    description = "What is for sale, filtered and sorted. Prices are those of the default variants.",
    params(ListParams),
    responses((status = 200, description = "A page of products.", body = Success<ListAnswer>), NotModified, InvalidFields)
)]
pub async fn list(State(app): State<App>, Params(params): Params<ListParams>) -> Result<Response, AppError> {
    let query = list_query(params, app.config.shop.currency)?;
    let found = match app.shelf().list(&query).await {
        Ok(found) => found,
        Err(CatalogError::UnknownCategory) => {
            return Ok(keepable(success(StatusCode::OK, ListAnswer::empty(query.page)), []));
        }
        Err(error) => return Err(error.into()),
    };
    let answer = ListAnswer {
        total: found.total.count,
        total_is_capped: found.total.is_capped,
        pages: found.pages(),
        current_page: found.page.get(),
        products: found.items.iter().cloned().map(|product| ProductShape::of_summary(&app, product)).collect(),
    };
    Ok(keepable(success(StatusCode::OK, answer), found.items.iter().map(|product| product.id)))
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
    responses((status = 200, description = "The product.", body = Success<ProductAnswer>), NotModified, NotThere)
)]
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Response, AppError> {
    // Anew for who is known: staff see what they have just written, whichever server took it.
    let id = product_id(&id)?;
    let product = app.shelf().brief(id).await?.ok_or(CatalogError::UnknownProduct)?;
    let product = ProductShape::of_brief(&app, product).ok_or(CatalogError::UnknownProduct)?;
    Ok(keepable(success(StatusCode::OK, ProductAnswer { message: "", product }), [id]))
}

/// GET `/api/products/categories`.
///
/// # Errors
/// A parameter out of range.
#[utoipa::path(
    get, path = "/api/products/categories", operation_id = "list_categories", tag = "Products",
    summary = "Categories",
    description = "Those that have products, in them or in what lies below.",
    params(CategoriesParams),
    responses((status = 200, description = "The categories.", body = Success<CategoriesAnswer>), NotModified, InvalidFields)
)]
pub async fn categories(
    State(app): State<App>,
    Params(params): Params<CategoriesParams>,
) -> Result<Response, AppError> {
    let mut problems = Problems::default();
    let nested = problems.check("tree", flag(params.tree));
    problems.none_or_error()?;
    let tree = CategoryShape::with_products(app.shelf().tree().await?.to_vec());
    let categories = match nested {
        Some(true) => Categories::Tree(tree),
        _ => Categories::Names(tree.iter().flat_map(CategoryShape::names).collect()),
    };
    Ok(keepable(success(StatusCode::OK, CategoriesAnswer { categories }), []))
}

/// The id in a path. What is no number is nobody's.
///
/// # Errors
/// Not a number.
pub fn product_id(id: &str) -> Result<ProductId, CatalogError> {
    id.parse().map(ProductId).map_err(|_| CatalogError::UnknownProduct)
}

fn list_query(params: ListParams, currency: Currency) -> Result<ListQuery, AppError> {
    let mut problems = Problems::default();
    let page = params.page.map_or(Ok(Page::FIRST), |text| Page::parse(&text));
    let per_page = params.per_page.map_or(Ok(PerPage::DEFAULT), |text| PerPage::parse(&text));
    let (page, per_page) = (problems.check("page", page), problems.check("per_page", per_page));
    let price = |text: Option<String>| filled(text).map(|text| Money::parse(&text, currency)).transpose();
    let min_price = problems.check("min_price", price(params.min_price)).flatten();
    let max_price = problems.check("max_price", price(params.max_price)).flatten();
    if let (Some(min), Some(max)) = (min_price, max_price)
        && min.minor() > max.minor()
    {
        problems.add("max_price", "this is below min_price");
    }
    let in_stock = problems.check("in_stock", flag(params.in_stock));
    let sort = filled(params.sort)
        .map(|id| Sort::of_id(&id).ok_or("this is no order: use relevance, newest, popular, price_asc or price_desc"));
    let sort = problems.check("sort", sort.transpose()).flatten();
    problems.none_or_error()?;
    Ok(ListQuery {
        search: params.search.as_deref().and_then(SearchText::read),
        category: filled(params.category),
        min_price,
        max_price,
        in_stock: in_stock == Some(true),
        sort,
        page: page.unwrap_or(Page::FIRST),
        per_page: per_page.unwrap_or(PerPage::DEFAULT),
    })
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn flag(text: Option<String>) -> Result<bool, &'static str> {
    match filled(text).as_deref() {
        Some("true" | "1") => Ok(true),
        None | Some("false" | "0") => Ok(false),
        Some(_) => Err("this is true or false"),
    }
}
