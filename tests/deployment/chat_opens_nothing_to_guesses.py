"""Guesses of a session_id on every server, and the true one by somebody else: not one frame of a conversation for them."""

import subprocess

from support.chat import BROWSER, Crowd, cookies_of_a_visitor
from support.shop import FULL, SERVER_PORT_BASE, check, wait_until
from pathlib import Path

TRIES = 10_000 if FULL else 600
crowd = Crowd()
crowd.ask("open", of=[{"name": "owner", "identity": cookies_of_a_visitor(), "transport": "websocket", "sends": True}])
wait_until("there is a conversation", lambda: crowd.ask("status")["caught_up"] == 1, 20)
token = crowd.logs()["logs"][0]["session_id"]
crowd.ask("start", every=300, seconds=600)
script = Path(__file__).parent / "support" / "chat_guesses.mjs"
for n in range(3):
    port = SERVER_PORT_BASE + n
    done = subprocess.run(["node", script, f"http://127.0.0.1:{port}", str(TRIES), token], cwd=BROWSER, capture_output=True, text=True, timeout=600)
    words = done.stdout.split()
    check(done.returncode == 0 and len(words) == 3, f"the guesses at Server-{n + 1} were made {done.stderr[-300:]}")
    tried, refused, frames = map(int, words)
    check(tried >= TRIES and frames == 0, f"Server-{n + 1}: {tried} guesses, {refused} refusals, {frames} frames of a conversation")
check(crowd.ask("status")["connected"] == 1, "the owner's socket was not disturbed")
crowd.end()
