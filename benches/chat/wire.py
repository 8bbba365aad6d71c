"""A lean Socket.IO client over a WebSocket. On two cores a client that reads every message costs more than the servers that are to be
measured, so this one counts messages without reading them; both systems are measured with it."""

import base64
import json
import os
import socket
import struct

# Another loopback address than the servers': no outgoing connection ever sits on a port that one of them wants.
SOURCE = "127.0.39.1"
MESSAGE = b'["new_message",'
# Engine.IO's ping is a text frame of the one letter 2. Everything else is JSON in ASCII, in which the first byte does not occur.
PING = b"\x81\x012"


def frame(text):
    """A text frame as clients send it. It must be masked; a mask of zeros leaves the text as it is."""
    body = text.encode()
    if len(body) < 126:
        return struct.pack("!BBI", 0x81, 0x80 | len(body), 0) + body
    return struct.pack("!BBHI", 0x81, 0xFE, len(body), 0) + body


PONG = frame("3")


class Refused(Exception):
    """What the server said instead of what was waited for."""


class Socket:
    """One open socket: read message by message while it is set up, then counted."""

    def __init__(self, port, cookie=""):
        self.tcp = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(SOURCE, 0))
        self.tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard, self.rest = 0, b""
        self.cookie = self._shake_hands(port, cookie) or cookie
        self.wait_for(lambda text: text.startswith("0"))
        self.send("40")
        self.wait_for(lambda text: text.startswith("40"))

    def _shake_hands(self, port, cookie):
        """Opens the WebSocket; gives back the cookies that came with it, as a browser would send them."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        lines += [f"Cookie: {cookie}"] if cookie else []
        self.tcp.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.rest:
            self._receive()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        first, *headers = head.decode("latin-1").split("\r\n")
        if " 101 " not in first + " ":
            raise Refused(first)
        pairs = [line.split(":", 1) for line in headers]
        return "; ".join(value.split(";")[0].strip() for name, value in pairs if name.lower() == "set-cookie")

    def _receive(self):
        data = self.tcp.recv(65536)
        if not data:
            raise Refused("the connection was closed")
        self.rest += data

    def send(self, text):
        self.tcp.sendall(frame(text))

    def text(self):
        """The next text, waited for; pings are answered."""
        while True:
            while len(self.rest) < 4:
                self._receive()
            size, start = self.rest[1], 2
            if size == 126:
                size, start = struct.unpack("!H", self.rest[2:4])[0], 4
            while len(self.rest) < start + size:
                self._receive()
            body, self.rest = self.rest[start:start + size].decode(), self.rest[start + size:]
            if body != "2":
                return body
            self.tcp.sendall(PONG)

    def wait_for(self, is_it):
        """The first text that is it. An error that the server tells of ends the waiting."""
        while True:
            text = self.text()
            if is_it(text):
                return text
            if text.startswith(('42["error"', "44", "41")):
                raise Refused(text)

    def event(self, name):
        """The payload of the next event of this name."""
        return json.loads(self.wait_for(lambda text: text.startswith(f'42["{name}"'))[2:])[1]

    def emit(self, name, payload):
        self.send("42" + json.dumps([name, payload]))

    def say(self, session_id, message):
        """Says something and waits for its acknowledgement."""
        self.send("421" + json.dumps(["send_message", {"session_id": session_id, "message": message}]))
        answer = json.loads(self.wait_for(lambda text: text.startswith("431["))[3:])[0]
        if not answer["success"]:
            raise Refused(str(answer))

    def count_from_here(self):
        """From here on nothing is read any more, and `drain` counts."""
        self.tcp.setblocking(False)
        if PING in self.rest:
            self.tcp.sendall(PONG)

    def drain(self):
        """Takes what has come and counts the messages in it."""
        data, known = self.rest, len(self.rest)
        try:
            while True:
                got = self.tcp.recv(1 << 20)
                if not got:
                    raise Refused(f"the connection was closed after {data[-200:]!r}")
                data += got
                if len(got) < 1 << 20:
                    break
        except BlockingIOError:
            pass
        self.heard += data.count(MESSAGE)
        # Not one that was answered when what is left over now was new.
        if PING in data[max(0, known - len(PING) + 1):]:
            self.tcp.sendall(PONG)
        # The end may be the beginning of something that is counted.
        self.rest = data[-(len(MESSAGE) - 1):] if len(data) >= len(MESSAGE) else data

    def close(self):
        self.tcp.close()
