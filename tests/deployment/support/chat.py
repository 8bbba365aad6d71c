"""Chat clients of a drill: a Node process with real Socket.IO clients, who they are, and the checker of what they were shown."""

import json
import os
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from .client import Client
from .shop import HTTP_PORT, ROOT, check, say, sql, wait_until

BASE_URL = f"http://127.0.0.1:{HTTP_PORT}"
BROWSER = ROOT / "tests" / "browser"


def cookies_of_a_visitor():
    """The cookies of somebody who opens the chat for the first time, without those of a server's pool."""
    request = urllib.request.Request(f"{BASE_URL}/socket.io/?EIO=4&transport=polling")
    with urllib.request.urlopen(request, timeout=10) as answer:
        pairs = [line.split(";")[0].split("=", 1) for line in answer.headers.get_all("Set-Cookie", [])]
    return [[name, value] for name, value in pairs if name != "srv"]


def cookies_of_an_agent(name):
    """The cookies of a new account that may answer."""
    client = Client()
    answer = client.request("POST", "/auth/register", {"username": name, "email": f"{name}@example.com", "password": "correct horse 7"})
    check(answer.status in (200, 201), f"the agent {name} has an account")
    sql(f"INSERT INTO user_roles (user_id, role) SELECT id, 'agent' FROM users WHERE username = '{name}' ON CONFLICT DO NOTHING")
    return [[key, value] for key, value in client.cookies.items()]


class Crowd:
    """Clients in a process of their own."""

    def __init__(self):
        if not (BROWSER / "node_modules" / "socket.io-client").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=BROWSER, check=True, stdout=subprocess.DEVNULL)
        script = Path(__file__).with_name("chat_clients.mjs")
        self.node = subprocess.Popen(
            ["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "BASE_URL": BASE_URL})

    def ask(self, do, **fields):
        self.node.stdin.write(json.dumps({"do": do, **fields}) + "\n")
        self.node.stdin.flush()
        line = self.node.stdout.readline()
        check(line, "the clients are still there") if not line else None
        return json.loads(line)

    def logs(self):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            self.ask("write", file=file.name)
            return json.load(open(file.name))

    def end(self):
        self.ask("end")
        self.node.wait(20)


def percentile(values, share):
    """The value below which that share of the values lies; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def stored():
    """Every conversation's messages as the database has them: token -> [[id, client_id, text], ...]."""
    conversations = {}
    # As JSON: what is said may have several lines.
    rows = sql("SELECT json_build_array(c.token, m.seq, m.client_id, m.body) FROM chat_messages m JOIN conversations c ON c.id = m.conversation_id ORDER BY c.id, m.seq")
    for (row,) in rows:
        token, seq, client_id, body = json.loads(row)
        conversations.setdefault(token, []).append([seq, client_id, body])
    return conversations


def settle(crowd, count, seconds=40):
    """Waits until everybody is connected, has sent all and was shown all; asks as a page that is looked at again would."""
    def quiet():
        status = crowd.ask("status")
        return status["caught_up"] == count and status["unacked"] == 0
    took = wait_until("everybody is back and has sent all", quiet, seconds)
    say(f"everybody is back and has sent all {took:.1f} s after the last message")


def check_logs(found, tokens):
    """The checker: gapless, no doubles, one order, nothing acknowledged that is not there."""
    truth = stored()
    shown = 0
    for log in found["logs"]:
        name, mine = log["name"], truth.get(log["session_id"], [])
        numbers = [number for number, *_ in log["log"]]
        if numbers != list(range(1, len(numbers) + 1)):
            check(False, f"{name} was shown a gap or a double: {numbers[-20:]}")
        if log["log"] != mine:
            check(False, f"{name} was shown {len(numbers)} messages, the database has {len(mine)}; or another text")
        for client_id, number in log["seen"]["acked"]:
            if number > len(mine) or mine[number - 1][1] != client_id:
                check(False, f"{name}: {client_id} was acknowledged as {number} and is not there")
        shown += len(numbers)
    for token in tokens:
        ids = [client_id for _, client_id, _ in truth.get(token, []) if client_id]
        if len(ids) != len(set(ids)):
            check(False, f"a message is stored twice in {token}")
    total = sum(len(truth.get(token, [])) for token in tokens)
    check(True, f"{total} messages in {len(tokens)} conversations, {shown} times shown: no gap, no double, one order for everybody")
    doubles, gaps = (sum(log["seen"][what] for log in found["logs"]) for what in ("doubles", "gaps"))
    errors = {}
    for log in found["logs"]:
        for code, times in log["seen"]["errors"].items():
            errors[code] = errors.get(code, 0) + times
    say(f"on the wire: {doubles} doubles, {gaps} jumps that clients asked about, errors {errors or 'none'}")
