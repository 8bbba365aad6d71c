//! What staff change, one product at a time. No statement here locks a product's key: orders that are being placed hold it shared.

use crate::{
    domain::catalog::{NewProduct, ProductChange},
    infra::{database::Tx, metrics::timed},
    types::{CategoryId, MediaId, Money, ProductId, VariantId},
};

/// The category of that slug, else of that name, whatever its case.
pub(in crate::domain::catalog) async fn category(
    tx: &mut Tx,
    slug_or_name: &str,
) -> Result<Option<CategoryId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "SELECT id FROM categories WHERE slug = $1 OR lower(name) = lower($1)
         ORDER BY slug = $1 DESC, name = $1 DESC, id LIMIT 1",
        slug_or_name
    );
    Ok(timed("catalog.category", query.fetch_optional(&mut **tx)).await?.map(CategoryId))
}

/// Makes a category at the top, last in its order; `false` if one of that name was made meanwhile.
pub(in crate::domain::catalog) async fn insert_category(tx: &mut Tx, name: &str) -> Result<bool, sqlx::Error> {
    let slug = free_slug(tx, name, "category").await?;
    let query = sqlx::query!(
        "INSERT INTO categories (slug, name, position)
         VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM categories WHERE parent_id IS NULL))
         ON CONFLICT ON CONSTRAINT categories_name_key DO NOTHING",
        slug,
        name
    );
    Ok(timed("catalog.insert_category", query.execute(&mut **tx)).await?.rows_affected() == 1)
}

/// Makes a product, with a slug made from its name.
pub(in crate::domain::catalog) async fn insert_product(
    tx: &mut Tx,
    new: &NewProduct,
    category: CategoryId,
) -> Result<ProductId, sqlx::Error> {
    let slug = free_slug(tx, &new.name, "product").await?;
    let query = sqlx::query_scalar!(
        "INSERT INTO products (slug, name, description, category_id) VALUES ($1, $2, $3, $4) RETURNING id",
        slug,
        new.name,
        new.description,
        category.0
    );
    timed("catalog.insert_product", query.fetch_one(&mut **tx)).await.map(ProductId)
}

// A slug that neither a product nor a category has: the name without accents, else `usual`, with a number behind it if need be. Two who
// make the same slug wait for each other.
async fn free_slug(tx: &mut Tx, name: &str, usual: &str) -> Result<String, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT coalesce(nullif(trim(both '-' from left(trim(both '-' from
                      regexp_replace(lower(unaccent($1)), '[^a-z0-9]+', '-', 'g')), 80)), ''), $2) AS "slug!""#,
        name,
        usual
    );
    let slug = timed("catalog.slug", query.fetch_one(&mut **tx)).await?;
    let lock = sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('slug'), hashtext($1))", slug);
    timed("catalog.lock_slug", lock.fetch_one(&mut **tx)).await?;
    let query = sqlx::query_scalar!(
        r#"SELECT candidate AS "slug!" FROM generate_series(1, 1000000) AS n,
                  LATERAL (SELECT $1 || CASE n WHEN 1 THEN '' ELSE '-' || n END AS candidate) AS made
           WHERE NOT EXISTS (SELECT FROM products WHERE slug = candidate)
             AND NOT EXISTS (SELECT FROM categories WHERE slug = candidate)
           LIMIT 1"#,
        slug
    );
    timed("catalog.free_slug", query.fetch_one(&mut **tx)).await
}

/// Makes a product's only variant. Its tax is what most of its category have, else most of the shop.
pub(in crate::domain::catalog) async fn insert_variant(
    tx: &mut Tx,
    product: ProductId,
    category: CategoryId,
    price: Money,
) -> Result<VariantId, sqlx::Error> {
    let currency = price.currency();
    let query = sqlx::query_scalar!(
        "INSERT INTO product_variants (product_id, sku, is_default, currency, price_minor, tax_rate_bp)
         VALUES ($1, 'P-' || $1::bigint, true, $2, $3, coalesce(
             (SELECT mode() WITHIN GROUP (ORDER BY v.tax_rate_bp) FROM product_variants v
              JOIN products p ON p.id = v.product_id WHERE p.category_id = $4 AND v.archived_at IS NULL),
             (SELECT mode() WITHIN GROUP (ORDER BY tax_rate_bp) FROM product_variants WHERE archived_at IS NULL), 0))
         RETURNING id",
        product.0,
        currency.code(),
        price.minor(),
        category.0
    );
    timed("catalog.insert_variant", query.fetch_one(&mut **tx)).await.map(VariantId)
}

/// The variants of a product that is not archived, the default one first.
pub(in crate::domain::catalog) async fn variants(
    tx: &mut Tx,
    product: ProductId,
) -> Result<Vec<VariantId>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "SELECT v.id FROM product_variants v JOIN products p ON p.id = v.product_id
         WHERE p.id = $1 AND p.archived_at IS NULL AND v.archived_at IS NULL
         ORDER BY v.is_default DESC, v.position, v.id",
        product.0
    );
    Ok(timed("catalog.variants", query.fetch_all(&mut **tx)).await?.into_iter().map(VariantId).collect())
}

/// Waits until nobody else changes the product; `false` if it is not there or archived.
pub(in crate::domain::catalog) async fn lock_product(tx: &mut Tx, id: ProductId) -> Result<bool, sqlx::Error> {
    let query =
        sqlx::query_scalar!("SELECT id FROM products WHERE id = $1 AND archived_at IS NULL FOR NO KEY UPDATE", id.0);
    Ok(timed("catalog.lock_product", query.fetch_optional(&mut **tx)).await?.is_some())
}

pub(in crate::domain::catalog) async fn update_product(
    tx: &mut Tx,
    id: ProductId,
    change: &ProductChange,
    category: Option<CategoryId>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE products SET name = coalesce($2, name), description = coalesce($3, description),
                category_id = coalesce($4, category_id), updated_at = now()
         WHERE id = $1",
        id.0,
        change.name,
        change.description,
        category.map(|category| category.0)
    );
    timed("catalog.update_product", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Sets the price of the default variant, and of those that cost the same.
pub(in crate::domain::catalog) async fn set_price(
    tx: &mut Tx,
    product: ProductId,
    price: Money,
) -> Result<(), sqlx::Error> {
    let currency = price.currency();
    let query = sqlx::query!(
        "UPDATE product_variants v
         SET price_minor = $2, currency = $3, updated_at = now(),
             compare_at_minor = CASE WHEN v.compare_at_minor > $2 THEN v.compare_at_minor END
         FROM product_variants d
         WHERE v.product_id = $1 AND v.archived_at IS NULL AND d.product_id = $1 AND d.is_default
           AND v.price_minor = d.price_minor",
        product.0,
        price.minor(),
        currency.code()
    );
    timed("catalog.set_price", query.execute(&mut **tx)).await?;
    Ok(())
}

/// The picture of that stem in the media store.
pub(in crate::domain::catalog) async fn media(tx: &mut Tx, stem: &str) -> Result<Option<MediaId>, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT id FROM media WHERE stem = $1", stem);
    Ok(timed("catalog.media", query.fetch_optional(&mut **tx)).await?.map(MediaId))
}

/// Makes a picture the product's first; the others follow in their order.
pub(in crate::domain::catalog) async fn show_first(
    tx: &mut Tx,
    product: ProductId,
    media: MediaId,
) -> Result<(), sqlx::Error> {
    let known = sqlx::query!(
        "SELECT i.media_id, i.alt FROM product_images i WHERE i.product_id = $1 ORDER BY i.position",
        product.0
    );
    let known = timed("catalog.images", known.fetch_all(&mut **tx)).await?;
    if known.first().is_some_and(|image| image.media_id == media.0) {
        return Ok(());
    }
    // A picture that is new here is described by the product's name.
    let own = known.iter().find(|image| image.media_id == media.0).map(|image| image.alt.clone());
    let others = known.iter().filter(|image| image.media_id != media.0);
    let (mut ids, mut alts) = (vec![media.0], vec![own.unwrap_or_default()]);
    for image in others {
        ids.push(image.media_id);
        alts.push(image.alt.clone());
    }
    remove_pictures(tx, product).await?;
    let query = sqlx::query!(
        "INSERT INTO product_images (product_id, media_id, position, alt)
         SELECT p.id, d.media_id, d.position - 1, CASE d.alt WHEN '' THEN p.name ELSE d.alt END
         FROM products p, unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS d (media_id, alt, position)
         WHERE p.id = $1",
        product.0,
        &ids,
        &alts
    );
    timed("catalog.insert_images", query.execute(&mut **tx)).await?;
    Ok(())
}

pub(in crate::domain::catalog) async fn remove_pictures(tx: &mut Tx, product: ProductId) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("DELETE FROM product_images WHERE product_id = $1", product.0);
    timed("catalog.remove_images", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Archives a product; `false` if it is not there, or archived already.
pub(in crate::domain::catalog) async fn archive_product(tx: &mut Tx, id: ProductId) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE products SET archived_at = now(), updated_at = now() WHERE id = $1 AND archived_at IS NULL",
        id.0
    );
    Ok(timed("catalog.archive_product", query.execute(&mut **tx)).await?.rows_affected() == 1)
}
