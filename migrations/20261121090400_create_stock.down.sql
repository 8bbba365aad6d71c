DROP TABLE stock_ledger, stock_reservations, stock_levels;
