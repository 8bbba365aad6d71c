"""Files, errors and the page for "no server answers": security headers on each, the shop's own look, JSON for programs,
forwarded addresses that nobody can forge, static files compressed and cached for ever."""

import json

from support.client import Client
from support.shop import SERVERS, VAR, check, deploy, environment, kill

STRICT = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin"}


def strict(answer, what):
    policy = answer.headers.get("content-security-policy", "")
    check("default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors" in policy
          and all(answer.headers.get(name) == value for name, value in STRICT.items())
          and answer.headers.get("x-request-id") and answer.headers.get("x-served-by"), f"{what} carries the headers")


client = Client()
with open(environment()["STATIC_DIR"] + "/manifest.json") as file:
    names = json.load(file)
for encoding in ("gzip", "br"):
    style = client.request("GET", "/static/" + names["app.css"], headers={"Accept-Encoding": encoding})
    check(style.status == 200 and "immutable" in style.headers["cache-control"], f"app.css is cached for ever ({encoding})")
    # br needs a module that not every machine has.
    check(style.headers.get("content-encoding") == encoding or encoding == "br", f"and comes as {style.headers.get('content-encoding')}")
strict(style, "a static file")
strict(client.get("/static/no-such-file.css"), "a missing file")
check(client.get("/static/no-such-file.css").status == 404, "which is a 404 of the shop")
strict(client.get("/"), "a page")

large = client.request("POST", "/api/cart/add", b"x" * 20_000_000)
check(large.status == 413 and large.json["success"] is False, "20 MB of JSON: 413, as JSON")
strict(large, "the 413")
check(Client().get("/" + "a" * 40_000).status == 414, "an endless address: 414")
status = client.get("/nginx_status")
check(status.status == 200 and "Active connections" in status.text, "/nginx_status answers on loopback")

forged = Client().get("/", **{"X-Forwarded-For": "203.0.113.9", "X-Request-Id": "chosen-by-me"})
check(forged.headers["x-request-id"] != "chosen-by-me", "a forged request id is not taken")
lines = [line for path in VAR.glob("logs/*access*.log") for line in path.read_text().splitlines()]
check(not any("203.0.113.9" in line or "chosen-by-me" in line for line in lines), "nor a forged address in any log")
with_query = Client().get("/products?search=a-secret-thing")
lines = (VAR / "logs" / "nginx-access.log").read_text()
check("a-secret-thing" not in lines and with_query.headers["x-request-id"] in lines, "Nginx's log: with the id, without the query string")

for name in SERVERS:
    kill(name)
page, data = client.get("/"), client.get("/api/products/")
check(page.status == 503 and page.headers["retry-after"] == "5" and "not answering" in page.text, "all servers killed: 503, a page of its own")
check(page.headers["x-served-by"] == "nginx" and page.headers["x-request-id"] in page.text, "with the request id to quote")
check("<style" not in page.text and "<script" not in page.text, "without inline style or script")
check(data.status == 503 and data.json["success"] is False and data.json["request_id"] == data.headers["x-request-id"], "as JSON for programs")
strict(page, "the error page")
check(client.get("/static/" + names["app.css"]).status == 200, "static files are still there")
check(client.get("/_errors/errors.css").status == 200, "and so is the style of the error page")
deploy("start")
check(client.get("/").status == 200, "back")
