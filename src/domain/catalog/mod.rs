//! What is for sale: categories, products, variants, pictures.

mod bands;
mod counting;
mod drafts;
mod filling;
mod hints;
pub mod jobs;
mod listing;
mod lists;
mod rules;
mod searching;
mod shelf;
mod spelling;
mod sql;
mod staff;
mod tidying;
mod types;

use std::ops::RangeInclusive;

use thiserror::Error;
use time::OffsetDateTime;

pub use bands::Prices;
pub use counting::fold_counts;
pub use drafts::{CategoryDraft, DatedDraft, Numbered, PictureDraft, ProductDraft, VariantDraft};
pub use filling::{numbered, put_many};
pub use hints::{Anchors, Hints};
pub use listing::{CategoryCount, Facets, ListQuery, Listing, MOST_COUNTED, PriceBand, Sort, Suggestion, Total};
pub use lists::{anchors, list, list_with, prices};
pub use rules::HIGHEST_PRICE;
pub use searching::{count_popularity, rebuild_words, suggest};
pub use shelf::Shelf;
pub use staff::{NewProduct, ProductChange, archive_product, create_product, update_product};
pub use tidying::{TidyError, tidy_media};
pub use types::{CategoryNode, CategoryRef, Detail, Picture, Product, ProductBrief, ProductSummary, Variant};

use crate::{
    domain::{accounts::System, inventory},
    infra::database::{self, Db, Tx},
    types::{CategoryId, ProductId, Slug},
};

/// The database's channel on which each change of the catalogue is told: a product's id where its stock changed, else `*`.
pub const CHANNEL: &str = "catalog";

/// Why the catalogue gave no answer.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// No category of that slug or name.
    #[error("there is no such category")]
    UnknownCategory,
    /// No product of that id, or an archived one.
    #[error("there is no such product")]
    UnknownProduct,
    /// No such picture in the media store.
    #[error("there is no such picture")]
    UnknownPicture,
    /// Less stock than variants other than the default one hold.
    #[error("the other variants hold more than that")]
    StockOfOthers,
    /// A draft that cannot be stored, with the reason.
    #[error("{0}")]
    BadDraft(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// All categories as a tree, in their order.
///
/// # Errors
/// The database failed.
pub async fn category_tree(db: &Db) -> Result<Vec<CategoryNode>, sqlx::Error> {
    Ok(rules::tree(&sql::categories(db.read()).await?))
}

/// From the topmost category to the one of that slug or name.
///
/// # Errors
/// No such category.
pub async fn category_path(db: &Db, slug_or_name: &str) -> Result<Vec<CategoryRef>, CatalogError> {
    let path = if storable(slug_or_name) { sql::category_path(db.read(), slug_or_name).await? } else { Vec::new() };
    if path.is_empty() { Err(CatalogError::UnknownCategory) } else { Ok(path) }
}

/// Up to `limit` reduced products that are in stock, the largest reduction first.
///
/// # Errors
/// The database failed.
pub async fn reduced(db: &Db, limit: i64) -> Result<Vec<ProductSummary>, sqlx::Error> {
    sql::reduced(db.read(), limit).await
}

/// The product of that slug, unless it is archived.
///
/// # Errors
/// The database failed.
pub async fn by_slug(db: &Db, slug: &str) -> Result<Option<Product>, sqlx::Error> {
    // What is no slug is nobody's, and may hold what PostgreSQL refuses to compare.
    let Ok(slug) = slug.parse::<Slug>() else { return Ok(None) };
    sql::product(db.read(), slug.as_str()).await
}

/// The product of that id in brief, unless it is archived.
///
/// # Errors
/// The database failed.
pub async fn brief(db: &Db, id: ProductId) -> Result<Option<ProductBrief>, sqlx::Error> {
    Ok(sql::briefs(db.read(), &[id]).await?.remove(&id))
}

/// These products, as far as they are sold, in no particular order.
///
/// # Errors
/// The database failed.
pub async fn summaries(db: &Db, ids: &[ProductId]) -> Result<Vec<ProductSummary>, sqlx::Error> {
    if ids.is_empty() { Ok(Vec::new()) } else { sql::named(db.read(), ids).await }
}

/// The same inside a transaction that changes what belongs to them.
///
/// # Errors
/// The database failed.
pub async fn summaries_in_tx(tx: &mut Tx, ids: &[ProductId]) -> Result<Vec<ProductSummary>, sqlx::Error> {
    sql::named(&mut **tx, ids).await
}

/// Up to `limit` other products: those that are most often in the same orders, then others of its category, in stock first.
///
/// # Errors
/// The database failed.
pub async fn related(db: &Db, id: ProductId, limit: i64) -> Result<Vec<ProductSummary>, sqlx::Error> {
    sql::related(db.read(), id, limit).await
}

/// The parts of the sitemap that there may be products for: each holds a range of ids.
///
/// # Errors
/// The database failed.
pub async fn sitemap_parts(db: &Db) -> Result<RangeInclusive<i64>, sqlx::Error> {
    sql::sitemap::parts(db.read()).await
}

/// Slugs and last changes of the products in a part of the sitemap, at most 20,000.
///
/// # Errors
/// The database failed.
pub async fn sitemap(db: &Db, part: u32) -> Result<Vec<(String, OffsetDateTime)>, sqlx::Error> {
    sql::sitemap::part(db.read(), i64::from(part)).await
}

/// Stores a category by its slug.
///
/// # Errors
/// The parent is not there or lies below it, or the name is another's.
pub async fn put_category(db: &Db, _system: &System, draft: CategoryDraft) -> Result<CategoryId, CatalogError> {
    let mut tx = db.begin().await?;
    let parent = match &draft.parent {
        None => None,
        Some(slug) => match sql::put::parent(&mut tx, slug.as_str(), draft.slug.as_str()).await? {
            None => return Err(CatalogError::UnknownCategory),
            Some((_, true)) => return Err(CatalogError::BadDraft(format!("{slug} lies below {}", draft.slug))),
            Some((id, false)) => Some(id),
        },
    };
    let id = sql::put::category(&mut tx, &draft, parent).await.map_err(CatalogError::storing)?;
    searching::words_changed_in_tx(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// Stores a product with its pictures and variants, by slug and SKU; stock of new variants is received through the ledger.
/// Variants that are not in the draft are archived; an archived product stays archived.
///
/// # Errors
/// The category is not there, no variant, or an SKU of another product.
pub async fn put_product(db: &Db, _system: &System, draft: ProductDraft) -> Result<ProductId, CatalogError> {
    rules::check(&draft).map_err(CatalogError::BadDraft)?;
    let mut tx = db.begin().await?;
    let id = sql::put::product(&mut tx, &draft)
        .await
        .map_err(CatalogError::storing)?
        .ok_or(CatalogError::UnknownCategory)?;
    let stored = sql::put::variants(&mut tx, id, &draft.variants).await.map_err(CatalogError::storing)?;
    for variant in &draft.variants {
        let Some(stored) = stored.iter().find(|stored| stored.sku == variant.sku) else {
            return Err(CatalogError::BadDraft(format!("{} is the SKU of another product", variant.sku)));
        };
        if stored.is_new && variant.initial_stock > 0 {
            inventory::receive_in_tx(&mut tx, stored.id, variant.initial_stock, "initial stock").await?;
        }
    }
    sql::put::pictures(&mut tx, id, &draft.pictures).await.map_err(CatalogError::storing)?;
    searching::words_changed_in_tx(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

impl CatalogError {
    // A draft can break any of the tables' rules; the constraint's name says which to whoever fills the catalogue.
    fn storing(error: sqlx::Error) -> Self {
        match database::constraint(&error) {
            Some("categories_name_key") => Self::BadDraft("another category has this name".to_owned()),
            Some(name) => Self::BadDraft(format!("this breaks the rule {name}")),
            None => Self::Database(error),
        }
    }
}

// PostgreSQL's texts hold no NUL, so nothing stored is called that.
fn storable(text: &str) -> bool {
    !text.contains('\0')
}
