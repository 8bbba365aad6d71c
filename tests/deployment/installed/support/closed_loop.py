"""As many requests as the shop answers: CLIENTS that each ask again as soon as they were answered, for SECONDS.

closed_loop.py ADDRESS PORT CLIENTS SECONDS PATH  prints "answered failed". Each client is a visitor with something in the cart: pages for people who are
known are made anew each time, and compressed for them, which is work of the server alone. PATH /auth/login stands for tries to sign in with
names that nobody has: the hash of the password is nearly all of it.
"""

import asyncio
import sys
import time
import uuid

from open_loop import Failed, Shop


async def client(shop, path, product, until, counts):
    """One of them."""
    cookies = {}
    await shop.ask("POST", "/api/cart/add", cookies=cookies, body={"product_id": product, "quantity": 1})
    while time.monotonic() < until:
        try:
            if path == "/auth/login":
                body = {"username": "nobody_" + uuid.uuid4().hex[:10], "password": "a long drill password"}
                well = (await shop.ask("POST", path, body=body))[0] == 401
            else:
                well = (await shop.ask("GET", path, cookies=cookies, headers={"Accept-Encoding": "br"}))[0] == 200
        except (Failed, OSError):
            well = False
        if counts["counting"]:
            counts["answered" if well else "failed"] += 1


async def main():
    address, port, clients, seconds, path, product = sys.argv[1:7]
    shop, counts = Shop(address, int(port), "localhost"), {"answered": 0, "failed": 0, "counting": False}
    warm = 3.0
    tasks = [asyncio.create_task(client(shop, path, int(product), time.monotonic() + warm + float(seconds) + 1, counts)) for _ in range(int(clients))]
    await asyncio.sleep(warm)
    print("counting", flush=True)
    counts["counting"] = True
    await asyncio.sleep(float(seconds))
    counts["counting"] = False
    print(counts["answered"], counts["failed"], flush=True)
    await asyncio.gather(*tasks)


asyncio.run(main())
