-- The chat mails to addresses that anybody may type. What went where is counted for a day, so that nobody's mailbox is filled through the
-- shop, and whoever wants no such mails stops them for good.
CREATE TABLE chat_mails (
    id               bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT chat_mails_pkey PRIMARY KEY,
    conversation_id  bigint NOT NULL CONSTRAINT chat_mails_conversation_fkey REFERENCES conversations (id) ON DELETE CASCADE,
    kind             text NOT NULL CONSTRAINT chat_mails_kind_check CHECK (kind IN ('answers', 'transcript')),
    email            citext NOT NULL CONSTRAINT chat_mails_email_length CHECK (char_length(email) <= 254),
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX chat_mails_conversation_idx ON chat_mails (conversation_id, created_at);
CREATE INDEX chat_mails_email_idx ON chat_mails (email, created_at);

CREATE TABLE chat_mail_stops (
    email       citext CONSTRAINT chat_mail_stops_pkey PRIMARY KEY
                CONSTRAINT chat_mail_stops_email_length CHECK (char_length(email) <= 254),
    created_at  timestamptz NOT NULL DEFAULT now()
);
