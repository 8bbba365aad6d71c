-- Who asked to be told, once, when something sold out can be had again. Sent ones stay a while: their mail carries the token that stops more.
CREATE TABLE stock_alerts (
    id          bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT stock_alerts_pkey PRIMARY KEY,
    variant_id  bigint NOT NULL CONSTRAINT stock_alerts_variant_fkey REFERENCES product_variants (id),
    email       citext NOT NULL CONSTRAINT stock_alerts_email_length CHECK (length(email::text) BETWEEN 3 AND 254),
    user_id     bigint CONSTRAINT stock_alerts_user_fkey REFERENCES users (id),
    token       text NOT NULL CONSTRAINT stock_alerts_token_key UNIQUE CONSTRAINT stock_alerts_token_length CHECK (char_length(token) BETWEEN 22 AND 64),
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz
);
-- One that waits for each variant and address; its first column is also how the worker finds those whose variant is back.
CREATE UNIQUE INDEX stock_alerts_waiting_key ON stock_alerts (variant_id, email) WHERE sent_at IS NULL;
CREATE INDEX stock_alerts_email_idx ON stock_alerts (email) WHERE sent_at IS NULL;
CREATE INDEX stock_alerts_user_idx ON stock_alerts (user_id) WHERE user_id IS NOT NULL;
