"""The same placement twenty times at once, with one key, over three servers: one order, equal answers; another body: 422."""

import threading
from collections import Counter

from support.client import ADDRESS, Client, new_key
from support.shop import check, ledger_agrees, sql_number, variant_with_stock

product, variant = variant_with_stock(100, nth=2)
first, key = Client(), new_key()
check(first.add_to_cart(product, 2).status == 200, "two in the cart")
newest = sql_number("SELECT coalesce(max(id), 0) FROM orders")
gate, answers = threading.Barrier(20), []


def place():
    client = Client()
    client.cookies = dict(first.cookies)
    gate.wait()
    answers.append(client.place_order_until_answered(key)[0])


threads = [threading.Thread(target=place) for _ in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
check(Counter(answer.status for answer in answers) == {201: 20}, "twenty times 201")
check(len({answer.body for answer in answers}) == 1, "equal to the byte")
replayed = Counter(answer.headers.get("idempotent-replayed", "false") for answer in answers)
check(replayed == {"true": 19, "false": 1}, f"one of them the first: {dict(replayed)}")
check(sql_number(f"SELECT count(*) FROM orders WHERE id > {newest}") == 1, "one order")
check(sql_number(f"SELECT on_hand FROM stock_levels WHERE variant_id = {variant}") == 98, "stock 98")
check(ledger_agrees(variant), "the ledger agrees")
other = first.post("/api/checkout/process", {
    "shipping_address": ADDRESS, "payment_method": "credit_card", "card_number": "4242424242424242", "email": "other@example.com",
}, {"Idempotency-Key": key})
check(other.status == 422, f"the key with another body: 422 ({other.status})")
