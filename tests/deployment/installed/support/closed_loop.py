"""As many requests as the shop answers: CLIENTS that each ask again as soon as they were answered, for SECONDS.

closed_loop.py ADDRESS PORT CLIENTS SECONDS  prints "answered failed". They try to sign in with names that nobody has: the hash of the password
is work of the server alone, so what bounds the figure is the servers and not Nginx, PostgreSQL or this loader.
"""

import asyncio
import sys
import time
import uuid

from open_loop import Failed, Shop


async def client(shop, until, counts):
    """One of them."""
    while time.monotonic() < until:
        try:
            body = {"username": "nobody_" + uuid.uuid4().hex[:10], "password": "a long drill password"}
            status, _, _ = await shop.ask("POST", "/auth/login", body=body)
        except (Failed, OSError):
            status = 0
        if counts["counting"]:
            counts["answered" if status == 401 else "failed"] += 1


async def main():
    address, port, clients, seconds = sys.argv[1:5]
    shop, counts = Shop(address, int(port), "localhost"), {"answered": 0, "failed": 0, "counting": False}
    warm = 3.0
    tasks = [asyncio.create_task(client(shop, time.monotonic() + warm + float(seconds), counts)) for _ in range(int(clients))]
    await asyncio.sleep(warm)
    counts["counting"] = True
    await asyncio.gather(*tasks)
    print(counts["answered"], counts["failed"])


asyncio.run(main())
