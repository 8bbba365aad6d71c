"""Somebody with an account and a cart, who asks from the machine itself; curl keeps the cookies."""

import json
import uuid


class Person:
    """Registered, signed in, with three of a product in the cart."""

    def __init__(self, machine, product):
        self.machine, self.product, self.jar = machine, product, f"/root/jar-{uuid.uuid4().hex[:8]}"
        name = "drill_" + uuid.uuid4().hex[:12]
        self.ask("POST", "/auth/register", {"username": name, "email": f"{name}@example.com", "password": "a long drill password"})
        self.ask("POST", "/api/cart/add", {"product_id": product, "quantity": 3})

    def ask(self, method, path, body=None):
        """(status, body)."""
        data = f"-H 'Content-Type: application/json' -d '{json.dumps(body)}'" if body is not None else ""
        said = self.machine.run(
            f"curl -sS -m 20 -X {method} -b {self.jar} -c {self.jar} {data} -w '\\n%{{http_code}}' http://localhost{path}", expect=None)
        text, _, status = said.rpartition("\n")
        return int(status or 0), text

    def signed_in(self):
        """Whether the shop knows who this is."""
        return self.ask("GET", "/auth/current-user")[0] == 200

    def cart(self):
        """How many of the product are in the cart."""
        status, text = self.ask("GET", "/api/cart/")
        return sum(line["quantity"] for line in json.loads(text)["cart_items"]) if status == 200 else None
