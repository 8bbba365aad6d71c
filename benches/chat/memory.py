"""What an idle socket costs: a page whose chat is open, its conversation joined, nothing said."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from claims import claim, say
from keeper import Keeper
from processes import resident_kb
from systems import Node

SOCKETS = int(os.environ.get("BENCH_SOCKETS", "5000"))
# Longer than both systems' ping interval: each socket has been pinged, and what connecting took has had time to go.
IDLE = float(os.environ.get("BENCH_IDLE", "26"))


def kilobytes_each(system):
    """Opens them on a server of which nothing was asked yet: another person and another conversation each."""
    with system.fresh_server() as server, Keeper() as keeper:
        before, began, sockets = resident_kb(server.pid), time.monotonic(), []

        def open_one(_):
            socket = system.join_own(server.port)
            sockets.append(socket)
            keeper.add([socket])
        try:
            with ThreadPoolExecutor(8) as several:
                list(several.map(open_one, range(SOCKETS)))
            took = time.monotonic() - began
            at_once = resident_kb(server.pid)
            time.sleep(IDLE)
            keeper.check()
            after = resident_kb(server.pid)
        finally:
            keeper.remove(sockets)
            for socket in sockets:
                socket.close()
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
