//! Queries on categories, media, products, product_images and product_variants.
