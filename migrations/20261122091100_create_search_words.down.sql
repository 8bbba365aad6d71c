DROP TABLE search_word_deletions;
DROP TABLE search_words;
