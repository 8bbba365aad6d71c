"""As many requests as the shop answers: CLIENTS that each ask again as soon as they were answered, for SECONDS.

closed_loop.py ADDRESS PORT CLIENTS SECONDS PATH  prints "answered failed"; every client has a visitor's cart, so that no kept page is the answer.
"""

import asyncio
import sys
import time

from open_loop import Failed, Shop


async def client(shop, path, until, counts):
    """One of them; its first request is not counted."""
    cookies = {"visitor": "nobody"}
    while time.monotonic() < until:
        try:
            status, _, _ = await shop.ask("GET", path, cookies=cookies, headers={"Accept-Encoding": "br"})
        except (Failed, OSError):
            status = 0
        if counts["counting"]:
            counts["answered" if status == 200 else "failed"] += 1


async def main():
    address, port, clients, seconds, path = sys.argv[1:6]
    shop, counts = Shop(address, int(port), "localhost"), {"answered": 0, "failed": 0, "counting": False}
    warm = 3.0
    tasks = [asyncio.create_task(client(shop, path, time.monotonic() + warm + float(seconds), counts)) for _ in range(int(clients))]
    await asyncio.sleep(warm)
    counts["counting"] = True
    await asyncio.gather(*tasks)
    print(counts["answered"], counts["failed"])


asyncio.run(main())
