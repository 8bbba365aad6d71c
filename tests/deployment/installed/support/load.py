"""Starts the open-loop load in the test bed's network and says what came of it, by kind and by time."""

import json
import os
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from .machine import check, say

LOADER = Path(__file__).with_name("open_loop.py")


class OpenLoad:
    """`with OpenLoad(machine, plan) as load:` … then load.rows, load.orders and the figures."""

    def __init__(self, machine, plan, rate=200):
        self.machine, self.plan, self.rate, self.marks = machine, plan, rate, []

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        plan, self.out = Path(self.folder.name) / "plan.json", Path(self.folder.name) / "out.json"
        plan.write_text(json.dumps(self.plan))
        self.process = self.machine.outside(
            ["python3", LOADER, "127.0.0.1", "80", str(self.rate), plan, self.out], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            check(False, "the load begins")
        self.began = time.monotonic()
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.process.kill()
            return
        self.process.communicate("", timeout=120)
        found = json.loads(self.out.read_text())
        self.rows = [tuple(row) for row in found["rows"]]
        self.orders, self.unsure_orders, self.carts = found["orders"], found["unsure_orders"], found["carts"]
        self.ended = time.monotonic()
        self.folder.cleanup()

    def mark(self, name):
        """From now on it is another phase."""
        self.marks.append((time.monotonic(), name))

    def phases(self):
        """(name, rows) of each phase, by the time at which a request should have left."""
        marks = [(0.0, "before"), *self.marks, (float("inf"), "")]
        for (begin, name), (end, _) in zip(marks, marks[1:]):
            yield name, [row for row in self.rows if begin <= row[0] < end]

    def failed(self, rows=None):
        """What failed, by kind and answer. 404 is the right answer to the PUT."""
        bad = Counter()
        for _, kind, status, _, _ in self.rows if rows is None else rows:
            if not isinstance(status, int) or status >= 400 and (kind, status) != ("PUT", 404):
                bad[f"{kind}: {status}"] += 1
        return dict(bad)

    def summary(self):
        """One line: p50 and p99 of the quick requests before, during (all phases between together) and after, for each kind of request."""
        phases = [rows for _, rows in self.phases() if rows]
        parts = {"before": phases[0], "during": [row for rows in phases[1:-1] for row in rows], "after": phases[-1]}
        for kinds in (("GET",), ("POST", "POST order", "PUT")):
            figures = ((name, sorted(row[3] for row in rows if row[1] in kinds)) for name, rows in parts.items())
            say(f"{kinds[0]}: " + ", ".join(f"{name} p50 {quick[len(quick) // 2] * 1000:.0f} ms p99 {quick[int(len(quick) * 0.99)] * 1000:.0f} ms" for name, quick in figures if quick)
                + f"; load average {os.getloadavg()[0]:.1f}")

    def report(self):
        """A line a phase: rate, requests and answers by kind, p50 and p99 of the quick requests, failures."""
        for name, rows in self.phases():
            if not rows:
                continue
            seconds = max(rows[-1][0] - rows[0][0], 0.001)
            quick = sorted(row[3] for row in rows if row[1] != "POST 1.5 s")
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(row[1] for row in rows).items()))
            answers = ", ".join(f"{count} × {status}" for status, count in sorted(Counter(str(row[2]) for row in rows).items()))
            failed = self.failed(rows)
            say(f"{name}: {len(rows)} in {seconds:.0f} s ({len(rows) / seconds:.0f}/s: {kinds}; answers {answers}); "
                f"p50 {quick[len(quick) // 2] * 1000:.0f} ms, p99 {quick[int(len(quick) * 0.99)] * 1000:.0f} ms, slowest {quick[-1]:.2f} s; "
                f"failed {sum(failed.values())}{' ' + str(failed) if failed else ''}")
        servers = Counter(row[4] for row in self.rows if row[4].startswith("Server"))
        say(f"answered by {dict(sorted(servers.items()))}")

    def no_write_is_lost(self):
        """Every acknowledged cart line is there; where an answer broke it may be there or not."""
        wrong = [cart for cart in self.carts if not cart[1] <= cart[0] <= cart[1] + cart[2]]
        check(self.carts and not wrong, f"each of {len(self.carts)} carts holds what was acknowledged {wrong or ''}")
