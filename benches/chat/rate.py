"""Messages a second that reach all listeners of a conversation, beside Node's."""

import statistics

from claims import claim, load, say
from systems import commit_ms
from talk import SECONDS, Talks

# Machines are noisy: each figure is the median of this many rounds, in which the systems take turns.
ROUNDS = 3
LISTENERS = (1, 10, 100)
# One alone waits for the disk at each message, whoever serves it; of several the disk writes many at once, and the servers decide.
CONVERSATIONS = (1, 10)


def compare(systems, keeper, conversations, listeners, elsewhere):
    """All systems in turns; of each the median rate, and what was busy in its last round."""
    crowds = [Talks(system, conversations, listeners, elsewhere) for system in systems]
    for crowd in crowds:
        keeper.add(crowd.sockets)
    rates, used = [[] for _ in crowds], [{} for _ in crowds]
    for _ in range(ROUNDS):
        for nth, crowd in enumerate(crowds):
            keeper.remove(crowd.sockets)
            rate, used[nth] = crowd.measure()
            rates[nth].append(rate)
            keeper.add(crowd.sockets)
    keeper.check()
    for crowd in crowds:
        keeper.remove(crowd.sockets)
        crowd.close()
    return [statistics.median(rounds) for rounds in rates], used


def rates(systems, keeper):
    """Twice what Node does with the same work; beside it what Node does with less."""
    for conversations in CONVERSATIONS:
        say(f"\nmessages a second in {conversations} conversation{'s' * (conversations > 1)}, {ROUNDS} rounds of {SECONDS:g} s, "
            f"load average {load():.2f}; a commit alone takes {commit_ms():.2f} ms")
        for elsewhere in (False, True):
            for listeners in LISTENERS:
                one_claim(systems, keeper, conversations, listeners, elsewhere)


def one_claim(systems, keeper, conversations, listeners, elsewhere):
    (ours, stores, passes_on), used = compare(systems, keeper, conversations, listeners, elsewhere)
    for system, rate, shares in zip(systems, (ours, stores, passes_on), used):
        shown = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())
        say(f"    {system.name}: {rate:,.0f}/s; of a core took {shown}")
    place = "elsewhere" if elsewhere else "same server"
    claim(f"{conversations} × {listeners} listener{'s' * (listeners > 1)}, {place}", ours >= 2 * stores,
          f"{ours:,.0f}/s, {ours / stores:.2f} times Node that stores ({stores:,.0f}/s), "
          f"{ours / passes_on:.2f} times Node that passes on ({passes_on:,.0f}/s)", "2 times Node that stores")
