//! Queries on carts and cart_lines.

mod change;
mod saved;

use sqlx::PgExecutor;

pub(super) use change::{clear, drop, lock, lock_both, lock_or_make, put, take_out, take_some};
pub(super) use saved::{drop_saved, join_saved, put_aside, saved_quantity};

use super::{
    CartLine, Item, SavedLine,
    rules::{self, Content, Standing},
};
use crate::{
    domain::accounts::Owner,
    infra::{
        database::{Tx, unreadable},
        metrics::timed,
    },
    types::{BasisPoints, CartId, CartLineId, Currency, Money, ProductId, Quantity, SavedLineId, VariantId},
};

// A cart has one of two owners; the other column is compared with NULL and so with nothing.
fn columns(owner: Owner) -> (Option<i64>, Option<i64>) {
    match owner {
        Owner::Customer(user) => (Some(user.0), None),
        Owner::Visitor(visitor) => (None, Some(visitor.0)),
    }
}

/// A row of the cart, before its money and notices are reckoned.
struct LineRow {
    id: i64,
    is_saved: bool,
    quantity: i32,
    seen_price_minor: i64,
    variant_id: i64,
    variant_name: String,
    sku: String,
    currency: String,
    price_minor: i64,
    tax_rate_bp: i32,
    product_id: i64,
    product_slug: String,
    product_name: String,
    description: String,
    category: String,
    archived: bool,
    available: i32,
    picture: Option<String>,
    picture_alt: Option<String>,
}

/// The lines of the owner's cart and what was put aside beside it, in the order they were added. One statement: every page of the cart
/// shows both.
pub(super) async fn content(
    executor: impl PgExecutor<'_>,
    owner: Owner,
) -> Result<(Vec<CartLine>, Vec<SavedLine>), sqlx::Error> {
    let (user, visitor) = columns(owner);
    let query = sqlx::query_as!(
        LineRow,
        r#"SELECT l.id AS "id!", l.is_saved AS "is_saved!", l.quantity AS "quantity!", l.seen_price_minor AS "seen_price_minor!", v.id AS variant_id, v.name AS variant_name, v.sku, v.currency,
                  v.price_minor, v.tax_rate_bp, p.id AS product_id, p.slug AS product_slug, p.name AS product_name,
                  p.description, c.name AS category,
                  (p.archived_at IS NOT NULL OR v.archived_at IS NOT NULL) AS "archived!",
                  coalesce(s.on_hand - s.reserved, 0) AS "available!",
                  i.stem AS "picture?", i.alt AS "picture_alt?"
           FROM carts k
           CROSS JOIN LATERAL (
               SELECT id, false AS is_saved, variant_id, quantity, seen_price_minor FROM cart_lines WHERE cart_id = k.id
               UNION ALL
               SELECT id, true, variant_id, quantity, 0 FROM saved_lines WHERE cart_id = k.id) l
           JOIN product_variants v ON v.id = l.variant_id
           JOIN products p ON p.id = v.product_id
           JOIN categories c ON c.id = p.category_id
           LEFT JOIN stock_levels s ON s.variant_id = v.id
           LEFT JOIN LATERAL (
               SELECT m.stem, pi.alt FROM product_images pi JOIN media m ON m.id = pi.media_id
               WHERE pi.product_id = p.id ORDER BY pi.position LIMIT 1) i ON true
           WHERE k.user_id = $1 OR k.visitor_id = $2
           ORDER BY l.is_saved, l.id"#,
        user,
        visitor
    );
    let rows = timed("cart.content", query.fetch_all(executor)).await?;
    let (saved, lines): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_saved);
    let lines = lines.into_iter().map(CartLine::try_from).collect::<Result<_, _>>()?;
    Ok((lines, saved.into_iter().map(SavedLine::try_from).collect::<Result<_, _>>()?))
}

impl TryFrom<LineRow> for SavedLine {
    type Error = sqlx::Error;

    fn try_from(row: LineRow) -> Result<Self, sqlx::Error> {
        let currency: Currency = row.currency.parse().map_err(unreadable)?;
        Ok(Self {
            id: SavedLineId(row.id),
            product_slug: row.product_slug,
            product_name: row.product_name,
            variant_id: VariantId(row.variant_id),
            variant_name: row.variant_name,
            picture: row.picture,
            quantity: Quantity::try_from(i64::from(row.quantity)).map_err(unreadable)?,
            unit_price: Money::new(row.price_minor, currency),
            available: if row.archived { 0 } else { row.available },
            archived: row.archived,
        })
    }
}

impl TryFrom<LineRow> for CartLine {
    type Error = sqlx::Error;

    fn try_from(row: LineRow) -> Result<Self, sqlx::Error> {
        let currency: Currency = row.currency.parse().map_err(unreadable)?;
        let quantity = Quantity::try_from(i64::from(row.quantity)).map_err(unreadable)?;
        let unit_price = Money::new(row.price_minor, currency);
        let seen = Money::new(row.seen_price_minor, currency);
        Ok(Self {
            id: CartLineId(row.id),
            product_id: ProductId(row.product_id),
            product_slug: row.product_slug,
            product_name: row.product_name,
            description: row.description,
            category: row.category,
            variant_id: VariantId(row.variant_id),
            variant_name: row.variant_name,
            sku: row.sku,
            picture: row.picture,
            picture_alt: row.picture_alt.unwrap_or_default(),
            quantity,
            unit_price,
            line_total: unit_price.times(quantity).map_err(unreadable)?,
            tax_rate: BasisPoints(row.tax_rate_bp),
            available: if row.archived { 0 } else { row.available },
            notices: rules::notices(quantity, seen, unit_price, row.available, row.archived),
        })
    }
}

/// The currency of the shop, for a cart without a line to tell it.
pub(super) async fn currency(executor: impl PgExecutor<'_>) -> Result<Currency, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT currency FROM product_variants LIMIT 1");
    match timed("cart.currency", query.fetch_optional(executor)).await? {
        Some(code) => code.parse().map_err(unreadable),
        None => Ok(Currency::USD),
    }
}

/// How a thing is named that should come into a cart, or is in it.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    Variant(VariantId),
    DefaultOf(ProductId),
    Line(CartLineId),
}

impl From<Item> for Wanted {
    fn from(item: Item) -> Self {
        match item {
            Item::Variant(id) => Self::Variant(id),
            Item::Product(id) => Self::DefaultOf(id),
        }
    }
}

/// What the shop offers of a variant, beside what is in the cart.
pub(super) struct Offer {
    pub variant: VariantId,
    pub product_name: String,
    pub price: i64,
    /// 0 for what is not sold any more.
    pub available: i32,
    pub archived: bool,
    /// Pieces of it in the cart.
    pub in_cart: i32,
    /// Different things in the cart.
    pub lines: usize,
}

/// The offer for a thing, if there is one of that name; read after the cart was locked.
pub(super) async fn offer(tx: &mut Tx, cart: CartId, wanted: Wanted) -> Result<Option<Offer>, sqlx::Error> {
    let (variant, product, line) = match wanted {
        Wanted::Variant(id) => (Some(id.0), None, None),
        Wanted::DefaultOf(id) => (None, Some(id.0), None),
        Wanted::Line(id) => (None, None, Some(id.0)),
    };
    let query = sqlx::query!(
        r#"SELECT v.id, p.name, v.price_minor, coalesce(s.on_hand - s.reserved, 0) AS "available!",
                  (p.archived_at IS NOT NULL OR v.archived_at IS NOT NULL) AS "archived!",
                  coalesce(l.quantity, 0) AS "in_cart!",
                  (SELECT count(*) FROM cart_lines WHERE cart_id = $1) AS "lines!"
           FROM product_variants v
           JOIN products p ON p.id = v.product_id
           LEFT JOIN stock_levels s ON s.variant_id = v.id
           LEFT JOIN cart_lines l ON l.cart_id = $1 AND l.variant_id = v.id
           WHERE v.id = coalesce($2, (SELECT id FROM product_variants WHERE product_id = $3 AND is_default),
                                 (SELECT variant_id FROM cart_lines WHERE id = $4 AND cart_id = $1))"#,
        cart.0,
        variant,
        product,
        line
    );
    let row = timed("cart.offer", query.fetch_optional(&mut **tx)).await?;
    Ok(row.map(|row| Offer {
        variant: VariantId(row.id),
        product_name: row.name,
        price: row.price_minor,
        available: if row.archived { 0 } else { row.available },
        archived: row.archived,
        in_cart: row.in_cart,
        lines: usize::try_from(row.lines).unwrap_or(usize::MAX),
    }))
}

/// The lines of a locked cart beside today's offer, in the order they were added.
pub(super) async fn standing(tx: &mut Tx, cart: CartId) -> Result<Vec<Standing>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT l.variant_id, l.quantity, l.seen_price_minor, p.name, v.price_minor,
                  CASE WHEN p.archived_at IS NULL AND v.archived_at IS NULL
                       THEN coalesce(s.on_hand - s.reserved, 0) ELSE 0 END AS "available!"
           FROM cart_lines l
           JOIN product_variants v ON v.id = l.variant_id
           JOIN products p ON p.id = v.product_id
           LEFT JOIN stock_levels s ON s.variant_id = v.id
           WHERE l.cart_id = $1 ORDER BY l.id"#,
        cart.0
    );
    let rows = timed("cart.standing", query.fetch_all(&mut **tx)).await?;
    let standing = rows.into_iter().map(|row| {
        let quantity = Quantity::try_from(i64::from(row.quantity)).map_err(unreadable)?;
        let content = Content { variant: VariantId(row.variant_id), quantity, seen_price: row.seen_price_minor };
        Ok(Standing { content, name: row.name, price: row.price_minor, available: row.available })
    });
    standing.collect()
}
