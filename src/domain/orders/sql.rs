//! Queries on orders, order_lines, order_events that write; those that read are in `read`.

pub(super) mod read;

use super::{NewLine, NewOrder, OrderStatus};
use crate::{
    domain::accounts::Owner,
    infra::{database::Tx, metrics::timed},
    types::{OrderId, UserId, VisitorId},
};

/// The owner as the two columns that carry one.
pub(super) const fn columns(owner: Owner) -> (Option<i64>, Option<i64>) {
    match owner {
        Owner::Customer(user) => (Some(user.0), None),
        Owner::Visitor(visitor) => (None, Some(visitor.0)),
    }
}

/// Order, lines and first event in one statement. `None` if the number is taken.
pub(super) async fn insert(
    tx: &mut Tx,
    new: &NewOrder,
    number: &str,
    actor: &str,
) -> Result<Option<OrderId>, sqlx::Error> {
    let (user, visitor) = columns(new.owner);
    let currency = new.total.currency();
    let address = serde_json::to_value(&new.shipping_address).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let lines = &new.lines;
    let query = sqlx::query_scalar!(
        r#"WITH placed AS (
               INSERT INTO orders (number, user_id, visitor_id, status, currency, subtotal_minor, discount_minor, shipping_minor,
                                   tax_minor, total_minor, prices_include_tax, delivery_method, payment_method, contact_email,
                                   shipping_address)
               VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::citext, $14)
               ON CONFLICT (number) DO NOTHING RETURNING id
           ), line AS (
               INSERT INTO order_lines (order_id, position, product_id, variant_id, product_name, variant_name, sku, picture,
                                        unit_price_minor, tax_rate_bp, quantity, line_total_minor)
               SELECT placed.id, l.position, l.product_id, l.variant_id, l.product_name, l.variant_name, l.sku, l.picture,
                      l.unit_price, l.tax_rate, l.quantity, l.line_total
               FROM placed, unnest($15::bigint[], $16::bigint[], $17::text[], $18::text[], $19::text[], $20::text[],
                                   $21::bigint[], $22::int[], $23::int[], $24::bigint[])
                   WITH ORDINALITY AS l (product_id, variant_id, product_name, variant_name, sku, picture,
                                         unit_price, tax_rate, quantity, line_total, position)
           ), event AS (
               INSERT INTO order_events (order_id, to_status, actor) SELECT id, 'pending', $25 FROM placed
           )
           SELECT id AS "id: OrderId" FROM placed"#,
        number,
        user,
        visitor,
        currency.code(),
        new.subtotal.minor(),
        new.discount.minor(),
        new.shipping.minor(),
        new.tax.minor(),
        new.total.minor(),
        new.prices_include_tax,
        new.delivery_method,
        new.payment_method.id(),
        new.contact_email.as_str(),
        address,
        &column(lines, |line| line.product_id.0),
        &column(lines, |line| line.variant_id.0),
        &column(lines, |line| line.product_name.clone()),
        &column(lines, |line| line.variant_name.clone()),
        &column(lines, |line| line.sku.clone()),
        &column(lines, |line| line.picture.clone()) as &[Option<String>],
        &column(lines, |line| line.unit_price.minor()),
        &column(lines, |line| line.tax_rate.0),
        &column(lines, |line| line.quantity.get()),
        &column(lines, |line| line.line_total.minor()),
        actor,
    );
    timed("orders.insert", query.fetch_optional(&mut **tx)).await
}

fn column<T>(lines: &[NewLine], value: impl Fn(&NewLine) -> T) -> Vec<T> {
    lines.iter().map(value).collect()
}

/// Locks the order, if it is the owner's (`None`: anyone's), and says where it stands.
pub(super) async fn lock(
    tx: &mut Tx,
    owner: Option<Owner>,
    order: OrderId,
) -> Result<Option<OrderStatus>, sqlx::Error> {
    let (user, visitor) = owner.map_or((None, None), columns);
    let query = sqlx::query_scalar!(
        "SELECT status FROM orders
         WHERE id = $1 AND ($2::bigint IS NULL AND $3::bigint IS NULL OR user_id = $2 OR visitor_id = $3)
         FOR UPDATE",
        order.0,
        user,
        visitor,
    );
    let status = timed("orders.lock", query.fetch_optional(&mut **tx)).await?;
    status.map(|status| read::status(&status)).transpose()
}

/// Locks the order unless someone else holds it, and says where it stands.
pub(super) async fn lock_free(tx: &mut Tx, order: OrderId) -> Result<Option<OrderStatus>, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT status FROM orders WHERE id = $1 FOR UPDATE SKIP LOCKED", order.0);
    let status = timed("orders.lock_free", query.fetch_optional(&mut **tx)).await?;
    status.map(|status| read::status(&status)).transpose()
}

/// Moves the order and writes the step into its history.
pub(super) async fn set_status(
    tx: &mut Tx,
    order: OrderId,
    (from, to): (OrderStatus, OrderStatus),
    actor: &str,
    note: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "WITH moved AS (
             UPDATE orders SET status = $3::text, updated_at = now(),
                    cancelled_at = CASE WHEN $3 = 'cancelled' THEN now() END,
                    cancellation_reason = CASE WHEN $3 = 'cancelled' THEN nullif($5, '') END
             WHERE id = $1
         )
         INSERT INTO order_events (order_id, from_status, to_status, actor, note) VALUES ($1, $2, $3, $4, $5)",
        order.0,
        from.id(),
        to.id(),
        actor,
        note,
    );
    timed("orders.set_status", query.execute(&mut **tx)).await?;
    Ok(())
}

pub(super) async fn join(tx: &mut Tx, visitor: VisitorId, user: UserId) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE orders SET user_id = $2, visitor_id = NULL, updated_at = now() WHERE visitor_id = $1",
        visitor.0,
        user.0
    );
    Ok(timed("orders.join", query.execute(&mut **tx)).await?.rows_affected())
}
