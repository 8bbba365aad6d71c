-- An order reads the same in ten years: every amount, name and rate is a snapshot.
CREATE TABLE orders (
    id                   bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT orders_pkey PRIMARY KEY,
    -- Random, so that it says nothing of how much is sold and cannot be guessed.
    number               text NOT NULL CONSTRAINT orders_number_key UNIQUE CONSTRAINT orders_number_shape CHECK (number ~ '^[0-9A-Z]{4}(-[0-9A-Z]{4}){2,3}$'),
    user_id              bigint CONSTRAINT orders_user_fkey REFERENCES users (id),
    visitor_id           bigint CONSTRAINT orders_visitor_fkey REFERENCES visitors (id),
    status               text NOT NULL CONSTRAINT orders_status_check
                         CHECK (status IN ('pending', 'processing', 'shipped', 'delivered', 'cancelled', 'refunded')),
    currency             char(3) NOT NULL,
    subtotal_minor       bigint NOT NULL CONSTRAINT orders_subtotal_range CHECK (subtotal_minor >= 0),
    discount_minor       bigint NOT NULL DEFAULT 0 CONSTRAINT orders_discount_range CHECK (discount_minor BETWEEN 0 AND subtotal_minor),
    shipping_minor       bigint NOT NULL CONSTRAINT orders_shipping_range CHECK (shipping_minor >= 0),
    tax_minor            bigint NOT NULL CONSTRAINT orders_tax_range CHECK (tax_minor >= 0),
    total_minor          bigint NOT NULL,
    prices_include_tax   boolean NOT NULL,
    delivery_method      text NOT NULL,
    payment_method       text NOT NULL,
    contact_email        citext NOT NULL,
    shipping_address     jsonb NOT NULL CONSTRAINT orders_shipping_address_object CHECK (jsonb_typeof(shipping_address) = 'object'),
    placed_at            timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    cancelled_at         timestamptz,
    cancellation_reason  text CONSTRAINT orders_cancellation_reason_length CHECK (char_length(cancellation_reason) <= 500),
    CONSTRAINT orders_total_adds_up CHECK (
        total_minor = subtotal_minor - discount_minor + shipping_minor + CASE WHEN prices_include_tax THEN 0 ELSE tax_minor END),
    CONSTRAINT orders_cancelled_says_when CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE INDEX orders_user_newest_idx ON orders (user_id, placed_at DESC, id DESC);
CREATE INDEX orders_visitor_newest_idx ON orders (visitor_id, placed_at DESC, id DESC);

CREATE TABLE order_lines (
    id                bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT order_lines_pkey PRIMARY KEY,
    order_id          bigint NOT NULL CONSTRAINT order_lines_order_fkey REFERENCES orders (id),
    position          integer NOT NULL,
    product_id        bigint NOT NULL CONSTRAINT order_lines_product_fkey REFERENCES products (id),
    variant_id        bigint NOT NULL CONSTRAINT order_lines_variant_fkey REFERENCES product_variants (id),
    product_name      text NOT NULL,
    variant_name      text NOT NULL,
    sku               text NOT NULL,
    picture           text,                        -- the media stem as it was
    unit_price_minor  bigint NOT NULL CONSTRAINT order_lines_unit_price_range CHECK (unit_price_minor >= 0),
    tax_rate_bp       integer NOT NULL,
    quantity          integer NOT NULL CONSTRAINT order_lines_quantity_range CHECK (quantity BETWEEN 1 AND 999),
    line_total_minor  bigint NOT NULL,
    CONSTRAINT order_lines_variant_key UNIQUE (order_id, variant_id),
    CONSTRAINT order_lines_total_adds_up CHECK (line_total_minor = unit_price_minor * quantity)
);

-- Every step of an order, who took it and when. Append-only.
CREATE TABLE order_events (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT order_events_pkey PRIMARY KEY,
    order_id     bigint NOT NULL CONSTRAINT order_events_order_fkey REFERENCES orders (id),
    from_status  text,
    to_status    text NOT NULL,
    actor        text NOT NULL,                    -- 'customer', 'visitor', 'system', 'staff:12'
    note         text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_events_order_idx ON order_events (order_id, id);

CREATE TABLE payments (
    id            bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT payments_pkey PRIMARY KEY,
    order_id      bigint NOT NULL CONSTRAINT payments_order_key UNIQUE CONSTRAINT payments_order_fkey REFERENCES orders (id),
    provider      text NOT NULL,
    method        text NOT NULL,
    state         text NOT NULL CONSTRAINT payments_state_check
                  CHECK (state IN ('pending', 'due', 'captured', 'declined', 'voided', 'refunded')),
    currency      char(3) NOT NULL,
    amount_minor  bigint NOT NULL CONSTRAINT payments_amount_range CHECK (amount_minor >= 0),
    reference     text CONSTRAINT payments_reference_key UNIQUE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);

-- One row a placement, committed with its order: the second request with the key waits on the unique index and then reads the outcome.
CREATE TABLE idempotency_keys (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT idempotency_keys_pkey PRIMARY KEY,
    owner        text NOT NULL,                    -- 'user:12' or 'visitor:34': nobody replays another's key
    key          text NOT NULL CONSTRAINT idempotency_keys_key_length CHECK (char_length(key) BETWEEN 8 AND 200),
    fingerprint  bytea NOT NULL,                   -- SHA-256 of what was asked: the same key with another body is refused
    order_id     bigint CONSTRAINT idempotency_keys_order_fkey REFERENCES orders (id),
    outcome      text CONSTRAINT idempotency_keys_outcome_check CHECK (outcome IN ('placed', 'declined')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_owner_key UNIQUE (owner, key)
);
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);
