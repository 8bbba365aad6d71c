"""Q23: every unit scores 1.5 or better with `systemd-analyze security`; the application's role can run no DDL; secrets are in no environment,
command line, log or file that others can read."""

from support import bed
from support.machine import check, say

with bed.installed("tight") as machine:
    machine.first_page()
    for unit in ("ecommerce-server1", "ecommerce-server2", "ecommerce-server3", "ecommerce-worker"):
        said = machine.run(f"systemd-analyze security --no-pager {unit}.service | tail -n 1").strip()
        check(float(said.split(":")[1].split()[0]) <= 1.5, said)
    machine.run("/opt/ecommerce/current/deployment/backup.sh setup", timeout=600)
    for unit, most in (("ecommerce-backup", 1.5), ("ecommerce-restore-drill", 2.2)):
        said = machine.run(f"systemd-analyze security --no-pager {unit}.service | tail -n 1").strip()
        check(float(said.split(":")[1].split()[0]) <= most, said)
    say("the monthly drill is root, makes clusters and must see the machine's ports: that is what its score is")
    bare = machine.run("awk 'FNR == 1 { before = \"\" } /^[A-Za-z]+=/ && before !~ /^#|^[A-Za-z]+=/ { print FILENAME \": \" $0 } { before = $0 }' /etc/systemd/system/ecommerce-{server1,worker,backup,restore-drill}.service | grep -vE ': (Description|Documentation|ConditionPathExists|Type|ExecStart|TimeoutStartSec|SyslogIdentifier|WantedBy)=' || true")
    check(bare == "", f"every line of the units has its reason above it {bare}")

    # DDL, and rights beyond data.
    for statement in ("CREATE TABLE evil (id int)", "ALTER TABLE products ADD COLUMN evil int", "DROP TABLE orders", "TRUNCATE orders", "CREATE SCHEMA evil", "CREATE TEMP TABLE evil (id int)",
                      "CREATE EXTENSION pg_trgm SCHEMA public", "UPDATE stock_ledger SET note = 'x'", "DELETE FROM order_events", "DELETE FROM _sqlx_migrations",
                      "CREATE ROLE evil", "COPY products TO PROGRAM 'id'", "SELECT pg_read_file('/etc/passwd')"):
        said = machine.run(f"psql -X \"$(cat /etc/ecommerce/secrets/database_url)\" -c \"{statement}\" 2>&1", expect=1)
        check("permission denied" in said or "must be owner" in said or "must be superuser" in said, f"{statement}: {said.strip().splitlines()[0]}")
    check(machine.run("runuser -u nobody -- psql -X -h 127.0.0.1 -U ecommerce_user -w ecommerce_db -c 'SELECT 1' 2>&1", expect=2).find("no password supplied") > 0, "the database wants a password")
    check("NOAUTH" in machine.run("redis-cli -p 6379 KEYS '*'", expect=None), "Redis wants a password")

    secrets = machine.run("cd /etc/ecommerce/secrets && for f in secret_key database_url database_owner_url redis_url; do sed -E 's|^[a-z]+://[^:]*:([^@]*)@.*|\\1|' $f; done").split()
    check(len(secrets) == 4 and len(set(secrets)) == 4 and all(len(one) >= 64 for one in secrets), "four secrets of 64 characters and more, none like another")
    patterns = " ".join(f"-e {one}" for one in secrets)
    machine.run("for p in / /login /products /api/products/; do curl -s -o /dev/null http://localhost$p; done; ecommerce doctor", expect=None)
    found = machine.run(f"journalctl -o cat >/root/journal; grep -rlF {patterns} /root/journal /var/log /opt/ecommerce/logs /etc/systemd/system /run/systemd/transient /etc/nginx 2>/dev/null || true; rm -f /root/journal")
    check(found == "", f"no secret in the journal, a log, a unit or Nginx's files {found}")
    found = machine.run(f"for pid in $(pgrep -x ecommerce); do tr '\\0' '\\n' </proc/$pid/environ; tr '\\0' ' ' </proc/$pid/cmdline; done | grep -cF {patterns} || true").strip()
    check(found == "0", "nor in a process's environment or command line")
    found = machine.run(f"find / -xdev -type f -size -2M \\( -perm -o+r -o -group ecommerce \\) -not -path '/proc/*' -exec grep -lF {patterns} {{}} + 2>/dev/null || true", timeout=300)
    check(found == "", f"nor in any file that everybody, or the shop's group, may read {found}")
    pid = machine.main_pid("ecommerce-server1")
    said = machine.run(f"runuser -u nobody -- ls /run/credentials/ecommerce-server1.service 2>&1", expect=None)
    check("denied" in said.lower(), "another account cannot look at a server's credentials")
    check("database_owner_url" not in machine.run(f"ls /run/credentials/ecommerce-server1.service"), "a server is not given the owner's address")
    # What a server could do if somebody got into it: nsenter into its namespaces shows its file system.
    check("Read-only" in machine.run(f"nsenter -t {pid} -m touch /usr/bin/evil 2>&1", expect=1), "its system is read-only")
    check(machine.run(f"sed -n 's/^CapEff:\\s*//p; s/^NoNewPrivs:\\s*//p; s/^Seccomp:\\s*//p' /proc/{pid}/status").split() == ["0000000000000000", "1", "2"], "it has no capability, gains none, and its system calls are filtered")
    say(machine.run("ls -ld /etc/ecommerce /etc/ecommerce/ecommerce.env /etc/ecommerce/secrets /etc/ecommerce/secrets/secret_key | awk '{ print $1, $3, $4, $9 }'").strip().replace("\n", "\n  "))

    # What a demo shop must not become.
    machine.run("sed -i 's/^APP_ENV=.*/APP_ENV=production/' /etc/ecommerce/ecommerce.env")
    said = machine.deploy("restart", expect=1)
    check("demo accounts" in said and machine.ready(("server2", "server3")), f"APP_ENV=production with demo accounts: {[line.strip() for line in said.splitlines() if 'demo accounts' in line][0]}")
    machine.run("sed -i 's/^APP_ENV=.*/APP_ENV=development/' /etc/ecommerce/ecommerce.env")
    machine.deploy("restart")
