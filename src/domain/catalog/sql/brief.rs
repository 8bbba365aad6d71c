//! Products as programs are told of them. A row a variant: half of what putting them together as JSON would cost PostgreSQL.

use std::collections::HashMap;

use sqlx::PgExecutor;

use crate::{
    domain::catalog::{ProductBrief, Variant},
    infra::{database::unreadable, metrics::timed},
    types::{Money, ProductId, VariantId},
};

/// The products of these ids with their variants, unless they are archived.
pub(in crate::domain::catalog) async fn briefs(
    executor: impl PgExecutor<'_>,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, ProductBrief>, sqlx::Error> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    // A product's own part once and not once a variant (OFFSET keeps it so); what is already told of it in its listing is not joined again,
    // but for its category's name: read as a column of its own, it would be looked for among all categories each time.
    // The array comes by a SELECT, so that no plan knows its length: a plan made anew each time costs three times what it is for.
    let query = sqlx::query!(
        r#"SELECT h.id, h.slug, h.name, h.category AS "category!", h.picture,
                  CASE WHEN v.is_default THEN h.description END AS description,
                  v.id AS variant, v.sku, v.name AS variant_name, v.currency, v.price_minor, v.compare_at_minor,
                  v.is_default, v.position, coalesce(s.on_hand - s.reserved, 0) AS "available!"
           FROM (SELECT p.id, p.slug, p.name, p.description, l.picture, c.name AS category
                 FROM unnest((SELECT $1::bigint[])) AS wanted (id)
                 JOIN products p ON p.id = wanted.id JOIN categories c ON c.id = p.category_id
                 JOIN product_listings l ON l.product_id = p.id
                 WHERE p.archived_at IS NULL OFFSET 0) h
           JOIN product_variants v ON v.product_id = h.id AND v.archived_at IS NULL
           LEFT JOIN stock_levels s ON s.variant_id = v.id"#,
        &ids
    );
    let mut rows = timed("catalog.briefs", query.fetch_all(executor)).await?;
    // A handful each: quicker in order here than by a sort of the database's.
    rows.sort_by_key(|row| (row.id, row.position, row.variant));
    let mut briefs = HashMap::with_capacity(ids.len());
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
        let brief = briefs.entry(ProductId(row.id)).or_insert_with(|| ProductBrief {
            id: ProductId(row.id),
            slug: row.slug,
            name: row.name,
            description: String::new(),
            category: row.category,
            picture: row.picture,
            variants: Vec::new(),
        });
        // It comes with the default variant alone, which every listed product has.
        if let Some(description) = row.description {
            brief.description = description;
        }
        brief.variants.push(variant);
    }
    Ok(briefs)
}
