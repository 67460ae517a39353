# SPDX-License-Identifier: EUPL-1.2
"""Requests that are nearly right, as bytes: each has a well-formed answer or a closed line, and the process lives on.

The same 2000 each time, twice over; --long makes 50 times as many by another seed, which is told when one goes wrong.
"""
import base64
import os
import random
import re
import socket
import sys
import threading
import time

from daemon import main, same
from partner import KEYS, Gateway, person, statuses

LONG = "--long" in sys.argv
THREADS = 4
EACH = 25000 if LONG else 500
SEED = int(time.time()) if LONG else 20260302
GIVER, TAKER = (f"Host: x\r\nAuthorization: Bearer {KEYS[who]}\r\n" for who in ("giver", "taker"))
POST = "POST /v1/flows/people/files HTTP/1.1\r\n" + GIVER
LINE = person(1)
CHUNKS = f"Transfer-Encoding: chunked\r\n\r\n{len(LINE):x};a=b\r\n{LINE}\r\n0\r\nX-T: y\r\n\r\n"
GOOD = [x.encode() for x in (
    "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "HEAD /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n",
    f"GET /v1/exchanges/1?after=0 HTTP/1.1\r\n{GIVER}Accept-Language: en;q=0.5, fr\r\n\r\n",
    f"GET /v1/exchanges/1/receipt HTTP/1.1\r\n{GIVER}\r\n",
    f"GET /v1/flows/all/outbox/2 HTTP/1.1\r\n{TAKER}Range: bytes=0-9\r\n\r\n",
    f"POST /v1/flows/all/outbox/9/ack HTTP/1.1\r\n{TAKER}Content-Length: 0\r\n\r\n",
    f"GET /v1/formats/ndjson HTTP/1.0\r\n{GIVER}Connection: keep-alive\r\n\r\n",
    POST + f"X-File-Name: a.ndjson\r\nIdempotency-Key: k1\r\nContent-Length: {len(LINE)}\r\n\r\n{LINE}",
    POST + "Content-Disposition: attachment; filename*=UTF-8''%C3%A9.ndjson\r\nIdempotency-Key: k2\r\n" + CHUNKS,
    POST + f"Expect: 100-continue\r\nIdempotency-Key: k3\r\nContent-Length: {len(LINE)}\r\n\r\n{LINE}",
)]
PIECES = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"\r\n ", b"\r\n\r\n", b"%00", b"%2e%2e/", b"%", b"?", b"&a=%ff",
          b"\xff\xfe", b"HTTP/9.9", b"0\r\n\r\n", b"-1", b"+5", b"0x10", b"ffffffffffffffff", b"18446744073709551616",
          b"Content-Length: 5\r\n", b"Content-Length: 5, 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: y\r\n",
          b"Transfer-Encoding: gzip, chunked\r\n", b"Expect: 100-continue\r\n", b"Connection: close, upgrade\r\n",
          b"Upgrade: h2c\r\n", b"Range: bytes=9-0,-1\r\n", b"X: " + b"a" * 70000 + b"\r\n", b"X: y\r\n" * 2000,
          b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b";x=\"\n", b"\x16\x03\x01\x00\xa5"]


def mutated(chance):
    text = chance.choice(GOOD)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 4))):
        at, span = chance.randrange(len(text) + 1), chance.randrange(1, 12)
        text = chance.choice((
            lambda: text[:at] + chance.choice(PIECES) + text[at:],
            lambda: text[:at] + chance.choice(PIECES) + text[at + span:],
            lambda: text[:at] + text[at + span:],
            lambda: text[:at] + text[at:at + span] * 2 + text[at + span:],
            lambda: text[:at] + bytes([chance.randrange(256)]) + text[at + 1:],
            lambda: text[:at] + chance.choice(GOOD) + text[at:],
            lambda: text + chance.choice(GOOD),
            lambda: text[:at],
        ))()  # pylint: disable=cell-var-from-loop
    return text


HEADS = re.compile(rb"HTTP/1\.[01] (\d{3}) [ -~]*\r\n((?:[!-9;-~]+: ?[^\r\n\0]*\r\n)*)\r\n")


def fault(got, whole, may_be_head):
    """None when these are answers one after the other; the last may be cut when the line was."""
    while got:
        head = HEADS.match(got)
        if not head:
            return None if not whole and b"\r\n\r\n" not in got else f"no head: {got[:200]!r}"
        got = got[head.end():]
        if head[1] in (b"100", b"204", b"304"):
            continue
        lengths = re.findall(rb"(?im)^content-length: ?(\d+)\r$", head[2])
        if len(lengths) != 1:
            return f"{len(lengths)} lengths: {head[0]!r}"
        if b"onnection: close\r\n" in head[2]:  # the library says the head of its own pages twice; nobody reads on
            return None if not whole or len(got) >= int(lengths[0]) or may_be_head else f"cut: {head[0]!r}"
        if may_be_head and (not got or got.startswith(b"HTTP/1.")):
            continue
        if len(got) < int(lengths[0]) and whole:
            return f"{len(got)} of {lengths[0]!r} bytes: {head[0]!r}"
        got = got[int(lengths[0]):]
    return None


def talk(port, text):
    """What came back, and whether the line was closed in order: all that was said is here."""
    got, whole = b"", True
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.settimeout(20)
        try:
            s.sendall(text)
            s.shutdown(socket.SHUT_WR)
            while part := s.recv(65536):
                got += part
        except (ConnectionResetError, BrokenPipeError, OSError) as e:
            if isinstance(e, socket.timeout):
                raise
            whole = False
    return got, whole


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def nearly_right():
    d = Gateway("wire", api='rate = 1000000; behind_proxy = true; timeout = "5 s"; body_max = "100 kB";')
    d.start()
    d.settled(d.post(person(9).encode(), "first.ndjson")[2]["id"])
    front, faults, answered = d.front(), [], []

    def work(rank):
        chance = random.Random(SEED + rank)
        for _ in range(EACH):
            text = mutated(chance)
            try:
                got, whole = talk(d.port, text)
                wrong = fault(got, whole, b"HEAD" in text)
            except OSError as e:
                got, wrong = b"", str(e)
            answered.extend(statuses(got))
            if wrong:
                faults.append(f"seed {SEED}: {wrong}\n{base64.b64encode(text[:3000]).decode()}")
                return

    def all_at_once():
        threads = [threading.Thread(target=work, args=(rank,)) for rank in range(THREADS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        same(faults, [], "answers")

    all_at_once()
    same(len(answered) > THREADS * EACH // 2 and {200, 202, 400, 401, 404} <= set(answered), True, "something was answered")
    before = resident(front)
    all_at_once()
    same(d.front(), front, "the process that listens")
    if not int(os.environ.get("SANITIZED", "0")):
        same(resident(front) - before < 4000, True, f"{before} kB grew to {resident(front)} kB")
    same(d.ask("GET", "/health")[0], 200, "it lives")
    d.stop()
    d.run("fsck")


main([nearly_right])
