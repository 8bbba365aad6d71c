CREATE TABLE categories (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT categories_pkey PRIMARY KEY,
    parent_id    bigint CONSTRAINT categories_parent_fkey REFERENCES categories (id)
                 CONSTRAINT categories_not_own_parent CHECK (parent_id <> id),
    slug         text NOT NULL CONSTRAINT categories_slug_key UNIQUE,
    name         text NOT NULL CONSTRAINT categories_name_key UNIQUE CONSTRAINT categories_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    description  text NOT NULL DEFAULT '',
    position     integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX categories_parent_idx ON categories (parent_id, position);

-- A picture in the media store. `stem` is its path without width and ending: stem-640.webp lies beside stem-320.webp.
CREATE TABLE media (
    id          bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT media_pkey PRIMARY KEY,
    stem        text NOT NULL CONSTRAINT media_stem_key UNIQUE CONSTRAINT media_stem_shape CHECK (stem ~ '^[a-z0-9][a-z0-9/_-]{0,199}$'),
    width       integer NOT NULL CONSTRAINT media_width_positive CHECK (width > 0),
    height      integer NOT NULL CONSTRAINT media_height_positive CHECK (height > 0),
    widths      integer[] NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- Products are archived, never deleted: order lines, carts and reviews name them.
CREATE TABLE products (
    id           bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT products_pkey PRIMARY KEY,
    slug         text NOT NULL CONSTRAINT products_slug_key UNIQUE CONSTRAINT products_slug_shape CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name         text NOT NULL CONSTRAINT products_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    description  text NOT NULL DEFAULT '',
    -- What the details table shows: [{"name": "Material", "value": "Stoneware"}, …], in this order.
    details      jsonb NOT NULL DEFAULT '[]' CONSTRAINT products_details_array CHECK (jsonb_typeof(details) = 'array'),
    category_id  bigint NOT NULL CONSTRAINT products_category_fkey REFERENCES categories (id),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    archived_at  timestamptz
);
CREATE INDEX products_newest_idx ON products (created_at DESC, id DESC) WHERE archived_at IS NULL;
CREATE INDEX products_category_newest_idx ON products (category_id, created_at DESC, id DESC) WHERE archived_at IS NULL;

CREATE TABLE product_images (
    product_id  bigint NOT NULL CONSTRAINT product_images_product_fkey REFERENCES products (id),
    media_id    bigint NOT NULL CONSTRAINT product_images_media_fkey REFERENCES media (id),
    position    integer NOT NULL,
    alt         text NOT NULL,
    CONSTRAINT product_images_pkey PRIMARY KEY (product_id, position)
);

-- What is bought. Stock, cart lines and order lines refer to variants; a product without choices has its default one alone.
CREATE TABLE product_variants (
    id                bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT product_variants_pkey PRIMARY KEY,
    product_id        bigint NOT NULL CONSTRAINT product_variants_product_fkey REFERENCES products (id),
    sku               text NOT NULL CONSTRAINT product_variants_sku_key UNIQUE CONSTRAINT product_variants_sku_length CHECK (char_length(sku) BETWEEN 1 AND 64),
    name              text NOT NULL DEFAULT '',   -- 'Blue, large'; empty for a product without choices
    position          integer NOT NULL DEFAULT 0,
    is_default        boolean NOT NULL DEFAULT false,
    currency          char(3) NOT NULL,
    price_minor       bigint NOT NULL CONSTRAINT product_variants_price_range CHECK (price_minor BETWEEN 0 AND 100000000000),
    compare_at_minor  bigint CONSTRAINT product_variants_compare_at_higher CHECK (compare_at_minor > price_minor),
    tax_rate_bp       integer NOT NULL DEFAULT 0 CONSTRAINT product_variants_tax_rate_range CHECK (tax_rate_bp BETWEEN 0 AND 10000),
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    archived_at       timestamptz
);
CREATE INDEX product_variants_product_idx ON product_variants (product_id, position);
CREATE UNIQUE INDEX product_variants_one_default_key ON product_variants (product_id) WHERE is_default;
