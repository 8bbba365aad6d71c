//! A product as programs are told of it. A row a variant: half of what putting them together as JSON would cost PostgreSQL.

use sqlx::PgExecutor;

use crate::{
    domain::catalog::{ProductBrief, Variant},
    infra::{database::unreadable, metrics::timed},
    types::{Money, ProductId, VariantId},
};

/// The product of that id with its variants, unless it is archived.
pub(in crate::domain::catalog) async fn brief(
    executor: impl PgExecutor<'_>,
    id: ProductId,
) -> Result<Option<ProductBrief>, sqlx::Error> {
    // The product's own part once and not once a variant (OFFSET keeps it so); what is already told of it in its listing is not joined again.
    let query = sqlx::query!(
        r#"SELECT h.slug, h.name, h.description, h.category AS "category!", h.picture,
                  v.id AS variant, v.sku, v.name AS variant_name, v.currency, v.price_minor, v.compare_at_minor,
                  v.is_default, v.position, coalesce(s.on_hand - s.reserved, 0) AS "available!"
           FROM (SELECT p.id, p.slug, p.name, p.description, l.picture,
                        (SELECT c.name FROM categories c WHERE c.id = p.category_id) AS category
                 FROM products p JOIN product_listings l ON l.product_id = p.id
                 WHERE p.id = $1 AND p.archived_at IS NULL OFFSET 0) h
           JOIN product_variants v ON v.product_id = h.id AND v.archived_at IS NULL
           LEFT JOIN stock_levels s ON s.variant_id = v.id"#,
        id.0
    );
    let mut rows = timed("catalog.brief", query.fetch_all(executor)).await?;
    // A handful: quicker in order here than by a sort of the database's.
    rows.sort_by_key(|row| (row.position, row.variant));
    let mut brief: Option<ProductBrief> = None;
    for row in rows {
        let currency = row.currency.parse().map_err(unreadable)?;
        let variant = Variant {
            id: VariantId(row.variant),
            sku: row.sku,
            name: row.variant_name,
            price: Money::new(row.price_minor, currency),
            compare_at: row.compare_at_minor.map(|minor| Money::new(minor, currency)),
            is_default: row.is_default,
            available: row.available,
        };
        let product = brief.get_or_insert_with(|| ProductBrief {
            id,
            slug: row.slug,
            name: row.name,
            description: row.description,
            category: row.category,
            picture: row.picture,
            variants: Vec::new(),
        });
        product.variants.push(variant);
    }
    Ok(brief)
}
