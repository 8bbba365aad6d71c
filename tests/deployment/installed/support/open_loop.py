"""An open-loop load: requests leave at fixed times whether or not earlier ones were answered, so a shop that stalls is not asked less.

Runs as a process of its own, in the network of the test bed:  open_loop.py ADDRESS PORT RATE PLAN.json OUT.json
It stops when its standard input ends. Of a hundred turns 70 are GETs, 26 add to a cart, 2 add a product whose cart line takes 1.5 s to be
written (the drill's trigger does that), one places an order (two POSTs), one changes a quantity (PUT). Latency counts from the moment a
request should have left. Nothing is tried again: what fails has failed.
"""

import asyncio
import json
import sys
import time
import uuid
from urllib.parse import quote

TIMEOUT = 30
ORDER = {
    "shipping_address": {"name": "Drill Visitor", "line1": "1 Test Street", "city": "Springfield", "postal_code": "12345", "country": "US"},
    "payment_method": "credit_card", "card_number": "4242424242424242", "email": "drill@example.com",
}
TURNS = ["get"] * 100
for _turn in range(26):
    TURNS[(_turn * 100) // 26] = "add"
TURNS[10], TURNS[60], TURNS[35], TURNS[85] = "slow", "slow", "order", "put"


class Failed(Exception):
    """A connection that broke, or an answer that never came."""


class Shop:
    """Keep-alive connections to one address; as many as the requests under way need."""

    def __init__(self, address, port, host):
        self.address, self.port, self.host, self.idle = address, port, host, []

    async def connection(self):
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self.address, self.port)

    async def ask(self, method, path, cookies=None, body=None, headers=None):
        """(status, headers, body); cookies of the answer are kept in `cookies`."""
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", "Accept: */*", f"Content-Length: {len(data)}"]
        if body is not None:
            lines.append("Content-Type: application/json")
        if cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        reader, writer = await self.connection()
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
            status, found, content = await self._answer(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            writer.close()
            raise Failed(type(error).__name__) from error
        except asyncio.CancelledError:
            writer.close()
            raise
        if found.get("connection", "").lower() == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        if cookies is not None:
            for line in found.get("set-cookie", "").split("\n"):
                name, _, value = line.split(";", 1)[0].partition("=")
                if name and value:
                    cookies[name.strip()] = value
        return status, found, content

    async def _answer(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            found[name] = found[name] + "\n" + value.strip() if name in found else value.strip()
        if found.get("transfer-encoding", "").lower() == "chunked":
            content = b""
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                content += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        else:
            content = await reader.readexactly(int(found.get("content-length", 0)))
        return int(head[0].split()[1]), found, content


class Load:
    """The turns, and what came of each: (when it should have left, kind, status or error, seconds, server)."""

    def __init__(self, shop, rate, plan):
        self.shop, self.rate, self.plan, self.rows, self.tasks = shop, rate, plan, [], set()
        self.carts = [{"cookies": {}, "added": 0, "unsure": 0} for _ in range(40)]
        self.slow_carts = [{"cookies": {}} for _ in range(20)]
        self.orders, self.unsure_orders = [], []

    async def timed(self, due, kind, *arguments, **more):
        """One request, written down; returns (status, body) or None where it broke."""
        try:
            async with asyncio.timeout(TIMEOUT):
                status, found, content = await self.shop.ask(*arguments, **more)
        except (Failed, OSError, TimeoutError) as error:
            self.rows.append((due, kind, str(error) if isinstance(error, Failed) else type(error).__name__, time.monotonic() - due, ""))
            return None
        self.rows.append((due, kind, status, time.monotonic() - due, found.get("x-served-by", "")))
        return status, content

    async def turn(self, number, due):
        kind = TURNS[number % 100]
        await getattr(self, "turn_" + kind)(number, due)

    async def turn_get(self, number, due):
        pages = self.plan["pages"]
        cart = self.carts[number % len(self.carts)]
        path = pages[number % len(pages)]
        await self.timed(due, "GET", "GET", path, cookies=cart["cookies"] if number % 2 else None)

    async def turn_add(self, number, due):
        cart = self.carts[number % len(self.carts)]
        answer = await self.timed(due, "POST", "POST", "/api/cart/add", cookies=cart["cookies"], body={"product_id": self.plan["product"], "quantity": 1})
        if answer and answer[0] == 200:
            cart["added"] += 1
        else:
            cart["unsure"] += 1

    async def turn_slow(self, number, due):
        cart = self.slow_carts[(number // 25) % len(self.slow_carts)]
        await self.timed(due, "POST 1.5 s", "POST", "/api/cart/add", cookies=cart["cookies"], body={"product_id": self.plan["slow_product"], "quantity": 1})

    async def turn_put(self, number, due):
        cart = self.carts[number % len(self.carts)]
        # An unknown line: refused by the domain after it has looked, and nothing changes.
        await self.timed(due, "PUT", "PUT", f"/api/cart/update/{2**40 + number}", cookies=cart["cookies"], body={"quantity": 1})

    async def turn_order(self, number, due):
        cookies, key = {}, str(uuid.uuid4())
        added = await self.timed(due, "POST", "POST", "/api/cart/add", cookies=cookies, body={"product_id": self.plan["product"], "quantity": 1})
        if not added or added[0] != 200:
            return
        answer = await self.timed(time.monotonic(), "POST order", "POST", "/api/checkout/process", cookies=cookies, body=ORDER, headers={"Idempotency-Key": key})
        if answer and answer[0] == 201:
            self.orders.append((time.time(), json.loads(answer[1])["order"]["number"]))
        else:
            self.unsure_orders.append((time.time(), key))

    async def prepare(self):
        """Every cart exists, so that no visitor is made twice by two of its first requests at once."""
        for cart in self.carts:
            status, _, content = await self.shop.ask("POST", "/api/cart/add", cookies=cart["cookies"], body={"product_id": self.plan["product"], "quantity": 1})
            if status != 200:
                raise SystemExit(f"the first request of a cart: {status} {content[:300]}")
            cart["added"] += 1
        for cart in self.slow_carts:
            await self.shop.ask("POST", "/api/cart/add", cookies=cart["cookies"], body={"product_id": self.plan["product"], "quantity": 1})

    async def run(self):
        await self.prepare()
        print("ready", flush=True)
        ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        began, number = time.monotonic(), 0
        while not ended.done():
            due = began + number / self.rate
            if (pause := due - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            task = asyncio.create_task(self.turn(number, due))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
            number += 1
        await asyncio.gather(*self.tasks)

    async def carts_hold(self):
        """How many of the product each cart holds now, beside what was acknowledged and what broke."""
        held = []
        for cart in self.carts:
            status, _, content = await self.shop.ask("GET", "/api/cart/", cookies=cart["cookies"])
            if status != 200:
                # The load ended while the shop was away: nothing can be said.
                return []
            quantity = sum(line["quantity"] for line in json.loads(content)["cart_items"])
            held.append((quantity, cart["added"], cart["unsure"]))
        return held


async def main():
    address, port, rate, plan_file, out = sys.argv[1:6]
    with open(plan_file, encoding="utf-8") as file:
        plan = json.load(file)
    load = Load(Shop(address, int(port), quote(plan["host"])), float(rate), plan)
    await load.run()
    result = {"rows": load.rows, "orders": load.orders, "unsure_orders": load.unsure_orders, "carts": await load.carts_hold()}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    asyncio.run(main())
