"""Q27: one, two, three servers, each held to 20 % of a core: what they carry through Nginx, measured in turn, several times over."""

import statistics
import subprocess
from pathlib import Path

from support import scene
from support.machine import FULL, Machine, check, say

machine = Machine()
scene.tidy(machine)
SITE = "/etc/nginx/conf.d/ecommerce.conf"
LOADER = Path(__file__).resolve().parent / "support" / "closed_loop.py"


def servers_in_turn(count):
    """Nginx asks the first `count` servers alone."""
    script = f"cp -n {SITE} /root/site.before; cp /root/site.before {SITE}"
    for number in range(count + 1, 4):
        script += f"; sed -i 's/server 127.0.0.1:500{number} .*;/server 127.0.0.1:500{number} down;/' {SITE}"
    machine.run(script + "; nginx -t -q && systemctl reload nginx && sleep 1")


def carried(clients, seconds):
    """Requests a second."""
    done = machine.outside(["python3", LOADER, "127.0.0.1", "80", clients, seconds], stdout=subprocess.PIPE, text=True)
    answered, failed = map(int, done.communicate()[0].split())
    check(failed == 0, f"{answered} answered in {seconds} s, none failed")
    return answered / seconds


for server in machine.servers():
    machine.run(f"systemctl set-property --runtime ecommerce-{server} CPUQuota=20%")
try:
    rates = {1: [], 2: [], 3: []}
    for _ in range(4 if FULL else 2):
        for count in rates:
            servers_in_turn(count)
            rates[count].append(carried(8 * count, 10))
finally:
    machine.run(f"[ ! -e /root/site.before ] || {{ mv /root/site.before {SITE}; systemctl reload nginx; }}")
    for server in machine.servers():
        machine.run(f"systemctl set-property --runtime ecommerce-{server} CPUQuota=")
found = {count: statistics.median(values) for count, values in rates.items()}
say(f"requests a second at 20 % of a core each: {', '.join(f'{count}: {rate:.0f}' for count, rate in found.items())} (each: {rates})")
check(found[3] / found[1] >= 2.85, f"three carry {found[3] / found[1]:.2f} times what one carries, two {found[2] / found[1]:.2f} times")
