"""The table of what is claimed, beside what was measured."""

import os

table = []


def say(text=""):
    print(text, flush=True)


def load():
    return os.getloadavg()[0]


def claim(name, holds, figure, wanted):
    """Notes a figure beside what is claimed; what does not hold fails the run at its end."""
    table.append((name, figure, wanted, "ok" if holds else "MISS", f"{load():.1f}"))
    say(f"  {'ok  ' if holds else 'MISS'} {name}: {figure} (wanted: {wanted})")


def print_table():
    """All claims once more; the exit code of the run."""
    rows = [("claim", "figure", "wanted", "", "load"), *table]
    widths = [max(map(len, column)) for column in zip(*rows)]
    say()
    for row in rows:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
    missed = [name for name, *_, result, _ in table if result == "MISS"]
    say(f"\n{len(table) - len(missed)} of {len(table)} claims met" + (f"; not met: {', '.join(missed)}" if missed else ""))
    return 1 if missed else 0
