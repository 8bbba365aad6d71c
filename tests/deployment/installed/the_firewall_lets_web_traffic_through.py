"""--firewall yes: ufw lets in ssh and the web alone, and uninstalling takes the rule back; without the option an unattended setup leaves it alone.
The shop moves from localhost to a name meanwhile, server by server."""

import subprocess

from support import bed
from support.machine import TESTBED, check, wait_until

OTHER = """use IO::Socket::INET;
my $socket = IO::Socket::INET->new(Listen => 5, LocalPort => 8000, ReuseAddr => 1) or die;
while (my $client = $socket->accept) { close $client }
"""


def outside(machine, port):
    """Whether another machine gets a connection."""
    script = f"exec 3<>/dev/tcp/{machine.address}/{port}"
    return subprocess.run([TESTBED, "netexec", "hub", "--", "timeout", "2", "bash", "-c", script], stderr=subprocess.DEVNULL).returncode == 0


with bed.installed("fire") as machine:
    machine.first_page()
    bed.bring_archive(machine)
    # Something else that listens to everybody: what a firewall is for.
    machine.run("cat >/root/other.pl <<'PERL'\n" + OTHER + "PERL\nsystemd-run -q --unit=other perl /root/other.pl")
    wait_until("it listens", lambda: machine.outcome("ss -ltnH 'sport = :8000' | grep -q .")[0] == 0, 10)
    check(not outside(machine, 80), "a shop without a name is open on its own machine alone")
    pids = {machine.main_pid(f"ecommerce-server{n}") for n in (1, 2, 3)}
    machine.setup("--unattended --domain shop.test")
    check(outside(machine, 80), "with a name it is open to others")
    check(outside(machine, 8000), "no firewall was asked for and none is there")
    check(not pids & {machine.main_pid(f"ecommerce-server{n}") for n in (1, 2, 3)}, "the servers know the new name")
    machine.setup("--unattended --firewall yes", timeout=900)
    check(outside(machine, 80) and not outside(machine, 8000) and not outside(machine, 5001), "--firewall yes: the web is let in, the rest is not")
    rules = machine.run("ufw status | awk '/ALLOW/ { print $1 }' | sort -u").split()
    check(rules == ["22/tcp", "80/tcp"], f"rules: {rules}")
    machine.setup("--unattended --tls self-signed --firewall yes")
    check(outside(machine, 443), "TLS later: its port is opened too")
    machine.run(f"{bed.SETUP} --uninstall --unattended")
    rules = machine.run("ufw status | awk '/ALLOW/ { print $1 }' | sort -u").split()
    check(rules == ["22/tcp"], f"uninstalled: {rules}")
