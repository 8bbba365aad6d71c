"""Setup can be run again: nothing changes, no process is new. What an administrator changed stays. Other options change what they name."""

from support import bed
from support.machine import check, say

LIST = ("find /etc /opt /usr/local /var/lib/ecommerce -xdev ! -type d ! -path '/opt/ecommerce/logs/*' ! -name 'setup.log' ! -name 'doctor.log' ! -name 'lock*' "
        "-printf '%p %m %u %g %s %T@ %l\\n' | sort")
PIDS = "for u in ecommerce-server1 ecommerce-server2 ecommerce-server3 ecommerce-worker nginx redis-server@ecommerce postgresql@15-ecommerce; do systemctl show -P MainPID $u; done"

with bed.installed("again") as machine:
    machine.first_page()
    bed.bring_archive(machine)
    before, pids = machine.run(LIST), machine.run(PIDS)
    with bed.timed("a second run"):
        said = machine.setup("--unattended --demo")
    check(machine.run(LIST) == before, f"{len(before.splitlines())} files are as they were, their times included")
    check(machine.run(PIDS) == pids, "every process is the same")
    check("BAD" not in said, "and all is well")

    # An administrator's own hand, in each kind of file.
    machine.run("sed -i 's/^SHOP_NAME=.*/SHOP_NAME=\"Ada \\& Sons\"/' /etc/ecommerce/ecommerce.env && "
                "sed -i 's/MemoryMax=512M/MemoryMax=600M/' /etc/systemd/system/ecommerce-server2.service && "
                "sed -i 's/client_max_body_size 1m/client_max_body_size 2m/' /etc/nginx/conf.d/ecommerce.conf && "
                "sed -i 's/rotate 14/rotate 30/' /etc/logrotate.d/ecommerce && "
                "mkdir -p /etc/systemd/system/ecommerce-server1.service.d && printf '[Service]\\nCPUWeight=200\\n' >/etc/systemd/system/ecommerce-server1.service.d/own.conf && systemctl daemon-reload")
    machine.setup("--unattended")
    kept = machine.run("grep -c 'SHOP_NAME=\"Ada & Sons\"' /etc/ecommerce/ecommerce.env; grep -c MemoryMax=600M /etc/systemd/system/ecommerce-server2.service; grep -c 'body_size 2m' /etc/nginx/conf.d/ecommerce.conf; "
                       "grep -c 'rotate 30' /etc/logrotate.d/ecommerce; systemctl show -P CPUWeight ecommerce-server1").split()
    check(kept == ["1", "1", "1", "1", "200"], f"settings, unit, site, log rotation and a drop-in keep what an administrator changed: {kept}")
    machine.run("/opt/ecommerce/current/deployment/deploy.sh restart", timeout=120)
    check("Ada &amp; Sons" in machine.run("curl -fsS http://localhost/") or "Ada &#38; Sons" in machine.run("curl -fsS http://localhost/"), "a changed setting counts after deploy.sh restart")

    # Fewer servers, more servers. The site was changed by hand, so the new one is laid beside it and setup says so.
    said = machine.setup("--unattended --servers 2")
    check("/etc/nginx/conf.d/ecommerce.conf was changed here and is kept" in said, "a changed site is not overwritten, and that is said")
    machine.run("mv /etc/nginx/conf.d/ecommerce.conf.ecommerce-new /etc/nginx/conf.d/ecommerce.conf && nginx -t -q && systemctl reload nginx")
    check(machine.run("systemctl is-active ecommerce-server3", expect=None).strip() != "active" and machine.ready(("server1", "server2", "worker")), "--servers 2: the third is gone")
    said = machine.run("for i in 1 2 3 4 5 6; do curl -s http://localhost/ | grep -o 'Server-[0-9]'; done | sort | uniq -c | xargs")
    check(said.split() == ["3", "Server-1", "3", "Server-2"], "and takes no turn")
    machine.setup("--unattended --servers 4")
    said = machine.run("for i in 1 2 3 4 5 6 7 8; do curl -s http://localhost/ | grep -o 'Server-[0-9]'; done | sort | uniq -c | xargs")
    check(said.split() == ["2", "Server-1", "2", "Server-2", "2", "Server-3", "2", "Server-4"], f"--servers 4: {said.strip()}")
    say(machine.run("systemctl status ecommerce-server4 | sed -n 's/^ *Active: //p'").strip())
