"""The machine a drill runs on: a real systemd in the test bed (TESTBED=…/testbed.sh), with the shop installed from an archive."""

import os
import subprocess
import sys
import time

TESTBED = os.environ.get("TESTBED", "testbed.sh")
FULL = os.environ.get("DRILLS") == "full"


def say(text):
    """One figure or fact, kept in the log of the run."""
    print("  " + text, flush=True)


def check(truth, claim):
    """A claim that must hold; the drill ends at the first that does not."""
    if not truth:
        print(f"  NOT TRUE: {claim}", flush=True)
        sys.exit(1)
    say(claim)


def wait_until(what, truth, seconds, pause=0.1):
    """Waits for something to become true and returns how long it took."""
    began = time.monotonic()
    while not truth():
        if time.monotonic() - began > seconds:
            check(False, f"{what} within {seconds} s")
        time.sleep(pause)
    return time.monotonic() - began


class Machine:
    """A machine of the test bed by its name."""

    def __init__(self, name=None):
        self.name = name or os.environ.get("MACHINE", "shop")
        self.address = self._testbed("ip", self.name).strip()

    def _testbed(self, *arguments):
        return subprocess.run([TESTBED, *arguments], capture_output=True, text=True, check=True).stdout

    def run(self, script, expect=0, timeout=300):
        """A shell script as root inside; its output, both streams. Another end than `expect` ends the drill; None takes any."""
        self.code, output = self.outcome(script, timeout)
        if expect is not None and self.code != expect:
            print(output)
            check(False, f"`{script}` ends with {expect}, not {self.code}")
        return output

    def outcome(self, script, timeout=300):
        """(exit code, output) of a script inside."""
        done = subprocess.run(
            [TESTBED, "exec", self.name, "--raw", "--timeout", str(timeout), "--", "bash", "-c", script],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout

    def start(self, script):
        """The same without waiting: a process of the host."""
        return subprocess.Popen(
            [TESTBED, "exec", self.name, "--raw", "--timeout", "600", "--", "bash", "-c", script],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)

    def outside(self, command, **more):
        """A process of the host in the network of the machine: a customer. (Without a name the shop is open on loopback alone.)"""
        return subprocess.Popen([TESTBED, "netexec", self.name, "--", *map(str, command)], **more)

    def put(self, source, target):
        """Copies a file of the host in."""
        self._testbed("cp", str(source), f"{self.name}:{target}")

    def deploy(self, *arguments, expect=0, timeout=600):
        """Runs the installed deploy.sh."""
        return self.run("/opt/ecommerce/current/deployment/deploy.sh " + " ".join(arguments), expect, timeout)

    def sql(self, statement):
        """Rows of the shop's database, asked as its superuser, as lists of texts."""
        quoted = statement.replace("'", "'\\''")
        cluster = "$(sed -n 's/^PG_CLUSTER=//p' /etc/ecommerce/ecommerce.env)"
        rows = self.run(f"cd / && runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -F '\t' --cluster \"{cluster}\" -d ecommerce_db -c '{quoted}'")
        return [line.split("\t") for line in rows.splitlines()]

    def sql_number(self, statement):
        """The one number a query answers."""
        return int(self.sql(statement)[0][0])

    def main_pid(self, unit):
        """The pid of a unit's main process, as the machine counts."""
        return int(self.run(f"systemctl show -P MainPID {unit}"))

    def setting(self, name, default=""):
        """A line of the settings' file."""
        return self.run(f"sed -n 's/^{name}=//p' /etc/ecommerce/ecommerce.env | tail -n 1").strip() or default

    def servers(self):
        """server1, server2, …"""
        return [f"server{n}" for n in range(1, int(self.setting("SERVER_COUNT", "3")) + 1)]

    def releases_run(self):
        """Which release each process was started from, by its program's path."""
        found = {}
        for name in [*self.servers(), "worker"]:
            path = self.run(f"readlink /proc/$(systemctl show -P MainPID ecommerce-{name})/exe", expect=None).strip()
            found[name] = path.split("/")[4] if path.startswith("/opt/ecommerce/releases/") else path
        return found
