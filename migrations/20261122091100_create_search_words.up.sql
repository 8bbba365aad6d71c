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
