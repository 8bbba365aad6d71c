"""Q7: releases one after the other, each with a migration, and a rollback, under an open-loop 200 requests/s, 30 % of them writes, some of
1.5 s, while people talk in the chat: no request fails, no message is lost, and every process is new. Releases that end at once, or never
become ready, go back by themselves, and no customer notices."""

import time
from collections import Counter

from support import archives, scene
from support.load import OpenLoad
from support.machine import FULL, Machine, check, say
from support.talk import Talk

machine = Machine()
plan = scene.prepare(machine)
machine.run("mkdir -p /root/drill")
before = machine.run("basename $(readlink /opt/ecommerce/current)").strip()
stamp = time.strftime("%H%M%S")
versions = [f"9.{stamp}.{n}" for n in range(1, 6 if FULL else 3)]
# What releases bring: each waits for tables that are in use, in the middle of the load; cart_lines is held for 1.5 s by some of its requests.
STEPS = [
    ("ALTER TABLE products ADD COLUMN drill_{0} int NOT NULL DEFAULT 0", "ALTER TABLE products DROP COLUMN drill_{0}"),
    ("ALTER TABLE cart_lines ADD COLUMN drill_{0} text", "ALTER TABLE cart_lines DROP COLUMN drill_{0}"),
    ("ALTER TABLE chat_messages ADD COLUMN drill_{0} int; ALTER TABLE conversations ADD COLUMN drill_{0} int NOT NULL DEFAULT 0",
     "ALTER TABLE conversations DROP COLUMN drill_{0}; ALTER TABLE chat_messages DROP COLUMN drill_{0}"),
    ("CREATE INDEX drill_{0} ON cart_lines (id, quantity)", "DROP INDEX drill_{0}"),
    ("ALTER TABLE orders ADD COLUMN drill_{0} text; ALTER TABLE sessions ADD COLUMN drill_{0} text",
     "ALTER TABLE sessions DROP COLUMN drill_{0}; ALTER TABLE orders DROP COLUMN drill_{0}"),
]
BROKEN_STEP = ("CREATE TABLE drill_broken_{0} (id int)", "DROP TABLE drill_broken_{0}")


def migrations(steps):
    """Files of these steps, each a migration of its own."""
    files = {}
    for number, (up, down) in enumerate(steps, 1):
        name = f"2099{stamp}{number:04}_drill_step"
        files |= {f"{name}.up.sql": up.format(stamp) + ";\n", f"{name}.down.sql": down.format(stamp) + ";\n"}
    return files


steps = STEPS[:len(versions)]
for number, version in enumerate(versions, 1):
    machine.put(archives.release(version, migrations=migrations(steps[:number])), "/root/drill/")
for name, case in (("ends", archives.ENDS_AT_ONCE), ("hangs", archives.NEVER_READY), ("worker", archives.WORKER_BROKEN)):
    machine.put(archives.release(f"9.8.{name}", case=case, migrations=migrations([*steps, BROKEN_STEP])), "/root/drill/")


def change(name, *arguments, expect=0, runs):
    """One release or rollback under the load, and that all processes run what they should."""
    pids = {unit: machine.main_pid(f"ecommerce-{unit}") for unit in [*machine.servers(), "worker"]}
    load.mark(name)
    talk.mark(name)
    began = time.monotonic()
    said = machine.deploy(*arguments, expect=expect)
    took = time.monotonic() - began
    found = machine.releases_run()
    check(set(found.values()) == {runs}, f"{name}: {took:.0f} s, every process runs {runs}")
    for line in said.splitlines():
        if "waits for a lock" in line or line.startswith("applied"):
            say(f"  {line[:160]}")
    if expect == 0:
        check(all(machine.main_pid(f"ecommerce-{unit}") != pid for unit, pid in pids.items()), "and is a new process")
    else:
        say(f"it said: {said.strip().splitlines()[-1]}")
    return said


with Talk(machine) as talk, OpenLoad(machine, plan) as load:
    time.sleep(10)
    for version in versions:
        change(f"release {version}", "rollout", f"/root/drill/ecommerce-{version}.tar.gz", runs=version)
        time.sleep(2)
    change("rollback", "rollback", runs=versions[-2])
    time.sleep(2)
    change("a release whose servers end at once", "rollout", "/root/drill/ecommerce-9.8.ends.tar.gz", expect=1, runs=versions[-2])
    time.sleep(2)
    change("a release that never becomes ready", "rollout", "/root/drill/ecommerce-9.8.hangs.tar.gz", expect=1, runs=versions[-2])
    time.sleep(2)
    change("a release whose worker is broken", "rollout", "/root/drill/ecommerce-9.8.worker.tar.gz", expect=1, runs=versions[-2])
    load.mark("after")
    talk.mark("after")
    time.sleep(10)

load.report()
load.summary()
talk.report()
check(not load.failed(), f"nothing failed of {len(load.rows)} requests, {len(load.orders)} orders among them: {load.failed()}")
turns = Counter(row[4] for row in list(load.phases())[-1][1])
check(len(turns) == 3 and min(turns.values()) > sum(turns.values()) / 4, f"afterwards each server has its turns, though sockets are open: {dict(sorted(turns.items()))}")
load.no_write_is_lost()
talk.nothing_is_lost()
found = machine.sql_number("SELECT count(*) FROM orders WHERE number IN (" + ",".join(f"'{number}'" for _, number in load.orders) + ")")
check(found == len(load.orders), f"each of {found} acknowledged orders is there")
for version in versions:
    machine.run(f"curl -fsS -H 'Host: localhost' http://127.0.0.1/static/{archives.static_name(version)}")
check(True, "the static files of every release on the machine are served")
say(machine.deploy("releases").strip().replace("\n", "\n  "))
scene.tidy(machine)
for _, down in [BROKEN_STEP, *reversed(steps)]:
    machine.sql(down.format(stamp))
machine.sql(f"DELETE FROM _sqlx_migrations WHERE version > 2099{stamp}0000")
machine.deploy("rollback", before)
machine.run("rm -rf /root/drill")
