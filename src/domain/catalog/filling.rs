//! Storing products by the thousand.

use super::{CatalogError, DatedDraft, Numbered, PictureDraft, VariantDraft, rules, searching, sql};
use crate::{
    domain::{accounts::System, inventory},
    infra::database::{Db, Tx},
    types::{ProductId, VariantId},
};

/// How many products there are, and the highest number of those that [`put_many`] was given with one at the end of their slugs.
///
/// # Errors
/// The database failed.
pub async fn numbered(db: &Db) -> Result<Numbered, sqlx::Error> {
    sql::put_many::numbered(db.primary()).await
}

/// Stores those products whose slugs are free, with a statement a table; gives back how many. The others stay as they are. Their
/// pictures have to be known already. A few thousand at once are well.
///
/// # Errors
/// A category or picture is not there, no variant, or an SKU of another product: then none is stored.
pub async fn put_many(db: &Db, _system: &System, drafts: &[DatedDraft]) -> Result<usize, CatalogError> {
    for DatedDraft { draft, .. } in drafts {
        rules::check(draft).map_err(CatalogError::BadDraft)?;
    }
    let mut tx = db.begin().await?;
    let mut categories: Vec<String> = drafts.iter().map(|dated| dated.draft.category.to_string()).collect();
    categories.sort_unstable();
    categories.dedup();
    if sql::put_many::unknown_category(&mut tx, &categories).await?.is_some() {
        return Err(CatalogError::UnknownCategory);
    }
    let ids = sql::put_many::products(&mut tx, drafts).await.map_err(CatalogError::storing)?;
    let new = drafts.iter().filter_map(|dated| Some((*ids.get(dated.draft.slug.as_str())?, &dated.draft)));
    let (variants, pictures): (Vec<_>, Vec<_>) =
        new.map(|(id, draft)| ((id, draft.variants.as_slice()), (id, draft.pictures.as_slice()))).unzip();
    put_variants(&mut tx, &variants).await?;
    put_pictures(&mut tx, &pictures).await?;
    searching::words_changed_in_tx(&mut tx).await?;
    tx.commit().await?;
    Ok(ids.len())
}

async fn put_variants(tx: &mut Tx, variants: &[(ProductId, &[VariantDraft])]) -> Result<(), CatalogError> {
    let ids = sql::put_many::variants(tx, variants).await.map_err(CatalogError::storing)?;
    let drafts = variants.iter().flat_map(|(_, drafts)| *drafts);
    let received: Vec<(VariantId, i32)> =
        drafts.filter_map(|draft| Some((*ids.get(&draft.sku)?, draft.initial_stock))).collect();
    Ok(inventory::receive_new_in_tx(tx, &received, "initial stock").await?)
}

async fn put_pictures(tx: &mut Tx, pictures: &[(ProductId, &[PictureDraft])]) -> Result<(), CatalogError> {
    let shown = sql::put_many::pictures(tx, pictures).await.map_err(CatalogError::storing)?;
    let wanted: usize = pictures.iter().map(|(_, pictures)| pictures.len()).sum();
    if u64::try_from(wanted) == Ok(shown) {
        return Ok(());
    }
    Err(CatalogError::BadDraft("a picture is not known: store the products that it was made for first".to_owned()))
}
