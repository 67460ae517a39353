# SPDX-License-Identifier: EUPL-1.2
"""A bad line: passes bytes on to a server of this machine, slowly, up to some byte, or not at all."""
import select
import socket
import threading
import time


class Line:
    """cut_at: bytes of both ways after which everything is closed; stall_at: after which nothing moves any more.
    cuts: how many connections are cut so; those that follow are good. rate: bytes a second."""

    def __init__(self, port, cut_at=None, stall_at=None, cuts=1, rate=None):
        self.target, self.cut_at, self.stall_at, self.cuts, self.rate = port, cut_at, stall_at, cuts, rate
        self.moved = []  # bytes of each connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = True
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while self.open:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            self.moved.append(0)
            threading.Thread(target=self.carry, args=(near, len(self.moved) - 1), daemon=True).start()

    def limit(self, number):
        bound = self.stall_at if self.stall_at is not None else self.cut_at
        return bound if bound is not None and number < self.cuts else None

    def carry(self, near, number):
        limit = self.limit(number)
        try:
            with near, socket.create_connection(("127.0.0.1", self.target)) as far:
                for s in (near, far):
                    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while self.open and self.step(near, far, number, limit):
                    pass
        except OSError:
            pass

    def step(self, near, far, number, limit):
        for s in select.select([near, far], [], [], 0.5)[0]:
            left = 65536 if limit is None else limit - self.moved[number]
            if left <= 0:
                while self.stall_at is not None and self.open:
                    time.sleep(0.1)
                return False
            block = s.recv(min(left, 65536, self.rate // 10 if self.rate else 65536))
            if not block:
                return False
            (far if s is near else near).sendall(block)
            self.moved[number] += len(block)
            if self.rate:
                time.sleep(len(block) / self.rate)
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open = False
        self.listener.close()
