# SPDX-License-Identifier: EUPL-1.2
"""A bad line: passes bytes on to a server of this machine, slowly, up to some byte, or not at all."""
import select
import socket
import threading
import time


class Line:
    """cut_at: bytes of both ways after which the first connection is closed; stall_at: after which nothing moves on
    it any more. later: the same for those that follow; None: they are good. rate: bytes a second."""

    def __init__(self, port, cut_at=None, stall_at=None, later=None, rate=None):
        self.target, self.stalls, self.later, self.rate = port, stall_at is not None, later, rate
        self.first = stall_at if self.stalls else cut_at
        self.moved = []  # bytes of each connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = True
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()

    def accept(self):
        while self.open:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            self.moved.append(0)
            threading.Thread(target=self.carry, args=(near, len(self.moved) - 1), daemon=True).start()

    def carry(self, near, number):
        limit = self.later if number else self.first
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
                while self.stalls and self.open:
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
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which else takes what comes to the next listener
        self.accepting.join()
        self.listener.close()
