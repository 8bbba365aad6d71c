-- Which releases the schema still carries. A migration that takes away something an earlier release uses (the "contract" of expand and
-- contract) notes here the oldest schema, by its newest migration, that a release must have been built with to run from now on:
--   INSERT INTO schema_contracts (migration, oldest_schema) VALUES (20270105090000, 20261220090000);
-- Older releases then refuse to start and to be rolled back to. Nothing noted: every release that knows this table runs.
CREATE TABLE schema_contracts (
    migration      bigint CONSTRAINT schema_contracts_pkey PRIMARY KEY,
    oldest_schema  bigint NOT NULL CONSTRAINT schema_contracts_order CHECK (oldest_schema <= migration),
    noted_at       timestamptz NOT NULL DEFAULT now()
);
