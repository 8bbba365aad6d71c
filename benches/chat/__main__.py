"""Measures the sockets of a running shop beside Node's; started by chat.sh, which sets the environment."""

import os
import signal
import sys

from claims import load, print_table, say
from delay import delays
from keeper import Keeper
from memory import idle_sockets
from rate import rates
from systems import all_systems

# Whatever hangs, the run ends, and what it started with it.
MOST_SECONDS = 560


def end(number, _):
    raise SystemExit(f"the run took longer than {MOST_SECONDS} s" if number == signal.SIGALRM else 128 + number)


def main():
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, end)
    signal.alarm(MOST_SECONDS)
    say(f"{os.cpu_count()} cores, load average {load():.2f}")
    wanted = sys.argv[1:] or ["rate", "delay", "memory"]
    with all_systems() as systems, Keeper() as keeper:
        keeper.add([systems[0].desk])
        if "rate" in wanted:
            rates(systems, keeper)
        if "delay" in wanted:
            delays(systems)
        if "memory" in wanted:
            idle_sockets(*systems[:2])
        keeper.check()
        keeper.remove([systems[0].desk])
    return print_table()


if __name__ == "__main__":
    sys.exit(main())
