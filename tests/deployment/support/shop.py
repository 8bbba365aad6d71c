"""The running shop a drill speaks to: its processes, its database, and what deploy.sh does to it.

Which shop is meant says the environment, as for deployment/deploy.sh: VAR_DIR, HTTP_PORT and so on.
`tests/deployment/run.sh NAME` sets it to a shop of the drills' own.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deployment" / "deploy.sh"
VAR = Path(os.environ.get("VAR_DIR", ROOT / "var"))
HTTP_PORT = int(os.environ.get("HTTP_PORT", 8080))
SERVER_PORT_BASE = int(os.environ.get("SERVER_PORT_BASE", 5001))
FULL = os.environ.get("DRILLS") == "full"
SERVERS = ["server1", "server2", "server3"]


def say(text):
    """One figure or fact, kept in the log of the run."""
    print("  " + text, flush=True)


def check(truth, claim):
    """A claim that must hold; the drill ends at the first that does not."""
    if not truth:
        print(f"  NOT TRUE: {claim}", flush=True)
        sys.exit(1)
    say(claim)


def wait_until(what, truth, seconds):
    """Waits for something to become true and returns how long it took."""
    began = time.monotonic()
    while not truth():
        if time.monotonic() - began > seconds:
            check(False, f"{what} within {seconds} s")
        time.sleep(0.1)
    return time.monotonic() - began


def deploy(*arguments, expect=0):
    """Runs deploy.sh in the drill's environment; returns what it printed, both streams."""
    done = subprocess.run([DEPLOY, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    output = done.stdout + done.stderr
    if expect is not None and done.returncode != expect:
        print(output)
        check(False, f"deploy.sh {' '.join(arguments)} ends with {expect}, not {done.returncode}")
    return output


def environment():
    """What the servers are given: addresses of the database and Redis, and so on."""
    lines = subprocess.run(
        ["bash", "-c", f'eval "$({DEPLOY} env)" && env -0'], capture_output=True, text=True, check=True
    ).stdout
    return dict(pair.split("=", 1) for pair in lines.split("\0") if "=" in pair)


def pid(name):
    """The pid of server1, worker, redis, postgres, nginx."""
    return int((VAR / "run" / f"{name}.pid").read_text().split()[0])


def pids():
    """Every process of the shop with its pid."""
    return {name: pid(name) for name in [*SERVERS, "worker", "nginx", "redis", "postgres"]}


def alive(number):
    """Whether a process still runs (a zombie does not)."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def kill(name, number=signal.SIGKILL):
    """Ends a process the hard way and waits until it is gone."""
    victim = pid(name)
    os.kill(victim, number)
    wait_until(f"{name} is gone", lambda: not alive(victim), 30)


def sql(statement):
    """Rows of the shop's database, asked as its superuser, as lists of texts."""
    home = (VAR / "postgres.home").read_text().strip()
    psql = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), key=lambda p: int(re.sub(r"\D", "", p.parts[4]) or 0))[-1]
    done = subprocess.run(
        [psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-h", home, "-U", "postgres", "-d", "ecommerce_db", "-c", statement],
        capture_output=True, text=True,
    )
    if done.returncode:
        sys.exit(f"psql: {done.stderr}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def sql_number(statement):
    """The one number a query answers."""
    return int(sql(statement)[0][0])


def variant_with_stock(quantity, nth=0):
    """Puts a product's default variant to a stock, the ledger agreeing; returns (product id, variant id)."""
    product, variant = map(int, sql(
        "SELECT product_id, v.id FROM product_variants v JOIN products p ON p.id = product_id "
        f"WHERE is_default AND v.archived_at IS NULL AND p.archived_at IS NULL ORDER BY v.id OFFSET {nth} LIMIT 1")[0])
    # Two statements of one transaction, the ledger's first: it needs the level as it was.
    sql(f"""INSERT INTO stock_ledger (variant_id, kind, on_hand_delta, reserved_delta, note)
              SELECT variant_id, 'adjusted', {quantity} + reserved - on_hand, 0, 'drill' FROM stock_levels
              WHERE variant_id = {variant} AND {quantity} + reserved <> on_hand;
            UPDATE stock_levels SET on_hand = {quantity} + reserved WHERE variant_id = {variant}""")
    return product, variant


def ledger_agrees(variant):
    """Whether the sums of the ledger are the level."""
    return sql(f"""SELECT (SELECT (on_hand, reserved) FROM stock_levels WHERE variant_id = {variant})
                        = (SELECT (sum(on_hand_delta)::int, sum(reserved_delta)::int) FROM stock_ledger WHERE variant_id = {variant})""") == [["t"]]
