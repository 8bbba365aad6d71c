//! Queries on categories, media, products, product_images and product_variants.

mod brief;
pub(super) mod counts;
pub(super) mod lists;
pub(super) mod media;
pub(super) mod prices;
pub(super) mod put;
pub(super) mod put_many;
pub(super) mod sitemap;
pub(super) mod staff;
mod summaries;
pub(super) mod words;

use serde::Deserialize;
use sqlx::{PgExecutor, types::Json};

pub(super) use brief::briefs;
pub(super) use summaries::{named, reduced, related};

use super::{CategoryRef, Detail, Picture, Product, Variant, rules::CategoryRow};
use crate::{
    infra::{database::unreadable, metrics::timed},
    types::{CategoryId, Money, ProductId, VariantId},
};

/// Every category with what stands directly in it, siblings in their order. Its picture is its oldest product's: the newest stands
/// elsewhere on the home page already.
pub(super) async fn categories(executor: impl PgExecutor<'_>) -> Result<Vec<CategoryRow>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT c.id, c.parent_id, c.slug, c.name, c.description, coalesce(held.products, 0) AS "products!",
                  coalesce(held.in_stock, 0) AS "in_stock!", picture.stem AS "picture?"
           FROM categories c
           LEFT JOIN (SELECT category_id, sum(products) AS products, sum(products) FILTER (WHERE in_stock) AS in_stock
                      FROM listing_counts GROUP BY category_id) held ON held.category_id = c.id
           LEFT JOIN LATERAL (
               SELECT picture AS stem FROM product_listings
               WHERE category_id = c.id AND picture IS NOT NULL ORDER BY created_at, product_id LIMIT 1
           ) picture ON true
           ORDER BY c.position, c.name"#
    );
    let rows = timed("catalog.categories", query.fetch_all(executor)).await?;
    Ok(rows
        .into_iter()
        .map(|row| CategoryRow {
            id: CategoryId(row.id),
            parent: row.parent_id.map(CategoryId),
            slug: row.slug,
            name: row.name,
            description: row.description,
            products: row.products,
            in_stock: row.in_stock,
            picture: row.picture,
        })
        .collect())
}

/// From the topmost category to the one of that slug or name; empty if there is none. A slug comes before a name.
pub(super) async fn category_path(
    executor: impl PgExecutor<'_>,
    slug_or_name: &str,
) -> Result<Vec<CategoryRef>, sqlx::Error> {
    let query = sqlx::query_as!(
        CategoryRef,
        r#"WITH RECURSIVE up AS (
               (SELECT id, parent_id, slug, name, 0 AS depth FROM categories
                WHERE slug = $1 OR name = $1 ORDER BY slug = $1 DESC LIMIT 1)
               UNION ALL
               SELECT c.id, c.parent_id, c.slug, c.name, up.depth + 1
               FROM categories c JOIN up ON c.id = up.parent_id WHERE up.depth < 32)
           SELECT slug AS "slug!", name AS "name!" FROM up ORDER BY depth DESC"#,
        slug_or_name
    );
    timed("catalog.category_path", query.fetch_all(executor)).await
}

/// A variant as the product's query packs it into JSON.
#[derive(Debug, Deserialize)]
struct VariantRow {
    id: VariantId,
    sku: String,
    name: String,
    currency: String,
    price: i64,
    compare_at: Option<i64>,
    is_default: bool,
    available: i32,
}

/// The product of that slug with all that belongs to it, in one statement, unless it is archived.
pub(super) async fn product(executor: impl PgExecutor<'_>, slug: &str) -> Result<Option<Product>, sqlx::Error> {
    let query = sqlx::query!(
        r#"WITH RECURSIVE wanted AS (
               SELECT * FROM products WHERE archived_at IS NULL AND slug = $1),
           up AS (
               SELECT c.id, c.parent_id, c.slug, c.name, 0 AS depth
               FROM categories c JOIN wanted p ON p.category_id = c.id
               UNION ALL
               SELECT c.id, c.parent_id, c.slug, c.name, up.depth + 1
               FROM categories c JOIN up ON c.id = up.parent_id WHERE up.depth < 32)
           SELECT p.id, p.slug, p.name, p.description,
                  p.details AS "details: Json<Vec<Detail>>",
                  (SELECT json_agg(json_build_object('slug', slug, 'name', name) ORDER BY depth DESC) FROM up)
                      AS "category_path!: Json<Vec<CategoryRef>>",
                  coalesce((SELECT json_agg(json_build_object('stem', m.stem, 'width', m.width, 'height', m.height,
                                                              'alt', i.alt) ORDER BY i.position)
                            FROM product_images i JOIN media m ON m.id = i.media_id
                            WHERE i.product_id = p.id), '[]')
                      AS "pictures!: Json<Vec<Picture>>",
                  coalesce((SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'name', v.name,
                                     'currency', v.currency, 'price', v.price_minor, 'compare_at', v.compare_at_minor,
                                     'is_default', v.is_default, 'available', coalesce(s.on_hand - s.reserved, 0))
                                            ORDER BY v.position, v.id)
                            FROM product_variants v LEFT JOIN stock_levels s ON s.variant_id = v.id
                            WHERE v.product_id = p.id AND v.archived_at IS NULL), '[]')
                      AS "variants!: Json<Vec<VariantRow>>"
           FROM wanted p"#,
        slug
    );
    let Some(row) = timed("catalog.product", query.fetch_optional(executor)).await? else { return Ok(None) };
    Ok(Some(Product {
        id: ProductId(row.id),
        slug: row.slug,
        name: row.name,
        description: row.description,
        details: row.details.0,
        category_path: row.category_path.0,
        pictures: row.pictures.0,
        variants: row.variants.0.into_iter().map(Variant::try_from).collect::<Result<_, _>>()?,
    }))
}

impl TryFrom<VariantRow> for Variant {
    type Error = sqlx::Error;

    fn try_from(row: VariantRow) -> Result<Self, sqlx::Error> {
        let currency = row.currency.parse().map_err(unreadable)?;
        Ok(Self {
            id: row.id,
            sku: row.sku,
            name: row.name,
            price: Money::new(row.price, currency),
            compare_at: row.compare_at.map(|minor| Money::new(minor, currency)),
            is_default: row.is_default,
            available: row.available,
        })
    }
}
