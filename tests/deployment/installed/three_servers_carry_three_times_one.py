"""Q27: one, two, three servers, each held to 20 % of a core: what they carry through Nginx, measured in turn, several times over.

It shows something only where the servers are what bounds it, on a machine that does nothing else. So processor time is read along: held servers
that are asked enough use their whole share, or the drill fails. A round in which the cores were taken (by something else that runs on the machine)
says nothing and is measured again: a request then costs more of the same share, by a fifth and more from turn to turn.
"""

import os
import statistics
import subprocess
import time
from pathlib import Path

from support import scene
from support.machine import FULL, Machine, check, say

IDLE = 0.2  # of all cores together; three held servers, Nginx, the stores and the loader take less than half of two
SHARE, SECONDS, ROUNDS, TRIES = 0.20, 20, 5 if FULL else 3, 12
# Tries to sign in, whose hash is some 20 ms of the server and next to nothing of anybody else. (A list of products for somebody with a cart is 0.7 ms
# of the server: what Nginx, PostgreSQL and the loader need beside it takes two cores before three servers have their share.)
PAGE = os.environ.get("Q27_PAGE", "/auth/login")
SITE = "/etc/nginx/conf.d/ecommerce.conf"
LOADER = Path(__file__).resolve().parent / "support" / "closed_loop.py"
TICK = os.sysconf("SC_CLK_TCK")

machine = Machine()
product = scene.prepare(machine)["product"]
scene.tidy(machine)


def servers_in_turn(count):
    """Nginx asks the first `count` servers alone."""
    script = f"cp -n {SITE} /root/site.before; cp /root/site.before {SITE}"
    for number in range(count + 1, 4):
        script += f"; sed -i 's/server 127.0.0.1:500{number} .*;/server 127.0.0.1:500{number} down;/' {SITE}"
    machine.run(script + "; nginx -t -q && systemctl reload nginx && sleep 1")


def processor_seconds(names):
    """What the main processes of these units have used so far, together."""
    script = "; ".join(f"awk '{{ print $14 + $15 }}' /proc/$(systemctl show -P MainPID {name})/stat" for name in names)
    return sum(map(int, machine.run(script).split())) / TICK


def idle_seconds():
    """Of all cores together, as the host counts."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / TICK


def carried(count):
    """(requests a second, the part of their share that the servers used, the part of the cores that was idle)."""
    servers_in_turn(count)
    names = [f"ecommerce-server{number}" for number in range(1, count + 1)]
    load = machine.outside(["python3", LOADER, "127.0.0.1", "80", 8 * count, SECONDS, PAGE, product], stdout=subprocess.PIPE, text=True)
    if load.stdout.readline().strip() != "counting":
        check(False, "the load begins")
    began, used, idle = time.monotonic(), processor_seconds(names), idle_seconds()
    answered, failed = map(int, load.stdout.readline().split())
    took = time.monotonic() - began
    used, idle = processor_seconds(names) - used, idle_seconds() - idle
    load.communicate()
    if failed:
        check(False, f"none of {answered} failed, not {failed}")
    share, free = used / (took * SHARE * count), idle / (took * os.cpu_count())
    say(f"{count}: {answered / SECONDS:.1f} a second, {used / answered * 1000:.2f} ms of the servers each; they used {share:.0%} of their share, "
        f"{free:.0%} of the cores were idle, load average {os.getloadavg()[0]:.1f}")
    return answered / SECONDS, share, free


def one_round(tries):
    """Requests a second of one, two and three servers, right after each other; None where other work took the cores."""
    rates = {}
    for count in (1, 2, 3):
        rates[count], share, free = carried(count)
        if free < IDLE:
            say(f"the cores were taken by something else: measured again ({tries} tries are left)")
            return None
        if share < 0.9:
            check(False, f"{count} servers use what they are given: {share:.0%}, so something else bounds them")
    return rates


for server in machine.servers():
    machine.run(f"systemctl set-property --runtime ecommerce-{server} CPUQuota={SHARE:.0%}")
rounds = []
try:
    for tries in range(TRIES - 1, -1, -1):
        if (found := one_round(tries)):
            rounds.append(found)
        if len(rounds) == ROUNDS:
            break
finally:
    machine.run(f"[ ! -e /root/site.before ] || {{ mv /root/site.before {SITE}; systemctl reload nginx; }}")
    for server in machine.servers():
        machine.run(f"systemctl set-property --runtime ecommerce-{server} CPUQuota=")
check(len(rounds) == ROUNDS, f"{len(rounds)} of {ROUNDS} rounds had the cores that they need")
# Within a round the machine was the same; from round to round it may not be.
two, three = (statistics.median(found[count] / found[1] for found in rounds) for count in (2, 3))
say(f"times what one carries, round by round: {', '.join(f'{found[3] / found[1]:.2f}' for found in rounds)}")
check(three >= 2.85, f"three carry {three:.2f} times what one carries, two {two:.2f} times")
