"""Keeps sockets open that nobody looks at: answers their pings, so that no server takes them for gone."""

import select
import threading

from wire import Refused


class Keeper:
    """A thread that drains what comes for the sockets it was given."""

    def __init__(self):
        self.ready, self.sockets, self.lock, self.lost = select.epoll(), {}, threading.Lock(), []
        self.running = True
        self.thread = threading.Thread(target=self._keep, daemon=True)
        self.thread.start()

    def add(self, sockets):
        with self.lock:
            for socket in sockets:
                socket.count_from_here()
                self.sockets[socket.tcp.fileno()] = socket
                self.ready.register(socket.tcp.fileno(), select.EPOLLIN)

    def remove(self, sockets):
        with self.lock:
            for socket in sockets:
                if self.sockets.pop(socket.tcp.fileno(), None):
                    self.ready.unregister(socket.tcp.fileno())

    def _keep(self):
        while self.running:
            come = self.ready.poll(.2)
            with self.lock:
                for number, _ in come:
                    self._drain(number)

    def _drain(self, number):
        socket = self.sockets.get(number)
        try:
            if socket:
                socket.drain()
        except (Refused, OSError) as error:
            self.lost.append(str(error))
            del self.sockets[number]
            self.ready.unregister(number)

    def check(self):
        """That no server has closed one of them."""
        if self.lost:
            raise SystemExit(f"{len(self.lost)} sockets were closed by their server: {self.lost[0]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join()
