"""Q7: releases one after the other and a rollback under an open-loop 200 requests/s, 30 % of them writes, some of 1.5 s: nothing fails, and
every process is new. Releases that end at once, or never become ready, go back by themselves, and no customer notices."""

import time

from support import archives, scene
from support.load import OpenLoad
from support.machine import FULL, Machine, check, say

machine = Machine()
plan = scene.prepare(machine)
machine.run("mkdir -p /root/drill")
before = machine.run("basename $(readlink /opt/ecommerce/current)").strip()
stamp = time.strftime("%H%M%S")
versions = [f"9.{stamp}.{n}" for n in range(1, 6 if FULL else 3)]
# A migration that every reader of products notices: it needs the table for itself, for a moment, in the middle of the load.
adds = {f"2099{stamp}0001_drill_add.up.sql": f"ALTER TABLE products ADD COLUMN drill_{stamp} int NOT NULL DEFAULT 0;\n",
        f"2099{stamp}0001_drill_add.down.sql": f"ALTER TABLE products DROP COLUMN drill_{stamp};\n"}
for version in versions:
    machine.put(archives.release(version, migrations=adds), "/root/drill/")
machine.put(archives.release("9.8.ends", case=archives.ENDS_AT_ONCE, migrations=adds), "/root/drill/")
machine.put(archives.release("9.8.hangs", case=archives.NEVER_READY, migrations=adds), "/root/drill/")
machine.put(archives.release("9.8.worker", case=archives.WORKER_BROKEN, migrations=adds), "/root/drill/")


def change(load, name, *arguments, expect=0, runs):
    """One release or rollback under the load, and that all processes run what they should."""
    pids = {unit: machine.main_pid(f"ecommerce-{unit}") for unit in [*machine.servers(), "worker"]}
    load.mark(name)
    began = time.monotonic()
    said = machine.deploy(*arguments, expect=expect)
    took = time.monotonic() - began
    found = machine.releases_run()
    check(set(found.values()) == {runs}, f"{name}: {took:.0f} s, every process runs {runs}")
    if expect == 0:
        check(all(machine.main_pid(f"ecommerce-{unit}") != pid for unit, pid in pids.items()), "and is a new process")
    else:
        say(f"it said: {said.strip().splitlines()[-1]}")
    return said


with OpenLoad(machine, plan) as load:
    time.sleep(10)
    for version in versions:
        change(load, f"release {version}", "rollout", f"/root/drill/ecommerce-{version}.tar.gz", runs=version)
        time.sleep(2)
    change(load, "rollback", "rollback", runs=versions[-2])
    time.sleep(2)
    change(load, "a release whose servers end at once", "rollout", "/root/drill/ecommerce-9.8.ends.tar.gz", expect=1, runs=versions[-2])
    time.sleep(2)
    change(load, "a release that never becomes ready", "rollout", "/root/drill/ecommerce-9.8.hangs.tar.gz", expect=1, runs=versions[-2])
    time.sleep(2)
    change(load, "a release whose worker is broken", "rollout", "/root/drill/ecommerce-9.8.worker.tar.gz", expect=1, runs=versions[-2])
    load.mark("after")
    time.sleep(10)

load.report()
check(not load.failed(), f"nothing failed of {len(load.rows)} requests, {len(load.orders)} orders among them: {load.failed()}")
load.no_write_is_lost()
found = machine.sql_number("SELECT count(*) FROM orders WHERE number IN (" + ",".join(f"'{number}'" for _, number in load.orders) + ")")
check(found == len(load.orders), f"each of {found} acknowledged orders is there")
for version in versions:
    machine.run(f"curl -fsS -H 'Host: localhost' http://127.0.0.1/static/{archives.static_name(version)}")
check(True, "the static files of every release on the machine are served")
say(machine.deploy("releases").strip().replace("\n", "\n  "))
scene.tidy(machine)
machine.sql(f"ALTER TABLE products DROP COLUMN drill_{stamp}; DELETE FROM _sqlx_migrations WHERE version = 2099{stamp}0001")
machine.deploy("rollback", before)
machine.run("rm -rf /root/drill")
