-- A category shows its oldest product's picture: one look, also where thousands of products have none.
CREATE INDEX product_listings_pictured_idx ON product_listings (category_id, created_at, product_id) INCLUDE (picture) WHERE picture IS NOT NULL;
