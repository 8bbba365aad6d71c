-- Names and mail addresses are compared without regard to case, everywhere, by the type and not by each query.
CREATE EXTENSION IF NOT EXISTS citext;

-- People are anonymised, never deleted: orders outlive who placed them.
CREATE TABLE users (
    id             bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT users_pkey PRIMARY KEY,
    username       citext NOT NULL CONSTRAINT users_username_key UNIQUE
                   CONSTRAINT users_username_length CHECK (char_length(username) BETWEEN 3 AND 64),
    email          citext NOT NULL CONSTRAINT users_email_key UNIQUE
                   CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    password_hash  text NOT NULL,
    full_name      text NOT NULL DEFAULT '' CONSTRAINT users_full_name_length CHECK (char_length(full_name) <= 200),
    phone          text CONSTRAINT users_phone_length CHECK (char_length(phone) <= 32),
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    disabled_at    timestamptz,
    anonymised_at  timestamptz
);

-- Roles are additive: an administrator who also answers in the chat has two rows.
CREATE TABLE user_roles (
    user_id     bigint NOT NULL CONSTRAINT user_roles_user_fkey REFERENCES users (id),
    role        text NOT NULL CONSTRAINT user_roles_role_check
                CHECK (role IN ('customer', 'agent', 'lead', 'staff', 'administrator')),
    granted_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role)
);

CREATE TABLE addresses (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT addresses_pkey PRIMARY KEY,
    user_id      bigint NOT NULL CONSTRAINT addresses_user_fkey REFERENCES users (id),
    is_default   boolean NOT NULL DEFAULT false,
    name         text NOT NULL,
    line1        text NOT NULL,
    line2        text NOT NULL DEFAULT '',
    city         text NOT NULL,
    postal_code  text NOT NULL,
    region       text NOT NULL DEFAULT '',
    country      text NOT NULL,
    phone        text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX addresses_user_idx ON addresses (user_id);
CREATE UNIQUE INDEX addresses_one_default_key ON addresses (user_id) WHERE is_default;

-- A browser that has done something worth keeping (a cart, a guest order). The cookie holds a random 256-bit token, the
-- table only its SHA-256: a copy of the database signs nobody in. Apart from the session, so that losing Redis loses no cart.
CREATE TABLE visitors (
    id            bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT visitors_pkey PRIMARY KEY,
    token_hash    bytea NOT NULL CONSTRAINT visitors_token_hash_key UNIQUE
                  CONSTRAINT visitors_token_hash_length CHECK (octet_length(token_hash) = 32),
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now()
);

-- One row a sign-in, beside the record in Redis: authority is asked here, so ending the row signs out on every server at once.
CREATE TABLE sessions (
    id            uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id       bigint NOT NULL CONSTRAINT sessions_user_fkey REFERENCES users (id),
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    remembered    boolean NOT NULL DEFAULT false,
    ip            text NOT NULL DEFAULT '',
    user_agent    text NOT NULL DEFAULT '' CONSTRAINT sessions_user_agent_length CHECK (char_length(user_agent) <= 400)
);
CREATE INDEX sessions_user_open_idx ON sessions (user_id) WHERE ended_at IS NULL;
