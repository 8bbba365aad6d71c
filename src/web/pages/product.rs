//! The page of a product: its pictures, its choices, and the form that puts it into the cart.

pub mod alert;
pub mod recent;
pub mod share;
mod view;

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};

use self::view::FoundAs;
pub(super) use self::view::{Alerting, Buying, ProductPage};
use super::products::value_of;
use crate::{
    domain::catalog::{self, Product, Variant},
    infra::database::Db,
    request::{App, AppError, ErrorKind},
    types::{Slug, VariantId},
    views::{product_card::ProductCard, urls},
    web::{Hx, PageFrame, html, keepable},
};

const RELATED: i64 = 4;

/// `GET /products/{slug}?variant=`
pub async fn show(
    State(app): State<App>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    PageFrame(frame): PageFrame,
    hx: Hx,
) -> Result<Response, AppError> {
    let product = app.shelf().product(&slug).await?.ok_or_else(unknown)?;
    let asked = query.as_deref().and_then(|query| value_of(query, "variant"));
    let chosen = match asked {
        Some(text) => variant_of(&product, &text).ok_or_else(unknown)?,
        None => first_choice(&product).ok_or_else(unknown)?,
    };
    let mut page = ProductPage::new(&app.config.shop, frame, &product, chosen, Buying::default());
    page.frame.canonical = urls::absolute(&app.config.public.url, &urls::product(&product.slug));
    if hx.wants_fragment {
        return Ok(keepable(html(StatusCode::OK, &page.as_product()), [product.id]));
    }
    let related = app.shelf().related(product.id, RELATED).await?;
    page.found_as = Some(FoundAs::new(&app.config, &product));
    page.related = ProductCard::all(&related, &page.frame.locale);
    let shows = related.iter().map(|related| related.id).chain([product.id]);
    Ok(keepable(html(StatusCode::OK, &page), shows))
}

/// The product of that slug. What is no slug reaches no query.
pub(super) async fn find(db: &Db, slug: &str) -> Result<Option<Product>, AppError> {
    match slug.parse::<Slug>() {
        Ok(slug) => Ok(catalog::by_slug(db, slug.as_str()).await?),
        Err(_) => Ok(None),
    }
}

/// Cards of other products, for below the page.
pub(super) async fn related(db: &Db, product: &Product, page: &ProductPage) -> Result<Vec<ProductCard>, AppError> {
    Ok(ProductCard::all(&catalog::related(db, product.id, RELATED).await?, &page.frame.locale))
}

pub(super) fn unknown() -> AppError {
    AppError::new(ErrorKind::NotFound, "unknown_product", "This product is not there. It may have been taken off sale.")
}

/// The variant with that id, if it is one of this product's.
pub(super) fn variant_of<'a>(product: &'a Product, text: &str) -> Option<&'a Variant> {
    product.variant(VariantId(text.parse().ok()?))
}

// The default one, or if that is sold out, the first that is not.
fn first_choice(product: &Product) -> Option<&Variant> {
    let default = product.default_variant();
    let in_stock = || product.variants.iter().find(|variant| variant.available > 0);
    default.filter(|variant| variant.available > 0).or_else(in_stock).or(default)
}
