"""Measures the catalogue of a running shop; started by storefront.sh, which sets the environment."""

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

HTTP_PORT, SERVER_PORT = int(os.environ["HTTP_PORT"]), int(os.environ["SERVER_PORT_BASE"])
DATABASE_URL, ECOMMERCE = os.environ["DATABASE_URL"], os.environ["ECOMMERCE"]
UNKEPT_PORT, UNKEPT_METRICS = SERVER_PORT + 50, int(os.environ["METRICS_PORT_BASE"]) + 50
SECONDS, CONNECTIONS = int(os.environ.get("BENCH_SECONDS", "8")), 32
# The Flask shop on the machine that it was measured on, through Nginx: a list page, a search.
FLASK_LIST, FLASK_SEARCH = 712, 120

failed = []


def claim(name, holds, text):
    """Prints a figure with its claim; what does not hold fails the run at its end."""
    print(f"  {'ok  ' if holds else 'FAIL'} {name}: {text}", flush=True)
    if not holds:
        failed.append(name)


def say(text):
    print(text, flush=True)


def wrk(port, paths, headers=()):
    """Requests a second over these paths in turn, and how many answers were no success."""
    script = tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False)
    listed = ",".join(json.dumps(path) for path in paths)
    script.write(f"local paths = {{{listed}}}\nlocal at = math.random(#paths)\n"
                 "request = function() at = at % #paths + 1; return wrk.format('GET', paths[at]) end\n")
    script.close()
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", script.name, "-H", f"Host: localhost:{HTTP_PORT}"]
    for header in headers:
        command += ["-H", header]
    out = subprocess.run(command + [f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    os.unlink(script.name)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rate, int(bad.group(1)) if bad else 0


def pgbench():
    """What `pgbench -S -M prepared` does over TCP, in a database of its own size beside the shop's."""
    found = shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"
    url = OWNER_URL
    subprocess.run([found, "-q", "-i", "-s", "5", "--no-vacuum", url], check=True, capture_output=True)
    out = subprocess.run([found, "-n", "-S", "-M", "prepared", "-c", "8", "-j", "1", "-T", str(SECONDS), url],
                         capture_output=True, text=True, check=True).stdout
    subprocess.run(["psql", "-q", url, "-c", "DROP TABLE pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history"],
                   check=True, capture_output=True)
    return float(re.search(r"tps = ([\d.]+)", out).group(1))


def latencies(port, paths, headers=None):
    """Milliseconds of each request, one after the other over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    for path in paths:
        started = time.perf_counter()
        connection.request("GET", path, headers={"Host": f"localhost:{HTTP_PORT}", **(headers or {})})
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status == 200, f"{path}: {answer.status}"
    connection.close()
    return taken


def p(taken, share):
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * share))]


def both(taken):
    return f"median {statistics.median(taken):.2f} ms, 95th percentile {p(taken, .95):.2f} ms"


def get(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": f"localhost:{HTTP_PORT}", **(headers or {})})
    answer = connection.getresponse()
    return answer, answer.read()


def searches(count):
    """Words of names that are there: each search has something to find."""
    rows = subprocess.run(["psql", "-AtX", DATABASE_URL, "-c",
                           f"SELECT name FROM products WHERE archived_at IS NULL ORDER BY md5(id::text) LIMIT {count}"],
                          capture_output=True, text=True, check=True).stdout.splitlines()
    words = [re.findall(r"[A-Za-z]{4,}", row) or ["mug"] for row in rows]
    return [f"/products?search={urllib.parse.quote(' '.join(found[-2:]))}" for found in words]


def memory(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


def server_pid(port):
    out = subprocess.run(["ss", "-ltnpH", f"sport = :{port}"], capture_output=True, text=True).stdout
    return int(re.search(r"pid=(\d+)", out).group(1))


class Unkept:
    """A server that keeps nothing in its memory: what a page costs when it is made."""

    def __enter__(self):
        env = {**os.environ, "CACHE_MB": "0", "PORT": str(UNKEPT_PORT), "METRICS_PORT": str(UNKEPT_METRICS),
               "SERVER_NAME": "Server-9"}
        self.log = open(os.path.join(os.environ["VAR_DIR"], "unkept.log"), "w")
        self.process = subprocess.Popen([ECOMMERCE, "serve"], env=env, stdout=self.log, stderr=self.log)
        for _ in range(300):
            try:
                if get(UNKEPT_PORT, "/readyz")[0].status == 200:
                    return self
            except OSError:
                pass
            time.sleep(.1)
        raise SystemExit("the server that keeps nothing did not become ready")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


def fill(size):
    say(f"\n== {size:,} products")
    started = time.time()
    subprocess.run([ECOMMERCE, "seed", "--products", str(size)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["psql", "-qX", OWNER_URL, "-c", "VACUUM ANALYZE"], check=True, capture_output=True)
    say(f"  filled in {time.time() - started:.0f} s")


def rates(size):
    """Q24, Q25: requests a second, beside what nginx and PostgreSQL do in the same minutes."""
    asset = re.search(rb'href="(/static/[^"]+\.css)"', get(HTTP_PORT, "/")[1]).group(1).decode()
    static, _ = wrk(HTTP_PORT, [asset])
    say(f"  nginx, a static file of {len(get(HTTP_PORT, asset)[1]):,} bytes: {static:,.0f}/s")
    found = searches(200)
    lists, bad = wrk(HTTP_PORT, ["/products"])
    claim("Q24 list", bad == 0 and lists >= 8 * FLASK_LIST,
          f"{lists:,.0f}/s through Nginx, {lists / FLASK_LIST:.1f} times the Flask shop's {FLASK_LIST}, {lists / static:.2f} of the static file")
    api, bad = wrk(HTTP_PORT, ["/api/products/"])
    say(f"       the list as JSON: {api:,.0f}/s, {bad} failed")
    search, bad = wrk(HTTP_PORT, found)
    claim("Q24 search", bad == 0 and search >= 30 * FLASK_SEARCH,
          f"{search:,.0f}/s through Nginx over {len(found)} searches, {search / FLASK_SEARCH:.1f} times the Flask shop's {FLASK_SEARCH}")
    with Unkept() as unkept:
        select = pgbench()
        ids = subprocess.run(["psql", "-AtX", DATABASE_URL, "-c", "SELECT product_id FROM product_listings ORDER BY md5(product_id::text) LIMIT 500"],
                             capture_output=True, text=True, check=True).stdout.split()
        one, bad = wrk(UNKEPT_PORT, [f"/api/products/{number}" for number in ids])
        claim("Q25 one query", bad == 0 and one >= select / 4,
              f"{one:,.0f}/s uncached from one server, {one / select:.2f} of pgbench -S ({select:,.0f}/s)")
        raw, _ = wrk(UNKEPT_PORT, found)
        raw_list, _ = wrk(UNKEPT_PORT, ["/products"])
        say(f"       uncached, one server: list {raw_list:,.0f}/s, search {raw:,.0f}/s; {memory(unkept.process.pid):.0f} MB")


def sizes():
    """Q31: bytes that travel."""
    for path in ["/", "/products", "/products?category=kitchen", "/products?search=mug"]:
        answer, body = get(HTTP_PORT, path, {"Accept-Encoding": "gzip"})
        claim("Q31", len(body) <= 14_000, f"{path}: {len(body):,} bytes gzip, {len(get(HTTP_PORT, path)[1]):,} plain")
    answer, body = get(HTTP_PORT, "/products/suggestions?search=mu", {"Accept-Encoding": "gzip"})
    claim("Q31", answer.status == 200 and len(body) <= 5_000, f"suggestions: {len(body):,} bytes gzip")


def freshness():
    """How long until an edited price is shown by every server."""
    slug = subprocess.run(["psql", "-AtX", DATABASE_URL, "-c", "SELECT slug FROM product_listings ORDER BY created_at DESC, product_id DESC LIMIT 1"],
                          capture_output=True, text=True, check=True).stdout.strip()
    servers = [SERVER_PORT + nth for nth in range(3)]
    for port in servers:
        get(port, f"/products/{slug}")
    taken = []
    for cents in range(101, 121):
        subprocess.run(["psql", "-qX", DATABASE_URL, "-c",
                        f"UPDATE product_variants SET price_minor = {cents}, compare_at_minor = NULL WHERE product_id = (SELECT id FROM products WHERE slug = '{slug}')"],
                       check=True, capture_output=True)
        changed = time.perf_counter()
        waiting = set(servers)
        while waiting:
            waiting = {port for port in waiting if f"${cents / 100:.2f}".encode() not in get(port, f"/products/{slug}")[1]}
            assert time.perf_counter() - changed < 10, "a server never shows the new price"
        taken.append((time.perf_counter() - changed) * 1000)
    claim("edited price", max(taken) < 1000, f"seen on all three servers after {both(taken)}, longest {max(taken):.1f} ms")


def load_memory():
    """Q30: idle and after all of the above."""
    used = [memory(server_pid(SERVER_PORT + nth)) for nth in range(3)]
    claim("Q30 memory under load", max(used) <= 120, "servers " + ", ".join(f"{mb:.0f} MB" for mb in used))


def main():
    sizes_asked = [int(size) for argument in sys.argv[1:] for size in argument.split()]
    used = [memory(server_pid(SERVER_PORT + nth)) for nth in range(3)]
    claim("Q30 memory idle", max(used) <= 40, "servers " + ", ".join(f"{mb:.0f} MB" for mb in used))
    grown = {}
    for size in sizes_asked:
        fill(size)
        with Unkept():
            pages = ["/products", "/products?sort=price_asc", "/products?category=kitchen", "/products?in_stock=1", "/products?min_price=20&max_price=60"]
            found = searches(300)
            latencies(UNKEPT_PORT, pages * 10 + found[:50])
            lists, search = latencies(UNKEPT_PORT, pages * 60), latencies(UNKEPT_PORT, found)
            say(f"  uncached list {both(lists)}; search {both(search)}")
        latencies(SERVER_PORT, pages * 4 + found)
        kept = latencies(SERVER_PORT, pages * 60), latencies(SERVER_PORT, found)
        say(f"  as visitors see it: list {both(kept[0])}; search {both(kept[1])}")
        person = {"Cookie": "visitor=nobody"}
        latencies(SERVER_PORT, pages * 4 + found, person)
        known = latencies(SERVER_PORT, pages * 60, person), latencies(SERVER_PORT, found, person)
        say(f"  someone with a cart: list {both(known[0])}; search {both(known[1])}")
        grown[size] = {"uncached list": lists, "uncached search": search, "list": kept[0], "search": kept[1]}
        if size == 10_000:
            rates(size)
            sizes()
            freshness()
        if size >= 12_000:
            first, deep = ["/products"] * 200, [f"/products?page={page}" for page in range(950, 1050)] * 2
            latencies(SERVER_PORT, deep[:5], person)
            one, thousand = latencies(SERVER_PORT, first, person), latencies(SERVER_PORT, deep, person)
            claim("Q29 page 1,000", statistics.median(thousand[100:]) <= 1.2 * statistics.median(one),
                  f"page 1 {both(one)}; pages 950 to 1,049 {both(thousand[100:])}; first time {both(thousand[:100])}")
    load_memory()
    if len(sizes_asked) > 1:
        small, large = min(sizes_asked), max(sizes_asked)
        for name in grown[small]:
            before, after = p(grown[small][name], .95), p(grown[large][name], .95)
            claim(f"Q29 {name}", after <= 1.5 * before, f"95th percentile {before:.2f} ms at {small:,}, {after:.2f} ms at {large:,}: {after / before:.2f} times")
    if failed:
        raise SystemExit(f"\nnot met: {', '.join(failed)}")
    say("\nall claims met")


OWNER_URL = os.environ.get("DATABASE_OWNER_URL") or DATABASE_URL
main()
