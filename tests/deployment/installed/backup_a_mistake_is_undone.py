"""Q14: a backup is set up and made under load; somebody deletes what must not be deleted; the database is restored to the moment before, beside
the running one, and the shop switches to it. Then the database's disk is lost. Recovery point and time of both, and what was lost."""

import time

from support import scene
from support.load import OpenLoad
from support.machine import Machine, check, say

machine = Machine()
plan = scene.prepare(machine)
BACKUP, RESTORE = "/opt/ecommerce/current/deployment/backup.sh", "/opt/ecommerce/current/deployment/restore.sh"


def there(orders):
    """How many of these acknowledged orders the database has."""
    numbers = ",".join(f"'{number}'" for _, number in orders)
    return machine.sql_number(f"SELECT count(*) FROM orders WHERE number IN ({numbers})") if orders else 0


def last_line(said, word):
    """The last line that holds a word."""
    return next((line.strip() for line in reversed(said.splitlines()) if word in line), "")


began = time.monotonic()
said = machine.run(f"{BACKUP} setup", timeout=600)
say(f"set up in {time.monotonic() - began:.0f} s: {last_line(said, 'pass') or said.strip().splitlines()[-1]}")
check("nothing" not in said, "the timers are there: " + machine.run("systemctl list-timers --all --no-legend 'ecommerce-*' | awk '{print $(NF-1)}' | xargs").strip())
before = machine.run(f"find /etc/pgbackrest /etc/systemd/system -newer /etc/ecommerce/secrets/backup_passphrase -type f | sort | xargs sha256sum")
machine.run(f"{BACKUP} setup")

with OpenLoad(machine, plan, rate=100) as load:
    time.sleep(4)
    load.mark("backup")
    said = machine.run(f"{BACKUP} run full", timeout=600)
    load.mark("after")
    time.sleep(4)
load.report()
check(not load.failed(), f"a full backup under load: {last_line(said, 'Backed up')}; nothing failed")
said = machine.run(f"{BACKUP} run", timeout=600)
say(f"an incremental one: {last_line(said, 'Backed up')}")
check("backup_passphrase" not in machine.run("cat /opt/ecommerce/logs/* 2>/dev/null | head -c 1000", expect=None), "the pass phrase is in no log")
machine.run("! grep -rlaE 'drill@example.com|a long drill' /var/backups/ecommerce")
check(True, "nothing in the backup can be read without it")

# The mistake: orders after the backup, then every order of the last hour is deleted.
with OpenLoad(machine, plan, rate=100) as load:
    time.sleep(10)
good = list(load.orders)
time.sleep(2)
moment = machine.run("date '+%Y-%m-%d %H:%M:%S'").strip()
time.sleep(2)
machine.sql("TRUNCATE orders CASCADE")
check(there(good) == 0, f"{len(good)} acknowledged orders and all others were deleted")
began = time.monotonic()
said = machine.run(f"{RESTORE} --to '{moment}' --yes", timeout=900)
took = time.monotonic() - began
check(there(good) == len(good), f"restored to {moment}: every one of {len(good)} acknowledged orders is back")
for word in ("restored  ", "in use  ", "Restored in", "away", "whole"):
    say(last_line(said, word))
say(f"recovery time {took:.0f} s, recovery point: the second before the mistake")
check(machine.run("curl -fsS -o /dev/null -w '%{http_code}' http://localhost/products").strip() == "200", "the shop is open")
with OpenLoad(machine, plan, rate=100) as load:
    time.sleep(5)
check(not load.failed(), "and takes orders")
check(machine.run("ecommerce doctor | grep -E 'Stock'").startswith("✓"), "the stock ledger explains every level")

# Times that cannot be restored to.
for wrong, word in (("tomorrow", "future"), ("2020-01-01 00:00:00", "oldest"), ("half past", "no time")):
    line = machine.run(f"{RESTORE} --to '{wrong}' --yes", expect=1).strip().splitlines()[-1]
    check(word in line, f"--to '{wrong}': {line}")

# The disk: the cluster's files are gone in the middle of the load.
machine.run("for i in $(seq 240); do systemctl is-active -q ecommerce-backup || exit 0; sleep 0.5; done")
with OpenLoad(machine, plan, rate=100) as load:
    # Longer than PostgreSQL keeps a piece of its log to itself.
    time.sleep(70)
    cluster = machine.setting("PG_CLUSTER")
    load.mark("the disk is lost")
    machine.run(f"systemctl kill -s KILL postgresql@{cluster.replace('/', '-')}; rm -rf /var/lib/postgresql/{cluster}")
    lost = time.time()
    time.sleep(2)
acknowledged = [order for order in load.orders]
began = time.monotonic()
said = machine.run(f"{RESTORE} --latest --yes", timeout=900)
took = time.monotonic() - began
kept = there(acknowledged)
numbers = {row[0] for row in machine.sql("SELECT number FROM orders")}
missing = [at for at, number in acknowledged if number not in numbers]
point = lost - min(missing) if missing else 0.0
say(last_line(said, "whole"))
check(point <= 75, f"the disk lost: {kept} of {len(acknowledged)} acknowledged orders are there; recovery point {point:.0f} s (bound: a minute and some), recovery time {took:.0f} s")
check(machine.run("curl -fsS -o /dev/null -w '%{http_code}' http://localhost/products").strip() == "200", "the shop is open")

# The monthly drill, and the backups of files.
machine.run("for i in $(seq 240); do systemctl is-active -q ecommerce-backup || exit 0; sleep 0.5; done")
machine.run("systemctl start ecommerce-restore-drill", timeout=900)
say(machine.run("journalctl -q -o cat -n 8 -u ecommerce-restore-drill | grep -vE 'Deactivated|Finished|Starting|Consumed|pam_unix'").strip().replace("\n", "\n  "))
machine.run(f"rm -rf /root/files; {RESTORE} --files /root/files && test -s /root/files/etc/ecommerce/secrets/secret_key && rm -rf /root/files")
check("✓ Backup" in machine.run("ecommerce doctor", expect=None), "doctor knows of the backup")
scene.tidy(machine)
