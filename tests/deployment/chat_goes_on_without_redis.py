"""Redis away for 30 s while sockets stay up: every message reaches everybody on every server meanwhile, and nothing is lost."""

import time

from support.chat import Crowd, check_logs, cookies_of_a_visitor, percentile, settle
from support.shop import FULL, check, deploy, kill, say, wait_until

AWAY = 30 if FULL else 10
crowd = Crowd()
customers = [cookies_of_a_visitor() for _ in range(6)]
crowd.ask("open", of=[{"name": f"c{n}.0", "identity": one, "transport": "websocket", "sends": True} for n, one in enumerate(customers)])
wait_until("every customer has a conversation", lambda: crowd.ask("status")["caught_up"] == 6, 30)
tokens = [log["session_id"] for log in crowd.logs()["logs"]]
crowd.ask("open", of=[
    {"name": f"c{n}.{device}", "identity": customers[n], "transport": transport, "session_id": token, "sends": True}
    for n, token in enumerate(tokens) for device, transport in ((1, "websocket"), (2, "polling"))])
wait_until("everybody has joined", lambda: crowd.ask("status")["caught_up"] == 18, 30)
crowd.ask("start", every=700, seconds=AWAY + 8)
time.sleep(3)
kill("redis")
time.sleep(AWAY)
deploy("start")
time.sleep(6)
settle(crowd, 18)
time.sleep(7)
found = crowd.logs()
crowd.end()
check_logs(found, tokens)
connects = sum(log["seen"]["connects"] for log in found["logs"])
check(connects == 18, "no socket was closed by it")
say(f"seen after sending, the time without Redis included: median {percentile(found['latencies'], .5):.0f} ms, "
    f"99 % {percentile(found['latencies'], .99):.0f} ms")
check(percentile(found["latencies"], .99) < 5000, "nobody waited longer than a look into the database takes")
