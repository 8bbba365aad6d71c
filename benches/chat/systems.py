"""The two systems that are measured: how somebody comes into a conversation of each, and what saying something is called there."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import subprocess
from pathlib import Path

from processes import HERE, VAR, Process, pid_of
from wire import Socket

SERVER_PORT, METRICS_PORT, NODE_PORT = (int(os.environ[name]) for name in ("SERVER_PORT_BASE", "METRICS_PORT_BASE", "NODE_PORT_BASE"))
PG_HOME = (VAR / "postgres.home").read_text().strip()
# What Node stores goes into the same tables with the same indexes, and stands in the way of nobody.
NODE_TABLES = """
    DROP SCHEMA IF EXISTS node CASCADE;
    CREATE SCHEMA node;
    CREATE TABLE node.conversations (LIKE public.conversations INCLUDING ALL);
    CREATE TABLE node.chat_messages (LIKE public.chat_messages INCLUDING ALL);
    CREATE TABLE node.committed (at timestamptz DEFAULT clock_timestamp());
"""


def sql(statement):
    """Asks the shop's database as its superuser."""
    psql = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"), key=lambda path: float(path.parts[4]))[-1]
    command = [psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", PG_HOME, "-U", "postgres", "-d", "ecommerce_db", "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit_ms():
    """What one small transaction after the other takes: the disk's part."""
    sql("TRUNCATE node.committed")
    sql("DO $$ BEGIN FOR n IN 1..200 LOOP INSERT INTO node.committed DEFAULT VALUES; COMMIT; END LOOP; END $$")
    return float(sql("SELECT extract(epoch FROM max(at) - min(at)) * 1000 / 199 FROM node.committed"))


class Conversation:
    """Where something is said, and with which cookie one belongs to it."""

    def __init__(self, session_id, cookie=""):
        self.session_id, self.cookie = session_id, cookie


class Shop:
    """Our servers. A visitor asks, an agent who is at the desk has answered: nothing is left to be distributed."""

    name, event = "the shop", "send_message"
    ports = [SERVER_PORT + nth for nth in range(3)]

    def __enter__(self):
        self.cookie = self._cookie_of_an_agent()
        self.desk = Socket(self.ports[0], self.cookie)
        self.desk.emit("join_desk", {})
        return self

    def __exit__(self, *_):
        self.desk.close()

    def _cookie_of_an_agent(self):
        name = f"agent{os.getpid()}"
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=20)
        body = json.dumps({"username": name, "email": f"{name}@example.com", "password": secrets.token_urlsafe(18)})
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", "/auth/register", body, headers)
        answer = connection.getresponse()
        if answer.status not in (200, 201):
            raise SystemExit(f"an agent cannot be registered: {answer.status} {answer.read()[:300]!r}")
        sql(f"INSERT INTO user_roles (user_id, role) SELECT id, 'agent' FROM users WHERE username = '{name}'")
        return "; ".join(value.split(";")[0] for value in answer.headers.get_all("Set-Cookie"))

    def conversation(self):
        """A new visitor's conversation, which the agent has taken with a first answer."""
        customer = Socket(self.ports[0])
        customer.emit("join_chat", {})
        token = customer.event("chat_joined")["session_id"]
        customer.say(token, "Is somebody there?")
        agent = Socket(self.ports[0], self.cookie)
        agent.emit("join_chat", {"session_id": token})
        agent.event("chat_joined")
        agent.say(token, "Yes: what can I do for you?")
        agent.close()
        customer.close()
        return Conversation(token, customer.cookie)

    def join(self, port, conversation):
        """One more open page of whoever the conversation belongs to."""
        socket = Socket(port, conversation.cookie)
        socket.emit("join_chat", {"session_id": conversation.session_id})
        socket.event("chat_joined")
        return socket

    def join_own(self, port):
        """Somebody new who opens the chat."""
        socket = Socket(port)
        socket.emit("join_chat", {})
        socket.event("chat_joined")
        return socket

    def pids(self):
        return [pid_of(f"server{nth}") for nth in (1, 2, 3)]

    @staticmethod
    def tidy(server):
        """There is no garbage to collect."""

    @staticmethod
    def fresh_server():
        """One more, of which nothing was asked yet."""
        settings = {"METRICS_PORT": str(METRICS_PORT + 50), "SERVER_NAME": "Server-9"}
        return Process("server9", SERVER_PORT + 50, [os.environ["ECOMMERCE"], "serve"], "/readyz", **settings)


class Node:
    """Node's Socket.IO with its Redis adapter, in as many processes, on the same Redis and PostgreSQL. `event` says what it does."""

    ports = [NODE_PORT + nth for nth in range(3)]

    def __init__(self, processes, name, event):
        self.processes, self.name, self.event = processes, name, event

    def conversation(self):
        token = secrets.token_urlsafe(32)
        sql(f"INSERT INTO node.conversations (token, visitor_id, display_name) VALUES ('{token}', {secrets.randbits(60)}, 'Guest')")
        return Conversation(token)

    def join(self, port, conversation):
        socket = Socket(port)
        socket.emit("join_chat", {"session_id": conversation.session_id})
        socket.event("chat_joined")
        return socket

    def join_own(self, port):
        return self.join(port, Conversation(secrets.token_urlsafe(32)))

    def pids(self):
        return [process.pid for process in self.processes]

    @staticmethod
    def fresh_server(nth=50):
        settings = {"PGHOST": PG_HOME, "PGUSER": "postgres", "PGDATABASE": "ecommerce_db", "PGOPTIONS": "-c search_path=node,public",
                    "NODE_ENV": "production"}
        return Process(f"node{nth}", NODE_PORT + nth, ["node", "--expose-gc", HERE / "server.mjs"], "/", **settings)

    @staticmethod
    def tidy(server):
        """Garbage that was not collected yet is not what a socket costs."""
        os.kill(server.pid, signal.SIGUSR2)


@contextlib.contextmanager
def all_systems():
    """The shop, and Node's twice: what only passes messages on, and what stores them first as the shop does."""
    sql(NODE_TABLES)
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(Node.fresh_server(nth)) for nth in range(3)]
        yield (stack.enter_context(Shop()), Node(processes, "Node that stores", "send_message"), Node(processes, "Node that passes on", "pass_on"))
