//! What staff change in the catalogue, one product at a time.

use super::{CatalogError, ProductBrief, sql};
use crate::{
    domain::{
        accounts::Staff,
        inventory::{self, StockError},
    },
    infra::database::{Db, Tx},
    types::{CategoryId, Money, ProductId},
};

/// Where a product stands that is made without a category.
const USUAL_CATEGORY: &str = "Other";

/// A product to be made, with one variant. Texts are cleaned and bounded by whoever read them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewProduct {
    /// At most 200 letters.
    pub name: String,
    /// In the shop's currency, at most [`super::HIGHEST_PRICE`].
    pub price: Money,
    /// May be empty.
    pub description: String,
    /// A category's slug or name; one that is not there is made, at the top. `None`: "Other".
    pub category: Option<String>,
    /// The stem of a picture in the media store.
    pub picture: Option<String>,
    /// Pieces that are received.
    pub stock: i32,
}

/// What becomes of a product; `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProductChange {
    /// Its name. Its slug stays, so that addresses of its page go on working.
    pub name: Option<String>,
    /// The default variant's price; variants that cost the same change along. A former price that is not higher any more is dropped.
    pub price: Option<Money>,
    /// Its description.
    pub description: Option<String>,
    /// A category's slug or name; one that is not there is made, at the top.
    pub category: Option<String>,
    /// The stem of the picture that is shown first; `Some(None)` takes all pictures away.
    pub picture: Option<Option<String>>,
    /// Pieces that can be sold from now on, over all variants: the default one's level takes up the difference.
    pub stock: Option<i32>,
}

/// Makes a product.
///
/// # Errors
/// No such picture.
pub async fn create_product(db: &Db, staff: &Staff, new: NewProduct) -> Result<ProductBrief, CatalogError> {
    let mut tx = db.begin().await?;
    let category = category(&mut tx, new.category.as_deref().unwrap_or(USUAL_CATEGORY)).await?;
    let id = sql::staff::insert_product(&mut tx, &new, category).await.map_err(CatalogError::storing)?;
    let variant = sql::staff::insert_variant(&mut tx, id, category, new.price).await.map_err(CatalogError::storing)?;
    // Nobody can know this variant yet, so its lock is free: the order of locks (stock before catalogue) does not matter here.
    inventory::receive_in_tx(&mut tx, variant, new.stock, &note(staff)).await?;
    if let Some(stem) = new.picture {
        show_first(&mut tx, id, Some(stem)).await?;
    }
    let product = stored(&mut tx, id).await?;
    tx.commit().await?;
    told(staff, id, "made");
    Ok(product)
}

/// Changes a product.
///
/// # Errors
/// Not there or archived, no such picture, or a stock below what other variants hold.
pub async fn update_product(
    db: &Db,
    staff: &Staff,
    id: ProductId,
    change: ProductChange,
) -> Result<ProductBrief, CatalogError> {
    let mut tx = db.begin().await?;
    // Stock before catalogue: who holds the lists' lock, which changing the catalogue takes, must wait for no order.
    if let Some(wanted) = change.stock {
        set_stock(&mut tx, staff, id, wanted).await?;
    }
    if !sql::staff::lock_product(&mut tx, id).await? {
        return Err(CatalogError::UnknownProduct);
    }
    let category = match &change.category {
        Some(name) => Some(category(&mut tx, name).await?),
        None => None,
    };
    sql::staff::update_product(&mut tx, id, &change, category).await.map_err(CatalogError::storing)?;
    if let Some(price) = change.price {
        sql::staff::set_price(&mut tx, id, price).await.map_err(CatalogError::storing)?;
    }
    if let Some(picture) = change.picture {
        show_first(&mut tx, id, picture).await?;
    }
    let product = stored(&mut tx, id).await?;
    tx.commit().await?;
    told(staff, id, "changed");
    Ok(product)
}

/// Archives a product: it leaves the lists, carts say so, orders keep their lines.
///
/// # Errors
/// Not there, or archived already.
pub async fn archive_product(db: &Db, staff: &Staff, id: ProductId) -> Result<(), CatalogError> {
    let mut tx = db.begin().await?;
    if !sql::staff::archive_product(&mut tx, id).await? {
        return Err(CatalogError::UnknownProduct);
    }
    tx.commit().await?;
    told(staff, id, "archived");
    Ok(())
}

async fn set_stock(tx: &mut Tx, staff: &Staff, id: ProductId, wanted: i32) -> Result<(), CatalogError> {
    let variants = sql::staff::variants(tx, id).await?;
    // The default one stands first.
    let Some(default) = variants.first().copied() else { return Err(CatalogError::UnknownProduct) };
    match inventory::set_available_in_tx(tx, &variants, default, wanted, &note(staff)).await {
        Ok(()) => Ok(()),
        Err(StockError::Short(_)) => Err(CatalogError::StockOfOthers),
        Err(StockError::Database(error)) => Err(error.into()),
    }
}

async fn category(tx: &mut Tx, slug_or_name: &str) -> Result<CategoryId, CatalogError> {
    if let Some(id) = sql::staff::category(tx, slug_or_name).await? {
        return Ok(id);
    }
    if sql::staff::insert_category(tx, slug_or_name).await.map_err(CatalogError::storing)? {
        tracing::info!(category = slug_or_name, "a category was made");
    }
    // Made here, or by someone else meanwhile.
    sql::staff::category(tx, slug_or_name).await?.ok_or(CatalogError::UnknownCategory)
}

async fn show_first(tx: &mut Tx, id: ProductId, stem: Option<String>) -> Result<(), CatalogError> {
    let Some(stem) = stem else { return Ok(sql::staff::remove_pictures(tx, id).await?) };
    let media = sql::staff::media(tx, &stem).await?.ok_or(CatalogError::UnknownPicture)?;
    Ok(sql::staff::show_first(tx, id, media).await?)
}

async fn stored(tx: &mut Tx, id: ProductId) -> Result<ProductBrief, CatalogError> {
    sql::briefs(&mut **tx, &[id]).await?.remove(&id).ok_or(CatalogError::UnknownProduct)
}

fn note(staff: &Staff) -> String {
    format!("set by {}", staff.customer().user().username)
}

// Who did it, until there is a table for it.
fn told(staff: &Staff, product: ProductId, what: &str) {
    tracing::info!(staff = staff.customer().id().0, product = product.0, what, "staff changed the catalogue");
}
