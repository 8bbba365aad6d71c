"""A gentle, bounded load of GETs and POSTs through Nginx, and what failed of it, by kind."""

import http.client
import threading
import time
from collections import Counter

from .client import Client

PAGES = ["/", "/products", "/cart", "/api/products/", "/login"]


class Load:
    """Runs between start() and stop(): `rate` requests a second by `visitors`, 30 % of them POSTs that add to a cart."""

    def __init__(self, product, rate=40, visitors=8, seconds=300):
        self.product, self.pause, self.deadline = product, visitors / rate, seconds
        self.visitors = [Visitor(self) for _ in range(visitors)]
        self.running, self.began = True, None

    def start(self):
        self.began = time.monotonic()
        for visitor in self.visitors:
            visitor.start()
        return self

    def stop(self):
        self.running = False
        for visitor in self.visitors:
            visitor.join()
        self.seconds = time.monotonic() - self.began
        return self

    def wanted(self):
        return self.running and time.monotonic() - self.began < self.deadline

    def total(self, field):
        """Sum of a counter of all visitors: done, failed or servers."""
        return sum((getattr(visitor, field) for visitor in self.visitors), Counter())

    def slowest(self):
        return max(visitor.slowest for visitor in self.visitors)


class Visitor(threading.Thread):
    """One of them; knows how often its cart was added to with success."""

    def __init__(self, load):
        super().__init__(daemon=True)
        self.load, self.client, self.added, self.slowest = load, Client(), 0, 0.0
        self.done, self.failed, self.servers = Counter(), Counter(), Counter()

    def run(self):
        turn = 0
        while self.load.wanted():
            began = time.monotonic()
            self.once("POST" if turn % 10 in (1, 4, 7) else "GET", turn)
            took = time.monotonic() - began
            self.slowest = max(self.slowest, took)
            turn += 1
            time.sleep(max(0.0, self.load.pause - took))

    def once(self, method, turn):
        self.done[method] += 1
        try:
            if method == "POST":
                answer = self.client.add_to_cart(self.load.product)
                self.added += answer.status == 200
            else:
                answer = self.client.get(PAGES[turn % len(PAGES)])
        except (OSError, http.client.HTTPException) as error:
            self.failed[f"{method} {type(error).__name__}"] += 1
            return
        self.servers[answer.server] += 1
        if answer.status >= 400:
            self.failed[f"{method} {answer.status}"] += 1
