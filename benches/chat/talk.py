"""Conversations in which as much is said as their listeners are shown."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

from processes import cpu_seconds, cpu_seconds_of_all, pid_of
from wire import frame

SECONDS = float(os.environ.get("BENCH_SECONDS", "1.5"))
WORDS = "Is my parcel on its way? It was to be here on Tuesday, and nobody rang the bell."
# So many are under way in a conversation at most, from being sent to the last listener: no queue grows, in no system.
WINDOW = 32


class Talk:
    """One conversation of a system: who speaks on its first server, and who listens, on the same one or on the others."""

    def __init__(self, system, listeners, elsewhere):
        self.system, self.sent = system, 0
        conversation = system.conversation()
        self.session_id = conversation.session_id
        ports = system.ports[1:] if elsewhere else system.ports[:1]
        self.sender = system.join(system.ports[0], conversation)
        self.listeners = [system.join(ports[nth % len(ports)], conversation) for nth in range(listeners)]
        self.sockets = [self.sender, *self.listeners]

    def begin(self):
        self.drain()
        self.sent = 0
        for socket in self.sockets:
            socket.heard = 0

    def drain(self):
        for socket in self.sockets:
            socket.drain()

    def seen(self):
        """How many messages every listener was shown."""
        return min(socket.heard for socket in self.listeners)

    def say(self):
        """As much as may be under way."""
        frames = []
        for _ in range(WINDOW - self.sent + self.seen()):
            self.sent += 1
            said = {"session_id": self.session_id, "message": WORDS, "client_id": f"{time.time_ns()}-{self.sent}"}
            frames.append(frame(f"42{self.sent}{json.dumps([self.system.event, said])}"))
        if frames:
            self.sender.tcp.sendall(b"".join(frames))

    def check(self):
        """That everybody was shown everything, once."""
        wrong = [socket.heard for socket in self.listeners if socket.heard != self.sent]
        if wrong:
            raise SystemExit(f"{self.system.name}: {self.sent} were said, a listener was shown {wrong[0]}; last came {self.sender.rest!r}")


class Talks:
    """Several at once."""

    def __init__(self, system, conversations, listeners, elsewhere):
        self.system = system
        with ThreadPoolExecutor(4) as several:
            self.all = list(several.map(lambda _: Talk(system, listeners, elsewhere), range(conversations)))
        self.sockets = [socket for talk in self.all for socket in talk.sockets]
        # With many sockets each look costs more, and comes less often.
        self.pause = .001 + .00003 * len(self.sockets)

    def speak_until(self, moment):
        """Speaks as fast as the slowest listener is shown it."""
        while time.perf_counter() < moment:
            for talk in self.all:
                talk.drain()
                talk.say()
            time.sleep(self.pause)

    def settle(self):
        deadline = time.perf_counter() + 10
        while any(talk.seen() < talk.sent for talk in self.all) and time.perf_counter() < deadline:
            for talk in self.all:
                talk.drain()
            time.sleep(self.pause)
        for talk in self.all:
            talk.check()

    def seen(self):
        return sum(talk.seen() for talk in self.all)

    def measure(self):
        """Messages a second that all their listeners were shown, and what was busy meanwhile."""
        for talk in self.all:
            talk.begin()
        self.speak_until(time.perf_counter() + SECONDS / 3)
        used, before, began = busy(self.system), self.seen(), time.perf_counter()
        self.speak_until(began + SECONDS)
        took, shown = time.perf_counter() - began, self.seen() - before
        used = {name: (after - used[name]) / took for name, after in busy(self.system).items()}
        self.settle()
        return shown / took, used

    def close(self):
        for socket in self.sockets:
            socket.close()


def busy(system):
    """Seconds of the processors that each took so far."""
    first, *others = [cpu_seconds(pid) for pid in system.pids()]
    postgres = cpu_seconds_of_all(pid_of("postgres"))
    return {"its first server": first, "the others": sum(others), "PostgreSQL": postgres, "the clients": time.process_time()}
