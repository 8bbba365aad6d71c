//! Queries on listing_counts, but for those that read it: the tree of categories and the prices of a list.

use sqlx::PgExecutor;

use crate::infra::{database::Tx, metrics::timed};

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
