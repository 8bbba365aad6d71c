//! What search engines are told of products.

use std::ops::RangeInclusive;

use sqlx::PgExecutor;
use time::OffsetDateTime;

use crate::infra::metrics::timed;

// Below the 50,000 that a part of a sitemap may hold.
const IDS: i64 = 20_000;

/// From the part of the lowest id to that of the highest.
pub(in crate::domain::catalog) async fn parts(
    executor: impl PgExecutor<'_>,
) -> Result<RangeInclusive<i64>, sqlx::Error> {
    let query = sqlx::query!("SELECT min(product_id) AS lowest, max(product_id) AS highest FROM product_listings");
    let row = timed("catalog.sitemap_parts", query.fetch_one(executor)).await?;
    // Without products: a range without parts.
    let ends = row.lowest.zip(row.highest).map(|(lowest, highest)| lowest / IDS..=highest / IDS);
    Ok(ends.unwrap_or(RangeInclusive::new(1, 0)))
}

/// Slugs and last changes of the products of a part.
pub(in crate::domain::catalog) async fn part(
    executor: impl PgExecutor<'_>,
    part: i64,
) -> Result<Vec<(String, OffsetDateTime)>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT l.slug, p.updated_at AS "updated_at: OffsetDateTime" FROM product_listings l JOIN products p ON p.id = l.product_id
         WHERE l.product_id >= $1 AND l.product_id < $2 ORDER BY l.product_id"#,
        part * IDS,
        (part + 1) * IDS
    );
    let rows = timed("catalog.sitemap", query.fetch_all(executor)).await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.updated_at)).collect())
}
