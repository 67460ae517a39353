# SPDX-License-Identifier: EUPL-1.2
"""The proof with the store on a PostgreSQL: no acknowledged record is lost, none is there twice.

    test_proof_postgres.py [--all] [TEST...]

killed      each process, before each call that changes files or goes to the server and after it, or in the middle
resumed     the same amid files of several transactions
replayed    the same amid the replay of one reject by itself
lost        the link is lost at each call to the server: what is sent does not arrive, or what it answers does not
failing     each call that changes files: EIO, ENOSPC, short write
power       the power of the daemon's machine goes: its disk is one of those that were possible, the server goes on
stopped     the server is stopped at once after each call to it, and recovers
forgetful   the server keeps no commit any more that it says to keep: the run ends, with pauses, and says so
The controls show that the proof would see it:
split       one transaction made two, and killed between
unkept      one transaction rolled back, and said to be good

Each takes some points, others each day; all of them with --all, or where GW_LONG is set.
"""
import contextlib
import functools
import itertools
import os
import random
import re
import shutil
import sys
import threading
import time

import disk
from test_proof import ALL, SEEDS, baseline, each, hit, hits, none, some
from workload import BESIDE, MANY, Replay, Workload, clean, main, same

sys.path.insert(0, os.path.join(BESIDE, "..", "..", "servers"))
import postgres  # noqa: E402  pylint: disable=wrong-import-position

LINK = ("send", "receive")
NUMBERS = itertools.count()


@contextlib.contextmanager
def started_again(stops, page):
    """The server is there again while the daemon still runs."""
    def again(server):
        server.wait()
        SERVER.start()

    thread = threading.Thread(target=again, args=[SERVER.process], daemon=True)
    if stops:
        thread.start()
    yield
    if stops and page.hit():
        thread.join()


class OnServer(Workload):
    """Its store is a database of its own."""

    def __init__(self, name, files=None, like="clocked"):
        super().__init__(name, files)
        self.database = f"w{next(NUMBERS)}"
        SERVER.sql(f"CREATE DATABASE {self.database} TEMPLATE {like}")
        with open(self.daemon.path("gateway.conf"), encoding="utf-8") as f:
            self.conf = f.read()
        self.configure()

    def configure(self):
        self.daemon.write("gateway.conf", f'store = "{SERVER.url(self.database)}"; key = "{self.daemon.path("key")}";\n'
                          + self.conf)

    def run(self, expect=None, **env):
        with started_again(env.get("PROOF_DO") == "stop", self.page):
            return super().run(expect, PROOF_PORT=str(SERVER.port), PROOF_SERVER=str(SERVER.process.pid),
                               **postgres.ahead(self.clock), **env)

    def drop_many(self):
        self.drop("people", "l", bad=True, people=MANY)

    def remove(self):
        super().remove()
        SERVER.sql(f"DROP DATABASE {self.database} WITH (FORCE)")


class ReplayOnServer(Replay, OnServer):
    """Both."""


@functools.cache
def counted(drop=Workload.drop_all, make=OnServer):
    return baseline(drop, make)


def calls_of(drop=Workload.drop_all, make=OnServer):
    return counted(drop, make)[0]


def at(point, drop=Workload.drop_all, make=OnServer):
    return hit(point, drop, make)


# ---- killed, lost, failing ----

def kills(calls):
    points = [(*call, "kill") for call in calls]
    points += [(*call, "half") for call in calls if call[2] in ("write", "send")]
    return points + [(*call, "after") for call in calls if call[2] == "send"]


def killed():
    hits(some(kills(calls_of()), 6), at)


def resumed():
    calls = calls_of(OnServer.drop_many)
    points = [(*call, deed) for call in calls if call[0] == "applier" for deed in ("kill", "reset")]
    hits(some(points, 2), lambda point: at(point, OnServer.drop_many))


def replayed():
    points = kills(calls_of(Replay.drop_reject, ReplayOnServer))
    hits(some(points, 2), lambda point: at(point, Replay.drop_reject, ReplayOnServer))


def lost():
    hits(some([(*call, "reset") for call in calls_of() if call[2] in LINK], 6), at)


def failing():
    calls = [call for call in calls_of() if call[2] not in LINK]
    points = [(*call, "eio") for call in calls]
    points += [(*call, "enospc") for call in calls if call[2] in ("write", "truncate", "rename")]
    points += [(*call, "short") for call in calls if call[2] == "write"]
    hits(some(points, 4), at)


# ---- the power goes ----

def without_power(point):
    """One run until it goes there; the server has what it had then, and the disk is each of some."""
    kind, number, _ = point
    w = OnServer(f"power-{kind}-{number}")
    log = w.daemon.folder + ".record"
    with open(log, "wb"):
        pass
    w.drop_all()
    seen = disk.look(w.daemon.folder)
    w.run(PROOF_KIND=kind, PROOF_AT=str(number), PROOF_DO="power", PROOF_LOG=log)
    d = disk.Disk(seen)
    for op in disk.read(log):
        d.play(op)
    try:
        for seed in range(SEEDS):
            restart(w, d, point, seed)
        return "met" if w.page.hit() else "not met"
    finally:
        w.remove()
        os.unlink(log)


def restart(before, d, point, seed):
    w = OnServer("%s-%d-%s-%d" % (*point, seed), before.files.copy(), before.database)
    rng = random.Random(f"{point} {seed}")
    shutil.rmtree(w.daemon.folder)
    d.build(w.daemon.folder, disk.Choice(rng, seed if seed < 2 else rng.choice((0.2, 0.5, 0.8))))
    w.configure()
    w.clock = 240
    try:
        w.recover()
        w.oracle()
    except AssertionError as fault:
        raise AssertionError(f"seed {seed}: {fault}") from fault
    finally:
        w.remove()


def power():
    hits(some([call for call in calls_of() if call[0] in ("supervisor", "applier")], 2), without_power)


def stopped():
    hits(some([(*call, "stop") for call in calls_of() if call[2] in LINK], 3), at, jobs=1)


def forgets(point):
    """The run ends. What others did of the same exchange is gone with it, or was kept."""
    kind, number, _, deed = point
    w = OnServer(f"{kind}-{number}-{deed}")
    w.drop_all()
    began = time.monotonic()
    done = w.run(PROOF_KIND=kind, PROOF_AT=str(number), PROOF_DO=deed)
    same(done.returncode, 0, "it ended by itself")
    tries = len(re.findall("store.unkept|exchange.lost|exchange.delivered|exchange.written", done.stdout + done.stderr))
    same(tries < 30, True, f"{tries} tries in {time.monotonic() - began:.0f} s")
    w.recover()
    w.oracle()
    w.remove()
    return "store.unkept" in done.stderr


def forgetful():
    """From behind the commits that receive the files, which the server has."""
    points = [(kind, number, "commit", "forgetful") for kind, number in counted()[2]
              if kind == "applier" or number > max(RECEIVE)]
    faults, given = each(some(points, 4), forgets)
    print(f"     {given[True]} of {sum(given.values())} are said")
    none(faults)
    same(given[True] > 0, True, "some are said")


# ---- controls: what must be seen ----

def split():
    """What a transaction did is done again when the end of it is not there."""
    points = [(kind, number, "statement", "split") for kind, number in counted()[1] if kind == "applier"]
    faults, given = each(some(points, 8), at)
    print(f"     {len(faults)} of {len(faults) + given['met']} seen")
    same(bool(faults), True, "a transaction made two is seen")


# Those of the supervisor's commits that receive the three files: what is not there is lost.
RECEIVE = (4, 5, 6)


def unkept():
    """What is done again in any case, and what a start makes again, nobody would miss: README.md."""
    points = [(kind, number, "commit", "unkept") for kind, number in counted()[2] if kind == "supervisor"]
    if not ALL:
        points = [point for point in points if point[1] in RECEIVE]
    faults, _ = each(points, at)
    print(f"     {len(faults)} of {len(points)} seen")
    same([n for n in RECEIVE if ("supervisor", n, "commit", "unkept") not in faults], [], "commits that nobody would miss")


TESTS = [killed, resumed, replayed, lost, failing, power, stopped, forgetful, split, unkept]

if __name__ == "__main__":
    if not postgres.programs():
        print("skipped: no PostgreSQL 15 or newer is installed")
        sys.exit(77)
    try:
        with postgres.Server({"max_connections": "80"}) as SERVER:
            SERVER.sql("CREATE DATABASE clocked")
            SERVER.sql(postgres.CLOCK, "clocked")
            main([t for t in TESTS if t.__name__ in sys.argv[1:]] or TESTS)
    finally:
        clean()
