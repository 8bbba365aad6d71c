//! Products in lists. Which ones, and in which order, differs; what is shown of each does not, so every list is one statement put
//! together from a `chosen (id, place, total)` of its own and the same rest.

use sqlx::{FromRow, PgExecutor, Postgres, QueryBuilder};

use crate::{
    domain::catalog::{CategoryRef, Picture, ProductSummary},
    infra::{database::unreadable, metrics::timed},
    types::{Money, ProductId, VariantId},
};

const SUMMARIES: &str = "
    SELECT chosen.total, p.id, p.slug, p.name, p.description, c.slug AS category_slug, c.name AS category_name,
           d.id AS default_variant, d.currency, d.price_minor, d.compare_at_minor,
           v.lowest_minor, v.price_varies, v.variant_count, v.available, i.stem, i.width, i.height, i.alt
    FROM chosen
    JOIN products p ON p.id = chosen.id
    JOIN categories c ON c.id = p.category_id
    JOIN product_variants d ON d.product_id = p.id AND d.is_default
    CROSS JOIN LATERAL (
        SELECT count(*) AS variant_count, bool_or(o.price_minor <> d.price_minor) AS price_varies,
               min(o.price_minor) AS lowest_minor,
               coalesce(sum(s.on_hand - s.reserved), 0)::bigint AS available
        FROM product_variants o LEFT JOIN stock_levels s ON s.variant_id = o.id
        WHERE o.product_id = p.id AND o.archived_at IS NULL) v
    LEFT JOIN LATERAL (
        SELECT m.stem, m.width, m.height, pi.alt FROM product_images pi JOIN media m ON m.id = pi.media_id
        WHERE pi.product_id = p.id ORDER BY pi.position LIMIT 1) i ON true
    ORDER BY chosen.place";

#[derive(FromRow)]
struct SummaryRow {
    total: i64,
    id: ProductId,
    slug: String,
    name: String,
    description: String,
    category_slug: String,
    category_name: String,
    default_variant: VariantId,
    currency: String,
    price_minor: i64,
    compare_at_minor: Option<i64>,
    price_varies: bool,
    lowest_minor: i64,
    variant_count: i64,
    available: i64,
    stem: Option<String>,
    width: Option<i32>,
    height: Option<i32>,
    alt: Option<String>,
}

/// One page of the products in a category and below it (or of all), newest first, with how many there are. Nothing is said
/// about the whole where the page is empty.
pub(in crate::domain::catalog) async fn listed(
    executor: impl PgExecutor<'_>,
    category: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<Option<(i64, Vec<ProductSummary>)>, sqlx::Error> {
    let mut sql = QueryBuilder::new("WITH RECURSIVE ");
    if let Some(category) = category {
        sql.push("tree AS ((SELECT id FROM categories WHERE slug = ").push_bind(category);
        sql.push(" OR name = ").push_bind(category);
        sql.push(" ORDER BY slug = ").push_bind(category).push(
            " DESC LIMIT 1)
             UNION SELECT c.id FROM categories c JOIN tree ON c.parent_id = tree.id), ",
        );
    }
    sql.push("matching AS NOT MATERIALIZED (SELECT id, created_at FROM products WHERE archived_at IS NULL");
    if category.is_some() {
        sql.push(" AND category_id IN (SELECT id FROM tree)");
    }
    sql.push(
        "), chosen AS (
             SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS place,
                    (SELECT count(*) FROM matching) AS total
             FROM matching ORDER BY created_at DESC, id DESC LIMIT ",
    );
    sql.push_bind(limit).push(" OFFSET ").push_bind(offset).push(")");
    let rows = rows("catalog.list", executor, sql).await?;
    let total = rows.first().map(|row| row.total);
    let items = rows.into_iter().map(ProductSummary::try_from).collect::<Result<_, _>>()?;
    Ok(total.map(|total| (total, items)))
}

/// Reduced products in stock; the largest share of the former price first, so that a cheap thing at half price is seen.
pub(in crate::domain::catalog) async fn reduced(
    executor: impl PgExecutor<'_>,
    limit: i64,
) -> Result<Vec<ProductSummary>, sqlx::Error> {
    let mut sql = QueryBuilder::new(
        "WITH chosen AS (
             SELECT p.id, 0::bigint AS total,
                    row_number() OVER (ORDER BY d.price_minor::numeric / d.compare_at_minor, p.id) AS place
             FROM products p JOIN product_variants d ON d.product_id = p.id AND d.is_default
             WHERE p.archived_at IS NULL AND d.compare_at_minor > d.price_minor
               AND EXISTS (SELECT FROM product_variants o JOIN stock_levels s ON s.variant_id = o.id
                           WHERE o.product_id = p.id AND o.archived_at IS NULL AND s.on_hand > s.reserved)
             ORDER BY place LIMIT ",
    );
    sql.push_bind(limit.max(0)).push(")");
    rows("catalog.reduced", executor, sql).await?.into_iter().map(ProductSummary::try_from).collect()
}

/// Other products of the same category, those in stock first, then the newest.
pub(in crate::domain::catalog) async fn related(
    executor: impl PgExecutor<'_>,
    id: ProductId,
    limit: i64,
) -> Result<Vec<ProductSummary>, sqlx::Error> {
    let mut sql = QueryBuilder::new("WITH this AS (SELECT id, category_id FROM products WHERE id = ");
    sql.push_bind(id);
    sql.push(
        "), chosen AS (
             SELECT p.id, 0::bigint AS total,
                    row_number() OVER (ORDER BY EXISTS (
                        SELECT FROM product_variants o JOIN stock_levels s ON s.variant_id = o.id
                        WHERE o.product_id = p.id AND o.archived_at IS NULL AND s.on_hand > s.reserved) DESC,
                        p.created_at DESC, p.id DESC) AS place
             FROM products p JOIN this ON p.category_id = this.category_id AND p.id <> this.id
             WHERE p.archived_at IS NULL ORDER BY place LIMIT ",
    );
    sql.push_bind(limit.max(0)).push(")");
    rows("catalog.related", executor, sql).await?.into_iter().map(ProductSummary::try_from).collect()
}

async fn rows(
    name: &'static str,
    executor: impl PgExecutor<'_>,
    mut chosen: QueryBuilder<Postgres>,
) -> Result<Vec<SummaryRow>, sqlx::Error> {
    chosen.push(SUMMARIES);
    timed(name, chosen.build_query_as().fetch_all(executor)).await
}

impl TryFrom<SummaryRow> for ProductSummary {
    type Error = sqlx::Error;

    fn try_from(row: SummaryRow) -> Result<Self, sqlx::Error> {
        let currency = row.currency.parse().map_err(unreadable)?;
        let picture = match (row.stem, row.width, row.height, row.alt) {
            (Some(stem), Some(width), Some(height), Some(alt)) => Some(Picture { stem, width, height, alt }),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            slug: row.slug,
            name: row.name,
            description: row.description,
            category: CategoryRef { slug: row.category_slug, name: row.category_name },
            default_variant: row.default_variant,
            price: Money::new(row.price_minor, currency),
            compare_at: row.compare_at_minor.map(|minor| Money::new(minor, currency)),
            price_varies: row.price_varies,
            lowest_price: Money::new(row.lowest_minor, currency),
            variant_count: row.variant_count,
            picture,
            available: row.available,
        })
    }
}
