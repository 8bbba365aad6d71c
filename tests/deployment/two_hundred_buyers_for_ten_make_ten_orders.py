"""200 buyers at once for a variant with 10 in stock, over three servers, one killed in the middle, everybody trying again
with the same key: 10 orders, stock 0, ledger and payments agree, everybody else is told that it is sold out."""

import threading
import time
from collections import Counter

from support.client import Client, new_key
from support.shop import FULL, check, deploy, kill, ledger_agrees, say, sql_number, variant_with_stock

BUYERS, STOCK = (500, 50) if FULL else (200, 10)
product, variant = variant_with_stock(STOCK, nth=1)
newest = sql_number("SELECT coalesce(max(id), 0) FROM orders")

buyers = [Client(timeout=20) for _ in range(BUYERS)]
for buyer in buyers:
    answer = buyer.add_to_cart(product)
    if answer.status != 200:
        check(False, f"everybody has one in the cart: {answer}")
check(True, f"{BUYERS} visitors have one in the cart")

gate, outcomes, keys = threading.Barrier(BUYERS + 1), [None] * BUYERS, [new_key() for _ in range(BUYERS)]


def buy(number):
    buyers[number].close()
    gate.wait()
    outcomes[number] = buyers[number].place_order_until_answered(keys[number])


threads = [threading.Thread(target=buy, args=(number,), daemon=True) for number in range(BUYERS)]
for thread in threads:
    thread.start()
gate.wait()
began = time.monotonic()
# In the middle: when the first answers are there and most are still under way.
while sum(outcome is not None for outcome in outcomes) < 5 and time.monotonic() - began < 5:
    time.sleep(0.002)
answered = sum(outcome is not None for outcome in outcomes)
kill("server2")
for thread in threads:
    thread.join(90)
say(f"server2 killed with {answered} of {BUYERS} answered; all answered after {time.monotonic() - began:.1f} s")
check(all(outcomes), "every buyer has an answer")

statuses = Counter(f"{answer.status} {answer.json.get('code', '')}".strip() for answer, _ in outcomes)
troubles = Counter(trouble for _, list_of_one in outcomes for trouble in list_of_one)
say(f"answers {dict(statuses)}; before them {dict(troubles)}")
check(statuses == {"201": STOCK, "409 out_of_stock": BUYERS - STOCK}, f"{STOCK} bought, {BUYERS - STOCK} were told it is sold out")
check(not set(troubles) - {"502", "503", "409", "RemoteDisconnected", "ConnectionResetError"}, "no other failure on the way")

LINES = f"FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.id > {newest} AND l.variant_id = {variant}"
check(sql_number(f"SELECT count(*) {LINES} AND o.status <> 'cancelled'") == STOCK, f"{STOCK} orders in the database")
check(sql_number(f"SELECT count(DISTINCT o.id) {LINES}") == STOCK, "and no cancelled one beside them")
check(sql_number(f"SELECT count(*) FROM payments WHERE state = 'captured' AND order_id IN (SELECT o.id {LINES})") == STOCK, f"{STOCK} payments")
check(sql_number(f"SELECT on_hand * 1000 + reserved FROM stock_levels WHERE variant_id = {variant}") == 0, "stock 0, nothing reserved")
check(ledger_agrees(variant), "the ledger's sums are the level")
numbers = {answer.json["order"]["number"] for answer, _ in outcomes if answer.status == 201}
check(len(numbers) == STOCK, "each buyer has an order of their own")

deploy("start")
winner = next(number for number in range(BUYERS) if outcomes[number][0].status == 201)
again = buyers[winner].place_order(keys[winner])
check(again.status == 201 and again.json["order"]["number"] == outcomes[winner][0].json["order"]["number"]
      and again.headers.get("idempotent-replayed") == "true", "asked once more with its key: the same order, marked as replayed")
