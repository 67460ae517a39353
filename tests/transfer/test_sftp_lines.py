# SPDX-License-Identifier: EUPL-1.2
"""passerelle-sftp over lines that are cut at any byte, hang or are slow, and with servers that are killed: no half
file is ever seen under its name, and a second run completes."""
import os
import shutil
import signal
import time

from site_sftp import MEGA, OLD, PROGRAM, Site, chosen, ends

from cut import Line
from daemon import main, same
from process import digest, noise, start


# ---- cuts ----

def through(line):
    return {"url": f"sftp://127.0.0.1:{line.port}"}


def cuts(total):
    """Places of a conversation: close to each other where little is said at its ends, in big steps between."""
    edge = min(6000, total // 2)
    return sorted({*range(1, edge, 499), *range(edge, total - edge, max(1, total // 8)),
                   *range(total - edge, total, 251)})


def a_download_cut_anywhere():
    with Site() as s:
        size = 2 * MEGA + 5
        right = s.put("a", noise(size))
        s.put("b", b"small", OLD + 1)
        with Line(s.server.port) as line:
            ends(s.fetch(connector=through(line)), "ok")
            total = line.moved[0]
        for at in cuts(total):
            shutil.rmtree(s.local)
            with Line(s.server.port, cut_at=at) as line:
                said = s.fetch(connector=through(line))
                if said.end["end"] != "ok":
                    ends(said, "retry", "transfer.cut")
                for name in s.names():
                    same(name == "a.aside" or os.path.getsize(s.here(name)) == {"a": size, "b": 5}[name], True,
                         f"{name} whole after a cut at {at}")
                ends(s.fetch(connector=through(line)), "ok")
            same((s.names(), digest(s.here("a"))), (["a", "b"], right), f"after a cut at {at}")


def a_download_is_resumed():
    with Site() as s:
        right = s.put("a", noise(8 * MEGA))
        with Line(s.server.port, cut_at=6 * MEGA) as line:
            ends(s.fetch(connector=through(line)), "retry", "transfer.cut")
            have = os.path.getsize(s.here("a.aside"))
            same(have > 4 * MEGA, True, f"{have} bytes are kept")
            ends(s.fetch(connector=through(line)), "ok")
            same(line.moved[1] < 8 * MEGA - have + 100000, True, f"{line.moved[1]} bytes, the rest alone")
        same(digest(s.here("a")), right, "content")
        os.remove(s.here("a"))
        with Line(s.server.port, cut_at=6 * MEGA) as line:
            ends(s.fetch(connector=through(line)), "retry", "transfer.cut")
            other = s.put("a", noise(8 * MEGA, b"other"), OLD + 5)
            ends(s.fetch(connector=through(line)), "ok")
        same(digest(s.here("a")), other, "another file is not resumed")


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def wait_for(what):
    until = time.monotonic() + 60
    while not what():
        same(time.monotonic() < until, True, "within a minute")
        time.sleep(0.01)


def a_killed_download_is_resumed():
    with Site() as s:
        right = s.put("a", noise(8 * MEGA))
        for size in (2 * MEGA, 4 * MEGA, 6 * MEGA):
            process = start(PROGRAM, s.folder, s.duty("fetch", connector={"rate": 4 * MEGA}))
            wait_for(lambda: size_of(s.here("a.aside")) >= size)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            same(s.names(), ["a.aside"], "nothing under its name")
        with Line(s.server.port) as line:
            ends(s.fetch(connector=through(line)), "ok")
            same(line.moved[0] < 6 * MEGA, True, "the rest alone")
        same(digest(s.here("a")), right, "content")


def an_upload_cut_anywhere():
    content = noise(MEGA + 5)
    for errand in ({}, {"aside": ""}):
        with Site() as s:
            right = digest(s.source(content))
            with Line(s.server.port) as line:
                ends(s.send(content, errand, through(line)), "ok")
                total = line.moved[0]
            for at in cuts(total):
                s.clear()
                with Line(s.server.port, cut_at=at) as line:
                    said = s.send(content, errand, through(line))
                    if said.end["end"] != "ok":
                        ends(said, "retry", "transfer.cut")
                    if "out.json" in s.there():
                        same(digest(s.at("depot", "out.json")), right, f"whole after a cut at {at}")
                        same(said.end["end"], "ok", f"known to be there after a cut at {at}")
                    else:
                        ends(s.send(content, errand, through(line)), "ok")
                same((s.there(), digest(s.at("depot", "out.json"))), (["out.json"], right), f"after a cut at {at}")


def an_upload_cut_twice_is_in_doubt():
    """The line is gone for good at the moment of the rename: who knows?"""
    content = noise(1000)
    with Site() as s:
        found = set()
        with Line(s.server.port) as line:
            ends(s.send(content, connector=through(line)), "ok")
            total = line.moved[0]
        for at in range(total - 600, total, 23):
            s.clear()
            with Line(s.server.port, cut_at=at, later=100) as line:
                said = s.send(content, connector=through(line))
            if said.end["end"] == "doubt":
                ends(said, "doubt", "transfer.doubt", complete="no")
                found.add("out.json" in s.there())
            elif said.end["end"] == "retry":
                same("out.json" in s.there(), False, f"retried, though it is there: cut at {at}")
        same(found >= {True}, True, f"doubts {found}")


def a_blind_upload_that_is_cut():
    content = noise(200000)
    with Site(sftp="-P opendir,readdir,stat,lstat,fstat") as s:
        for aside in (".part", ""):
            errand = {"blind": True, "aside": aside}
            s.clear()
            with Line(s.server.port) as line:
                s.send(content, errand, through(line))
                total = line.moved[0]
            found = set()
            points = [*range(1, total - 700, total // 9), *range(total - 700, total, 37)]
            more = range(total - 1100, total, 13)  # runs differ by some bytes: until both ends were met
            for n, at in enumerate([*points, *more]):
                if n >= len(points) and found == {"yes", "no"}:
                    break
                s.clear()
                with Line(s.server.port, cut_at=at) as line:
                    said = s.send(content, errand, through(line))
                same(len(line.moved), 1, "no second connection")
                if said.end["end"] == "retry":
                    same("out.json" in s.there(), False, f"retried, though it is there: cut at {at}")
                else:
                    same(said.end["end"], "doubt", f"cut at {at}")
                    complete = said.end["args"]["complete"]
                    found.add(complete)
                    if complete == "yes":
                        same(os.path.getsize(s.at("depot", "out.json")), len(content), f"complete, cut at {at}")
            same(found, {"yes", "no"}, f"aside {aside!r}")


def a_killed_server():
    with Site() as s:
        right = s.put("a", noise(8 * MEGA))
        process = start(PROGRAM, s.folder, s.duty("fetch", connector={"rate": 4 * MEGA}))
        time.sleep(0.8)
        s.server.kill()
        process.communicate(timeout=30)
        same(s.names(), ["a.aside"], "here")
        s.server.start()
        ends(s.fetch(), "ok")
        same(digest(s.here("a")), right, "content")
        content = noise(8 * MEGA, b"out")
        duty = s.duty("send", connector={"rate": 4 * MEGA}, name="out", size=len(content))
        process = start(PROGRAM, s.folder, duty, s.source(content))
        time.sleep(0.8)
        s.server.kill()
        process.communicate(timeout=30)
        same("out" in s.there(), False, "no half file")
        s.server.start()
        ends(s.send(content, name="out"), "ok")
        same(digest(s.at("depot", "out")), digest(s.source(content)), "content")


# ---- slow ----

def a_line_that_hangs():
    with Site() as s:
        s.put("a", noise(4 * MEGA))
        for at in (0, 500, 3000, 2 * MEGA):
            with Line(s.server.port, stall_at=at) as line:
                began = time.monotonic()
                said = s.fetch(connector={**through(line), "connect_timeout": 2, "timeout": 2})
                ends(said, "retry", "transfer.timeout")
                same(1 < time.monotonic() - began < 8, True, f"two seconds, at {at}")


def a_slow_line_is_no_hanging_one():
    with Site() as s:
        right = s.put("a", noise(60000))
        with Line(s.server.port, rate=20000) as line:
            began = time.monotonic()
            ends(s.fetch(connector={**through(line), "timeout": 2}), "ok")
            same(time.monotonic() - began > 3, True, "slow")
        same(digest(s.here("a")), right, "content")


def a_rate_is_kept():
    content = noise(3 * MEGA)
    with Site() as s:
        s.put("a", content)
        for act in (lambda: s.fetch(connector={"rate": MEGA}), lambda: s.send(content, connector={"rate": MEGA})):
            began = time.monotonic()
            ends(act(), "ok")
            same(2.5 < time.monotonic() - began < 6, True, f"{time.monotonic() - began} seconds for 3 MB at 1 MB/s")


if __name__ == "__main__":
    main(chosen(globals()))
