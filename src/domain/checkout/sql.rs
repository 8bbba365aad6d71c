//! Queries on idempotency_keys.
