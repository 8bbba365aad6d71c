"""A crowd that polls through Nginx, and one server killed: "Session ID unknown" is over by itself within 2 s."""

import time

from support.chat import Crowd, cookies_of_a_visitor, percentile
from support.shop import FULL, check, deploy, kill, say, wait_until

COUNT = 1000 if FULL else 60
crowd = Crowd()
people = [{"name": f"p{n}", "identity": cookies_of_a_visitor(), "transport": "polling", "sends": False} for n in range(COUNT)]
began = time.monotonic()
crowd.ask("open", of=people)
wait_until("everybody has joined", lambda: crowd.ask("status")["caught_up"] == COUNT, 120)
say(f"{COUNT} clients poll, connected within {time.monotonic() - began:.1f} s")
kill("server2")
time.sleep(1)
wait_until("everybody is back", lambda: crowd.ask("status")["caught_up"] == COUNT, 30)
moved = crowd.logs()
deploy("start")
time.sleep(5)
after = crowd.logs()
status = crowd.ask("status")
crowd.end()
cut = [ms for log in moved["logs"] for ms in log["outages"]]
check(0 < len(cut) <= COUNT * 0.6, f"{len(cut)} of {COUNT} were on the killed server")
say(f"answers \"Session ID unknown\": {status['unknown_sid']}")
late = percentile(cut, .95)
check(max(cut) < 5000 and late < 2000, f"back after median {percentile(cut, .5):.0f} ms, 95 % {late:.0f} ms, the last {max(cut):.0f} ms")
again = sum(len(log["outages"]) for log in after["logs"]) - len(cut)
check(again == 0, "nobody was moved when the server came back")
