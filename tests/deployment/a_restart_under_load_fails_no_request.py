"""`deploy.sh restart` under a gentle load of GET and POST fails nothing, loses no write, and every server is new."""

import time

from support.load import Load
from support.shop import FULL, SERVERS, check, deploy, pid, say, variant_with_stock

product, _ = variant_with_stock(1_000_000)
for loop in range(3 if FULL else 1):
    before = {name: pid(name) for name in [*SERVERS, "worker"]}
    load = Load(product, rate=200 if FULL else 40, visitors=20 if FULL else 8).start()
    time.sleep(2)
    began = time.monotonic()
    deploy("restart")
    took = time.monotonic() - began
    time.sleep(2)
    load.stop()
    say(f"{dict(load.total('done'))} in {load.seconds:.0f} s, slowest {load.slowest():.2f} s, by {dict(load.total('servers'))}; restart took {took:.0f} s")
    check(not load.total("failed"), f"nothing failed: {dict(load.total('failed'))}")
    carts = [visitor.client.cart().get(product, 0) for visitor in load.visitors]
    check(carts == [visitor.added for visitor in load.visitors], f"each cart holds what was acknowledged: {carts}")
    check(all(pid(name) != old for name, old in before.items()), "every server and the worker is a new process")
