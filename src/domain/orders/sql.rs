//! Queries on orders, order_lines, order_events.
