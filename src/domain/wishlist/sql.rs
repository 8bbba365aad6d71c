//! Queries on wishlists and wishlist_items; and, for the frame of every page, one that reads the cart's lines beside.

use sqlx::PgExecutor;

use super::Badges;
use crate::{
    domain::accounts::Owner,
    infra::{database::Tx, metrics::timed},
    types::{ProductId, UserId, VisitorId, WishlistId, WishlistItemId},
};

// A wishlist has one of two owners; the other column is compared with NULL and so with nothing.
fn columns(owner: Owner) -> (Option<i64>, Option<i64>) {
    match owner {
        Owner::Customer(user) => (Some(user.0), None),
        Owner::Visitor(visitor) => (None, Some(visitor.0)),
    }
}

/// The link's token and the wishes of a list, the latest first.
pub(super) async fn wishes(
    executor: impl PgExecutor<'_>,
    owner: Owner,
) -> Result<(Option<String>, Vec<(WishlistItemId, ProductId)>), sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query!(
        r#"SELECT w.share_token, i.id AS "id?", i.product_id AS "product_id?"
           FROM wishlists w LEFT JOIN wishlist_items i ON i.wishlist_id = w.id
           WHERE w.user_id = $1 OR w.visitor_id = $2 ORDER BY i.id DESC"#,
        user,
        visitor
    );
    let rows = timed("wishlist.wishes", query.fetch_all(executor)).await?;
    let token = rows.first().and_then(|row| row.share_token.clone());
    let wishes = rows.into_iter().filter_map(|row| Some((WishlistItemId(row.id?), ProductId(row.product_id?))));
    Ok((token, wishes.collect()))
}

/// The wishes of the list behind a link; `None` if there is no such link.
pub(super) async fn shared(
    executor: impl PgExecutor<'_>,
    token: &str,
) -> Result<Option<Vec<(WishlistItemId, ProductId)>>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT i.id AS "id?", i.product_id AS "product_id?"
           FROM wishlists w LEFT JOIN wishlist_items i ON i.wishlist_id = w.id
           WHERE w.share_token = $1 ORDER BY i.id DESC"#,
        token
    );
    let rows = timed("wishlist.shared", query.fetch_all(executor)).await?;
    let is_there = !rows.is_empty();
    let wishes = rows.into_iter().filter_map(|row| Some((WishlistItemId(row.id?), ProductId(row.product_id?))));
    Ok(is_there.then(|| wishes.collect()))
}

/// What the frame of a page says of a person.
pub(super) async fn badges(executor: impl PgExecutor<'_>, owner: Owner) -> Result<Badges, sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query!(
        r#"SELECT (SELECT coalesce(sum(l.quantity), 0) FROM carts k JOIN cart_lines l ON l.cart_id = k.id
                   WHERE k.user_id = $1 OR k.visitor_id = $2) AS "cart!",
                  ARRAY(SELECT i.product_id FROM wishlists w JOIN wishlist_items i ON i.wishlist_id = w.id
                        JOIN products p ON p.id = i.product_id
                        WHERE (w.user_id = $1 OR w.visitor_id = $2) AND p.archived_at IS NULL) AS "wished!""#,
        user,
        visitor
    );
    let row = timed("wishlist.badges", query.fetch_one(executor)).await?;
    Ok(Badges { cart: row.cart, wished: row.wished.into_iter().map(ProductId).collect() })
}

/// Locks the owner's list until the transaction ends, making it first where there is none.
pub(super) async fn lock_or_make(tx: &mut Tx, owner: Owner) -> Result<WishlistId, sqlx::Error> {
    let id = match owner {
        Owner::Customer(user) => {
            let query = sqlx::query_scalar!(
                "INSERT INTO wishlists (user_id) VALUES ($1)
                 ON CONFLICT (user_id) DO UPDATE SET updated_at = now() RETURNING id",
                user.0
            );
            timed("wishlist.lock_or_make", query.fetch_one(&mut **tx)).await?
        }
        Owner::Visitor(visitor) => {
            let query = sqlx::query_scalar!(
                "INSERT INTO wishlists (visitor_id) VALUES ($1)
                 ON CONFLICT (visitor_id) DO UPDATE SET updated_at = now() RETURNING id",
                visitor.0
            );
            timed("wishlist.lock_or_make", query.fetch_one(&mut **tx)).await?
        }
    };
    Ok(WishlistId(id))
}

/// Whether a product is on a locked list.
pub(super) async fn holds(tx: &mut Tx, list: WishlistId, product: ProductId) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM wishlist_items WHERE wishlist_id = $1 AND product_id = $2) AS "holds!""#,
        list.0,
        product.0
    );
    timed("wishlist.holds", query.fetch_one(&mut **tx)).await
}

/// What is wished for, if it is on its owner's list.
pub(super) async fn product_of(
    executor: impl PgExecutor<'_>,
    owner: Owner,
    item: WishlistItemId,
) -> Result<Option<ProductId>, sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query_scalar!(
        "SELECT i.product_id FROM wishlist_items i JOIN wishlists w ON w.id = i.wishlist_id
         WHERE i.id = $3 AND (w.user_id = $1 OR w.visitor_id = $2)",
        user,
        visitor,
        item.0
    );
    Ok(timed("wishlist.product_of", query.fetch_optional(executor)).await?.map(ProductId))
}

/// How many wishes are on a locked list.
pub(super) async fn count(tx: &mut Tx, list: WishlistId) -> Result<i64, sqlx::Error> {
    let query =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM wishlist_items WHERE wishlist_id = $1"#, list.0);
    timed("wishlist.count", query.fetch_one(&mut **tx)).await
}

/// Puts a product that is sold on a locked list; `None` if there is no such product.
pub(super) async fn insert(
    tx: &mut Tx,
    list: WishlistId,
    product: ProductId,
) -> Result<Option<WishlistItemId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "INSERT INTO wishlist_items (wishlist_id, product_id)
         SELECT $1, id FROM products WHERE id = $2 AND archived_at IS NULL RETURNING id",
        list.0,
        product.0
    );
    Ok(timed("wishlist.insert", query.fetch_optional(&mut **tx)).await?.map(WishlistItemId))
}

/// Takes a wish off its owner's list.
pub(super) async fn delete(
    executor: impl PgExecutor<'_>,
    owner: Owner,
    item: WishlistItemId,
) -> Result<Option<ProductId>, sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query_scalar!(
        "DELETE FROM wishlist_items i USING wishlists w
         WHERE i.id = $3 AND w.id = i.wishlist_id AND (w.user_id = $1 OR w.visitor_id = $2) RETURNING i.product_id",
        user,
        visitor,
        item.0
    );
    Ok(timed("wishlist.delete", query.fetch_optional(executor)).await?.map(ProductId))
}

/// Takes a product off its owner's list; whether it was there.
pub(super) async fn delete_product(
    executor: impl PgExecutor<'_>,
    owner: Owner,
    product: ProductId,
) -> Result<bool, sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query!(
        "DELETE FROM wishlist_items i USING wishlists w
         WHERE i.product_id = $3 AND w.id = i.wishlist_id AND (w.user_id = $1 OR w.visitor_id = $2)",
        user,
        visitor,
        product.0
    );
    Ok(timed("wishlist.delete_product", query.execute(executor)).await?.rows_affected() > 0)
}

/// Empties its owner's list.
pub(super) async fn clear(executor: impl PgExecutor<'_>, owner: Owner) -> Result<(), sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query!(
        "DELETE FROM wishlist_items i USING wishlists w WHERE w.id = i.wishlist_id AND (w.user_id = $1 OR w.visitor_id = $2)",
        user,
        visitor
    );
    timed("wishlist.clear", query.execute(executor)).await?;
    Ok(())
}

/// The token of a locked list's link: the one it has, else this one.
pub(super) async fn share(tx: &mut Tx, list: WishlistId, token: &str) -> Result<String, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"UPDATE wishlists SET share_token = coalesce(share_token, $2) WHERE id = $1 RETURNING share_token AS "token!""#,
        list.0,
        token
    );
    timed("wishlist.share", query.fetch_one(&mut **tx)).await
}

/// Forgets the link's token.
pub(super) async fn stop_sharing(executor: impl PgExecutor<'_>, owner: Owner) -> Result<(), sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query =
        sqlx::query!("UPDATE wishlists SET share_token = NULL WHERE user_id = $1 OR visitor_id = $2", user, visitor);
    timed("wishlist.stop_sharing", query.execute(executor)).await?;
    Ok(())
}

/// Moves the visitor's wishes to the account's list, the latest last, as many as it has room for. A link of the visitor's list leads nowhere
/// afterwards: it would show a list that is empty.
pub(super) async fn join(tx: &mut Tx, visitor: VisitorId, user: UserId, most: i64) -> Result<(), sqlx::Error> {
    let made = sqlx::query!(
        "INSERT INTO wishlists (user_id) SELECT $1 WHERE EXISTS (SELECT FROM wishlists WHERE visitor_id = $2)
         ON CONFLICT (user_id) DO NOTHING",
        user.0,
        visitor.0
    );
    timed("wishlist.make_for_join", made.execute(&mut **tx)).await?;
    // Both rows in the order of their ids, so that two joins never wait for each other.
    let locked = sqlx::query!(
        "SELECT id FROM wishlists WHERE user_id = $1 OR visitor_id = $2 ORDER BY id FOR UPDATE",
        user.0,
        visitor.0
    );
    timed("wishlist.lock_both", locked.fetch_all(&mut **tx)).await?;
    let moved = sqlx::query!(
        "WITH mine AS (SELECT id FROM wishlists WHERE user_id = $1), theirs AS (SELECT id FROM wishlists WHERE visitor_id = $2),
              room AS (SELECT greatest($3 - count(*), 0) AS places FROM wishlist_items WHERE wishlist_id = (SELECT id FROM mine)),
              wanted AS (SELECT i.product_id, i.added_at FROM wishlist_items i
                         WHERE i.wishlist_id = (SELECT id FROM theirs)
                           AND NOT EXISTS (SELECT FROM wishlist_items h WHERE h.wishlist_id = (SELECT id FROM mine) AND h.product_id = i.product_id)
                         ORDER BY i.id DESC LIMIT (SELECT places FROM room)),
              put AS (INSERT INTO wishlist_items (wishlist_id, product_id, added_at)
                      SELECT (SELECT id FROM mine), product_id, added_at FROM wanted ORDER BY added_at RETURNING product_id)
         DELETE FROM wishlist_items i
         WHERE i.wishlist_id = (SELECT id FROM theirs)
           AND (i.product_id IN (SELECT product_id FROM put)
                OR EXISTS (SELECT FROM wishlist_items h WHERE h.wishlist_id = (SELECT id FROM mine) AND h.product_id = i.product_id))",
        user.0,
        visitor.0,
        most
    );
    timed("wishlist.join", moved.execute(&mut **tx)).await?;
    let unshared = sqlx::query!("UPDATE wishlists SET share_token = NULL WHERE visitor_id = $1", visitor.0);
    timed("wishlist.unshare", unshared.execute(&mut **tx)).await?;
    Ok(())
}
