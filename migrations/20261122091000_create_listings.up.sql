CREATE EXTENSION IF NOT EXISTS unaccent;

-- Small letters without accents, and blanks for whatever separates words; hyphens stay, and points within numbers. unaccent is STABLE only
-- because its dictionary could be changed; ours is named.
CREATE FUNCTION search_plain(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100
    RETURN regexp_replace(lower(unaccent('unaccent'::regdictionary, given)),
                          '[][/\\_@#:;,!?(){}<>|&*+="''`´^~%$§°…·•\t\n\r]+|\.(?![0-9])', ' ', 'g');

-- A name as it is compared while someone types.
CREATE FUNCTION search_key(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100
    RETURN btrim(regexp_replace(replace(search_plain(given), '-', ' '), ' {2,}', ' ', 'g'));

-- Plurals that the stemmer does not know, and words of two spellings. Applied to what is stored and to what is asked alike; replace(),
-- since a pattern costs more than all the rest of a text. A guard spares most texts most of it.
CREATE FUNCTION search_plurals(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 50 AS $$
DECLARE
    plain text := ' ' || given || ' ';
BEGIN
    IF strpos(plain, 'ves ') > 0 THEN
        plain := replace(replace(replace(plain, 'knives ', 'knife '), 'wives ', 'wife '), ' lives ', ' life ');
        plain := replace(replace(replace(plain, 'shelves ', 'shelf '), 'scarves ', 'scarf '), 'loaves ', 'loaf ');
        plain := replace(replace(replace(plain, ' leaves ', ' leaf '), 'halves ', 'half '), 'calves ', 'calf ');
        plain := replace(replace(replace(plain, 'wolves ', 'wolf '), 'hooves ', 'hoof '), ' elves ', ' elf ');
        plain := replace(replace(replace(plain, 'thieves ', 'thief '), 'dwarves ', 'dwarf '), 'sheaves ', 'sheaf ');
    END IF;
    IF strpos(plain, 'men ') > 0 THEN
        plain := replace(replace(replace(plain, ' men ', ' man '), 'women ', 'woman '), 'gentlemen ', 'gentleman ');
    END IF;
    plain := replace(replace(replace(plain, 'feet ', 'foot '), 'teeth ', 'tooth '), 'mice ', 'mouse ');
    plain := replace(replace(replace(plain, ' geese ', ' goose '), 'children ', 'child '), ' cacti ', ' cactus ');
    plain := replace(replace(replace(plain, ' grey', ' gray'), 'colour', 'color'), 'aluminium', 'aluminum');
    plain := replace(replace(replace(plain, 'jewellery', 'jewelry'), 'pyjama', 'pajama'), 'organis', 'organiz');
    RETURN replace(replace(replace(plain, 'fibre', 'fiber'), 'litre', 'liter'), 'centre', 'center');
END $$;

-- A text as its words are stored. A hyphenated word is stored by its parts and joined, so that "stainless-steel" is found by
-- "stainless steel", and "T-Shirt" by "tshirt".
CREATE FUNCTION search_text(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200 AS $$
DECLARE
    plain text := search_plain(given);
BEGIN
    IF strpos(plain, 'shirt') > 0 THEN
        plain := regexp_replace(plain, '\mt[ -]?shirt', 'shirt tshirt', 'g');
    END IF;
    IF strpos(plain, '-') > 0 THEN
        plain := (SELECT string_agg(CASE WHEN strpos(btrim(word, '-'), '-') = 0 THEN btrim(word, '-')
                                         ELSE replace(word, '-', ' ') || ' ' || replace(word, '-', '') END, ' ' ORDER BY place)
                  FROM string_to_table(plain, ' ') WITH ORDINALITY AS words (word, place));
    END IF;
    RETURN search_plurals(plain);
END $$;

-- What is asked for: every word must be there, a hyphenated one in parts or joined. Empty where no word can be found. Words that are
-- too common to be stored would each be told to the client.
CREATE FUNCTION search_query(given text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200
    SET client_min_messages = warning AS $$
DECLARE
    plain text := search_plurals(regexp_replace(search_plain(given), '\mt[ -]?shirt', 'tshirt', 'g'));
    asked tsquery := '';
    word text;
BEGIN
    IF strpos(plain, '-') = 0 THEN
        RETURN plainto_tsquery('pg_catalog.english', plain);
    END IF;
    FOREACH word IN ARRAY string_to_array(plain, ' ') LOOP
        asked := asked && CASE WHEN strpos(word, '-') = 0 THEN plainto_tsquery('pg_catalog.english', word)
                               ELSE plainto_tsquery('pg_catalog.english', replace(word, '-', ' '))
                                    || plainto_tsquery('pg_catalog.english', replace(word, '-', '')) END;
    END LOOP;
    RETURN asked;
END $$;

-- Words as they are being typed: each may go on.
CREATE FUNCTION search_prefix(given text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200
    SET client_min_messages = warning AS $$
DECLARE
    key text := search_key(given);
BEGIN
    RETURN CASE WHEN key = '' THEN ''::tsquery ELSE to_tsquery('pg_catalog.simple', replace(key, ' ', ':* & ') || ':*') END;
END $$;

-- The words of a product by weight: A its name, B its category, variants and SKUs, C its details, D its description.
CREATE FUNCTION product_document(name text, about text, details text, description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
    RETURN setweight(to_tsvector('pg_catalog.english', search_text(coalesce(name, ''))), 'A')
        || setweight(to_tsvector('pg_catalog.english', search_text(coalesce(about, ''))), 'B')
        || setweight(to_tsvector('pg_catalog.english', search_text(coalesce(details, ''))), 'C')
        || setweight(to_tsvector('pg_catalog.english', search_text(coalesce(description, ''))), 'D');

-- What lists, filters and searches read: a row for each product that is for sale. Kept by the triggers below, whoever writes.
CREATE TABLE product_listings (
    product_id        bigint CONSTRAINT product_listings_pkey PRIMARY KEY
                      CONSTRAINT product_listings_product_fkey REFERENCES products (id) ON DELETE CASCADE,
    category_id       bigint NOT NULL CONSTRAINT product_listings_category_fkey REFERENCES categories (id),
    slug              text NOT NULL,
    name              text NOT NULL,
    -- The name as it is compared while someone types.
    name_key          text COLLATE "C" NOT NULL,
    name_words        tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple', name_key)) STORED,
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
-- Each order of a list, with what filters ask beside it: a page is found, and a filter counted, in the index alone.
CREATE INDEX product_listings_newest_idx ON product_listings (created_at DESC, product_id DESC) INCLUDE (category_id, price_minor, in_stock);
CREATE INDEX product_listings_price_idx ON product_listings (price_minor, product_id) INCLUDE (category_id, in_stock);
CREATE INDEX product_listings_popular_idx ON product_listings (popularity DESC, product_id DESC) INCLUDE (category_id, price_minor, in_stock);
CREATE INDEX product_listings_category_newest_idx ON product_listings (category_id, created_at DESC, product_id DESC) INCLUDE (price_minor, in_stock);
CREATE INDEX product_listings_category_price_idx ON product_listings (category_id, price_minor, product_id) INCLUDE (in_stock);
CREATE INDEX product_listings_reduced_idx ON product_listings ((price_minor::numeric / compare_at_minor), product_id)
    WHERE compare_at_minor > price_minor AND in_stock;
CREATE INDEX product_listings_document_idx ON product_listings USING gin (document) WITH (fastupdate = off);
-- While someone types: names that begin so, and names with words that begin so. Whole words, since "servin" begins no stem.
CREATE INDEX product_listings_name_idx ON product_listings (name_key, product_id);
CREATE INDEX product_listings_name_words_idx ON product_listings USING gin (name_words) WITH (fastupdate = off);

-- A category's name as it is compared while someone types.
ALTER TABLE categories ADD COLUMN name_key text COLLATE "C" GENERATED ALWAYS AS (search_key(name)) STORED;

-- What was bought lately, and with what.
CREATE INDEX orders_placed_idx ON orders (placed_at) WHERE status <> 'cancelled';
CREATE INDEX order_lines_product_idx ON order_lines (product_id, order_id DESC);

-- Makes the rows of these products what their tables say. Rows that do not change are not written.
--
-- A product's row here is its lock: it is taken first, and what is written is read after it, so that a stock read before it never
-- overwrites one that was sold meanwhile. Whoever changes stock and catalogue in one transaction changes the stock first: an order holds
-- its stock before it waits for this row.
CREATE FUNCTION refresh_listings(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN;
    END IF;
    -- Servers drop what they keep of the catalogue. Equal notifications of one transaction are sent once.
    PERFORM pg_notify('catalog', '*');
    PERFORM FROM product_listings WHERE product_id = ANY (ids) ORDER BY product_id FOR UPDATE;
    DELETE FROM product_listings l
    WHERE l.product_id = ANY (ids)
      AND NOT EXISTS (SELECT FROM products p JOIN product_variants v ON v.product_id = p.id AND v.is_default AND v.archived_at IS NULL
                      WHERE p.id = l.product_id AND p.archived_at IS NULL);
    INSERT INTO product_listings AS l (
        product_id, category_id, slug, name, name_key, created_at, currency, variant_id, price_minor, compare_at_minor, lowest_minor,
        highest_minor, variant_count, in_stock, picture, picture_width, picture_height, picture_alt, document)
    SELECT p.id, p.category_id, p.slug, p.name, search_key(p.name), p.created_at, d.currency, d.id, d.price_minor, d.compare_at_minor,
           v.lowest, v.highest, v.count, v.in_stock, i.stem, i.width, i.height, i.alt,
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
        category_id = EXCLUDED.category_id, slug = EXCLUDED.slug, name = EXCLUDED.name, name_key = EXCLUDED.name_key,
        created_at = EXCLUDED.created_at, currency = EXCLUDED.currency, variant_id = EXCLUDED.variant_id, price_minor = EXCLUDED.price_minor,
        compare_at_minor = EXCLUDED.compare_at_minor, lowest_minor = EXCLUDED.lowest_minor, highest_minor = EXCLUDED.highest_minor,
        variant_count = EXCLUDED.variant_count, in_stock = EXCLUDED.in_stock, picture = EXCLUDED.picture,
        picture_width = EXCLUDED.picture_width, picture_height = EXCLUDED.picture_height, picture_alt = EXCLUDED.picture_alt,
        document = EXCLUDED.document
    WHERE (l.category_id, l.slug, l.name, l.created_at, l.currency, l.variant_id, l.price_minor, l.compare_at_minor, l.lowest_minor, l.highest_minor,
           l.variant_count, l.in_stock, l.picture, l.picture_width, l.picture_height, l.picture_alt, l.document)
        IS DISTINCT FROM
          (EXCLUDED.category_id, EXCLUDED.slug, EXCLUDED.name, EXCLUDED.created_at, EXCLUDED.currency, EXCLUDED.variant_id, EXCLUDED.price_minor,
           EXCLUDED.compare_at_minor, EXCLUDED.lowest_minor, EXCLUDED.highest_minor, EXCLUDED.variant_count, EXCLUDED.in_stock, EXCLUDED.picture,
           EXCLUDED.picture_width, EXCLUDED.picture_height, EXCLUDED.picture_alt, EXCLUDED.document);
END $$;

-- Whether anything of these products can be sold; nothing else of their rows is read or written, least of all their words.
CREATE FUNCTION refresh_listings_stock(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of their ids, here and above: two transactions never wait for each other in a ring.
    PERFORM FROM product_listings WHERE product_id = ANY (ids) ORDER BY product_id FOR UPDATE;
    UPDATE product_listings l SET in_stock = there.is_there
    FROM (SELECT v.product_id, bool_or(s.on_hand > s.reserved) AS is_there
          FROM product_variants v JOIN stock_levels s ON s.variant_id = v.id
          WHERE v.product_id = ANY (ids) AND v.archived_at IS NULL GROUP BY v.product_id) there
    WHERE l.product_id = there.product_id AND l.in_stock <> there.is_there;
    IF FOUND THEN
        PERFORM pg_notify('catalog', '*');
    END IF;
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

CREATE FUNCTION listings_follow_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_listings(ARRAY (SELECT DISTINCT product_id FROM changed ORDER BY product_id));
    RETURN NULL;
END $$;
CREATE TRIGGER product_variants_inserted_listings AFTER INSERT ON product_variants
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_variants();
CREATE TRIGGER product_variants_updated_listings AFTER UPDATE ON product_variants
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_variants();
CREATE TRIGGER product_variants_deleted_listings AFTER DELETE ON product_variants
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_variants();

-- Pictures change no words.
CREATE FUNCTION listings_follow_pictures() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY (SELECT DISTINCT product_id FROM changed ORDER BY product_id);
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM pg_notify('catalog', '*');
    PERFORM FROM product_listings WHERE product_id = ANY (ids) ORDER BY product_id FOR UPDATE;
    UPDATE product_listings l
    SET picture = i.stem, picture_width = i.width, picture_height = i.height, picture_alt = i.alt
    FROM unnest(ids) AS wanted (id)
    LEFT JOIN LATERAL (
        SELECT m.stem, m.width, m.height, pi.alt FROM product_images pi JOIN media m ON m.id = pi.media_id
        WHERE pi.product_id = wanted.id ORDER BY pi.position LIMIT 1) i ON true
    WHERE l.product_id = wanted.id
      AND (l.picture, l.picture_width, l.picture_height, l.picture_alt) IS DISTINCT FROM (i.stem, i.width, i.height, i.alt);
    RETURN NULL;
END $$;
CREATE TRIGGER product_images_inserted_listings AFTER INSERT ON product_images
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_pictures();
CREATE TRIGGER product_images_updated_listings AFTER UPDATE ON product_images
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_pictures();
CREATE TRIGGER product_images_deleted_listings AFTER DELETE ON product_images
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_pictures();

-- A category's name is among its products' words; its place in the tree and its line are shown, but by no row of these.
CREATE FUNCTION listings_follow_categories() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('catalog', '*');
    IF TG_OP = 'UPDATE' THEN
        PERFORM refresh_listings(ARRAY (
            SELECT p.id FROM changed c JOIN former f ON f.id = c.id AND f.name <> c.name JOIN products p ON p.category_id = c.id ORDER BY p.id));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER categories_inserted_listings AFTER INSERT ON categories FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_categories();
CREATE TRIGGER categories_updated_listings AFTER UPDATE ON categories
    REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_categories();
CREATE TRIGGER categories_deleted_listings AFTER DELETE ON categories FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_categories();

-- Every change of what can be sold is told, so that no server goes on showing an old number.
CREATE FUNCTION tell_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('catalog', product_id::text) FROM product_variants WHERE id = NEW.variant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_levels_told AFTER UPDATE OF on_hand, reserved ON stock_levels FOR EACH ROW
    WHEN ((OLD.on_hand - OLD.reserved) IS DISTINCT FROM (NEW.on_hand - NEW.reserved))
    EXECUTE FUNCTION tell_stock_changed();

-- A variant sells out, or comes back. Noted at once, written at the commit: the last locks of a transaction, all of them in the order of
-- the products' ids, so that orders of several products that sell out never wait for each other in a ring.
CREATE FUNCTION note_sold_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('ecommerce.sold_out', concat_ws(',', nullif(current_setting('ecommerce.sold_out', true), ''), NEW.variant_id), true);
    RETURN NULL;
END $$;
CREATE TRIGGER stock_levels_noted AFTER UPDATE OF on_hand, reserved ON stock_levels FOR EACH ROW
    WHEN ((OLD.on_hand > OLD.reserved) IS DISTINCT FROM (NEW.on_hand > NEW.reserved))
    EXECUTE FUNCTION note_sold_out();

-- Fires once a noted variant; the first time does the work of all.
CREATE FUNCTION listings_follow_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted text := current_setting('ecommerce.sold_out', true);
BEGIN
    IF noted <> '' THEN
        PERFORM set_config('ecommerce.sold_out', '', true);
        PERFORM refresh_listings_stock(ARRAY (
            SELECT DISTINCT product_id FROM product_variants WHERE id = ANY (string_to_array(noted, ',')::bigint[]) ORDER BY product_id));
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER stock_levels_updated_listings AFTER UPDATE OF on_hand, reserved ON stock_levels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.on_hand > OLD.reserved) IS DISTINCT FROM (NEW.on_hand > NEW.reserved))
    EXECUTE FUNCTION listings_follow_stock();
-- New levels belong to new variants: thousands at once are one statement.
CREATE FUNCTION listings_follow_new_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_listings_stock(ARRAY (SELECT DISTINCT v.product_id FROM changed s JOIN product_variants v ON v.id = s.variant_id ORDER BY 1));
    RETURN NULL;
END $$;
CREATE TRIGGER stock_levels_inserted_listings AFTER INSERT ON stock_levels
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION listings_follow_new_stock();

-- What is there already.
SELECT refresh_listings(ARRAY (SELECT id FROM products ORDER BY id));
