//! Things to sell, people to buy them, and carts, put into the tables directly: what a test prepares does not hang on what it tests.

use ecommerce::{
    domain::{accounts::Owner, wishlist},
    infra::database::Db,
    types::{UserId, VariantId, VisitorId},
};
use sqlx::PgPool;

/// A product with one variant of this price (cents, 8 % tax), `stock` pieces of it received.
pub async fn variant(owner: &PgPool, name: &str, price: i64, stock: i32) -> VariantId {
    let id: i64 = sqlx::query_scalar(
        "WITH category AS (
             INSERT INTO categories (slug, name) VALUES ('things', 'Things')
             ON CONFLICT (slug) DO UPDATE SET name = excluded.name RETURNING id
         ), product AS (
             INSERT INTO products (slug, name, description, category_id)
             SELECT trim(both '-' from regexp_replace(lower($1), '[^a-z0-9]+', '-', 'g')), $1, 'Made by hand.', id FROM category RETURNING id
         )
         INSERT INTO product_variants (product_id, sku, is_default, currency, price_minor, tax_rate_bp)
         SELECT id, 'SKU-' || id, true, 'USD', $2, 800 FROM product RETURNING id",
    )
    .bind(name)
    .bind(price)
    .fetch_one(owner)
    .await
    .unwrap();
    sqlx::query(
        "WITH level AS (INSERT INTO stock_levels (variant_id, on_hand) VALUES ($1, $2))
         INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta) SELECT $1, 'received', $2, 0 WHERE $2 > 0",
    )
    .bind(id)
    .bind(stock)
    .execute(owner)
    .await
    .unwrap();
    VariantId(id)
}

/// A browser that is not signed in.
pub async fn visitor(owner: &PgPool) -> VisitorId {
    let token = ecommerce::infra::tokens::hash(&ecommerce::infra::tokens::random());
    let statement = "INSERT INTO visitors (token_hash) VALUES ($1) RETURNING id";
    VisitorId(sqlx::query_scalar(statement).bind(&token[..]).fetch_one(owner).await.unwrap())
}

/// An account.
pub async fn user(owner: &PgPool, name: &str) -> UserId {
    let statement =
        "INSERT INTO users (username, email, password_hash) VALUES ($1, $1 || '@example.com', 'x') RETURNING id";
    UserId(sqlx::query_scalar(statement).bind(name).fetch_one(owner).await.unwrap())
}

/// Puts a line into the owner's cart at today's price.
pub async fn put_in_cart(pool: &PgPool, owner: Owner, variant: VariantId, quantity: i32) {
    let (user, visitor) = match owner {
        Owner::Customer(id) => (Some(id.0), None),
        Owner::Visitor(id) => (None, Some(id.0)),
    };
    sqlx::query("INSERT INTO carts (user_id, visitor_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(user)
        .bind(visitor)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO cart_lines (cart_id, variant_id, quantity, seen_price_minor)
         SELECT c.id, v.id, $4, v.price_minor FROM carts c, product_variants v
         WHERE (c.user_id = $1 OR c.visitor_id = $2) AND v.id = $3",
    )
    .bind(user)
    .bind(visitor)
    .bind(variant.0)
    .bind(quantity)
    .execute(pool)
    .await
    .unwrap();
}

/// What lies there and what of it is promised.
pub async fn level(owner: &PgPool, variant: VariantId) -> (i32, i32) {
    let statement = "SELECT on_hand, reserved FROM stock_levels WHERE variant_id = $1";
    sqlx::query_as(statement).bind(variant.0).fetch_one(owner).await.unwrap()
}

/// One number, by a query of the test's own.
pub async fn count(owner: &PgPool, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(owner).await.unwrap()
}

/// How many pieces are in the owner's cart, as every page says it.
pub async fn in_cart(db: &Db, owner: Option<Owner>) -> i64 {
    wishlist::badges(db, owner).await.unwrap().cart
}
