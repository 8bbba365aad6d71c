//! Locks and changes of carts.

use super::columns;
use crate::{
    domain::{
        accounts::Owner,
        cart::{Removed, rules::Content},
    },
    infra::{
        database::{Tx, unreadable},
        metrics::timed,
    },
    types::{CartId, CartLineId, ProductId, Quantity, UserId, VariantId, VisitorId},
};

/// Locks the owner's cart until the transaction ends, if there is one.
pub(in crate::domain::cart) async fn lock(tx: &mut Tx, owner: Owner) -> Result<Option<CartId>, sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query_scalar!(
        "UPDATE carts SET updated_at = now() WHERE user_id = $1 OR visitor_id = $2 RETURNING id",
        user,
        visitor
    );
    Ok(timed("cart.lock", query.fetch_optional(&mut **tx)).await?.map(CartId))
}

/// Locks the owner's cart, making it first where there is none. Of several transactions that do so at once one inserts; the others
/// wait for it and then lock what it inserted.
pub(in crate::domain::cart) async fn lock_or_make(tx: &mut Tx, owner: Owner) -> Result<CartId, sqlx::Error> {
    let id = match owner {
        Owner::Customer(user) => {
            let query = sqlx::query_scalar!(
                "INSERT INTO carts (user_id) VALUES ($1)
                 ON CONFLICT (user_id) DO UPDATE SET updated_at = now() RETURNING id",
                user.0
            );
            timed("cart.lock_or_make", query.fetch_one(&mut **tx)).await?
        }
        Owner::Visitor(visitor) => {
            let query = sqlx::query_scalar!(
                "INSERT INTO carts (visitor_id) VALUES ($1)
                 ON CONFLICT (visitor_id) DO UPDATE SET updated_at = now() RETURNING id",
                visitor.0
            );
            timed("cart.lock_or_make", query.fetch_one(&mut **tx)).await?
        }
    };
    Ok(CartId(id))
}

/// Locks the visitor's cart and the account's, which is made if need be; `None` if the visitor has none. In the order of their
/// ids, so that two joins never wait for each other.
pub(in crate::domain::cart) async fn lock_both(
    tx: &mut Tx,
    visitor: VisitorId,
    user: UserId,
) -> Result<Option<(CartId, CartId)>, sqlx::Error> {
    let made = sqlx::query!(
        "INSERT INTO carts (user_id) SELECT $1 WHERE EXISTS (SELECT FROM carts WHERE visitor_id = $2)
         ON CONFLICT (user_id) DO NOTHING",
        user.0,
        visitor.0
    );
    timed("cart.make_for_join", made.execute(&mut **tx)).await?;
    let locked = sqlx::query!(
        "SELECT id, user_id FROM carts WHERE user_id = $1 OR visitor_id = $2 ORDER BY id FOR UPDATE",
        user.0,
        visitor.0
    );
    let rows = timed("cart.lock_both", locked.fetch_all(&mut **tx)).await?;
    let id_of = |accounts: bool| rows.iter().find(|row| row.user_id.is_some() == accounts).map(|row| CartId(row.id));
    Ok(id_of(false).zip(id_of(true)))
}

/// Stores lines in a locked cart, by variant; the answer has their ids in the same order.
pub(in crate::domain::cart) async fn put(
    tx: &mut Tx,
    cart: CartId,
    lines: &[Content],
) -> Result<Vec<CartLineId>, sqlx::Error> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let variants: Vec<_> = lines.iter().map(|line| line.variant.0).collect();
    let quantities: Vec<_> = lines.iter().map(|line| line.quantity.get()).collect();
    let prices: Vec<_> = lines.iter().map(|line| line.seen_price).collect();
    let query = sqlx::query_scalar!(
        "INSERT INTO cart_lines (cart_id, variant_id, quantity, seen_price_minor)
         SELECT $1, d.variant, d.quantity, d.price
         FROM UNNEST($2::bigint[], $3::integer[], $4::bigint[]) WITH ORDINALITY AS d (variant, quantity, price, place)
         ORDER BY d.place
         ON CONFLICT (cart_id, variant_id) DO UPDATE
         SET quantity = EXCLUDED.quantity, seen_price_minor = EXCLUDED.seen_price_minor
         RETURNING id",
        cart.0,
        &variants,
        &quantities,
        &prices
    );
    let ids = timed("cart.put", query.fetch_all(&mut **tx)).await?;
    Ok(ids.into_iter().map(CartLineId).collect())
}

/// Takes one line out of a locked cart, if it is there.
pub(in crate::domain::cart) async fn take_out(
    tx: &mut Tx,
    cart: CartId,
    line: CartLineId,
) -> Result<Option<Removed>, sqlx::Error> {
    let query = sqlx::query!(
        r#"DELETE FROM cart_lines l USING product_variants v JOIN products p ON p.id = v.product_id
           WHERE l.id = $1 AND l.cart_id = $2 AND v.id = l.variant_id
           RETURNING p.id AS product_id, l.variant_id, l.quantity, concat_ws(', ', p.name, nullif(v.name, '')) AS "name!""#,
        line.0,
        cart.0
    );
    let Some(row) = timed("cart.take_out", query.fetch_optional(&mut **tx)).await? else { return Ok(None) };
    let quantity = Quantity::try_from(i64::from(row.quantity)).map_err(unreadable)?;
    let (product_id, variant_id) = (ProductId(row.product_id), VariantId(row.variant_id));
    Ok(Some(Removed { product_id, variant_id, quantity, name: row.name }))
}

/// Takes some pieces of a line out of a locked cart, if it holds more than these.
pub(in crate::domain::cart) async fn take_some(
    tx: &mut Tx,
    cart: CartId,
    line: CartLineId,
    pieces: Quantity,
) -> Result<Option<Removed>, sqlx::Error> {
    let query = sqlx::query!(
        r#"UPDATE cart_lines l SET quantity = l.quantity - $3 FROM product_variants v JOIN products p ON p.id = v.product_id
           WHERE l.id = $1 AND l.cart_id = $2 AND v.id = l.variant_id AND l.quantity > $3
           RETURNING p.id AS product_id, l.variant_id, concat_ws(', ', p.name, nullif(v.name, '')) AS "name!""#,
        line.0,
        cart.0,
        pieces.get()
    );
    let row = timed("cart.take_some", query.fetch_optional(&mut **tx)).await?;
    Ok(row.map(|row| Removed {
        product_id: ProductId(row.product_id),
        variant_id: VariantId(row.variant_id),
        quantity: pieces,
        name: row.name,
    }))
}

/// Takes some variants out of a locked cart.
pub(in crate::domain::cart) async fn drop(
    tx: &mut Tx,
    cart: CartId,
    variants: &[VariantId],
) -> Result<(), sqlx::Error> {
    let variants: Vec<_> = variants.iter().map(|variant| variant.0).collect();
    let query = sqlx::query!("DELETE FROM cart_lines WHERE cart_id = $1 AND variant_id = ANY($2)", cart.0, &variants);
    timed("cart.drop", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Empties a locked cart.
pub(in crate::domain::cart) async fn clear(tx: &mut Tx, cart: CartId) -> Result<(), sqlx::Error> {
    timed("cart.clear", sqlx::query!("DELETE FROM cart_lines WHERE cart_id = $1", cart.0).execute(&mut **tx)).await?;
    Ok(())
}
