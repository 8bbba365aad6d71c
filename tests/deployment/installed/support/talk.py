"""People who talk while a drill changes the machine: clients and checker are those of the chat's drills (tests/deployment/support), here in
the network of a machine of the test bed. Each message must be shown to everybody once, in one order, whatever happened meanwhile."""

import importlib
import importlib.util
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

from .machine import check, say, wait_until

CHECKOUT = Path(__file__).resolve().parents[2] / "support"
BROWSER = Path(__file__).resolve().parents[3] / "browser"
BASE_URL = "http://localhost"
SLICE = 4  # seconds that the clients are told to talk for, again and again


def _chat_of_the_checkout():
    """That package has this one's name, so it gets another."""
    spec = importlib.util.spec_from_file_location("checkout_support", CHECKOUT / "__init__.py", submodule_search_locations=[str(CHECKOUT)])
    sys.modules["checkout_support"] = importlib.util.module_from_spec(spec)
    return importlib.import_module("checkout_support.chat")


chat = _chat_of_the_checkout()


class Crowd(chat.Crowd):
    """The clients' process, in the machine's network."""

    def __init__(self, machine):
        if not (BROWSER / "node_modules" / "socket.io-client").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=BROWSER, check=True, stdout=subprocess.DEVNULL)
        command = ["env", f"BASE_URL={BASE_URL}", "node", CHECKOUT / "chat_clients.mjs"]
        self.node = machine.outside(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()

    def ask(self, do, **fields):
        with self.lock:
            return super().ask(do, **fields)


def cookies(machine, requests):
    """The cookies that each of these curl requests is answered with, but for that of a server's pool."""
    script = "; ".join(f"echo '== '; curl -fsS -o /dev/null -D - {request}" for request in requests)
    people = []
    for answer in machine.run(script).split("== ")[1:]:
        lines = [line.split(":", 1)[1] for line in answer.splitlines() if line.lower().startswith("set-cookie:")]
        pairs = [line.split(";")[0].strip().split("=", 1) for line in lines]
        people.append([pair for pair in pairs if pair[0] != "srv"])
    if len(people) != len(requests) or not all(people):
        check(False, f"each of {len(requests)} people for the chat has cookies")
    return people


def customers(machine, count):
    """Visitors who open the chat for the first time."""
    return cookies(machine, [f"'{BASE_URL}/socket.io/?EIO=4&transport=polling'"] * count)


def agents(machine, count):
    """New accounts that may answer."""
    names = [f"agent_{uuid.uuid4().hex[:10]}" for _ in range(count)]
    body = '-H "Content-Type: application/json" -d \'{{"username": "{0}", "email": "{0}@example.com", "password": "correct horse 7"}}\''
    people = cookies(machine, [f"{body.format(name)} {BASE_URL}/auth/register" for name in names])
    listed = ", ".join(f"'{name}'" for name in names)
    machine.sql(f"INSERT INTO user_roles (user_id, role) SELECT id, 'agent' FROM users WHERE username IN ({listed}) ON CONFLICT DO NOTHING")
    return people


class Talk:
    """`with Talk(machine) as talk:` — customers and agents talk until the end; half of them by long polling. Then nothing may be missing."""

    def __init__(self, machine, conversations=6, every=2000):
        self.machine, self.conversations, self.every, self.marks = machine, conversations, every, [(0, "before")]
        chat.sql = machine.sql

    def __enter__(self):
        mine, theirs = customers(self.machine, self.conversations), agents(self.machine, 2)
        self.crowd, self.count = Crowd(self.machine), 4 * self.conversations
        self.crowd.ask("open", of=[{"name": f"c{n}.polls", "identity": one, "transport": "polling", "sends": True} for n, one in enumerate(mine)])
        self._wait_for(self.conversations, "every customer has a conversation")
        self.tokens = [log["session_id"] for log in self.crowd.logs()["logs"]]
        self.crowd.ask("open", of=[
            {"name": f"{who}{n}.{transport}", "identity": one, "transport": transport, "session_id": token, "sends": True}
            for n, token in enumerate(self.tokens)
            for who, one, transport in (("c", mine[n], "websocket"), ("a", theirs[n % 2], "polling"), ("a", theirs[n % 2], "websocket"))])
        self._wait_for(self.count, "everybody has joined")
        self.over = threading.Event()
        self.talking = threading.Thread(target=self._talk, daemon=True)
        self.talking.start()
        return self

    def _wait_for(self, count, what):
        wait_until(what, lambda: self.crowd.ask("status")["caught_up"] == count, 60)

    def _talk(self):
        while not self.over.is_set():
            self.crowd.ask("start", every=self.every, seconds=SLICE)
            self.silent_from = time.monotonic() + SLICE
            self.over.wait(SLICE)

    def mark(self, name):
        """From now on it is another phase."""
        self.marks.append((len(self.crowd.logs()["latencies"]), name))

    def __exit__(self, kind, *_):
        self.over.set()
        self.talking.join(10)
        if kind:
            self.crowd.node.kill()
            return
        wait_until("the last one has spoken", lambda: time.monotonic() > self.silent_from + 0.5, SLICE + 5)
        chat.settle(self.crowd, self.count)
        wait_until("everybody was shown all that is stored", self._all_is_shown, 40, pause=0.5)
        self.found = self.crowd.logs()
        self.crowd.end()

    def _all_is_shown(self):
        stored, shown = chat.stored(), self.crowd.ask("status")["last"]
        wanted = [len(stored.get(token, [])) for token in self.tokens]
        return shown == wanted + [number for number in wanted for _ in range(3)]

    def report(self):
        """A line a phase: how long after it was sent a message was seen; then what it cost to be cut off."""
        for (begin, name), (end, _) in zip(self.marks, [*self.marks[1:], (len(self.found["latencies"]), "")]):
            if seen := self.found["latencies"][begin:end]:
                say(f"chat, {name}: {len(seen)} times seen; p50 {chat.percentile(seen, .5):.0f} ms, p99 {chat.percentile(seen, .99):.0f} ms, slowest {max(seen) / 1000:.1f} s")
        outages = [ms for log in self.found["logs"] for ms in log["outages"]]
        say(f"chat: {len(outages)} times somebody was asked to another server: back and complete after median {chat.percentile(outages, .5):.0f} ms, "
            f"95 % {chat.percentile(outages, .95):.0f} ms, the last {max(outages, default=0):.0f} ms")

    def nothing_is_lost(self):
        """Each message to each client once, in one order; what was acknowledged is stored."""
        chat.check_logs(self.found, self.tokens)
        acknowledged = sum(len(log["seen"]["acked"]) for log in self.found["logs"])
        waiting = sum(len(log["seen"]["unacked"]) for log in self.found["logs"])
        check(acknowledged > 0 and waiting == 0, f"chat: {acknowledged} messages were sent and every one acknowledged")
