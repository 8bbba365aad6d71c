//! What is counted of lists in listing_counts, but for the tree of categories and the prices that a filter shows.

use sqlx::{PgExecutor, Postgres, QueryBuilder};

use super::lists::push_category;
use crate::{
    domain::catalog::{
        ListQuery, MOST_COUNTED,
        bands::{PriceRange, Span},
    },
    infra::{database::Tx, metrics::timed},
    types::Money,
};

/// Of a list that a price narrows: `counts` by category, of all and of what is in stock. What is whole cells is counted already; at both
/// ends a part of a cell is counted in an index alone, in each category no further than the cap.
pub(super) fn push_by_category(sql: &mut QueryBuilder<Postgres>, query: &ListQuery) {
    let PriceRange { cells, edges } =
        PriceRange::of(query.min_price.map(Money::minor), query.max_price.map(Money::minor));
    sql.push(
        ", counts AS MATERIALIZED (
             SELECT category_id, sum(products) AS products, sum(products) FILTER (WHERE in_stock) AS in_stock FROM listing_counts WHERE ",
    );
    match cells {
        Some(cells) => push_span(sql, "price_from", cells),
        None => {
            sql.push("false");
        }
    }
    sql.push(" GROUP BY 1");
    for edge in edges {
        sql.push(" UNION ALL SELECT c.id");
        for of_them in ["", " AND in_stock"] {
            sql.push(", (SELECT count(*) FROM (SELECT FROM product_listings WHERE category_id = c.id AND ");
            push_span(sql, "price_minor", edge);
            sql.push(of_them).push(format!(" LIMIT {}) AS capped)", MOST_COUNTED + 1));
        }
        sql.push(" FROM categories c");
    }
    sql.push(")");
}

/// The columns `total`, `in_stock` and `categories` of what [`push_by_category`] counts.
pub(super) fn push_totals(sql: &mut QueryBuilder<Postgres>, query: &ListQuery, categories: Option<&[i64]>) {
    let listed = if query.in_stock { "in_stock" } else { "products" };
    for (of_them, name) in [(listed, "total"), ("in_stock", "in_stock")] {
        sql.push(format!("(SELECT coalesce(sum({of_them}), 0)::bigint FROM counts WHERE true"));
        push_category(sql, categories);
        sql.push(format!(") AS {name}, "));
    }
    sql.push(format!(
        "(SELECT json_object_agg(category_id, sum) FROM (
             SELECT category_id, sum({listed})::bigint FROM counts GROUP BY 1) AS held WHERE sum > 0) AS categories"
    ));
}

fn push_span(sql: &mut QueryBuilder<Postgres>, column: &'static str, span: Span) {
    sql.push(column).push(" >= ").push_bind(span.from);
    if let Some(below) = span.below {
        sql.push(" AND ").push(column).push(" < ").push_bind(below);
    }
}

/// Makes all rows of a category, a cell and a state one, and none where they sum up to nothing; gives back how many fewer there are.
pub(in crate::domain::catalog) async fn fold(tx: &mut Tx) -> Result<u64, sqlx::Error> {
    if !is_mine_to_fold(&mut **tx).await? {
        return Ok(0);
    }
    // The sums are of the rows that this very statement took away, so that it is right beside whoever else adds or folds.
    let query = sqlx::query_scalar!(
        r#"WITH several AS (
               SELECT category_id, price_from, in_stock FROM listing_counts
               GROUP BY 1, 2, 3 HAVING count(*) > 1),
           taken AS (
               DELETE FROM listing_counts c USING several s
               WHERE c.category_id = s.category_id AND c.price_from = s.price_from AND c.in_stock = s.in_stock
               RETURNING c.category_id, c.price_from, c.in_stock, c.products),
           kept AS (
               INSERT INTO listing_counts (category_id, price_from, in_stock, products)
               SELECT category_id, price_from, in_stock, sum(products) FROM taken
               GROUP BY 1, 2, 3 HAVING sum(products) <> 0 RETURNING 1)
           SELECT (SELECT count(*) FROM taken) - (SELECT count(*) FROM kept) AS "fewer!""#
    );
    let fewer = timed("catalog.fold_counts", query.fetch_one(&mut **tx)).await?;
    Ok(u64::try_from(fewer).unwrap_or_default())
}

// Two at once would wait for each other's rows and find nothing left to do.
async fn is_mine_to_fold(executor: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock(hashtext('listing_counts')) AS "mine!""#);
    timed("catalog.lock_counts", query.fetch_one(executor)).await
}
