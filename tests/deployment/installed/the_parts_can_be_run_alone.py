"""init_database.sh and install_redis.sh do their parts alone and can be run again; other databases and another Redis on the machine are not
touched, and setup completes what they began."""

from support import bed
from support.machine import check

with bed.machine("parts", image=bed.packages_image()) as machine:
    # Somebody else's PostgreSQL and Redis, on the usual ports.
    machine.run("pg_createcluster 15 main --start -p 5432 >/dev/null && systemctl start redis-server && redis-cli SET theirs 1 && runuser -u postgres -- createdb --cluster 15/main theirs")
    theirs = "sha256sum /etc/redis/redis.conf /etc/postgresql/15/main/*.conf; systemctl show -P MainPID redis-server postgresql@15-main; redis-cli GET theirs"
    before = machine.run(theirs)
    said = machine.run("/root/release/deployment/init_database.sh")
    check("15/ecommerce on port 5433" in said, f"init_database.sh: {said.strip().splitlines()[-1]}")
    again = machine.run("sha256sum /etc/ecommerce/secrets/*")
    machine.run("/root/release/deployment/init_database.sh")
    check(machine.run("sha256sum /etc/ecommerce/secrets/*") == again, "once more changes nothing")
    check(machine.run('psql -XAt "$(cat /etc/ecommerce/secrets/database_url)" -c "SELECT current_user"').strip() == "ecommerce_user", "its address opens the database")
    said = machine.run("/root/release/deployment/install_redis.sh")
    check("port 6380" in said, f"install_redis.sh: {said.strip().splitlines()[-1]}")
    machine.run("/root/release/deployment/install_redis.sh")
    config = machine.run("P=$(sed 's|^redis://:\\([^@]*\\)@.*|\\1|' /etc/ecommerce/secrets/redis_url); for k in appendonly maxmemory maxmemory-policy bind; do REDISCLI_AUTH=$P redis-cli -p 6380 CONFIG GET $k | tail -n 1; done").split()
    check(config == ["yes", "268435456", "noeviction", "127.0.0.1"], "it has an append-only file and a bound, and listens on loopback")
    check(machine.run("redis-cli -p 6380 PING", expect=None).startswith("NOAUTH"), "and wants a password")
    machine.setup()
    machine.first_page()
    check(machine.run(theirs) == before, "setup goes on from there; the other PostgreSQL and Redis are as they were, not restarted")
    said = machine.run("runuser -u ecommerce -- /root/release/deployment/init_database.sh 2>&1 || true")
    check("root" in said.lower() or "denied" in said.lower(), "without root it is refused")
