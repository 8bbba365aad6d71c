"""A port in use, a second run at the same time, a wrong setting: one clear line each, and nothing is touched."""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

from support.shop import VAR, check, deploy, pids

before = pids()
with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = str(taken.getsockname()[1])
    # A shop of its own that never comes to be; the drill's own keeps running beside it.
    mine = dict(os.environ)
    os.chmod(folder, 0o755)
    os.environ.update(VAR_DIR=folder, SERVER_PORT_BASE="16001", METRICS_PORT_BASE="16101", WORKER_METRICS_PORT="16199", REDIS_PORT="16379", HTTP_PORT=port)
    last = deploy("start", expect=1).strip().splitlines()[-1]
    check(port in last and "HTTP_PORT" in last and "in use" in last, f"a port in use: {last}")
    os.environ.update(HTTP_PORT="eighty")
    said = deploy("start", expect=1).strip().splitlines()
    check(len(said) == 1 and "HTTP_PORT" in said[0], f"no port at all: {said[0]}")
    check(not list(Path(folder).glob("postgres")), "nothing was created")
    os.environ.clear()
    os.environ.update(mine)

with open(VAR / "lock", "a") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    said = deploy("start", expect=1).strip().splitlines()
    check(len(said) == 1 and "another run" in said[0], f"two at once: {said[0]}")
check(pids() == before, "the running shop is as it was")
