CREATE EXTENSION IF NOT EXISTS unaccent;

-- How texts and searches are made alike: small letters without accents, "t shirt" as one word, and hyphened words joined, so that
-- "tshirt", "T-Shirt" and "t shirt" are the same. unaccent is STABLE only because its dictionary could be changed; ours is named.
CREATE FUNCTION search_text(given text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(
        regexp_replace(lower(unaccent('unaccent'::regdictionary, given)), '\mt[ -]shirt', 'tshirt', 'g'),
        '([a-z])-(?=[a-z])', '\1', 'g');

-- What lists, filters and searches read: a row for each product that is for sale. Kept by the triggers below, whoever writes.
CREATE TABLE product_listings (
    product_id        bigint CONSTRAINT product_listings_pkey PRIMARY KEY
                      CONSTRAINT product_listings_product_fkey REFERENCES products (id) ON DELETE CASCADE,
    category_id       bigint NOT NULL CONSTRAINT product_listings_category_fkey REFERENCES categories (id),
    slug              text NOT NULL,
    name              text NOT NULL,
    created_at        timestamptz NOT NULL,
    currency          char(3) NOT NULL,
    -- Of the default variant: the price that lists sort and filter by is the one that the card shows.
    variant_id        bigint NOT NULL,
    price_minor       bigint NOT NULL,
    compare_at_minor  bigint,
    lowest_minor      bigint NOT NULL,
    highest_minor     bigint NOT NULL,
    variant_count     integer NOT NULL,
    -- Whether anything of it can be sold. Exact numbers stay with stock_levels: a hot product must not rewrite its row each time.
    in_stock          boolean NOT NULL,
    -- Pieces sold lately; a job counts them.
    popularity        integer NOT NULL DEFAULT 0,
    picture           text,
    picture_width     integer,
    picture_height    integer,
    picture_alt       text,
    document          tsvector NOT NULL
);
CREATE INDEX product_listings_newest_idx ON product_listings (created_at DESC, product_id DESC);
CREATE INDEX product_listings_price_idx ON product_listings (price_minor, product_id);
CREATE INDEX product_listings_popular_idx ON product_listings (popularity DESC, product_id DESC);
CREATE INDEX product_listings_category_newest_idx ON product_listings (category_id, created_at DESC, product_id DESC);
CREATE INDEX product_listings_category_price_idx ON product_listings (category_id, price_minor, product_id) INCLUDE (in_stock);
CREATE INDEX product_listings_in_stock_price_idx ON product_listings (price_minor, product_id) WHERE in_stock;
-- Names by prefix, for suggestions while typing.
CREATE INDEX product_listings_name_idx ON product_listings (search_text(name) COLLATE "C" text_pattern_ops);
CREATE INDEX product_listings_document_idx ON product_listings USING gin (document) WITH (fastupdate = off);

-- The words of a product by weight: A its name, B its category, variants and SKUs, C its details, D its description.
CREATE FUNCTION product_document(name text, about text, details text, description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('pg_catalog.english', search_text(coalesce(name, '')) || ' ' || replace(search_text(replace(coalesce(name, ''), '-', ' ')), '-', ' ')), 'A')
        || setweight(to_tsvector('pg_catalog.english', search_text(coalesce(about, ''))), 'B')
        || setweight(to_tsvector('pg_catalog.english', search_text(coalesce(details, ''))), 'C')
        || setweight(to_tsvector('pg_catalog.english', search_text(coalesce(description, ''))), 'D');

-- Makes the rows of these products what their tables say. Rows that do not change are not written.
CREATE FUNCTION refresh_listings(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Servers drop what they keep of the catalogue. Equal notifications of one transaction are sent once.
    PERFORM pg_notify('catalog', '*');
    IF cardinality(ids) = 0 THEN
        RETURN;
    END IF;
    -- As selling out does: a stock that was read here must not overwrite one that was sold meanwhile. Whoever changes stock and
    -- catalogue in one transaction changes the stock first, so that the holder of this lock waits for no order.
    PERFORM pg_advisory_xact_lock(hashtext('product_listings'));
    DELETE FROM product_listings l
    WHERE l.product_id = ANY (ids)
      AND NOT EXISTS (SELECT FROM products p JOIN product_variants v ON v.product_id = p.id AND v.is_default AND v.archived_at IS NULL
                      WHERE p.id = l.product_id AND p.archived_at IS NULL);
    INSERT INTO product_listings AS l (
        product_id, category_id, slug, name, created_at, currency, variant_id, price_minor, compare_at_minor, lowest_minor, highest_minor,
        variant_count, in_stock, picture, picture_width, picture_height, picture_alt, document)
    SELECT p.id, p.category_id, p.slug, p.name, p.created_at, d.currency, d.id, d.price_minor, d.compare_at_minor, v.lowest, v.highest,
           v.count, v.in_stock, i.stem, i.width, i.height, i.alt,
           product_document(p.name, c.name || ' ' || v.words,
                            (SELECT string_agg(row ->> 'value', ' ') FROM jsonb_array_elements(p.details) AS row), p.description)
    FROM products p
    JOIN categories c ON c.id = p.category_id
    JOIN product_variants d ON d.product_id = p.id AND d.is_default AND d.archived_at IS NULL
    CROSS JOIN LATERAL (
        SELECT count(*)::integer AS count, min(o.price_minor) AS lowest, max(o.price_minor) AS highest,
               coalesce(bool_or(s.on_hand > s.reserved), false) AS in_stock,
               string_agg(o.name || ' ' || o.sku, ' ' ORDER BY o.id) AS words
        FROM product_variants o LEFT JOIN stock_levels s ON s.variant_id = o.id
        WHERE o.product_id = p.id AND o.archived_at IS NULL) v
    LEFT JOIN LATERAL (
        SELECT m.stem, m.width, m.height, pi.alt FROM product_images pi JOIN media m ON m.id = pi.media_id
        WHERE pi.product_id = p.id ORDER BY pi.position LIMIT 1) i ON true
    WHERE p.id = ANY (ids) AND p.archived_at IS NULL
    ORDER BY p.id
    ON CONFLICT (product_id) DO UPDATE SET
        category_id = EXCLUDED.category_id, slug = EXCLUDED.slug, name = EXCLUDED.name, created_at = EXCLUDED.created_at, currency = EXCLUDED.currency,
        variant_id = EXCLUDED.variant_id, price_minor = EXCLUDED.price_minor, compare_at_minor = EXCLUDED.compare_at_minor,
        lowest_minor = EXCLUDED.lowest_minor, highest_minor = EXCLUDED.highest_minor, variant_count = EXCLUDED.variant_count,
        in_stock = EXCLUDED.in_stock, picture = EXCLUDED.picture, picture_width = EXCLUDED.picture_width,
        picture_height = EXCLUDED.picture_height, picture_alt = EXCLUDED.picture_alt, document = EXCLUDED.document
    WHERE (l.category_id, l.slug, l.name, l.created_at, l.currency, l.variant_id, l.price_minor, l.compare_at_minor, l.lowest_minor, l.highest_minor,
           l.variant_count, l.in_stock, l.picture, l.picture_width, l.picture_height, l.picture_alt, l.document)
        IS DISTINCT FROM
          (EXCLUDED.category_id, EXCLUDED.slug, EXCLUDED.name, EXCLUDED.created_at, EXCLUDED.currency, EXCLUDED.variant_id, EXCLUDED.price_minor,
           EXCLUDED.compare_at_minor, EXCLUDED.lowest_minor, EXCLUDED.highest_minor, EXCLUDED.variant_count, EXCLUDED.in_stock, EXCLUDED.picture,
           EXCLUDED.picture_width, EXCLUDED.picture_height, EXCLUDED.picture_alt, EXCLUDED.document);
END $$;

-- One trigger function for each way to the products' ids; statement by statement, so that storing thousands at once is one refresh.
CREATE FUNCTION listings_follow_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_listings(ARRAY (SELECT DISTINCT id FROM changed ORDER BY id));
    RETURN NULL;
END $$;
CREATE TRIGGER products_inserted_listings AFTER INSERT ON products
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_products();
CREATE TRIGGER products_updated_listings AFTER UPDATE ON products
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_products();

CREATE FUNCTION listings_follow_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_listings(ARRAY (SELECT DISTINCT product_id FROM changed ORDER BY product_id));
    RETURN NULL;
END $$;
CREATE TRIGGER product_variants_inserted_listings AFTER INSERT ON product_variants
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_parts();
CREATE TRIGGER product_variants_updated_listings AFTER UPDATE ON product_variants
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_parts();
CREATE TRIGGER product_variants_deleted_listings AFTER DELETE ON product_variants
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_parts();
CREATE TRIGGER product_images_inserted_listings AFTER INSERT ON product_images
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_parts();
CREATE TRIGGER product_images_updated_listings AFTER UPDATE ON product_images
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_parts();
CREATE TRIGGER product_images_deleted_listings AFTER DELETE ON product_images
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_parts();

-- A category's name is among its products' words, and its place in the tree is shown everywhere.
CREATE FUNCTION listings_follow_categories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_listings(ARRAY (SELECT p.id FROM products p JOIN changed c ON c.id = p.category_id ORDER BY p.id));
    RETURN NULL;
END $$;
CREATE TRIGGER categories_inserted_listings AFTER INSERT ON categories
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_categories();
CREATE TRIGGER categories_updated_listings AFTER UPDATE ON categories
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_categories();
CREATE TRIGGER categories_deleted_listings AFTER DELETE ON categories
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_categories();

-- Every change of what can be sold is told, so that no server goes on showing an old number.
CREATE FUNCTION tell_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('catalog', product_id::text) FROM product_variants WHERE id = NEW.variant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_levels_told AFTER UPDATE OF on_hand, reserved ON stock_levels FOR EACH ROW
    WHEN ((OLD.on_hand - OLD.reserved) IS DISTINCT FROM (NEW.on_hand - NEW.reserved))
    EXECUTE FUNCTION tell_stock_changed();

-- A product sells out, or comes back. Deferred to the commit, and one transaction after the other behind the advisory lock: two
-- transactions that each take the last piece of another variant would otherwise both see the other's still there, or wait for each
-- other in a ring. The lock comes last of all, so its holder waits for nobody; selling out is rare enough for it.
CREATE FUNCTION listings_follow_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    product bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('product_listings'));
    SELECT product_id INTO product FROM product_variants WHERE id = NEW.variant_id;
    UPDATE product_listings l SET in_stock = now_there.is_there
    FROM (SELECT coalesce(bool_or(s.on_hand > s.reserved), false) AS is_there
          FROM product_variants v JOIN stock_levels s ON s.variant_id = v.id
          WHERE v.product_id = product AND v.archived_at IS NULL) now_there
    WHERE l.product_id = product AND l.in_stock <> now_there.is_there;
    IF FOUND THEN
        PERFORM pg_notify('catalog', '*');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER stock_levels_updated_listings AFTER UPDATE OF on_hand, reserved ON stock_levels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.on_hand > OLD.reserved) IS DISTINCT FROM (NEW.on_hand > NEW.reserved))
    EXECUTE FUNCTION listings_follow_stock();
-- New levels belong to new variants, which nobody else holds: no lock is needed, and thousands at once are one refresh.
CREATE FUNCTION listings_follow_new_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_listings(ARRAY (SELECT DISTINCT v.product_id FROM changed s JOIN product_variants v ON v.id = s.variant_id ORDER BY 1));
    RETURN NULL;
END $$;
CREATE TRIGGER stock_levels_inserted_listings AFTER INSERT ON stock_levels
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_new_stock();

-- What is there already.
SELECT refresh_listings(ARRAY (SELECT id FROM products ORDER BY id));
