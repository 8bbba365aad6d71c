//! Queries on saved_lines.

use crate::{
    domain::cart::Removed,
    infra::{
        database::{Tx, unreadable},
        metrics::timed,
    },
    types::{CartId, ProductId, Quantity, SavedLineId, VariantId},
};

/// Puts pieces of a variant aside beside a locked cart; those that are there already become more, up to what a line holds. `None` if there
/// are `most` others.
pub(in crate::domain::cart) async fn put_aside(
    tx: &mut Tx,
    cart: CartId,
    variant: VariantId,
    quantity: Quantity,
    most: i64,
) -> Result<Option<SavedLineId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "INSERT INTO saved_lines (cart_id, variant_id, quantity)
         SELECT $1, $2, $3 WHERE (SELECT count(*) FROM saved_lines WHERE cart_id = $1 AND variant_id <> $2) < $4
         ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = least(saved_lines.quantity + EXCLUDED.quantity, $5)
         RETURNING id",
        cart.0,
        variant.0,
        quantity.get(),
        most,
        Quantity::MAX.get()
    );
    Ok(timed("cart.put_aside", query.fetch_optional(&mut **tx)).await?.map(SavedLineId))
}

/// The variant of what was put aside beside a locked cart, and how many.
pub(in crate::domain::cart) async fn saved_quantity(
    tx: &mut Tx,
    cart: CartId,
    saved: SavedLineId,
) -> Result<Option<(VariantId, Quantity)>, sqlx::Error> {
    let query =
        sqlx::query!("SELECT variant_id, quantity FROM saved_lines WHERE id = $1 AND cart_id = $2", saved.0, cart.0);
    let Some(row) = timed("cart.saved_quantity", query.fetch_optional(&mut **tx)).await? else { return Ok(None) };
    let quantity = Quantity::try_from(i64::from(row.quantity)).map_err(unreadable)?;
    Ok(Some((VariantId(row.variant_id), quantity)))
}

/// Forgets what was put aside beside a locked cart, if it is there.
pub(in crate::domain::cart) async fn drop_saved(
    tx: &mut Tx,
    cart: CartId,
    saved: SavedLineId,
) -> Result<Option<Removed>, sqlx::Error> {
    let query = sqlx::query!(
        r#"DELETE FROM saved_lines l USING product_variants v JOIN products p ON p.id = v.product_id
           WHERE l.id = $1 AND l.cart_id = $2 AND v.id = l.variant_id
           RETURNING p.id AS product_id, l.variant_id, l.quantity, concat_ws(', ', p.name, nullif(v.name, '')) AS "name!""#,
        saved.0,
        cart.0
    );
    let Some(row) = timed("cart.drop_saved", query.fetch_optional(&mut **tx)).await? else { return Ok(None) };
    let quantity = Quantity::try_from(i64::from(row.quantity)).map_err(unreadable)?;
    let (product_id, variant_id) = (ProductId(row.product_id), VariantId(row.variant_id));
    Ok(Some(Removed { product_id, variant_id, quantity, name: row.name }))
}

/// Pours what was put aside beside one locked cart into that beside another: equal things are summed, the oldest come first. What finds
/// no room among `most` stays.
pub(in crate::domain::cart) async fn join_saved(
    tx: &mut Tx,
    from: CartId,
    into: CartId,
    most: i64,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "WITH there AS (SELECT variant_id FROM saved_lines WHERE cart_id = $2),
              brought AS (SELECT s.variant_id, s.quantity, s.saved_at, s.variant_id IN (SELECT variant_id FROM there) AS known,
                                 row_number() OVER (PARTITION BY s.variant_id IN (SELECT variant_id FROM there) ORDER BY s.id) AS place
                          FROM saved_lines s WHERE s.cart_id = $1),
              put AS (INSERT INTO saved_lines (cart_id, variant_id, quantity, saved_at)
                      SELECT $2, variant_id, quantity, saved_at FROM brought
                      WHERE known OR place <= $3 - (SELECT count(*) FROM there) ORDER BY place
                      ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = least(saved_lines.quantity + EXCLUDED.quantity, $4)
                      RETURNING variant_id)
         DELETE FROM saved_lines WHERE cart_id = $1 AND variant_id IN (SELECT variant_id FROM put)",
        from.0,
        into.0,
        most,
        Quantity::MAX.get()
    );
    timed("cart.join_saved", query.execute(&mut **tx)).await?;
    Ok(())
}
