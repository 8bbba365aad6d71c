-- Agents look for a conversation by what was said (chat_messages_search_idx) and by who said it: the name, and the mail address. The
-- customer is found however the words are ordered.
CREATE INDEX conversations_person_search_idx ON conversations
    USING gin (to_tsvector('simple'::regconfig, display_name || ' ' || coalesce(email::text, ''))) WITH (fastupdate = off);
