"""start twice: the same processes; stop ends all of them and nothing else; a start after the build takes under 5 s."""

import subprocess
import time

from support.client import register
from support.shop import SERVERS, VAR, alive, check, deploy, pids, say, variant_with_stock

product, _ = variant_with_stock(1000)
customer = register()
customer.add_to_cart(product, 2)

before = pids()
deploy("start")
check(pids() == before, "start again: the same processes")
bystander = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", str(VAR / "run" / "bystander.sock"), "--save", ""], stdout=subprocess.DEVNULL)
try:
    deploy("stop")
    check(not any(alive(number) for number in before.values()), f"stop ended all {len(before)} processes")
    check(bystander.poll() is None, "a Redis of somebody else still runs")
finally:
    bystander.terminate()
    bystander.wait()
check("not running" in deploy("status", expect=3), "status says so")

began = time.monotonic()
deploy("start")
took = time.monotonic() - began
check(took < 5, f"start after the build took {took:.1f} s")
customer.close()  # its connection ended with the old Nginx
check(customer.signed_in() and customer.cart() == {product: 2}, "sign-in and cart outlive stop and start")
rows = [line.split() for line in deploy("status").splitlines() if line.startswith(tuple(SERVERS))]
say("memory at rest: " + ", ".join(f"{row[0]} {row[-2]} MB" for row in rows))
# Q30, by resident size: pages of the program that the processes share are counted for each.
check(all(float(row[-2]) <= 40 for row in rows), "each server at most 40 MB at rest")
