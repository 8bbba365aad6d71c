"""After a reboot, a clean one and a cut of the power, everything runs again by itself; carts and sign-ins are there."""

from support import bed
from support.machine import check, say, wait_until

with bed.installed("reboot") as machine:
    machine.first_page()
    machine.run("curl -fsS -c /root/jar -H 'Content-Type: application/json' -d '{\"username\": \"john_doe\", \"password\": \"password123\"}' http://localhost/auth/login && "
                "curl -fsS -b /root/jar -c /root/jar -H 'Content-Type: application/json' -d '{\"product_id\": 1, \"quantity\": 2}' http://localhost/api/cart/add")

    def whole(what):
        took = wait_until("the first page", lambda: machine.outcome("curl -fsS -o /dev/null -m 2 http://localhost/")[0] == 0, 60)
        wait_until("every process", machine.ready, 60)
        say(f"{what}: first page {took:.1f} s after systemd says it is up")
        check(machine.run("systemctl --failed --no-legend --plain | wc -l").strip() == "0", "no unit has failed")
        check('"item_count":2' in machine.run("curl -fsS -b /root/jar http://localhost/api/cart/").replace(" ", ""), "the cart is there")
        check('"username":"john_doe"' in machine.run("curl -fsS -b /root/jar http://localhost/auth/current-user").replace(" ", ""), "and he is still signed in")

    with bed.timed("reboot"):
        machine.reboot()
    whole("after a reboot")

    # Redis writes its file every second; what was said before that second is promised.
    machine.run("sleep 1.5; sync")
    for unit in ("ecommerce-server1", "ecommerce-server2", "ecommerce-server3", "ecommerce-worker", "redis-server@ecommerce", "postgresql@15-ecommerce", "nginx"):
        machine.run(f"systemctl kill -s KILL {unit}")
    whole("everything killed at once")
