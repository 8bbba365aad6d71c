//! Pages through the router, as a browser with and without JavaScript sees them.

mod account;
mod address_book;
mod availability;
mod cart;
mod chat;
mod chat_answers;
mod chat_figures;
mod chat_limits;
mod chat_mails;
mod checkout;
mod contact;
mod errors;
mod found;
mod home;
mod keeping;
mod orders;
mod password_change;
mod people_admin;
mod product;
mod product_more;
mod products;
mod search;
mod sessions;
mod sign_in;
mod statements;
mod support;
mod walk;
mod wishlist;

use ecommerce::types::VariantId;
use sqlx::PgPool;

use crate::support::TestShop;

/// Markup, quotes and an entity: none of it may reach a page as it is.
const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=\"a\"> '&amp;{{7*191}}";

/// Whether something hostile came through as markup.
fn is_clean(body: &str) -> bool {
    !body.contains("<script>alert") && !body.contains("<img src=x") && !body.contains("1337")
}

/// The variant of an SKU.
async fn variant_id(owner: &PgPool, sku: &str) -> VariantId {
    let statement = "SELECT id FROM product_variants WHERE sku = $1";
    VariantId(sqlx::query_scalar(statement).bind(sku).fetch_one(owner).await.unwrap())
}

/// A shop that sells one mug: 12.00, ten in stock, without choices.
async fn mug_shop() -> (TestShop, VariantId) {
    let shop = TestShop::new().await;
    let mug = crate::support::goods::variant(&shop.database.owner, "Enamel mug", 1200, 10).await;
    (shop, mug)
}
