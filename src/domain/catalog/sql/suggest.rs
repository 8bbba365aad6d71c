//! What is proposed while someone types.

use sqlx::PgExecutor;

use crate::{
    domain::catalog::Suggestion,
    infra::{database::unreadable, metrics::timed},
    types::{Money, SearchText},
};

/// Products and categories whose name begins with the text, the most bought first.
pub(in crate::domain::catalog) async fn suggest(
    executor: impl PgExecutor<'_>,
    text: &SearchText,
    limit: i64,
) -> Result<Vec<Suggestion>, sqlx::Error> {
    let query = sqlx::query!(
        r#"WITH asked AS (SELECT replace(replace(search_text($1), '\', '\\'), '%', '\%') || '%' AS pattern)
           (SELECT 'category' AS "kind!", slug AS "slug!", name AS "name!", NULL AS currency, NULL::bigint AS price_minor, NULL AS picture
            FROM categories, asked WHERE search_text(name) LIKE pattern ORDER BY name LIMIT 2)
           UNION ALL
           (SELECT 'product', slug, name, currency, price_minor, picture
            FROM product_listings, asked WHERE search_text(name) LIKE pattern ORDER BY popularity DESC, product_id DESC LIMIT $2)"#,
        text.as_str(),
        limit
    );
    let rows = timed("catalog.suggest", query.fetch_all(executor)).await?;
    rows.into_iter()
        .take(usize::try_from(limit).unwrap_or(0))
        .map(|row| match (row.currency, row.price_minor) {
            (Some(currency), Some(minor)) => {
                let price = Money::new(minor, currency.parse().map_err(unreadable)?);
                Ok(Suggestion::Product { slug: row.slug, name: row.name, price, picture: row.picture })
            }
            _ => Ok(Suggestion::Category { slug: row.slug, name: row.name }),
        })
        .collect()
}
