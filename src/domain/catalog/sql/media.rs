//! Pictures without a product.

use std::collections::HashSet;

use sqlx::PgExecutor;

use crate::infra::metrics::timed;

/// Forgets pictures of yesterday and before that no product shows. Orders keep the name of what they showed, and it stays with them.
pub(in crate::domain::catalog) async fn forget_unused(executor: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "DELETE FROM media m
         WHERE created_at < now() - interval '1 day'
           AND NOT EXISTS (SELECT FROM product_images i WHERE i.media_id = m.id)
           AND NOT EXISTS (SELECT FROM order_lines l WHERE l.picture = m.stem)"
    );
    timed("catalog.forget_media", query.execute(executor)).await?;
    Ok(())
}

/// The stems of all pictures.
pub(in crate::domain::catalog) async fn stems(executor: impl PgExecutor<'_>) -> Result<HashSet<String>, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT stem FROM media");
    Ok(timed("catalog.media_stems", query.fetch_all(executor)).await?.into_iter().collect())
}
