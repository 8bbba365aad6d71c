"""PostgreSQL or Redis away at the start: a line that names it, the server tries for a while, and is ready once they are there."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from support.shop import ROOT, check, environment, say, wait_until

SHOP = environment()
BINARY = os.environ.get("ECOMMERCE_BIN", Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "ecommerce")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ready(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).status == 200
    except OSError:
        return False


def started_without(setting, address, name, bring_back):
    """Starts a fourth server by hand with one store at an address where nobody listens yet."""
    with tempfile.TemporaryDirectory() as logs, open(Path(logs) / "out", "w+") as out:
        port = free_port()
        settings = {**SHOP, setting: address, "PORT": str(port), "METRICS_PORT": str(free_port()), "SERVER_NAME": "Server-9", "LOG_DIR": logs}
        server = subprocess.Popen([BINARY, "serve"], env=settings, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        other = None
        try:
            time.sleep(3)
            said = "".join(path.read_text() for path in Path(logs).iterdir())
            lines = [line for line in said.splitlines() if name in line.lower()]
            check(lines, f"without {name} it says: {lines[0][:160] if lines else said[-400:]!r}")
            check(server.poll() is None and not ready(port), "and goes on trying, not ready")
            other = bring_back()
            if other is not None:
                took = wait_until("it is ready", lambda: ready(port), 15)
                say(f"ready {took:.1f} s after {name} was there")
        finally:
            for process in filter(None, (server, other)):
                process.send_signal(signal.SIGTERM)
                process.wait(40)


redis_port, nowhere = free_port(), free_port()
started_without("REDIS_URL", f"redis://127.0.0.1:{redis_port}/0", "redis", lambda: subprocess.Popen(
    ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL))
started_without("DATABASE_URL", f"postgres://ecommerce_user@127.0.0.1:{nowhere}/ecommerce_db", "postgres", lambda: None)
