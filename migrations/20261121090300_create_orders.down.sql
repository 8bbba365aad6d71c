DROP TABLE idempotency_keys, payments, order_events, order_lines, orders;
