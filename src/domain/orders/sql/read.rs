//! Orders as they are read: the rows, then all their lines and all their steps in a statement each.

use std::collections::HashMap;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::columns;
use crate::{
    domain::{
        accounts::Owner,
        orders::{Order, OrderEvent, OrderLine, OrderStatus},
    },
    infra::metrics::timed,
    types::{Currency, Money, OrderId, OrderLineId, ProductId, Quantity, VariantId},
};

struct Row {
    id: i64,
    number: String,
    status: String,
    currency: String,
    subtotal_minor: i64,
    discount_minor: i64,
    shipping_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    prices_include_tax: bool,
    delivery_method: String,
    payment_method: String,
    contact_email: String,
    shipping_address: serde_json::Value,
    placed_at: OffsetDateTime,
    cancelled_at: Option<OffsetDateTime>,
    is_guest: bool,
    payment_state: String,
}

// One list of columns for every way of finding an order.
macro_rules! orders {
    ($tail:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT o.id, o.number, o.status, o.currency::text AS "currency!", o.subtotal_minor, o.discount_minor, o.shipping_minor,
                      o.tax_minor, o.total_minor, o.prices_include_tax, o.delivery_method, o.payment_method,
                      o.contact_email::text AS "contact_email!", o.shipping_address, o.placed_at AS "placed_at: OffsetDateTime",
                      o.cancelled_at AS "cancelled_at: OffsetDateTime",
                      o.user_id IS NULL AS "is_guest!", p.state AS payment_state
               FROM orders o JOIN payments p ON p.order_id = o.id "# + $tail,
            $($argument),+
        )
    };
}

pub(in crate::domain::orders) async fn count(connection: &mut PgConnection, owner: Owner) -> Result<i64, sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM orders WHERE user_id = $1 OR visitor_id = $2"#,
        user,
        visitor
    );
    timed("orders.count", query.fetch_one(connection)).await
}

pub(in crate::domain::orders) async fn page(
    connection: &mut PgConnection,
    owner: Owner,
    limit: i64,
    offset: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = orders!(
        "WHERE o.user_id = $1 OR o.visitor_id = $2 ORDER BY o.placed_at DESC, o.id DESC LIMIT $3 OFFSET $4",
        user,
        visitor,
        limit,
        offset
    );
    let rows = timed("orders.page", query.fetch_all(&mut *connection)).await?;
    with_parts(connection, rows).await
}

pub(in crate::domain::orders) async fn by_id(
    connection: &mut PgConnection,
    owner: Option<Owner>,
    id: OrderId,
) -> Result<Option<Order>, sqlx::Error> {
    let (user, visitor) = owner.map_or((None, None), columns);
    let query = orders!(
        "WHERE o.id = $1 AND ($2::bigint IS NULL AND $3::bigint IS NULL OR o.user_id = $2 OR o.visitor_id = $3)",
        id.0,
        user,
        visitor
    );
    let rows = timed("orders.by_id", query.fetch_all(&mut *connection)).await?;
    Ok(with_parts(connection, rows).await?.pop())
}

pub(in crate::domain::orders) async fn by_number(
    connection: &mut PgConnection,
    owner: Option<Owner>,
    number: &str,
) -> Result<Option<Order>, sqlx::Error> {
    let (user, visitor) = owner.map_or((None, None), columns);
    let query = orders!(
        "WHERE o.number = $1 AND ($2::bigint IS NULL AND $3::bigint IS NULL OR o.user_id = $2 OR o.visitor_id = $3)",
        number,
        user,
        visitor
    );
    let rows = timed("orders.by_number", query.fetch_all(&mut *connection)).await?;
    Ok(with_parts(connection, rows).await?.pop())
}

async fn with_parts(connection: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<Order>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let currencies =
        rows.iter().map(|row| Ok((row.id, currency(&row.currency)?))).collect::<Result<_, sqlx::Error>>()?;
    let mut lines = lines(connection, &ids, &currencies).await?;
    let mut events = events(connection, &ids).await?;
    let parts = |row: Row| {
        let (lines, events) = (lines.remove(&row.id), events.remove(&row.id));
        row.into_order(lines.unwrap_or_default(), events.unwrap_or_default())
    };
    rows.into_iter().map(parts).collect()
}

async fn lines(
    connection: &mut PgConnection,
    orders: &[i64],
    currencies: &HashMap<i64, Currency>,
) -> Result<HashMap<i64, Vec<OrderLine>>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT l.order_id, l.id, l.product_id, CASE WHEN p.archived_at IS NULL THEN p.slug END AS product_slug, l.variant_id,
                  l.product_name, l.variant_name, l.sku, l.picture, l.unit_price_minor, l.quantity, l.line_total_minor
           FROM order_lines l JOIN products p ON p.id = l.product_id
           WHERE l.order_id = ANY($1) ORDER BY l.order_id, l.position"#,
        orders,
    );
    let mut found: HashMap<i64, Vec<OrderLine>> = HashMap::new();
    for row in timed("orders.lines", query.fetch_all(connection)).await? {
        let currency = *currencies.get(&row.order_id).ok_or(sqlx::Error::RowNotFound)?;
        found.entry(row.order_id).or_default().push(OrderLine {
            id: OrderLineId(row.id),
            product_id: ProductId(row.product_id),
            product_slug: row.product_slug,
            variant_id: VariantId(row.variant_id),
            product_name: row.product_name,
            variant_name: row.variant_name,
            sku: row.sku,
            picture: row.picture,
            unit_price: Money::new(row.unit_price_minor, currency),
            quantity: Quantity::try_from(i64::from(row.quantity)).map_err(decode)?,
            line_total: Money::new(row.line_total_minor, currency),
        });
    }
    Ok(found)
}

async fn events(connection: &mut PgConnection, orders: &[i64]) -> Result<HashMap<i64, Vec<OrderEvent>>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT order_id, to_status, created_at AS "at: OffsetDateTime", note FROM order_events
           WHERE order_id = ANY($1) ORDER BY order_id, id"#,
        orders
    );
    let mut found: HashMap<i64, Vec<OrderEvent>> = HashMap::new();
    for row in timed("orders.events", query.fetch_all(connection)).await? {
        let event = OrderEvent { to: status(&row.to_status)?, at: row.at, note: row.note };
        found.entry(row.order_id).or_default().push(event);
    }
    Ok(found)
}

impl Row {
    fn into_order(self, lines: Vec<OrderLine>, events: Vec<OrderEvent>) -> Result<Order, sqlx::Error> {
        let currency = currency(&self.currency)?;
        let money = |minor| Money::new(minor, currency);
        Ok(Order {
            id: OrderId(self.id),
            number: self.number,
            status: status(&self.status)?,
            subtotal: money(self.subtotal_minor),
            discount: money(self.discount_minor),
            shipping: money(self.shipping_minor),
            tax: money(self.tax_minor),
            prices_include_tax: self.prices_include_tax,
            total: money(self.total_minor),
            contact_email: self.contact_email,
            shipping_address: serde_json::from_value(self.shipping_address).map_err(decode)?,
            delivery_method: self.delivery_method,
            payment_method: parse("payment method", &self.payment_method)?,
            payment_state: parse("payment state", &self.payment_state)?,
            placed_at: self.placed_at,
            cancelled_at: self.cancelled_at,
            is_guest: self.is_guest,
            lines,
            events,
        })
    }
}

pub(in crate::domain::orders) fn status(id: &str) -> Result<OrderStatus, sqlx::Error> {
    parse("order status", id)
}

fn currency(code: &str) -> Result<Currency, sqlx::Error> {
    code.parse().map_err(decode)
}

fn parse<T: std::str::FromStr>(what: &str, id: &str) -> Result<T, sqlx::Error> {
    id.parse().map_err(|_| sqlx::Error::Decode(format!("{what} '{id}'").into()))
}

fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
