//! Storing thousands of new products: a statement a table, whatever their number.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::{PgExecutor, types::Json};

use super::put::VariantRow;
use crate::{
    domain::catalog::{DatedDraft, Detail, Numbered, PictureDraft, VariantDraft},
    infra::{database::Tx, metrics::timed},
    types::{ProductId, VariantId},
};

/// How many products there are, and the highest number at the end of a slug (`…-m12345`).
pub(in crate::domain::catalog) async fn numbered(executor: impl PgExecutor<'_>) -> Result<Numbered, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE archived_at IS NULL) AS "products!",
                  coalesce(max(substring(slug from '-m([0-9]{1,8})$')::int), 0) AS "highest!"
           FROM products"#
    );
    let row = timed("catalog.numbered", query.fetch_one(executor)).await?;
    Ok(Numbered {
        products: u64::try_from(row.products).unwrap_or_default(),
        highest: u32::try_from(row.highest).unwrap_or_default(),
    })
}

/// The first of these slugs that is no category's.
pub(in crate::domain::catalog) async fn unknown_category(
    tx: &mut Tx,
    slugs: &[String],
) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT slug AS "slug!" FROM unnest($1::text[]) AS slug
           WHERE NOT EXISTS (SELECT FROM categories c WHERE c.slug = slug.slug) LIMIT 1"#,
        slugs
    );
    timed("catalog.unknown_category", query.fetch_optional(&mut **tx)).await
}

#[derive(Serialize)]
struct ProductRow<'a> {
    slug: &'a str,
    name: &'a str,
    description: &'a str,
    details: &'a [Detail],
    category: &'a str,
    created_at: i64,
}

impl<'a> ProductRow<'a> {
    fn of(DatedDraft { created_at, draft }: &'a DatedDraft) -> Self {
        Self {
            slug: draft.slug.as_str(),
            name: &draft.name,
            description: &draft.description,
            details: &draft.details,
            category: draft.category.as_str(),
            created_at: created_at.unix_timestamp(),
        }
    }
}

/// Inserts the products whose slugs are free; gives back their ids by slug.
pub(in crate::domain::catalog) async fn products(
    tx: &mut Tx,
    drafts: &[DatedDraft],
) -> Result<HashMap<String, ProductId>, sqlx::Error> {
    let rows: Vec<_> = drafts.iter().map(ProductRow::of).collect();
    let query = sqlx::query!(
        "INSERT INTO products (slug, name, description, details, category_id, created_at, updated_at)
         SELECT d.slug, d.name, d.description, d.details, c.id, to_timestamp(d.created_at), to_timestamp(d.created_at)
         FROM jsonb_to_recordset($1) AS d (slug text, name text, description text, details jsonb, category text,
                                           created_at bigint)
         JOIN categories c ON c.slug = d.category
         ON CONFLICT (slug) DO NOTHING
         RETURNING id, slug",
        Json(rows) as _
    );
    let stored = timed("catalog.insert_products", query.fetch_all(&mut **tx)).await?;
    Ok(stored.into_iter().map(|row| (row.slug, ProductId(row.id))).collect())
}

#[derive(Serialize)]
struct VariantOf<'a> {
    product: ProductId,
    #[serde(flatten)]
    row: VariantRow<'a>,
}

/// Inserts the variants of new products, the first of each as its default; gives back their ids by SKU.
pub(in crate::domain::catalog) async fn variants(
    tx: &mut Tx,
    drafts: &[(ProductId, &[VariantDraft])],
) -> Result<HashMap<String, VariantId>, sqlx::Error> {
    let mut rows = Vec::new();
    for (product, variants) in drafts {
        for (position, draft) in variants.iter().enumerate() {
            rows.push(VariantOf { product: *product, row: VariantRow::of(position, draft) });
        }
    }
    let query = sqlx::query!(
        "INSERT INTO product_variants
             (product_id, sku, name, position, is_default, currency, price_minor, compare_at_minor, tax_rate_bp)
         SELECT d.product, d.sku, d.name, d.position, d.position = 0, d.currency, d.price, d.compare_at, d.tax_rate
         FROM jsonb_to_recordset($1) AS d (product bigint, sku text, name text, position integer, currency text,
                                           price bigint, compare_at bigint, tax_rate integer)
         RETURNING id, sku",
        Json(rows) as _
    );
    let stored = timed("catalog.insert_variants", query.fetch_all(&mut **tx)).await?;
    Ok(stored.into_iter().map(|row| (row.sku, VariantId(row.id))).collect())
}

#[derive(Serialize)]
struct PictureOf<'a> {
    product: ProductId,
    stem: &'a str,
    position: usize,
    alt: &'a str,
}

/// Shows pictures that are known already with new products; gives back how many, which is fewer if one is not known.
pub(in crate::domain::catalog) async fn pictures(
    tx: &mut Tx,
    drafts: &[(ProductId, &[PictureDraft])],
) -> Result<u64, sqlx::Error> {
    let mut rows = Vec::new();
    for (product, pictures) in drafts {
        for (position, PictureDraft { stem, alt, .. }) in pictures.iter().enumerate() {
            rows.push(PictureOf { product: *product, stem, position, alt });
        }
    }
    let query = sqlx::query!(
        "INSERT INTO product_images (product_id, media_id, position, alt)
         SELECT d.product, m.id, d.position, d.alt
         FROM jsonb_to_recordset($1) AS d (product bigint, stem text, position integer, alt text)
         JOIN media m ON m.stem = d.stem",
        Json(rows) as _
    );
    Ok(timed("catalog.insert_images", query.execute(&mut **tx)).await?.rows_affected())
}
