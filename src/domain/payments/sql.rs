//! Queries on payments.
