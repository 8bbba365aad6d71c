-- A cart belongs to an account or to a visitor, never to both: at sign-in the visitor's is poured into the account's.
CREATE TABLE carts (
    id          bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT carts_pkey PRIMARY KEY,
    user_id     bigint CONSTRAINT carts_user_key UNIQUE CONSTRAINT carts_user_fkey REFERENCES users (id),
    visitor_id  bigint CONSTRAINT carts_visitor_key UNIQUE CONSTRAINT carts_visitor_fkey REFERENCES visitors (id),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT carts_one_owner CHECK (num_nonnulls(user_id, visitor_id) = 1)
);

CREATE TABLE cart_lines (
    id                bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT cart_lines_pkey PRIMARY KEY,
    cart_id           bigint NOT NULL CONSTRAINT cart_lines_cart_fkey REFERENCES carts (id) ON DELETE CASCADE,
    variant_id        bigint NOT NULL CONSTRAINT cart_lines_variant_fkey REFERENCES product_variants (id),
    quantity          integer NOT NULL CONSTRAINT cart_lines_quantity_range CHECK (quantity BETWEEN 1 AND 999),
    -- The unit price the owner last agreed to see: a line whose price differs says so until it is touched.
    seen_price_minor  bigint NOT NULL,
    added_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT cart_lines_variant_key UNIQUE (cart_id, variant_id)
);
