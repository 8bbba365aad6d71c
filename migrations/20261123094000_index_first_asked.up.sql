-- The figures of a range of days look at nothing else.
CREATE INDEX conversations_first_asked_idx ON conversations (first_asked_at) WHERE first_asked_at IS NOT NULL;
