-- The words that products are called by, for searches with a typing error: those of names, categories, variants and details. Not of
-- descriptions, whose words are found as they are, and would be proposed for errors of what is sold. A job keeps it.
CREATE TABLE search_words (
    word       text COLLATE "C" CONSTRAINT search_words_pkey PRIMARY KEY,
    -- About how many products have it; the commoner of two words is meant more often.
    documents  integer NOT NULL
);
-- Each word with one letter left out. Two words that differ by one letter, or by two swapped ones, have such a form in common, or one is a
-- form of the other: what was meant is found by equality alone.
CREATE TABLE search_word_deletions (
    deletion  text COLLATE "C" NOT NULL,
    word      text COLLATE "C" NOT NULL CONSTRAINT search_word_deletions_word_fkey REFERENCES search_words (word) ON DELETE CASCADE,
    CONSTRAINT search_word_deletions_pkey PRIMARY KEY (deletion, word)
);
CREATE INDEX search_word_deletions_word_idx ON search_word_deletions (word);

-- Whether any product has all words of a text. Planned anew each time: what is rare and what is common are found in different ways.
CREATE FUNCTION search_finds(given text) RETURNS boolean LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    found boolean;
BEGIN
    EXECUTE 'SELECT EXISTS (SELECT FROM product_listings WHERE document @@ $1)' INTO found USING search_query(given);
    RETURN found;
END $$;
-- The first text that finds anything.
CREATE FUNCTION search_first(given text[]) RETURNS text LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY given LOOP
        IF search_finds(one) THEN
            RETURN one;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
