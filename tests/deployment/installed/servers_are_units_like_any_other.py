"""`systemctl start|stop|status ecommerce-server2`, the curl loop, the logs and ab do what one expects; deploy.sh says the same; a frozen or
killed server is replaced."""

import json

from support import bed, memory
from support.machine import check, say, wait_until

LOOP = "for i in {1..9}; do curl -s http://localhost/ | grep -o 'Server-[0-9]'; done | sort | uniq -c | xargs"
DEPLOY = "/opt/ecommerce/current/deployment/deploy.sh"

with bed.installed("units") as machine:
    machine.first_page()
    check(machine.run(LOOP).split() == ["3", "Server-1", "3", "Server-2", "3", "Server-3"], "nine requests show each server three times")
    said = machine.run("systemctl status ecommerce-server2")
    check("active (running)" in said and "Server-2 serves on port 5002" in said, "systemctl status ecommerce-server2 says what it does")

    with bed.timed("systemctl stop ecommerce-server2"):
        machine.run("systemctl stop ecommerce-server2")
    check(machine.run("systemctl is-active ecommerce-server2", expect=3).strip() == "inactive", "stopped is stopped: it does not come back")
    counted = dict(zip(*[iter(machine.run(LOOP).split()[::-1])] * 2))
    check(set(counted) == {"Server-1", "Server-3"} and sum(map(int, counted.values())) == 9, f"meanwhile the others serve: {counted}")
    said = machine.run(f"{DEPLOY} status", expect=3)
    check("server2" in said and "inactive" in said, "deploy.sh status ends with 3 and names it")
    with bed.timed("systemctl start ecommerce-server2, ready when it returns"):
        machine.run("systemctl start ecommerce-server2 && curl -fsS -o /dev/null http://127.0.0.1:5002/readyz")
    wait_until("its turns", lambda: machine.run(LOOP).split() == ["3", "Server-1", "3", "Server-2", "3", "Server-3"], 5)
    check(True, "and it takes its turns again")

    machine.run(f"{DEPLOY} stop")
    check(not machine.ready(("server1",)) and machine.run("systemctl is-active nginx").strip() == "active", "deploy.sh stop ends the shop, not Nginx")
    check("503" in machine.run("curl -s -o /dev/null -w '%{http_code}' http://localhost/"), "which says 503 meanwhile")
    with bed.timed("deploy.sh start"):
        machine.run(f"{DEPLOY} start")
    machine.run(f"{DEPLOY} status")
    check("ready" in machine.run(f"{DEPLOY} logs server1"), "deploy.sh logs server1 shows its journal")

    for name in ("server1", "server2", "server3"):
        line = machine.run(f"tail -n 1 /opt/ecommerce/logs/{name}-access.log")
        check(json.loads(line)["status"] and machine.run(f"test -e /opt/ecommerce/logs/{name}-error.log") == "", f"{name} has its access and error log")
    machine.run("curl -s 'http://localhost/products?search=secret+word' -o /dev/null; sleep 0.2")
    check("secret" not in machine.run("cat /var/log/nginx/ecommerce_access.log"), "Nginx logs paths without what people typed")
    check("\"path\":\"/products\"" in machine.run("journalctl -u 'ecommerce-server*' -n 50 -o cat"), "the servers' lines reach journald")
    machine.run("logrotate -f /etc/logrotate.d/ecommerce && curl -fsS -o /dev/null http://localhost/ && curl -fsS -o /dev/null http://localhost/ && curl -fsS -o /dev/null http://localhost/")
    wait_until("new lines in new files", lambda: machine.outcome("for n in 1 2 3; do test -s /opt/ecommerce/logs/server$n-access.log && test -e /opt/ecommerce/logs/server$n-access.log.1 || exit 1; done")[0] == 0, 5)
    rights = machine.run("stat -c '%U:%G %a' /opt/ecommerce/logs/server1-access.log").strip()
    check(rights == "ecommerce:adm 640", f"rotated: the servers write on in new files, {rights}")

    machine.run("apt-get install -y -q --no-install-recommends apache2-utils >/dev/null", timeout=120)
    said = machine.run("ab -q -n 1000 -c 10 http://localhost/", timeout=120)
    figures = {line.split(":")[0]: line.split(":")[1].strip() for line in said.splitlines() if ":" in line}
    check(figures["Failed requests"] == "0" and figures["Complete requests"] == "1000" and "Non-2xx responses" not in figures, f"ab: 1,000 requests, none failed, {figures['Requests per second']}")

    load = machine.start("ab -q -k -n 1000000 -c 60 -t 12 http://localhost/products & ab -q -n 1000000 -c 20 -t 12 'http://localhost/products?search=mug' & wait")
    with memory.Peak(machine) as peak:
        load.communicate()
    peak.holds("under ab -c 80", 1500)
    check(all(peak.sizes[f"ecommerce-server{n}"] < 200 for n in (1, 2, 3)), "no server among it uses 200 MB")

    before = machine.main_pid("ecommerce-server1")
    machine.run("systemctl kill -s KILL --kill-who=main ecommerce-server1")
    took = wait_until("a new server1", lambda: machine.main_pid("ecommerce-server1") not in (0, before) and machine.outcome("curl -fsS -o /dev/null http://127.0.0.1:5001/readyz")[0] == 0, 15)
    say(f"killed: replaced and ready after {took:.1f} s")
    before = machine.main_pid("ecommerce-server3")
    machine.run("systemctl kill -s STOP --kill-who=main ecommerce-server3")
    took = wait_until("a new server3", lambda: machine.main_pid("ecommerce-server3") not in (0, before) and machine.outcome("curl -fsS -o /dev/null -m 2 http://127.0.0.1:5003/readyz")[0] == 0, 90)
    check(took < 80, f"frozen: the watchdog replaces it, ready after {took:.0f} s")
    check(machine.run("systemctl show -P Result ecommerce-server3").strip() == "success", "and it runs well")
