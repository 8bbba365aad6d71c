-- A wishlist belongs to an account or to a visitor, as a cart does; at sign-in the visitor's is poured into the account's.
CREATE TABLE wishlists (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT wishlists_pkey PRIMARY KEY,
    user_id      bigint CONSTRAINT wishlists_user_key UNIQUE CONSTRAINT wishlists_user_fkey REFERENCES users (id),
    visitor_id   bigint CONSTRAINT wishlists_visitor_key UNIQUE CONSTRAINT wishlists_visitor_fkey REFERENCES visitors (id),
    -- In the link that its owner may pass on; without one nobody else sees it. Kept as it is, since its owner is shown the link again.
    share_token  text CONSTRAINT wishlists_share_token_key UNIQUE CONSTRAINT wishlists_share_token_length CHECK (char_length(share_token) BETWEEN 22 AND 64),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wishlists_one_owner CHECK (num_nonnulls(user_id, visitor_id) = 1)
);

CREATE TABLE wishlist_items (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT wishlist_items_pkey PRIMARY KEY,
    wishlist_id  bigint NOT NULL CONSTRAINT wishlist_items_wishlist_fkey REFERENCES wishlists (id) ON DELETE CASCADE,
    product_id   bigint NOT NULL CONSTRAINT wishlist_items_product_fkey REFERENCES products (id),
    added_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT wishlist_items_product_key UNIQUE (wishlist_id, product_id)
);
CREATE INDEX wishlist_items_product_idx ON wishlist_items (product_id);

-- What was put aside in the cart. Not a cart line: nothing of it is counted, priced or ordered until it comes back.
CREATE TABLE saved_lines (
    id          bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT saved_lines_pkey PRIMARY KEY,
    cart_id     bigint NOT NULL CONSTRAINT saved_lines_cart_fkey REFERENCES carts (id) ON DELETE CASCADE,
    variant_id  bigint NOT NULL CONSTRAINT saved_lines_variant_fkey REFERENCES product_variants (id),
    quantity    integer NOT NULL CONSTRAINT saved_lines_quantity_range CHECK (quantity BETWEEN 1 AND 999),
    saved_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_lines_variant_key UNIQUE (cart_id, variant_id)
);
