"""Redis killed for 5 s and started again: pages without a 5xx, carts kept, sign-in works again by itself."""

import time
from collections import Counter

from support.client import Client, register
from support.shop import SERVERS, check, deploy, kill, pid, say, variant_with_stock, wait_until

product, _ = variant_with_stock(1000)
customer, guest = register(), Client()
for client in (customer, guest):
    check(client.add_to_cart(product, 2).status == 200, "two in a cart")
before = {name: pid(name) for name in SERVERS}

kill("redis")
began, statuses, slowest = time.monotonic(), Counter(), 0.0
while time.monotonic() - began < 5:
    for client, path in ((guest, "/"), (guest, "/products"), (guest, "/cart"), (customer, "/"), (Client(), "/login")):
        at = time.monotonic()
        answer = client.get(path)
        slowest = max(slowest, time.monotonic() - at)
        statuses[answer.status] += 1
        if answer.status >= 500:
            say(f"{path}: {answer}")
check(not [status for status in statuses if status >= 500], f"pages without Redis: {dict(statuses)}, slowest {slowest:.2f} s")
check(guest.cart() == {product: 2}, "the guest's cart is there meanwhile")
check(guest.add_to_cart(product).status == 200, "and can be added to")
tried = Client().sign_in()
check(tried.status in (200, 503), f"a sign-in meanwhile is answered cleanly: {tried.status}")
if tried.status == 503:
    check("retry-after" in tried.headers, "with Retry-After")

deploy("start")
took = wait_until("sign-in works again", lambda: all(Client().sign_in().status == 200 for _ in SERVERS), 5)
say(f"sign-in works again {took:.1f} s after Redis")
check({name: pid(name) for name in SERVERS} == before, "no server was restarted")
check(guest.cart() == {product: 3}, "the guest's cart is kept")
wait_until("the customer is signed in again", customer.signed_in, 5)
check(customer.cart() == {product: 2}, "the customer's cart is kept, and so is the sign-in (append-only file)")
