DROP FUNCTION search_first(text[]);
DROP FUNCTION search_finds(text);
DROP TABLE search_word_deletions;
DROP TABLE search_words;
