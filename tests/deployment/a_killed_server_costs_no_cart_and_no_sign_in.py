"""One server killed: no page fails, cart and sign-in are kept, and it takes its share again when it is back."""

from collections import Counter

from support.client import Client, register
from support.shop import check, deploy, kill, say, variant_with_stock, wait_until

product, _ = variant_with_stock(1000)
customer, guest = register(), Client()
for client in (customer, guest):
    check(client.add_to_cart(product, 3).status == 200, "three in a cart")

kill("server2")
answers = [client.get(path) for _ in range(30) for client in (customer, guest) for path in ("/", "/cart", "/products")]
check(all(answer.status == 200 for answer in answers), f"{len(answers)} pages with Server-2 killed: none failed")
turns = Counter(answer.server for answer in answers)
check(set(turns) == {"Server-1", "Server-3"}, f"served by {dict(turns)}")
check(customer.signed_in(), "still signed in")
check(customer.cart() == {product: 3} and guest.cart() == {product: 3}, "both carts kept")

said = deploy("start")
say(" ".join(line for line in said.splitlines() if line.startswith("==>")))
# Nginx leaves a server that refused it alone for fail_timeout, and counts whole seconds.
wait_until("Server-2 serves again", lambda: len({Client().get("/").server for _ in range(9)}) == 3, 10)
check(True, "Server-2 serves again")
