-- What people write to the shop. Kept beside the mails, so that nothing is lost with them.
CREATE TABLE contact_messages (
    id            bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT contact_messages_pkey PRIMARY KEY,
    -- Random, so that it says nothing of how many write and cannot be guessed.
    reference     text NOT NULL CONSTRAINT contact_messages_reference_key UNIQUE
                  CONSTRAINT contact_messages_reference_shape CHECK (reference ~ '^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$'),
    -- SHA-256 of the form's token and what was typed: the second submit of a form finds the first, a changed one is another message.
    fingerprint   bytea NOT NULL CONSTRAINT contact_messages_fingerprint_key UNIQUE
                  CONSTRAINT contact_messages_fingerprint_length CHECK (octet_length(fingerprint) = 32),
    user_id       bigint CONSTRAINT contact_messages_user_fkey REFERENCES users (id),
    name          text NOT NULL CONSTRAINT contact_messages_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    email         citext NOT NULL CONSTRAINT contact_messages_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    topic         text NOT NULL CONSTRAINT contact_messages_topic_check
                  CHECK (topic IN ('order', 'delivery', 'return', 'product', 'account', 'other')),
    order_number  text NOT NULL DEFAULT '' CONSTRAINT contact_messages_order_number_length CHECK (char_length(order_number) <= 40),
    message       text NOT NULL CONSTRAINT contact_messages_message_length CHECK (char_length(message) BETWEEN 1 AND 5000),
    -- Whether a copy goes to the sender; false as well once an address got too many of them.
    sends_copy    boolean NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contact_messages_copies_idx ON contact_messages (email, created_at) WHERE sends_copy;
CREATE INDEX contact_messages_user_idx ON contact_messages (user_id);

-- A telephone call that the shop owes someone. A slot has as many places as people answer the telephone: the unique key, and not a
-- count, decides who gets the last one.
CREATE TABLE call_back_requests (
    id            bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT call_back_requests_pkey PRIMARY KEY,
    reference     text NOT NULL CONSTRAINT call_back_requests_reference_key UNIQUE
                  CONSTRAINT call_back_requests_reference_shape CHECK (reference ~ '^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$'),
    fingerprint   bytea NOT NULL CONSTRAINT call_back_requests_fingerprint_key UNIQUE
                  CONSTRAINT call_back_requests_fingerprint_length CHECK (octet_length(fingerprint) = 32),
    user_id       bigint CONSTRAINT call_back_requests_user_fkey REFERENCES users (id),
    name          text NOT NULL CONSTRAINT call_back_requests_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    phone         text NOT NULL CONSTRAINT call_back_requests_phone_length CHECK (char_length(phone) BETWEEN 5 AND 32),
    email         citext CONSTRAINT call_back_requests_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    topic         text NOT NULL CONSTRAINT call_back_requests_topic_check
                  CHECK (topic IN ('order', 'delivery', 'return', 'product', 'account', 'other')),
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    place         integer NOT NULL CONSTRAINT call_back_requests_place_range CHECK (place BETWEEN 1 AND 100),
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT call_back_requests_place_key UNIQUE (starts_at, place),
    CONSTRAINT call_back_requests_ends_later CHECK (ends_at > starts_at)
);
CREATE INDEX call_back_requests_user_idx ON call_back_requests (user_id);
