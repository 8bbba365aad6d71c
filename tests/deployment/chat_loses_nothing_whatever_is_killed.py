"""Chat clients on three servers, half of them by long polling, while servers are killed at random and Redis is stopped and frozen:
everybody is shown every message once, in one order. SEED repeats a run; DRILLS=full is the long form."""

import os
import random
import signal
import time

from support.chat import Crowd, check_logs, cookies_of_a_visitor, cookies_of_an_agent, percentile, settle
from support.shop import FULL, SERVERS, check, deploy, kill, pid, say, wait_until

CLIENTS, KILLS, STOPPED, FROZEN, EVERY = (200, 20, 5, 20, 4000) if FULL else (32, 3, 3, 6, 1000)
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
chance = random.Random(SEED)
say(f"seed {SEED}: {CLIENTS} clients, {KILLS} kills")

crowd = Crowd()
agents = [cookies_of_an_agent(f"chat{os.getpid()}x{n}") for n in range(8)]
# A conversation has a customer on two devices and two agents; of each two one polls.
customers = [cookies_of_a_visitor() for _ in range(CLIENTS // 4)]
people = [{"name": f"c{n}.polls", "identity": one, "transport": "polling", "sends": True} for n, one in enumerate(customers)]
crowd.ask("open", of=people)
wait_until("every customer has a conversation", lambda: crowd.ask("status")["caught_up"] == len(customers), 60)
tokens = [log["session_id"] for log in crowd.logs()["logs"]]
others = []
for n, token in enumerate(tokens):
    others.append({"name": f"c{n}.ws", "identity": customers[n], "transport": "websocket", "session_id": token, "sends": True})
    for transport in ("websocket", "polling"):
        others.append({"name": f"a{n}.{transport}", "identity": chance.choice(agents), "transport": transport, "session_id": token, "sends": True})
crowd.ask("open", of=others)
wait_until("everybody has joined", lambda: crowd.ask("status")["caught_up"] == CLIENTS, 90)

troubles = ["kill"] * KILLS + ["stop redis", "freeze redis"]
chance.shuffle(troubles)
seconds = KILLS * 4 + STOPPED + FROZEN + 12
crowd.ask("start", every=EVERY, seconds=seconds)
ends = time.monotonic() + seconds
for trouble in troubles:
    time.sleep(chance.uniform(0.5, 2.0))
    if trouble == "kill":
        victim = chance.choice(SERVERS)
        kill(victim)
        time.sleep(chance.uniform(0.2, 1.5))
        deploy("start")
    elif trouble == "stop redis":
        kill("redis", signal.SIGTERM)
        time.sleep(STOPPED)
        deploy("start")
    else:
        frozen = pid("redis")
        os.kill(frozen, signal.SIGSTOP)
        time.sleep(FROZEN)
        os.kill(frozen, signal.SIGCONT)
say(f"{KILLS} kills, Redis {STOPPED} s stopped and {FROZEN} s frozen")
time.sleep(max(0.0, ends - time.monotonic()))
settle(crowd, CLIENTS)
time.sleep(7)  # one look into the database more than a server needs to find what it was not told
found = crowd.logs()
crowd.end()
check_logs(found, tokens)
catch_ups = [ms for log in found["logs"] for ms in log["catch_ups"]]
outages = [ms for log in found["logs"] for ms in log["outages"]]
polls = sum(log["transport"] == "polling" for log in found["logs"])
check(polls == CLIENTS // 2, f"{polls} of {CLIENTS} clients poll")
say(f"seen after sending: median {percentile(found['latencies'], .5):.0f} ms, 99 % {percentile(found['latencies'], .99):.0f} ms")
say(f"{len(outages)} times somebody was cut off: back and complete after median {percentile(outages, .5):.0f} ms, 95 % {percentile(outages, .95):.0f} ms")
late = percentile(catch_ups, .95)
check(late < 2000, f"caught up after connecting: {len(catch_ups)} times, median {percentile(catch_ups, .5):.0f} ms, 95 % {late:.0f} ms")
