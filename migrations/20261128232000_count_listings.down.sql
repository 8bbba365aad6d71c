DROP TRIGGER product_listings_deleted_counts ON product_listings;
DROP TRIGGER product_listings_updated_counts ON product_listings;
DROP TRIGGER product_listings_inserted_counts ON product_listings;
DROP FUNCTION count_listings();
DROP TABLE listing_counts;
DROP FUNCTION price_cell(bigint);
DROP FUNCTION price_step(bigint);
