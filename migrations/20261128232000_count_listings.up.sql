-- Prices are counted in cells of half of their first digit's place: 50 wide below 1,000 minor units, 500 below 10,000 and so on. A shop has
-- a few dozen of them whatever its size, and each limit that a filter of prices offers is the start of one.
CREATE FUNCTION price_step(minor bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN minor < 1000 THEN 50 WHEN minor < 10000 THEN 500 WHEN minor < 100000 THEN 5000 WHEN minor < 1000000 THEN 50000
                WHEN minor < 10000000 THEN 500000 WHEN minor < 100000000 THEN 5000000 WHEN minor < 1000000000 THEN 50000000
                WHEN minor < 10000000000 THEN 500000000 WHEN minor < 100000000000 THEN 5000000000 ELSE 50000000000 END;
CREATE FUNCTION price_cell(minor bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN minor - minor % price_step(minor);

-- How many products are listed, so that no page counts them: the sum over all rows of a category, a cell and a state. Rows are only added,
-- each a change, since two orders that sell something out must not wait for each other; a job folds them now and then.
--
-- Without a foreign key: a rename holds its category against those who check one, and waits for the orders of its products, which would
-- wait for it here. What is left of a category that is deleted sums up to nothing, and is folded away.
CREATE TABLE listing_counts (
    category_id  bigint NOT NULL,
    -- The start of the cell.
    price_from   bigint NOT NULL,
    products     integer NOT NULL CONSTRAINT listing_counts_not_nothing CHECK (products <> 0),
    in_stock     boolean NOT NULL
);

-- With the owner's rights: until a migration has granted its tables to the application, the release before sells on.
CREATE FUNCTION count_listings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO listing_counts (category_id, price_from, in_stock, products)
        SELECT category_id, price_cell(price_minor), in_stock, count(*) FROM changed GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO listing_counts (category_id, price_from, in_stock, products)
        SELECT category_id, price_cell(price_minor), in_stock, -count(*) FROM former GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO listing_counts (category_id, price_from, in_stock, products)
        SELECT category_id, price_from, in_stock, sum(products)
        FROM (SELECT category_id, price_cell(price_minor) AS price_from, in_stock, -1 AS products FROM former
              UNION ALL SELECT category_id, price_cell(price_minor), in_stock, 1 FROM changed) AS both_sides
        GROUP BY 1, 2, 3 HAVING sum(products) <> 0;
    END IF;
    RETURN NULL;
END $$;

-- Whoever writes listings is waited for, and waits, until all are counted: nothing is counted twice or not at all. Reading goes on.
LOCK TABLE product_listings IN SHARE ROW EXCLUSIVE MODE;
CREATE TRIGGER product_listings_inserted_counts AFTER INSERT ON product_listings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_listings();
CREATE TRIGGER product_listings_updated_counts AFTER UPDATE ON product_listings
    REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_listings();
CREATE TRIGGER product_listings_deleted_counts AFTER DELETE ON product_listings
    REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION count_listings();
INSERT INTO listing_counts (category_id, price_from, in_stock, products)
SELECT category_id, price_cell(price_minor), in_stock, count(*) FROM product_listings GROUP BY 1, 2, 3;
