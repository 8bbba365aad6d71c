"""PostgreSQL stopped: 503 with Retry-After where it is needed, quickly; the rest goes on; recovery by itself."""

import signal
import time

from support.client import Client
from support.shop import SERVERS, check, deploy, kill, pid, say, variant_with_stock, wait_until

product, _ = variant_with_stock(1000)
guest = Client()
check(guest.add_to_cart(product, 2).status == 200, "two in the cart")
before = {name: pid(name) for name in SERVERS}

kill("postgres", signal.SIGINT)
for method, path in (("GET", "/products"), ("GET", "/api/products/"), ("GET", "/cart"), ("POST", "/api/cart/add")):
    at = time.monotonic()
    answer = guest.request(method, path, {"product_id": product} if method == "POST" else None)
    took = time.monotonic() - at
    check(answer.status == 503 and "retry-after" in answer.headers, f"{method} {path}: 503 with Retry-After after {took:.1f} s ({answer.status})")
    check(not any(word in answer.text.lower() for word in ("sqlx", "postgres", "panicked", "connection refused")), "and no cause in it")
check(guest.get("/healthz").status == 200, "/healthz: the process lives")

deploy("start")
took = wait_until("pages are back", lambda: all(guest.get("/products").status == 200 for _ in range(6)), 10)
say(f"back {took:.1f} s after PostgreSQL")
check({name: pid(name) for name in SERVERS} == before, "no server was restarted")
check(guest.cart() == {product: 2}, "the cart is kept")
