"""A visitor of the shop: keeps cookies and one connection, speaks JSON as the contract has it."""

import http.client
import json
import time
import uuid

from .shop import HTTP_PORT

ADDRESS = {"name": "Drill Visitor", "line1": "1 Test Street", "city": "Springfield", "postal_code": "12345", "country": "US"}
CARD = "4242424242424242"


class Answer:
    """Status, headers (lower case) and body of an answer."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {name.lower(): value for name, value in headers}, body

    @property
    def server(self):
        return self.headers.get("x-served-by", "")

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def __repr__(self):
        return f"{self.status} {self.server} {self.text[:200]!r}"


class Client:
    """One browser-like client. Connection errors reach the caller: drills count them."""

    def __init__(self, port=HTTP_PORT, timeout=30):
        self.port, self.timeout, self.cookies, self.connection = port, timeout, {}, None

    def request(self, method, path, body=None, headers=None):
        headers = {"Accept": "application/json" if path.startswith(("/api/", "/auth/")) else "text/html", **(headers or {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            return self._send(method, path, data, headers)
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def _send(self, method, path, data, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        headers = {"Host": f"localhost:{self.port}", **headers}
        self.connection.request(method, path, body=data, headers=headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self._keep(value)
        return answer

    def _keep(self, line):
        name, _, value = line.split(";", 1)[0].partition("=")
        if value == "" or "max-age=0" in line.lower():
            self.cookies.pop(name.strip(), None)
        else:
            self.cookies[name.strip()] = value

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, {} if body is None else body, headers)

    def add_to_cart(self, product, quantity=1):
        return self.post("/api/cart/add", {"product_id": product, "quantity": quantity})

    def cart(self):
        """Quantities in the cart by product id."""
        return {line["product"]["id"]: line["quantity"] for line in self.get("/api/cart/").json["cart_items"]}

    def sign_in(self, username="john_doe", password="password123"):
        return self.post("/auth/login", {"username": username, "password": password})

    def signed_in(self):
        """Whether the shop knows who this is."""
        return self.get("/auth/current-user").status == 200

    def place_order(self, key, email="drill@example.com"):
        return self.post("/api/checkout/process", {
            "shipping_address": ADDRESS, "payment_method": "credit_card", "card_number": CARD, "email": email,
        }, {"Idempotency-Key": key})

    def place_order_until_answered(self, key, seconds=40):
        """Places an order as a patient program does: the same key again after a broken connection or a 5xx,
        or a 409 that says when to come back. Returns the last answer and what went wrong before it."""
        troubles, deadline = [], time.monotonic() + seconds
        while True:
            try:
                answer = self.place_order(key)
            except (OSError, http.client.HTTPException) as error:
                answer = None
                troubles.append(type(error).__name__)
            if answer is not None:
                again = answer.status >= 500 or (answer.status == 409 and "retry-after" in answer.headers)
                if not again:
                    return answer, troubles
                troubles.append(str(answer.status))
            if time.monotonic() > deadline:
                return answer, troubles
            time.sleep(0.3)


def new_key():
    """An idempotency key."""
    return str(uuid.uuid4())


def register():
    """A visitor who has just made an account."""
    client = Client()
    name = "drill_" + uuid.uuid4().hex[:12]
    answer = client.post("/auth/register", {"username": name, "email": f"{name}@example.com", "password": "a long drill password"})
    if answer.status != 201:
        raise SystemExit(f"registration: {answer}")
    return client
