"""Who signs in on one server is signed in on all, keeps the cart, and is signed out everywhere at once."""

from support.client import Client
from support.shop import SERVER_PORT_BASE, check, variant_with_stock

product, _ = variant_with_stock(1000)
client = Client(port=SERVER_PORT_BASE)
before = client.cookies.copy()
answer = client.sign_in()
check(answer.status == 200 and answer.server == "Server-1", "signed in on Server-1")
client.request("DELETE", "/api/cart/clear")
check(client.add_to_cart(product, 2).status == 200, "two in the cart on Server-1")
others = []
for port in (SERVER_PORT_BASE + 1, SERVER_PORT_BASE + 2):
    other = Client(port=port)
    other.cookies = client.cookies
    who = other.get("/auth/current-user")
    check(who.status == 200 and who.json["user"]["username"] == "john_doe", f"{who.server} knows john_doe")
    check(other.cart() == {product: 2}, f"{who.server} has the cart")
    others.append(other)
check(client.cookies != before, "the session cookie is a new one")
stolen = [Client(port=other.port) for other in others]
for thief in stolen:
    thief.cookies = dict(client.cookies)
check(client.post("/auth/logout").status == 200, "signed out on Server-1")
check(not any(thief.signed_in() for thief in stolen), "the old cookie signs nobody in on the others")
