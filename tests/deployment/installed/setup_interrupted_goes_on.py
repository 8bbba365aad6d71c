"""Setup killed hard at each of its steps, and stopped by a full disk in the middle: the next run completes."""

from support import bed
from support.machine import check, wait_until

# Where it is killed, by what it says there. The first is in the middle of apt.
STEPS = ["Installing with apt", "Account, folders", "Creating the PostgreSQL cluster", "==> Redis", "==> Schema", "==> Demo shop", "==> Services", "==> Nginx"]
DOWN = "rm -f /root/log; cd /root; setsid bash -c 'echo $$ >/root/pid; exec {setup} --unattended --demo' >/root/log 2>&1 </dev/null & "

with bed.machine("broken") as machine:
    for step in STEPS:
        machine.run(DOWN.format(setup=bed.SETUP) + "sleep 0.2")
        reached = wait_until(f"'{step}'", lambda: machine.outcome(f"grep -q '{step}' /root/log || ! kill -0 $(cat /root/pid)")[0] == 0, 300, pause=0.05)
        said = machine.run(f"sleep 0.3; kill -9 -- -$(cat /root/pid) 2>/dev/null; tail -n 1 /root/log").strip()
        check(machine.outcome(f"grep -q '{step}' /root/log")[0] == 0, f"killed at: {said} (after {reached:.0f} s)")
    # A full disk, now where the database is to be made.
    machine.run("systemctl stop postgresql@15-ecommerce 2>/dev/null; pg_dropcluster --stop 15 ecommerce; mount -t tmpfs -o size=50m,mode=755 tmpfs /var/lib/postgresql && chown postgres: /var/lib/postgresql")
    said = machine.setup(expect=1).strip().splitlines()[-1]
    check("MB free" in said and "/var/lib/postgresql" in said, f"full disk: {said}")
    machine.run("umount /var/lib/postgresql")
    said = machine.setup()
    check("BAD" not in said and "The shop is open" in said, "then a run completes")
    machine.first_page()
    check(machine.run("ls /usr/sbin/policy-rc.d /etc/postgresql-common/createcluster.d/ecommerce-deploy.conf 2>/dev/null || true") == "", "nothing of the broken runs is left in apt's way")
    left = machine.run("find /opt/ecommerce /etc /usr/local \\( -name '*.new' -o -name '.ecommerce.*' \\) | head").split()
    check(not left, f"nor half a file {left}")
    check(machine.run("dpkg --audit").strip() == "", "nor half a package")
    check(machine.run("pg_lsclusters -h | wc -l").strip() == "1", "there is one cluster")
