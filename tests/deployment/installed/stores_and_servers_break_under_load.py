"""Q8, Q9, Q11 on an installed machine under an open-loop 200 requests/s: a server killed, Redis away and frozen, PostgreSQL restarted and
killed. Answers are counted by kind; p50 and p99 before, during and after."""

import time
from collections import Counter

from support import scene
from support.load import OpenLoad
from support.machine import Machine, check, say, wait_until
from support.person import Person

machine = Machine()
plan = scene.prepare(machine)
REDIS = "redis-server@ecommerce.service"
postgres = "postgresql@" + machine.setting("PG_CLUSTER").replace("/", "-") + ".service"
person = Person(machine, plan["product"])
check(person.signed_in() and person.cart() == 3, "somebody is signed in with three in the cart")


def pids():
    """Of every process of the shop."""
    return {unit: machine.main_pid(f"ecommerce-{unit}") for unit in [*machine.servers(), "worker"]}


def of_phase(load, name):
    """The rows of a phase."""
    return next(rows for phase, rows in load.phases() if phase == name)


def recovered(load, name, event, quick=1.0):
    """Seconds from an event until from there on, within the phase, every request was answered well and quickly."""
    bad = [row[0] + row[3] for row in of_phase(load, name) if not isinstance(row[2], int) or row[2] >= 500 or (row[1] != "POST 1.5 s" and row[3] > quick)]
    return max([moment - event for moment in bad if moment > event], default=0.0)


# --- Q8
with OpenLoad(machine, plan) as load:
    time.sleep(8)
    load.mark("Server-2 killed")
    killed = time.monotonic()
    machine.run("systemctl kill -s KILL --kill-whom=main ecommerce-server2")
    wait_until("systemd has Server-2 back", lambda: machine.outcome("curl -fsS -m 1 http://127.0.0.1:5002/readyz")[0] == 0, 20)
    back = time.monotonic() - killed
    time.sleep(max(0, 8 - back))
    load.mark("after")
    time.sleep(8)
load.report()
load.summary()
bad = load.failed()
check(not any(kind.startswith("GET") for kind in bad), f"Q8: no GET failed; of the writes {bad or 'none'} (those that were running in it)")
say(f"Q8: Server-2 was ready again after {back:.1f} s; the last slow or failed answer came {recovered(load, 'Server-2 killed', killed):.1f} s after the kill")
rate = Counter(int(row[0] - killed) for row in of_phase(load, "Server-2 killed") if row[2] == 200)
check(all(rate[second] >= 150 for second in (2, 3, 4)), f"Q8: the full rate within 2 s: {[rate[second] for second in range(6)]} a second")
check(person.signed_in() and person.cart() == 3, "Q8: still signed in, the cart is kept")
load.no_write_is_lost()

# --- Q9
before = pids()
with OpenLoad(machine, plan) as load:
    time.sleep(8)
    load.mark("Redis away for 5 s")
    machine.run(f"systemctl stop {REDIS}")
    time.sleep(5)
    machine.run(f"systemctl start {REDIS}")
    started = time.monotonic()
    load.mark("Redis back")
    wait_until("the session holds again", person.signed_in, 10)
    say(f"Q9: signed in again {time.monotonic() - started:.1f} s after Redis was back")
    time.sleep(6)
    load.mark("Redis frozen for 30 s")
    machine.run(f"systemctl kill -s STOP {REDIS}")
    time.sleep(30)
    machine.run(f"systemctl kill -s CONT {REDIS}")
    thawed = time.monotonic()
    load.mark("Redis thawed")
    wait_until("the session holds again", person.signed_in, 10)
    again = time.monotonic() - thawed
    time.sleep(6)
    load.mark("after")
    time.sleep(6)
load.report()
load.summary()
reads = [row for row in load.rows if row[1] == "GET" and (not isinstance(row[2], int) or row[2] >= 500)]
check(not reads, f"Q9: no 5xx of any page under it {Counter(row[2] for row in reads) or ''}")
say(f"Q9: of the writes failed {load.failed() or 'none'}")
check(again <= 3, f"Q9: signed in again {again:.1f} s after Redis was thawed")
check(pids() == before, "Q9: no process was restarted")
check(person.cart() == 3, "Q9: the cart is kept")
load.no_write_is_lost()

# --- Q11
for how, name in ((f"systemctl restart {postgres}", "PostgreSQL restarted"), (f"systemctl kill -s KILL {postgres}; sleep 0.5; systemctl reset-failed {postgres} 2>/dev/null; systemctl start {postgres}", "PostgreSQL killed and started")):
    with OpenLoad(machine, plan) as load:
        time.sleep(8)
        load.mark(name)
        began = time.monotonic()
        machine.run(how)
        up = time.monotonic()
        wait_until("the shop serves again", lambda: machine.outcome("curl -fsS -m 2 -o /dev/null 'http://localhost/products?search=mug'")[0] == 0, 20)
        serves = time.monotonic()
        time.sleep(6)
        load.mark("after")
        time.sleep(8)
    load.report()
    load.summary()
    say(f"Q11: {name} in {up - began:.1f} s, the first page of the catalogue {serves - up:.1f} s after it")
    last = recovered(load, name, up)
    check(last <= 5, f"Q11: the last failed or slow answer came {last:.1f} s after it was up")
    numbers = ",".join(f"'{number}'" for _, number in load.orders)
    found = machine.sql_number(f"SELECT count(*) FROM orders WHERE number IN ({numbers})")
    check(found == len(load.orders), f"Q11: each of {found} acknowledged orders is there")
    check(not load.failed(of_phase(load, "after")), "Q11: afterwards nothing fails")
    load.no_write_is_lost()
    check(pids() == before, "Q11: no process of the shop was restarted")
check(person.signed_in() and person.cart() == 3, "still signed in, the cart is kept")
scene.tidy(machine)
