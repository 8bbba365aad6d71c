//! Queries on carts and cart_lines.
