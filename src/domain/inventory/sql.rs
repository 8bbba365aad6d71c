//! Queries on stock_levels, stock_reservations and stock_ledger.
