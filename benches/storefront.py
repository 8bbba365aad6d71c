"""Measures the catalogue of a running shop; started by storefront.sh, which sets the environment."""

import glob
import gzip
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
DATABASE_URL, OWNER_URL, ECOMMERCE = (os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "ECOMMERCE"))
PG_HOST = os.environ["BENCH_PG_HOST"]
OTHER_PORT, OTHER_METRICS = SERVER_PORT + 50, int(os.environ["METRICS_PORT_BASE"]) + 50
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
# Machines are noisy: each figure is the median of this many rounds.
ROUNDS = 3
# The Flask shop on this machine, through Nginx, at 10,000 products: list pages and searches a second.
FLASK_LIST, FLASK_SEARCH = 712, 120
# Somebody of whom something is known: no whole answer is kept for them.
PERSON = {"Cookie": "visitor=nobody"}

table = []


def say(text):
    print(text, flush=True)


def load():
    return os.getloadavg()[0]


def claim(name, holds, figure, wanted):
    """Notes a figure beside what is claimed; what does not hold fails the run at its end."""
    table.append((name, figure, wanted, holds, load()))
    say(f"  {'ok  ' if holds else 'MISS'} {name}: {figure} (wanted: {wanted})")


def psql(url, sql):
    return subprocess.run(["psql", "-AtqX", "-v", "ON_ERROR_STOP=1", url, "-c", sql], capture_output=True, text=True, check=True).stdout


# --- requests

def get(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": f"localhost:{HTTP_PORT}", **(headers or {})})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def wrk(port, paths, connections=32, seconds=SECONDS, headers=None, warm=False):
    """These paths in turn for some seconds: requests a second, and median and 95th percentile in ms. Every answer must be a success."""
    if warm:
        for path in paths:
            get(port, path, headers)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        listed = ",".join(json.dumps(path) for path in paths)
        # Put together before the clock runs: the cores are the server's.
        script.write(f"local paths, requests, at = {{{listed}}}, {{}}, 0\n"
                     "init = function() for nth, path in ipairs(paths) do requests[nth] = wrk.format('GET', path) end end\n"
                     "request = function() at = at % #requests + 1; return requests[at] end\n"
                     "done = function(summary, latency) print(string.format('figures %d %d %d %.3f %.3f', summary.requests, summary.duration,\n"
                     "  summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout,\n"
                     "  latency:percentile(50) / 1000, latency:percentile(95) / 1000)) end\n")
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name]
        for name, value in {"Host": f"localhost:{HTTP_PORT}", **(headers or {})}.items():
            command += ["-H", f"{name}: {value}"]
        out = subprocess.run(command + [f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    count, micros, bad, median, p95 = re.search(r"figures (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)", out).groups()
    assert int(bad) == 0, f"{bad} of {count} answers were no success: {paths[:3]} …"
    return {"rate": int(count) * 1_000_000 / int(micros), "median": float(median), "p95": float(p95)}


def middle(rounds):
    """The median of each figure of some rounds."""
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def one_by_one(port, paths, headers=None):
    """What one request after the other takes, in ms: the medians of some rounds of the median and of the 95th percentile."""
    return middle([wrk(port, paths, connections=1, seconds=max(2, SECONDS // 2), headers=headers) for _ in range(ROUNDS + 2)])


def both(taken):
    return f"median {taken['median']:.2f} ms, 95 % {taken['p95']:.2f} ms"


# --- processes

def status(pid, field):
    return int(re.search(rf"{field}:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


def server_pids():
    listening = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
    ports = [SERVER_PORT + nth for nth in range(3)]
    return [int(re.search(rf":{port}\s.*pid=(\d+)", listening).group(1)) for port in ports]


class Server:
    """A server beside the three, with settings of its own."""

    def __init__(self, **settings):
        self.settings = settings

    def __enter__(self):
        env = {**os.environ, "PORT": str(OTHER_PORT), "METRICS_PORT": str(OTHER_METRICS), "SERVER_NAME": "Server-9", **self.settings}
        self.log = open(os.path.join(os.environ["VAR_DIR"], "server9.log"), "a")
        started = time.perf_counter()
        self.process = subprocess.Popen([ECOMMERCE, "serve"], env=env, stdout=self.log, stderr=self.log)
        while not self.is_ready():
            if time.perf_counter() - started > 30 or self.process.poll() is not None:
                raise SystemExit(f"the server beside the three did not become ready: see {self.log.name}")
            time.sleep(.002)
        self.ready_after = time.perf_counter() - started
        return self

    def is_ready(self):
        try:
            return get(OTHER_PORT, "/readyz")[0].status == 200
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(40)
        self.log.close()


def unkept(**settings):
    """One that keeps nothing in its memory: what an answer costs when it is made."""
    return Server(CACHE_MB="0", **settings)


# --- the shop

def fill(size):
    say(f"\n{size:,} products, load average {load():.2f}")
    started = time.time()
    subprocess.run([ECOMMERCE, "seed", "--products", str(size)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    psql(OWNER_URL, "VACUUM ANALYZE")
    say(f"  filled in {time.time() - started:.0f} s")


def searches(count):
    """Two words of a product's name each: every search has something to find."""
    names = psql(DATABASE_URL, f"SELECT name FROM products WHERE archived_at IS NULL ORDER BY md5(id::text) LIMIT {count}").splitlines()
    words = [re.findall(r"[A-Za-z]{4,}", name) or ["mug"] for name in names]
    return [f"/products?search={urllib.parse.quote_plus(' '.join(found[-2:]))}" for found in words]


LISTS = ["/products", "/products?sort=price_asc", "/products?category=kitchen", "/products?in_stock=1", "/products?min_price=20&max_price=60"]


def starting():
    """Q30: a server that has just started."""
    claim("Q30 idle memory", max(status(pid, "VmRSS") for pid in server_pids()) <= 40,
          ", ".join(f"{status(pid, 'VmRSS'):.0f}" for pid in server_pids()) + " MB", "at most 40 MB each")
    taken = []
    for _ in range(5):
        with Server() as server:
            taken.append(server.ready_after * 1000)
    claim("Q30 ready", statistics.median(taken) <= 300, f"after {statistics.median(taken):.0f} ms, longest {max(taken):.0f} ms", "300 ms")


def growth():
    """Q29: what a list and a search take, one after the other."""
    found = searches(300)
    taken = {}
    with unkept():
        taken["list, nothing kept"] = one_by_one(OTHER_PORT, LISTS)
        taken["search, nothing kept"] = one_by_one(OTHER_PORT, found)
    for path in LISTS + found:
        get(SERVER_PORT, path)
    taken["list"] = one_by_one(SERVER_PORT, LISTS)
    taken["search"] = one_by_one(SERVER_PORT, found)
    for name, figures in taken.items():
        say(f"  {name}: {both(figures)}")
    return taken


def rates():
    """Q24: requests a second, beside what nginx does with a file in the same minute."""
    asset = re.search(rb'href="(/static/[^"]+\.css)"', get(HTTP_PORT, "/")[1]).group(1).decode()
    found = searches(200)
    measured = {"static": [], "/products": [], "/api/products/": [], "search": []}
    for _ in range(ROUNDS):
        for name, rounds in measured.items():
            paths = {"static": [asset], "search": found}.get(name, [name])
            rounds.append(wrk(HTTP_PORT, paths, warm=not rounds))
    measured = {name: middle(rounds)["rate"] for name, rounds in measured.items()}
    static, lists, api, search = measured.values()
    say(f"  nginx's static file of {len(get(HTTP_PORT, asset)[1]):,} bytes: {static:,.0f}/s; a list page has {len(get(HTTP_PORT, '/products')[1]):,}")
    beside = lambda rate, flask: f"{rate:,.0f}/s, {rate / flask:.1f} times Flask's {flask}, {rate / static:.2f} of the static file"
    claim("Q24 list page", lists >= 8 * FLASK_LIST, beside(lists, FLASK_LIST), f"8 times: {8 * FLASK_LIST:,}/s")
    claim("Q24 list as JSON", api >= 8 * FLASK_LIST, beside(api, FLASK_LIST), f"8 times: {8 * FLASK_LIST:,}/s")
    claim("Q24 search", search >= 30 * FLASK_SEARCH, beside(search, FLASK_SEARCH), f"30 times: {30 * FLASK_SEARCH:,}/s")


def pgbench():
    """What `pgbench -S -M prepared` does over TCP, with the number of clients that suits it best."""
    program = shutil.which("pgbench") or sorted(glob.glob("/usr/lib/postgresql/*/bin/pgbench"))[-1]
    url = f"postgres://postgres@{PG_HOST}:5432/pgbench"

    def run(*options):
        return subprocess.run([program, *options, url], check=True, capture_output=True, text=True).stdout

    run("-q", "-i", "-s", "10")
    def rate(clients):
        return float(re.search(r"tps = ([\d.]+)", run("-n", "-S", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(SECONDS))).group(1))
    best = max((4, 8, 16, 32), key=rate)
    return best, lambda: rate(best)


def one_query():
    """Q25: a product as JSON, one statement, nothing kept, one server asked directly, beside pgbench in the same minute; each with the
    number of clients that suits it best."""
    over_tcp = f"postgres://ecommerce_user@{PG_HOST}:5432/ecommerce_db"
    maintenance = f"postgres://postgres@{PG_HOST}:5432/postgres"
    psql(maintenance, "DROP DATABASE IF EXISTS pgbench")
    psql(maintenance, "CREATE DATABASE pgbench")
    ids = psql(DATABASE_URL, "SELECT product_id FROM product_listings ORDER BY md5(product_id::text) LIMIT 500").split()
    clients, pgbench_rate = pgbench()
    with unkept(DATABASE_URL=over_tcp) as server:
        rate = lambda connections: wrk(OTHER_PORT, [f"/api/products/{number}" for number in ids], connections, warm=True)["rate"]
        connections = max((32, 64, 128), key=rate)
        pairs = [(rate(connections), pgbench_rate()) for _ in range(ROUNDS)]
        pair = sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
        claim("Q25 one query", pair[0] >= pair[1] / 4,
              f"{pair[0]:,.0f}/s with {connections}, {pair[0] / pair[1]:.2f} of pgbench -S -M prepared -c {clients} ({pair[1]:,.0f}/s)", "a quarter")
        lists, search = wrk(OTHER_PORT, LISTS)["rate"], wrk(OTHER_PORT, searches(200))["rate"]
        say(f"  nothing kept, one server: list pages {lists:,.0f}/s, searches {search:,.0f}/s; {status(server.process.pid, 'VmHWM'):.0f} MB at most")
    psql(maintenance, "DROP DATABASE pgbench")


def sizes():
    """Q31: bytes that travel, through Nginx."""
    packed = {"Accept-Encoding": "gzip"}
    slug = psql(DATABASE_URL, "SELECT slug FROM product_listings ORDER BY length(slug) DESC LIMIT 1").strip()
    pages = {path: get(HTTP_PORT, path, packed) for path in
             ["/", "/products", "/products?category=kitchen", "/products?search=mug", f"/products/{slug}", "/cart", "/wishlist", "/contact", "/register"]}
    weights = {path: len(body) for path, (_, body) in pages.items()}
    heaviest = max(weights, key=weights.get)
    claim("Q31 pages", weights[heaviest] <= 14_000, f"{heaviest} {weights[heaviest]:,} bytes is the heaviest of {len(pages)}", "14,000 bytes gzip")
    css = js = 0
    for _, body in pages.values():
        page = gzip.decompress(body).decode()
        weigh = lambda pattern: sum(len(get(HTTP_PORT, path, packed)[1]) for path in set(re.findall(pattern, page)))
        css, js = max(css, weigh(r'<link[^>]+href="([^"]+\.css)"')), max(js, weigh(r'<script[^>]+src="([^"]+\.js)"'))
    claim("Q31 CSS", 0 < css <= 12_000, f"{css:,} bytes on the page with most", "12,000 bytes gzip")
    claim("Q31 JavaScript", 0 < js <= 30_000, f"{js:,} bytes on the page with most", "30,000 bytes gzip")
    fragments = {}
    for path in ["/products/suggestions?search=mu", "/products?search=mug", f"/products/{slug}", "/products?category=kitchen"]:
        answer, body = get(HTTP_PORT, path, {**packed, "HX-Request": "true"})
        assert answer.status == 200 and b"<html" not in gzip.decompress(body), path
        fragments[path] = len(body)
    heaviest = max(fragments, key=fragments.get)
    claim("Q31 fragments", fragments[heaviest] <= 5_000, f"{heaviest} {fragments[heaviest]:,} bytes is the heaviest of {len(fragments)}", "5,000 bytes gzip")


def freshness():
    """Q24: how long until an edited price is shown by every server, on the product's page and in the list, as a page and as JSON."""
    slug, number = psql(DATABASE_URL, "SELECT slug, product_id FROM product_listings ORDER BY created_at DESC, product_id DESC LIMIT 1").strip().split("|")
    places = [(SERVER_PORT + nth, path) for nth in range(3) for path in (f"/products/{slug}", "/products", "/api/products/", f"/api/products/{number}")]
    for port, path in places:
        get(port, path)
    taken = []
    for cents in range(70_101, 70_121):
        psql(DATABASE_URL, f"UPDATE product_variants SET price_minor = {cents}, compare_at_minor = NULL WHERE product_id = {number}")
        changed = time.perf_counter()
        price, waiting = f"{cents / 100:.2f}".encode(), places
        while waiting:
            waiting = [(port, path) for port, path in waiting if price not in get(port, path)[1]]
            assert time.perf_counter() - changed < 10, f"the new price is never shown: {waiting}"
        taken.append((time.perf_counter() - changed) * 1000)
    claim("Q24 edited price", max(taken) <= 1000,
          f"on three servers, four addresses each, after {statistics.median(taken):.0f} ms, longest {max(taken):.0f} ms of {len(taken)}", "1 s")


def deep_pages():
    """Q29: pages that nobody asked for since the last change, one statement each, at the front and 1,000 pages on."""
    front, deep = [[f"/products?page={page}" for page in range(first, first + 50)] for first in (1, 975)]
    taken = {"front": [], "deep": []}
    for _ in range(ROUNDS + 2):
        psql(OWNER_URL, "NOTIFY catalog, '*'")
        time.sleep(.3)
        # Where the pages of the list begin is read once after a change: that is what makes the others quick.
        get(SERVER_PORT, "/products?page=900", PERSON)
        for name, paths in (("front", front), ("deep", deep)):
            connection = http.client.HTTPConnection("127.0.0.1", SERVER_PORT, timeout=30)
            for path in paths:
                started = time.perf_counter()
                connection.request("GET", path, headers={"Host": f"localhost:{HTTP_PORT}", **PERSON})
                answer = connection.getresponse()
                answer.read()
                taken[name].append((time.perf_counter() - started) * 1000)
                assert answer.status == 200, path
            connection.close()
    one, thousand = statistics.median(taken["front"]), statistics.median(taken["deep"])
    claim("Q29 page 1,000", thousand <= 1.2 * one, f"{thousand:.2f} ms beside {one:.2f} ms for the first ones: {thousand / one:.2f} times", "1.2 times")


def print_table():
    columns = [("claim", "figure", "wanted", "", "load")]
    columns += [(name, figure, wanted, "ok" if holds else "MISS", f"{at:.1f}") for name, figure, wanted, holds, at in table]
    widths = [max(len(row[nth]) for row in columns) for nth in range(5)]
    say("")
    for row in columns:
        say("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
    missed = [name for name, _, _, holds, _ in table if not holds]
    say(f"\n{len(table) - len(missed)} of {len(table)} claims met" + (f"; not met: {', '.join(missed)}" if missed else ""))
    return 1 if missed else 0


def main():
    asked = sorted(int(size) for size in sys.argv[1:])
    say(f"{os.cpu_count()} cores, load average {load():.2f}, rounds of {SECONDS} s")
    starting()
    grown = {}
    for size in asked:
        fill(size)
        grown[size] = growth()
        if size == 10_000 or len(asked) == 1:
            rates()
            one_query()
            sizes()
            freshness()
        if size >= 20_000:
            deep_pages()
    small, large = asked[0], asked[-1]
    for name in grown[small] if small < large else []:
        before, after = grown[small][name]["p95"], grown[large][name]["p95"]
        # Below a millisecond the scheduler decides, and not the catalogue.
        claim(f"Q29 {name}", after <= max(1.5 * before, 1), f"95 % {before:.2f} ms at {small:,}, {after:.2f} ms at {large:,}: {after / before:.2f} times",
              "1.5 times, or 1 ms")
    peaks = [status(pid, "VmHWM") for pid in server_pids()]
    claim("Q30 memory under load", max(peaks) <= 120, ", ".join(f"{mb:.0f}" for mb in peaks) + " MB at most", "120 MB each")
    return print_table()


if __name__ == "__main__":
    sys.exit(main())
