"""What must not come in does not: damaged archives, one for another machine, one below the schema, migrations that fail or wait for a lock,
a second administrator at the same time. Each is one clear line, the shop stays up under load, and nothing of it is left."""

import time

from support import archives, scene
from support.load import OpenLoad
from support.machine import Machine, check, say, wait_until

machine = Machine()
plan = scene.prepare(machine)
machine.run("mkdir -p /root/drill")
before = machine.releases_run()
in_use = machine.run("basename $(readlink /opt/ecommerce/current)").strip()
stamp = time.strftime("%H%M%S")
kept = machine.run("ls /opt/ecommerce/releases | sort")
schema = machine.sql("SELECT max(version) FROM _sqlx_migrations")[0][0]


def spoil(path, old=b"", new=b""):
    """A change of a file after its checksum was made."""
    def change(folder):
        content = (folder / path).read_bytes() if (folder / path).exists() else b""
        archives.write(folder / path, content.replace(old, new, 1) if old else new, 0o755 if path.startswith("bin/") else 0o644)
    return change


def other_machine(folder):
    """The program's ELF header says aarch64; the checksums are right again."""
    program = folder / "bin" / "ecommerce"
    content = bytearray(program.read_bytes())
    content[18:20] = (183).to_bytes(2, "little")
    archives.write(program, bytes(content), 0o755)
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    lines = [f"{archives.digest(program)}  bin/ecommerce" if line.endswith("  bin/ecommerce") else line for line in lines]
    archives.write(folder / "SHA256SUMS", "\n".join(lines) + "\n")


def refused(what, archive, *words, command="rollout"):
    """One line that names it, and everything is as it was."""
    machine.put(archive, "/root/drill/")
    said = machine.deploy(command, f"/root/drill/{archive.name}", expect=1, timeout=300).strip().splitlines()
    line = said[-1]
    check(all(word.lower() in line.lower() for word in words), f"{what}: {line}")
    check(machine.run("ls /opt/ecommerce/releases | sort") == kept, "nothing of it is left")
    return said


with OpenLoad(machine, plan) as load:
    time.sleep(2)
    refused("a changed file", archives.release("9.7.changed", change=spoil("VERSION", new=b"9.7.other\n")), "damaged")
    refused("a file that was not packed", archives.release("9.7.more", change=spoil("bin/more", new=b"#!/bin/sh\n")), "damaged")
    cut = archives.release("9.7.cut")
    cut.write_bytes(cut.read_bytes()[:-100_000])
    refused("half an archive", cut, "damaged", "unpacked")
    text = archives.FOLDER / "notes.tar.gz"
    text.write_text("no archive\n")
    refused("no archive at all", text, "unpacked")
    refused("for another machine", archives.release("9.7.arm", change=other_machine), "aarch64", "x86_64")
    refused("for a later system", archives.release("9.7.glibc", case=archives.NEEDS_LATER_GLIBC), "glibc 2.99")
    refused("the version in use with other content", archives.release(in_use), in_use, "new version")

    # As a contracting migration of a later release would note it: this one was built before.
    machine.sql(f"DELETE FROM schema_contracts; INSERT INTO schema_contracts (migration, oldest_schema) VALUES (29990101000000, {int(schema) + 10**11})")
    refused("older than the schema carries", archives.release("9.7.older"), "29990101000000", "serves on")
    machine.sql("DELETE FROM schema_contracts")

    bad = {f"2098{stamp}0001_drill_good.up.sql": "CREATE TABLE drill_good (id int);\n", f"2098{stamp}0002_drill_bad.up.sql": "ALTER TABLE products ADD COLUMN slug text;\n"}
    refused("a migration that fails", archives.release("9.7.fails", migrations=bad), "not migrated", "serves on")
    check(machine.sql_number("SELECT count(*) FROM pg_tables WHERE tablename = 'drill_good'") == 1, "the one before it stays, and is named above")
    machine.sql(f"DROP TABLE drill_good; DELETE FROM _sqlx_migrations WHERE version >= 2098{stamp}0001")

    # Somebody's transaction holds the table for longer than a migration waits, and then for ever.
    machine.sql("ALTER TABLE products ADD COLUMN IF NOT EXISTS drill_lock int")
    waits = {f"2097{stamp}0001_drill_lock.up.sql": "ALTER TABLE products DROP COLUMN drill_lock;\n"}
    holder = machine.start("cd / && runuser -u postgres -- psql -XAtq --cluster \"$(sed -n 's/^PG_CLUSTER=//p' /etc/ecommerce/ecommerce.env)\" -d ecommerce_db "
                           "-c 'BEGIN; LOCK TABLE products IN ACCESS SHARE MODE; SELECT pg_sleep(90)'")
    wait_until("the table is held", lambda: machine.sql_number("SELECT count(*) FROM pg_locks WHERE relation = 'products'::regclass AND mode = 'AccessShareLock' AND granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(90)%')") > 0, 20)
    load.mark("a migration waits for a lock that is held for ever")
    began = time.monotonic()
    said = refused("a migration that waits for a lock", archives.release("9.7.waits", migrations=waits), "not migrated", "serves on")
    say(f"it gave up after {time.monotonic() - began:.0f} s and said: {next(line for line in said if 'gave up' in line)[:200]}")
    holder.kill()
    machine.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(90)%' AND pid <> pg_backend_pid()")
    load.mark("after")

    # Two at once: the first holds still while it migrates.
    slow = archives.release("9.7.slow", migrations={f"2096{stamp}0001_drill_slow.up.sql": "SELECT pg_sleep(8);\n"})
    machine.put(slow, "/root/drill/")
    first = machine.start(f"/opt/ecommerce/current/deployment/deploy.sh rollout /root/drill/{slow.name}")
    wait_until("the first migrates", lambda: machine.sql_number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(8)%'") > 0, 60)
    line = machine.deploy("rollout", f"/root/drill/{slow.name}", expect=1).strip().splitlines()[-1]
    check("at work" in line and "pid" in line, f"a second administrator: {line}")
    check(first.wait(timeout=120) == 0, "the first one's release came in")
    # Back below what the schema was contracted to is no way either; where it only grew, it is.
    machine.sql(f"INSERT INTO schema_contracts (migration, oldest_schema) VALUES (29990101000000, {int(schema) + 10**11})")
    line = machine.deploy("rollback", in_use, expect=1).strip().splitlines()[-1]
    check("29990101000000" in line and "nothing was changed" in line, f"a rollback below the schema: {line}")
    machine.sql("DELETE FROM schema_contracts")
    machine.deploy("rollback", in_use)

load.report()
check(not load.failed(), f"nothing failed of {len(load.rows)} requests: {load.failed()}")
load.no_write_is_lost()
check(machine.releases_run() == before, "every process runs the release it ran")
scene.tidy(machine)
machine.sql(f"DELETE FROM _sqlx_migrations WHERE version > 2096{stamp}0000; ALTER TABLE products DROP COLUMN IF EXISTS drill_lock")
machine.run("rm -rf /root/drill /opt/ecommerce/releases/9.7.slow")
