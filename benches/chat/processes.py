"""Processes that are started beside the shop's, and what a process uses."""

import contextlib
import http.client
import os
import re
import subprocess
import time
from pathlib import Path

VAR = Path(os.environ["VAR_DIR"])
HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


def resident_kb(pid):
    """What a process has in memory, in kB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1))


def cpu_seconds(pid):
    """What a process has used of the processors so far, and what children of it that have ended had used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / TICKS


def cpu_seconds_of_all(pid):
    """The same with the children that run."""
    total = cpu_seconds(pid)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        # One that ends right now is counted above the next time.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += cpu_seconds(child)
    return total


def pid_of(name):
    """The pid of one of the shop's processes: server1, redis …"""
    return int((VAR / "run" / f"{name}.pid").read_text().split()[0])


class Process:
    """A program that listens on a port, from `with` to its end."""

    def __init__(self, name, port, command, path, **settings):
        self.name, self.port, self.command, self.path, self.settings = name, port, command, path, settings

    def __enter__(self):
        env = {**os.environ, "PORT": str(self.port), **self.settings}
        self.log = open(VAR / f"{self.name}.log", "a")
        self.process = subprocess.Popen(self.command, env=env, stdin=subprocess.PIPE, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while not self.is_ready():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.__exit__()
                raise SystemExit(f"{self.name} did not become ready: {Path(self.log.name).read_text()[-2000:]}")
            time.sleep(.02)
        return self

    @property
    def pid(self):
        return self.process.pid

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
