//! What is for sale: categories, products, variants, pictures.

mod sql;

use thiserror::Error;

use crate::{
    domain::accounts::System,
    infra::database::Db,
    types::{BasisPoints, CategoryId, Money, Page, Paged, PerPage, ProductId, Slug, VariantId},
};

/// A category with those below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryNode {
    /// Its id.
    pub id: CategoryId,
    /// Its part of the address.
    pub slug: String,
    /// Its name, unique in the shop.
    pub name: String,
    /// A line about it.
    pub description: String,
    /// How many products it and those below it show.
    pub product_count: i64,
    /// The stem of a picture of one of its products.
    pub picture: Option<String>,
    /// Those below it, in their order.
    pub children: Vec<CategoryNode>,
}

/// A category as products name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryRef {
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A picture in the media store; `{stem}-{width}.webp` for each of its widths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// Its path without width and ending.
    pub stem: String,
    /// Pixels of the largest size.
    pub width: i32,
    /// Pixels of the largest size.
    pub height: i32,
    /// What it shows, for those who cannot see it.
    pub alt: String,
}

/// A product in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductSummary {
    /// Its id.
    pub id: ProductId,
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its description, whole.
    pub description: String,
    /// Where it stands.
    pub category: CategoryRef,
    /// What is put into the cart where no choice was made.
    pub default_variant: VariantId,
    /// Price of the default variant.
    pub price: Money,
    /// Its former price, if it is reduced.
    pub compare_at: Option<Money>,
    /// Whether another variant costs something else ("from …").
    pub price_varies: bool,
    /// How many variants there are to choose from.
    pub variant_count: i64,
    /// Its first picture.
    pub picture: Option<Picture>,
    /// Pieces that can be sold now, over all variants.
    pub available: i64,
}

/// A product with all that its page shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Paragraphs, separated by empty lines.
    pub description: String,
    /// The details table.
    pub details: Vec<Detail>,
    /// From the topmost category to the product's own.
    pub category_path: Vec<CategoryRef>,
    /// In their order.
    pub pictures: Vec<Picture>,
    /// In their order, at least one; the default one is marked.
    pub variants: Vec<Variant>,
}

/// What is bought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// The shop's number for it.
    pub sku: String,
    /// `Blue, large`; empty where there is no choice.
    pub name: String,
    /// What it costs.
    pub price: Money,
    /// Its former price, if it is reduced.
    pub compare_at: Option<Money>,
    /// Whether it is what is bought without a choice.
    pub is_default: bool,
    /// Pieces that can be sold now.
    pub available: i32,
}

/// A row of the details table.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Detail {
    /// `Material`.
    pub name: String,
    /// `Stoneware`.
    pub value: String,
}

/// Which products a list shows, and which page of them. Newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListQuery {
    /// A category's slug or its name, with all below it.
    pub category: Option<String>,
    /// Which page.
    pub page: Page,
    /// How many a page.
    pub per_page: PerPage,
}

/// A category to be stored.
#[derive(Clone, Debug)]
pub struct CategoryDraft {
    /// Its part of the address; an existing one is updated.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// A line about it.
    pub description: String,
    /// The slug of the one above.
    pub parent: Option<Slug>,
    /// Its place among its siblings.
    pub position: i32,
}

/// A product to be stored.
#[derive(Clone, Debug)]
pub struct ProductDraft {
    /// Its part of the address; an existing one is updated.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The details table.
    pub details: Vec<Detail>,
    /// The slug of its category.
    pub category: Slug,
    /// In their order.
    pub pictures: Vec<PictureDraft>,
    /// In their order; the first is the default. At least one.
    pub variants: Vec<VariantDraft>,
}

/// A picture that is already in the media store.
#[derive(Clone, Debug)]
pub struct PictureDraft {
    /// Its path without width and ending.
    pub stem: String,
    /// Pixels of the largest size.
    pub width: i32,
    /// Pixels of the largest size.
    pub height: i32,
    /// The widths it was stored in.
    pub widths: Vec<i32>,
    /// What it shows.
    pub alt: String,
}

/// A variant to be stored.
#[derive(Clone, Debug)]
pub struct VariantDraft {
    /// The shop's number for it; an existing one is updated.
    pub sku: String,
    /// Empty where there is no choice.
    pub name: String,
    /// What it costs.
    pub price: Money,
    /// Its former price, if it is reduced.
    pub compare_at: Option<Money>,
    /// Its tax.
    pub tax_rate: BasisPoints,
    /// Received into stock when the variant is new.
    pub initial_stock: i32,
}

/// Why the catalogue gave no answer.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// No category of that slug or name.
    #[error("there is no such category")]
    UnknownCategory,
    /// A draft that cannot be stored, with the reason.
    #[error("{0}")]
    BadDraft(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Product {
    /// The variant that is bought without a choice.
    #[must_use]
    pub fn default_variant(&self) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.is_default).or_else(|| self.variants.first())
    }

    /// The variant with that id, if it is one of this product's.
    #[must_use]
    pub fn variant(&self, id: VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    /// Pieces that can be sold now, over all variants.
    #[must_use]
    pub fn available(&self) -> i64 {
        self.variants.iter().map(|variant| i64::from(variant.available)).sum()
    }
}

/// All categories as a tree, in their order.
///
/// # Errors
/// The database failed.
pub async fn category_tree(db: &Db) -> Result<Vec<CategoryNode>, sqlx::Error> {
    todo!()
}

/// From the topmost category to the one of that slug or name.
///
/// # Errors
/// No such category.
pub async fn category_path(db: &Db, slug_or_name: &str) -> Result<Vec<CategoryRef>, CatalogError> {
    todo!()
}

/// One page of products, newest first; beyond the last page it is empty.
///
/// # Errors
/// No such category.
pub async fn list(db: &Db, query: &ListQuery) -> Result<Paged<ProductSummary>, CatalogError> {
    todo!()
}

/// Up to `limit` reduced products that are in stock, the largest reduction first.
///
/// # Errors
/// The database failed.
pub async fn reduced(db: &Db, limit: i64) -> Result<Vec<ProductSummary>, sqlx::Error> {
    todo!()
}

/// The product of that slug, unless it is archived.
///
/// # Errors
/// The database failed.
pub async fn by_slug(db: &Db, slug: &str) -> Result<Option<Product>, sqlx::Error> {
    todo!()
}

/// The product of that id, unless it is archived.
///
/// # Errors
/// The database failed.
pub async fn by_id(db: &Db, id: ProductId) -> Result<Option<Product>, sqlx::Error> {
    todo!()
}

/// Up to `limit` other products of the same category, in stock first.
///
/// # Errors
/// The database failed.
pub async fn related(db: &Db, id: ProductId, limit: i64) -> Result<Vec<ProductSummary>, sqlx::Error> {
    todo!()
}

/// Stores a category by its slug.
///
/// # Errors
/// The parent is not there, or the name is another's.
pub async fn put_category(db: &Db, system: &System, draft: CategoryDraft) -> Result<CategoryId, CatalogError> {
    todo!()
}

/// Stores a product with its pictures and variants, by slug and SKU; stock of new variants is received through the ledger.
///
/// # Errors
/// The category is not there, no variant, or an SKU of another product.
pub async fn put_product(db: &Db, system: &System, draft: ProductDraft) -> Result<ProductId, CatalogError> {
    todo!()
}
