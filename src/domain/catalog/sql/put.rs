//! Storing categories and products: whole lists at once, handed over as JSON, so that a product takes as many statements with twenty
//! variants as with one.

use serde::Serialize;
use sqlx::types::Json;

use crate::{
    domain::catalog::{CategoryDraft, PictureDraft, ProductDraft, VariantDraft},
    infra::{database::Tx, metrics::timed},
    types::{CategoryId, ProductId, VariantId},
};

/// The category of that slug, and whether it is the one of slug `below` or lies above it.
pub(in crate::domain::catalog) async fn parent(
    tx: &mut Tx,
    slug: &str,
    below: &str,
) -> Result<Option<(CategoryId, bool)>, sqlx::Error> {
    let query = sqlx::query!(
        r#"WITH RECURSIVE up AS (
               SELECT id, parent_id, slug FROM categories WHERE slug = $1
               UNION SELECT c.id, c.parent_id, c.slug FROM categories c JOIN up ON c.id = up.parent_id)
           SELECT c.id, EXISTS (SELECT FROM up WHERE up.slug = $2) AS "ring!" FROM categories c WHERE c.slug = $1"#,
        slug,
        below
    );
    let row = timed("catalog.parent", query.fetch_optional(&mut **tx)).await?;
    Ok(row.map(|row| (CategoryId(row.id), row.ring)))
}

/// Inserts or updates a category by its slug.
pub(in crate::domain::catalog) async fn category(
    tx: &mut Tx,
    draft: &CategoryDraft,
    parent: Option<CategoryId>,
) -> Result<CategoryId, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"INSERT INTO categories (slug, name, description, parent_id, position) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (slug) DO UPDATE
           SET name = EXCLUDED.name, description = EXCLUDED.description, parent_id = EXCLUDED.parent_id,
               position = EXCLUDED.position, updated_at = now()
           RETURNING id"#,
        draft.slug.as_str(),
        draft.name,
        draft.description,
        parent.map(|id| id.0),
        draft.position
    );
    timed("catalog.put_category", query.fetch_one(&mut **tx)).await.map(CategoryId)
}

/// Inserts or updates a product by its slug; `None` if there is no such category.
pub(in crate::domain::catalog) async fn product(
    tx: &mut Tx,
    draft: &ProductDraft,
) -> Result<Option<ProductId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"INSERT INTO products (slug, name, description, details, category_id)
           SELECT $1, $2, $3, $4, c.id FROM categories c WHERE c.slug = $5
           ON CONFLICT (slug) DO UPDATE
           SET name = EXCLUDED.name, description = EXCLUDED.description, details = EXCLUDED.details,
               category_id = EXCLUDED.category_id, updated_at = now()
           RETURNING id"#,
        draft.slug.as_str(),
        draft.name,
        draft.description,
        Json(&draft.details) as _,
        draft.category.as_str()
    );
    Ok(timed("catalog.put_product", query.fetch_optional(&mut **tx)).await?.map(ProductId))
}

/// A variant as the statements take it.
#[derive(Serialize)]
pub(super) struct VariantRow<'a> {
    sku: &'a str,
    name: &'a str,
    position: usize,
    currency: String,
    price: i64,
    compare_at: Option<i64>,
    tax_rate: i32,
}

impl<'a> VariantRow<'a> {
    pub(super) fn of(position: usize, draft: &'a VariantDraft) -> Self {
        Self {
            sku: &draft.sku,
            name: &draft.name,
            position,
            currency: draft.price.currency().code().to_owned(),
            price: draft.price.minor(),
            compare_at: draft.compare_at.map(|price| price.minor()),
            tax_rate: draft.tax_rate.0,
        }
    }
}

/// A variant that was stored.
pub(in crate::domain::catalog) struct StoredVariant {
    /// Its id.
    pub id: VariantId,
    /// Its SKU, to find its draft by.
    pub sku: String,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// Makes the variants those of the drafts: others are archived. What is missing from the answer has an SKU of another product.
pub(in crate::domain::catalog) async fn variants(
    tx: &mut Tx,
    product: ProductId,
    drafts: &[VariantDraft],
) -> Result<Vec<StoredVariant>, sqlx::Error> {
    let rows: Vec<_> = drafts.iter().enumerate().map(|(position, draft)| VariantRow::of(position, draft)).collect();
    retire_variants(tx, product, drafts).await?;
    let query = sqlx::query!(
        r#"INSERT INTO product_variants
               (product_id, sku, name, position, is_default, currency, price_minor, compare_at_minor, tax_rate_bp)
           SELECT $1, d.sku, d.name, d.position, d.position = 0, d.currency, d.price, d.compare_at, d.tax_rate
           FROM jsonb_to_recordset($2) AS d (sku text, name text, position integer, currency text, price bigint,
                                             compare_at bigint, tax_rate integer)
           ORDER BY d.position
           ON CONFLICT (sku) DO UPDATE
           SET name = EXCLUDED.name, position = EXCLUDED.position, is_default = EXCLUDED.is_default,
               currency = EXCLUDED.currency, price_minor = EXCLUDED.price_minor,
               compare_at_minor = EXCLUDED.compare_at_minor, tax_rate_bp = EXCLUDED.tax_rate_bp,
               updated_at = now(), archived_at = NULL
           WHERE product_variants.product_id = EXCLUDED.product_id
           RETURNING id, sku, xmax = 0 AS "is_new!""#, // xmax is 0 in a row that this statement inserted
        product.0,
        Json(rows) as _
    );
    let rows = timed("catalog.put_variants", query.fetch_all(&mut **tx)).await?;
    Ok(rows.into_iter().map(|row| StoredVariant { id: VariantId(row.id), sku: row.sku, is_new: row.is_new }).collect())
}

// First, since the index that allows one default a product is checked row by row.
async fn retire_variants(tx: &mut Tx, product: ProductId, drafts: &[VariantDraft]) -> Result<(), sqlx::Error> {
    let kept: Vec<String> = drafts.iter().map(|draft| draft.sku.clone()).collect();
    let query = sqlx::query!(
        "UPDATE product_variants
         SET is_default = false, updated_at = now(),
             archived_at = CASE WHEN sku = ANY($2) THEN archived_at ELSE coalesce(archived_at, now()) END
         WHERE product_id = $1 AND (is_default OR sku <> ALL($2))",
        product.0,
        &kept
    );
    timed("catalog.retire_variants", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Makes the pictures those of the drafts, in their order.
pub(in crate::domain::catalog) async fn pictures(
    tx: &mut Tx,
    product: ProductId,
    drafts: &[PictureDraft],
) -> Result<(), sqlx::Error> {
    let media = sqlx::query!(
        "INSERT INTO media (stem, width, height, widths)
         SELECT stem, width, height, widths
         FROM jsonb_to_recordset($1) AS d (stem text, width integer, height integer, widths integer[])
         ON CONFLICT (stem) DO UPDATE
         SET width = EXCLUDED.width, height = EXCLUDED.height, widths = EXCLUDED.widths",
        Json(drafts) as _
    );
    timed("catalog.put_media", media.execute(&mut **tx)).await?;
    let gone = sqlx::query!("DELETE FROM product_images WHERE product_id = $1", product.0);
    timed("catalog.drop_images", gone.execute(&mut **tx)).await?;
    let images = sqlx::query!(
        "INSERT INTO product_images (product_id, media_id, position, alt)
         SELECT $1, m.id, d.position - 1, d.draft ->> 'alt'
         FROM jsonb_array_elements($2) WITH ORDINALITY AS d (draft, position)
         JOIN media m ON m.stem = d.draft ->> 'stem'",
        product.0,
        Json(drafts) as _
    );
    timed("catalog.put_images", images.execute(&mut **tx)).await?;
    Ok(())
}
