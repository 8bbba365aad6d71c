//! What a filter of prices shows: how many products each cell of prices holds, and the prices at both ends.

use sqlx::{PgExecutor, Postgres, QueryBuilder, types::Json};

use super::lists::push_stock;
use crate::{
    domain::catalog::{
        ListQuery,
        bands::{NARROWEST, PriceCount, Prices},
    },
    infra::{database::unreadable, metrics::timed},
};

/// Counted from a few thousand candidates: a source of `price_minor` follows, with its filters, then [`push_counted_end`]. First by the
/// narrowest cells, of which each is made: their division costs less than finding a price's cell, which is then done for few.
pub(super) const COUNTED: &str =
    "SELECT json_agg(json_build_object('price_from', price_from, 'count', count) ORDER BY price_from) AS prices,
            min(lowest) AS lowest, max(highest) AS highest
     FROM (SELECT price_cell(lowest) AS price_from, sum(count)::bigint AS count, min(lowest) AS lowest, max(highest) AS highest
           FROM (SELECT count(*), min(price_minor) AS lowest, max(price_minor) AS highest FROM ";

pub(super) fn push_counted_end(sql: &mut QueryBuilder<Postgres>) {
    sql.push(format!(" GROUP BY price_minor / {NARROWEST}) AS narrow GROUP BY 1) AS cells"));
}

/// Of a list without a search, from what is counted already; at both ends one look into an index, no further than the outermost cell.
pub(in crate::domain::catalog) async fn prices(
    executor: impl PgExecutor<'_>,
    query: &ListQuery,
    categories: Option<&[i64]>,
) -> Result<Prices, sqlx::Error> {
    let mut sql = QueryBuilder::new(
        "WITH cells AS MATERIALIZED (
             SELECT price_from, sum(products) AS count FROM listing_counts WHERE true",
    );
    if let Some(categories) = categories {
        sql.push(" AND category_id = ANY(").push_bind(categories.to_vec()).push(")");
    }
    push_stock(&mut sql, query);
    sql.push(
        " GROUP BY 1 HAVING sum(products) > 0),
         ends AS MATERIALIZED (SELECT min(price_from) AS first, max(price_from) AS last FROM cells)
         SELECT (SELECT currency::text FROM product_listings ORDER BY product_id LIMIT 1),
                (SELECT json_agg(cells ORDER BY price_from) FROM cells), (",
    );
    push_end(&mut sql, "min", "first", query, categories);
    sql.push("), (");
    push_end(&mut sql, "max", "last", query, categories);
    sql.push(")");
    type Row = (Option<String>, Option<Json<Vec<PriceCount>>>, Option<i64>, Option<i64>);
    let (currency, counts, lowest, highest): Row =
        timed("catalog.prices", sql.build_query_as().fetch_one(executor)).await?;
    match (currency, counts) {
        (Some(currency), Some(Json(counts))) => {
            Ok(Prices::of(&counts, (lowest, highest), currency.parse().map_err(unreadable)?))
        }
        _ => Ok(Prices::default()),
    }
}

// An index in the order of prices serves one category, not several.
fn push_end(
    sql: &mut QueryBuilder<Postgres>,
    end: &'static str,
    cell: &'static str,
    query: &ListQuery,
    categories: Option<&[i64]>,
) {
    match categories {
        None => sql.push(format!("SELECT {end}(price_minor) FROM product_listings WHERE true")),
        Some(categories) => {
            sql.push(format!("SELECT {end}(price) FROM unnest(")).push_bind(categories.to_vec());
            sql.push(format!(
                "::bigint[]) AS c (id) CROSS JOIN LATERAL (
                     SELECT {end}(price_minor) AS price FROM product_listings WHERE category_id = c.id"
            ))
        }
    };
    sql.push(format!(
        " AND price_minor >= (SELECT {cell} FROM ends) AND price_minor < (SELECT {cell} + price_step({cell}) FROM ends)"
    ));
    push_stock(sql, query);
    if categories.is_some() {
        sql.push(") AS of_each");
    }
}
