//! Products in lists. Which ones, and in which order, differs; what is shown of each does not, so every list is one statement put
//! together from a `chosen (id, place)` of its own and the same rest.

use serde::Deserialize;
use sqlx::{FromRow, PgExecutor, Postgres, QueryBuilder};

use crate::{
    domain::catalog::{CategoryRef, Picture, ProductSummary},
    infra::{database::unreadable, metrics::timed},
    types::{Money, ProductId, VariantId},
};

// Enough to tell chance from habit, few enough to be read each time.
const LATEST_ORDERS: i64 = 500;

/// What is shown of the products in `chosen`, in the order of their places.
pub(super) const SUMMARIES: &str = "
    SELECT chosen.place, l.product_id AS id, l.slug, l.name, p.description, c.slug AS category_slug, c.name AS category_name,
           l.variant_id AS default_variant, l.currency, l.price_minor, l.compare_at_minor, l.lowest_minor,
           l.lowest_minor <> l.highest_minor AS price_varies, l.variant_count::bigint AS variant_count, v.available,
           l.picture AS stem, l.picture_width AS width, l.picture_height AS height, l.picture_alt AS alt
    FROM chosen
    JOIN product_listings l ON l.product_id = chosen.id
    JOIN products p ON p.id = chosen.id
    JOIN categories c ON c.id = l.category_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.on_hand - s.reserved), 0)::bigint AS available
        FROM product_variants o JOIN stock_levels s ON s.variant_id = o.id
        WHERE o.product_id = l.product_id AND o.archived_at IS NULL) v
    ORDER BY chosen.place";

/// A row of [`SUMMARIES`], by itself or as JSON.
#[derive(FromRow, Deserialize)]
pub(super) struct SummaryRow {
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

/// The products of these ids.
pub(in crate::domain::catalog) async fn named(
    executor: impl PgExecutor<'_>,
    ids: &[ProductId],
) -> Result<Vec<ProductSummary>, sqlx::Error> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut sql = QueryBuilder::new("WITH chosen AS (SELECT unnest(");
    sql.push_bind(ids).push("::bigint[]) AS id, 0::bigint AS place, 0::bigint AS total)");
    rows("catalog.named", executor, sql).await?.into_iter().map(ProductSummary::try_from).collect()
}

/// Reduced products in stock; the largest share of the former price first, so that a cheap thing at half price is seen.
pub(in crate::domain::catalog) async fn reduced(
    executor: impl PgExecutor<'_>,
    limit: i64,
) -> Result<Vec<ProductSummary>, sqlx::Error> {
    let mut sql = QueryBuilder::new(
        "WITH chosen AS (
             SELECT product_id AS id,
                    row_number() OVER (ORDER BY price_minor::numeric / compare_at_minor, product_id) AS place
             FROM product_listings WHERE compare_at_minor > price_minor AND in_stock
             ORDER BY place LIMIT ",
    );
    sql.push_bind(limit.max(0)).push(")");
    rows("catalog.reduced", executor, sql).await?.into_iter().map(ProductSummary::try_from).collect()
}

/// Products of the latest orders with this one, the most frequent first; filled up with its category, in stock first, then the newest.
pub(in crate::domain::catalog) async fn related(
    executor: impl PgExecutor<'_>,
    id: ProductId,
    limit: i64,
) -> Result<Vec<ProductSummary>, sqlx::Error> {
    let mut sql =
        QueryBuilder::new("WITH this AS (SELECT product_id, category_id FROM product_listings WHERE product_id = ");
    sql.push_bind(id).push("), latest AS (SELECT order_id FROM order_lines WHERE product_id = ").push_bind(id);
    sql.push(format!(
        " ORDER BY order_id DESC LIMIT {LATEST_ORDERS}),
         bought AS (
             SELECT o.product_id AS id, count(DISTINCT o.order_id) AS times
             FROM (SELECT DISTINCT order_id FROM latest) AS orders JOIN order_lines o ON o.order_id = orders.order_id
             CROSS JOIN this WHERE o.product_id <> this.product_id
               AND EXISTS (SELECT FROM product_listings l WHERE l.product_id = o.product_id)
             GROUP BY o.product_id ORDER BY times DESC, id DESC LIMIT {limit}),
         like_it AS (
             SELECT l.product_id AS id, stock.wanted
             FROM this CROSS JOIN (VALUES (true), (false)) AS stock (wanted) CROSS JOIN LATERAL (
                 SELECT product_id, created_at FROM product_listings l
                 WHERE l.category_id = this.category_id AND l.in_stock = stock.wanted AND l.product_id <> this.product_id
                 ORDER BY created_at DESC, product_id DESC LIMIT {several}) AS l),
         chosen AS (
             SELECT id, row_number() OVER (ORDER BY times DESC NULLS LAST, wanted DESC, rank) AS place
             FROM (SELECT id, times, true AS wanted, -id AS rank FROM bought
                   UNION ALL
                   SELECT id, NULL, wanted, row_number() OVER () FROM like_it
                   WHERE id NOT IN (SELECT id FROM bought)) AS all_of_them
             ORDER BY place LIMIT {limit})",
        limit = limit.max(0),
        several = limit.max(0) * 2,
    ));
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
