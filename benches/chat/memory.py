"""What an idle socket costs: a page whose chat is open, its conversation joined, nothing said."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from claims import claim, say
from keeper import Keeper
from processes import resident_kb
from systems import Node

SOCKETS = int(os.environ.get("BENCH_SOCKETS", "5000"))
# Longer than both systems' ping interval, and longer than V8 keeps what it has freed.
IDLE = float(os.environ.get("BENCH_IDLE", "26"))
WARM_UP = 100


def open_many(system, server, keeper, count):
    """Another person each."""
    sockets = []

    def open_one(_):
        socket = system.join_own(server.port)
        sockets.append(socket)
        keeper.add([socket])
    with ThreadPoolExecutor(8) as several:
        list(several.map(open_one, range(count)))
    return sockets


def close(keeper, sockets):
    keeper.remove(sockets)
    for socket in sockets:
        socket.close()


def settled_kb(system, server):
    """What a server has in memory when it was idle for a while and what was needed for a moment has gone."""
    until = time.monotonic() + IDLE
    while time.monotonic() < until:
        system.tidy(server)
        time.sleep(min(3, IDLE))
    return resident_kb(server.pid)


def kilobytes_each(system):
    """Opens them on a server that has had a few visitors: what every server needs once is no part of it."""
    with system.fresh_server() as server, Keeper() as keeper:
        close(keeper, open_many(system, server, keeper, WARM_UP))
        before, began = settled_kb(system, server), time.monotonic()
        sockets = open_many(system, server, keeper, SOCKETS)
        took, at_once = time.monotonic() - began, resident_kb(server.pid)
        after = settled_kb(system, server)
        keeper.check()
        close(keeper, sockets)
    each = (after - before) / SOCKETS
    say(f"    {system.name}: {before / 1024:.0f} MB before, {at_once / 1024:.0f} MB when {SOCKETS:,} were open after {took:.0f} s, "
        f"{after / 1024:.0f} MB {IDLE:g} s later: {each:.1f} kB each")
    return each


def idle_sockets(shop, node: Node):
    """At most 20 kB each, and a fifth of Node's."""
    say(f"\n{SOCKETS:,} idle sockets on one server, each of another person in a conversation of their own")
    ours, theirs = kilobytes_each(shop), kilobytes_each(node)
    claim("an idle socket", ours <= 20, f"{ours:.1f} kB", "at most 20 kB")
    claim("an idle socket beside Node's", ours <= theirs / 5, f"{ours:.1f} kB, {ours / theirs:.2f} of Node's {theirs:.1f} kB", "a fifth")
