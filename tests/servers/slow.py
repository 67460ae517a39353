# SPDX-License-Identifier: EUPL-1.2
"""A long line: IP packets that take their time, that are lost, that queue at the narrow end, as `tc netem` makes them.
Here a TUN device does it, as many kernels come without netem, and what is lost is the same each time.

Who connects to FAR is answered by who listens on NEAR: each packet has its two addresses swapped on its way, which no
checksum notices. In a network namespace of the test's own (alone.py).
"""
import fcntl
import os
import queue
import struct
import subprocess
import threading
import time

TUN, SET_NAME, NO_INFO = "/dev/net/tun", 0x400454ca, 0x1001
NEAR, FAR = "10.9.0.1", "10.9.0.2"
FULL = 32 << 10  # bytes that wait at the narrow end; more are lost


class Line:
    """delay: seconds, each way. loss: one packet in so many; 0: none. rate: bytes a second, each way; 0: any. `dead`: nothing
    passes and nobody is told. All may be changed at any time."""

    def __init__(self):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.tun = os.open(TUN, os.O_RDWR)
        fcntl.ioctl(self.tun, SET_NAME, struct.pack("16sH22x", b"line", NO_INFO))
        subprocess.run(["ip", "address", "add", NEAR + "/24", "dev", "line"], check=True)
        subprocess.run(["ip", "link", "set", "line", "up", "mtu", "1400"], check=True)
        self.set()
        self.count = self.lost = 0
        self.ways = {way: queue.Queue() for way in (False, True)}
        threading.Thread(target=self.take, daemon=True).start()
        for way in self.ways.values():
            threading.Thread(target=self.give, args=(way,), daemon=True).start()

    def set(self, delay=0, loss=0, rate=0):
        self.delay, self.loss, self.rate, self.dead = delay, loss, rate, False
        self.free = {}  # by way: when the narrow end is

    def take(self):
        while True:
            packet = os.read(self.tun, 65536)
            if packet[0] >> 4 != 4:
                continue
            self.count += 1
            now, way = time.monotonic(), packet[22:24] > packet[20:22]  # the two ports tell who speaks
            free = max(now, self.free.get(way, 0))
            if self.dead or (self.loss and self.count % self.loss == 0) or (self.rate and (free - now) * self.rate > FULL):
                self.lost += 1
                continue
            self.free[way] = free + (len(packet) / self.rate if self.rate else 0)
            self.ways[way].put((self.free[way] + self.delay, packet))

    def give(self, way):
        while True:
            due, packet = way.get()
            time.sleep(max(0, due - time.monotonic()))
            if not self.dead:
                os.write(self.tun, packet[:12] + packet[16:20] + packet[12:16] + packet[20:])
