//! Products in lists. Which ones, and in which order, differs; what is shown of each does not, so every list is one statement put
//! together from a `chosen (id, place, total)` of its own and the same rest.

use sqlx::{FromRow, PgExecutor, Postgres, QueryBuilder};

use crate::{
    domain::catalog::{CategoryRef, ListQuery, Picture, ProductSummary, Sort},
    infra::{database::unreadable, metrics::timed},
    types::{Money, ProductId, VariantId},
};

const SUMMARIES: &str = "
    SELECT chosen.total, l.product_id AS id, l.slug, l.name, p.description, c.slug AS category_slug, c.name AS category_name,
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

/// One page of what a list asks for, with how many there are. Nothing is said about the whole where the page is empty.
pub(in crate::domain::catalog) async fn listed(
    executor: impl PgExecutor<'_>,
    query: &ListQuery,
    categories: Option<&[i64]>,
) -> Result<Option<(i64, Vec<ProductSummary>)>, sqlx::Error> {
    let mut sql = QueryBuilder::new("WITH matching AS NOT MATERIALIZED (SELECT * FROM product_listings WHERE true");
    push_filters(&mut sql, query, categories);
    let order = match query.effective_sort() {
        Sort::Relevance => "ts_rank_cd(document, asked.words) DESC, product_id DESC",
        Sort::Newest => "created_at DESC, product_id DESC",
        Sort::PriceUp => "price_minor, product_id",
        Sort::PriceDown => "price_minor DESC, product_id DESC",
        Sort::Popular => "popularity DESC, product_id DESC",
    };
    sql.push("), asked AS (SELECT plainto_tsquery('pg_catalog.english', search_text(");
    sql.push_bind(query.search.as_ref().map_or("", |search| search.as_str()));
    sql.push(")) AS words), chosen AS (SELECT product_id AS id, row_number() OVER (ORDER BY ").push(order);
    sql.push(") AS place, (SELECT count(*) FROM matching) AS total FROM matching, asked ORDER BY ").push(order);
    sql.push(" LIMIT ").push_bind(i64::from(query.per_page.get()));
    sql.push(" OFFSET ").push_bind(query.per_page.offset(query.page)).push(")");
    let rows = rows("catalog.list", executor, sql).await?;
    let total = rows.first().map(|row| row.total);
    let items = rows.into_iter().map(ProductSummary::try_from).collect::<Result<_, _>>()?;
    Ok(total.map(|total| (total, items)))
}

fn push_filters(sql: &mut QueryBuilder<Postgres>, query: &ListQuery, categories: Option<&[i64]>) {
    if let Some(categories) = categories {
        sql.push(" AND category_id = ANY(").push_bind(categories.to_vec()).push(")");
    }
    if let Some(search) = &query.search {
        sql.push(" AND document @@ plainto_tsquery('pg_catalog.english', search_text(");
        sql.push_bind(search.as_str().to_owned()).push("))");
    }
    if let Some(price) = query.min_price {
        sql.push(" AND price_minor >= ").push_bind(price.minor());
    }
    if let Some(price) = query.max_price {
        sql.push(" AND price_minor <= ").push_bind(price.minor());
    }
    if query.in_stock {
        sql.push(" AND in_stock");
    }
}

/// How many products match.
pub(in crate::domain::catalog) async fn count(
    executor: impl PgExecutor<'_>,
    query: &ListQuery,
    categories: Option<&[i64]>,
) -> Result<i64, sqlx::Error> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM product_listings WHERE true");
    push_filters(&mut sql, query, categories);
    timed("catalog.count", sql.build_query_scalar().fetch_one(executor)).await
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
             SELECT product_id AS id, 0::bigint AS total,
                    row_number() OVER (ORDER BY price_minor::numeric / compare_at_minor, product_id) AS place
             FROM product_listings WHERE compare_at_minor > price_minor AND in_stock
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
    let mut sql =
        QueryBuilder::new("WITH this AS (SELECT product_id, category_id FROM product_listings WHERE product_id = ");
    sql.push_bind(id);
    sql.push(
        "), chosen AS (
             SELECT l.product_id AS id, 0::bigint AS total,
                    row_number() OVER (ORDER BY l.in_stock DESC, l.created_at DESC, l.product_id DESC) AS place
             FROM product_listings l JOIN this ON l.category_id = this.category_id AND l.product_id <> this.product_id
             ORDER BY place LIMIT ",
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
