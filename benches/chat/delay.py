"""From sent to seen across servers, by real Socket.IO clients, at a pace at which nothing is busy."""

import json
import statistics
import subprocess

from claims import claim, say
from processes import HERE
from talk import SECONDS as ROUND

SECONDS = int(8 * ROUND)
RATE = CONVERSATIONS = 50


def measure(system):
    """Delays in ms; ends the run if a message was lost, shown twice or refused."""
    talks = []
    for nth in range(CONVERSATIONS):
        conversation = system.conversation()
        ports = [system.ports[nth % 3], system.ports[(nth + 1) % 3]]
        talks.append({"session_id": conversation.session_id, "cookie": conversation.cookie, "from": ports[0], "to": ports[1]})
    plan = json.dumps({"event": system.event, "rate": RATE, "seconds": SECONDS, "talks": talks})
    done = subprocess.run(["node", HERE / "clients.mjs"], input=plan, capture_output=True, text=True, timeout=SECONDS + 60)
    if done.returncode:
        raise SystemExit(f"{system.name}: the clients failed: {done.stderr[-2000:]}")
    found = json.loads(done.stdout)
    if found["refused"] or found["doubles"]:
        raise SystemExit(f"{system.name}: {found['doubles']} shown twice, refused {found['refused'][:3]}")
    return found

def delays(systems):
    """There is no goal but that all are seen: the figures stand beside each other."""
    say(f"\ndelay from sent to seen on another server, {RATE} messages a second in {CONVERSATIONS} conversations for {SECONDS} s")
    for system in systems:
        found = measure(system)
        median, late = statistics.median(found["delays"]), statistics.quantiles(found["delays"], n=100)[98]
        figure = f"median {median:.1f} ms, 99 % {late:.1f} ms, {len(found['delays'])} of {found['sent']} seen"
        if system is systems[0]:
            claim("delay across servers", len(found["delays"]) == found["sent"], figure, "every message seen")
        else:
            say(f"    {system.name}: {figure}")
