# SPDX-License-Identifier: EUPL-1.2
"""No acknowledged record is lost, none is there twice, whatever happens at whichever call.

    test_proof.py [--all] [TEST...]

killed      each process, before each call that changes files, and in the middle of each write
resumed     the same amid files of several transactions
replayed    the same amid the replay of one reject by itself
failing     each of these calls in turn: EIO, ENOSPC, short write
power       the power goes after each call: disks that were possible then, synced or not, whole or torn
forgotten   the same after an fsync that failed: what it was to keep may be gone, whoever asks again
The controls show that the proof would see it:
unsynced    one fsync taken out of the program, each in turn
split       one transaction made two, and killed between

Each takes some points, others each day; all of them with --all, or where GW_LONG is set.
"""
import collections
import concurrent.futures
import datetime
import os
import random
import re
import shutil
import sys

import disk
from workload import KINDS, Replay, Workload, clean, main, same

ALL = "--all" in sys.argv or "GW_LONG" in os.environ
TODAY = datetime.date.today().toordinal()
SEEDS = 8 if ALL else 4 # disks of one point
JOBS = 2 * (os.cpu_count() or 1) # half of the time they wait


def some(points, most):
    """All, or a few that are spread evenly and are others tomorrow."""
    if ALL or len(points) <= most:
        return points
    step = len(points) / most
    first = TODAY % len(points)
    return [points[(first + int(i * step)) % len(points)] for i in range(most)]


def each(points, test, jobs=JOBS):
    """Their faults, by point, and what test gave."""
    faults, given = {}, collections.Counter()

    def one(point):
        try:
            return point, test(point), None
        except Exception as fault:  # pylint: disable=broad-except
            return point, None, fault

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for point, result, fault in pool.map(one, points):
            given[result] += 1
            if fault:
                faults[point] = fault
    return faults, given


def none(faults):
    if faults:
        raise AssertionError(f"{len(faults)} points\n" + "\n".join(f"  {p}: {f}" for p, f in list(faults.items())[:20]))


# ---- killed, failing ----

def baseline(drop=Workload.drop_all, make=Workload):
    w = make("baseline")
    drop(w)
    w.run(expect=0)
    found = w.page.calls(), w.page.statements(), w.page.commits()
    same({kind for kind, _, _ in found[0]}, set(KINDS), "kinds of processes that the shim is in")
    w.recover()
    w.oracle()
    w.remove()
    return found


def hit(point, drop=Workload.drop_all, make=Workload):
    """One run with that call hit, then as after a restart. Gives whether it was met at all."""
    kind, number, _, deed = point
    w = make("-".join(str(part) for part in point))
    drop(w)
    w.run(PROOF_KIND=kind, PROOF_AT=str(number), PROOF_DO=deed)
    met = w.page.hit()
    w.recover()
    w.oracle()
    w.remove()
    return "met" if met else "not met"


def hits(points, test=hit, jobs=JOBS):
    """None may lose anything; and most are met, though not every run makes the same calls."""
    faults, given = each(points, test, jobs)
    print(f"     {given['met']} points")
    none(faults)
    same(given["met"] >= 0.8 * len(points) - 1, True, f"{given['met']} of {len(points)} points met")


def killed():
    calls, _, _ = baseline()
    points = [(*call, "kill") for call in calls]
    points += [(*call, "half") for call in calls if call[2] == "write"]
    hits(some(points, 40))


def resumed():
    calls, _, _ = baseline(Workload.drop_large)
    points = [(*call, "kill") for call in calls if call[0] != "supervisor"]
    hits(some(points, 10), lambda point: hit(point, Workload.drop_large))


def replayed():
    calls, _, _ = baseline(Replay.drop_reject, Replay)
    points = [(*call, "kill") for call in calls]
    points += [(*call, "half") for call in calls if call[2] == "write"]
    hits(some(points, 8), lambda point: hit(point, Replay.drop_reject, Replay))


def failing():
    calls, _, _ = baseline()
    points = [(*call, "eio") for call in calls]
    points += [(*call, "enospc") for call in calls if call[2] in ("write", "truncate", "rename")]
    points += [(*call, "short") for call in calls if call[2] == "write"]
    hits(some(points, 30))


# ---- the power goes ----

class Recording:
    """Two runs, a file coming in between; the folder as it was before."""

    def __init__(self, name, **env):
        w = Workload(name)
        log = w.daemon.folder + ".record"
        with open(log, "wb"):
            pass
        w.drop_all()
        self.files = [w.files.copy()]
        self.seen = disk.look(w.daemon.folder)
        w.run(PROOF_LOG=log, **env)
        w.drop("people", "c")
        self.files.append(w.files.copy())
        self._note(log, w.daemon.path("in", "people"), "c.ndjson")
        w.clock += 120
        w.run(PROOF_LOG=log)
        self.met = w.page.hit()
        self.ops = disk.read(log)
        w.remove()
        os.unlink(log)

    @staticmethod
    def _note(log, folder, name):
        path = os.path.join(folder, name)
        with open(log, "ab") as f, open(path, "rb") as source:
            f.write(disk.pack(disk.DROP, os.stat(path).st_ino, os.stat(folder).st_ino, name.encode(), source.read()))

    def cuts(self, first=0):
        """Where to look: before each sync most is undecided; the other points have fewer of the same disks."""
        return [k for k in range(first, len(self.ops)) if self.ops[k].op in (disk.SYNC, disk.DROP)] + [len(self.ops)]

    def played(self, cut, taken_out=None):
        d = disk.Disk(self.seen)
        for i, op in enumerate(self.ops[:cut]):
            d.play(op, synced=i != taken_out)
        return d

    def files_at(self, cut):
        return self.files[any(op.op == disk.DROP for op in self.ops[:cut])]

    def restart(self, cut, seed, taken_out=None):
        """From one of the disks that were possible there. Seeds: 0 has nothing undecided, 1 all of it, others some."""
        w = Workload(f"power-{cut}-{seed}-{taken_out}-{random.getrandbits(32):x}", self.files_at(cut).copy())
        rng = random.Random(f"{cut} {seed}")
        share = seed if seed < 2 else rng.choice((0.2, 0.5, 0.8))
        shutil.rmtree(w.daemon.folder)
        self.played(cut, taken_out).build(w.daemon.folder, disk.Choice(rng, share))
        w.clock = 240
        try:
            w.recover()
            w.oracle()
        finally:
            w.remove()


def power():
    r = Recording("record")
    points = [(cut, seed) for cut in r.cuts() for seed in range(SEEDS)]
    faults, given = each(some(points, 60), lambda point: r.restart(*point))
    print(f"     {sum(given.values())} disks, of {len(r.ops)} calls recorded")
    none(faults)


def forgotten():
    """The daemon may not believe a second fsync: what the first was to keep is written again from its source."""
    calls, _, _ = baseline()
    rng = random.Random(TODAY)

    def one(call):
        r = Recording("forgotten-%s-%d" % call[:2], PROOF_KIND=call[0], PROOF_AT=str(call[1]), PROOF_DO="eio")
        failed = next((i for i, op in enumerate(r.ops) if op.op == disk.SYNC_FAILED), None)
        if failed is None:
            return 0
        cuts = r.cuts(failed)
        for cut in cuts[::4] + cuts[-1:] if ALL else [rng.choice(cuts), cuts[-1]]:
            for seed in (0, 2):
                try:
                    r.restart(cut, seed)
                except AssertionError as fault:
                    raise AssertionError(f"{name_of(r, failed)}, cut {cut}, seed {seed}: {fault}") from fault
        return 1

    syncs = some([call for call in calls if call[2] == "sync"], 6)
    faults, given = each(syncs, one)
    print(f"     {given[1]} failed fsyncs")
    none(faults)
    same(given[1] >= 0.8 * len(syncs), True, f"{given[1]} of {len(syncs)} met")


# ---- controls: what must be seen ----

# Of these the loss of one fsync must be seen, and the short form takes the one of that number. The log's first is of
# its head alone, its second of which configuration runs, its third of the cursor of receipts: a start makes both again;
# what others are for, where nobody would miss them, is in README.md.
MATTER = {("supervisor", "state/spool/in-*.aside"): 0, ("supervisor", "state/spool"): 0,
          ("supervisor", "state/store.db-wal"): 3, ("supervisor", "state/spool/out-*.aside"): 0,
          ("supervisor", "out/all/all-*.aside"): 0, ("supervisor", "out/all"): 0}

def noticed(r, taken_out):
    """Whether some disk shows that this fsync is missing: until the next of the same file or folder."""
    inode = r.ops[taken_out].inode
    end = next((i for i in range(taken_out + 1, len(r.ops)) if r.ops[i].op == disk.SYNC and r.ops[i].inode == inode),
               len(r.ops))
    for seed in (0, *range(2, SEEDS)):
        for cut in r.cuts(taken_out + 1):
            try:
                if cut <= end:
                    r.restart(cut, seed, taken_out)
            except AssertionError:
                return True
    return False


def name_of(r, i):
    """Of what the sync is of, without the numbers of ours."""
    return re.sub(r"-[0-9a-f-]{8,}", "-*", r.played(i).path_of(r.ops[i].inode))


def unsynced():
    """One of each in the short form. What nobody would miss is printed."""
    r = Recording("unsynced")
    syncs = [(i, r.ops[i].kind, name_of(r, i)) for i in range(len(r.ops)) if r.ops[i].op == disk.SYNC]
    if not ALL:
        syncs = [[s for s in syncs if s[1:] == one][number] for one, number in MATTER.items()]
    faults, _ = each(syncs, lambda sync: same(noticed(r, sync[0]), True, "noticed"))
    seen = collections.Counter(sync[1:] for sync in syncs if sync not in faults)
    missed = collections.Counter(sync[1:] for sync in faults)
    for one in sorted(seen | missed):
        print(f"     {seen[one]} of {seen[one] + missed[one]} noticed: {one[0]} {one[1]}")
    same([one for one in MATTER if not seen[one]], [], "fsyncs that nobody would miss")


def split():
    for drop, make, most in ((Workload.drop_all, Workload, 10), (Replay.drop_reject, Replay, 4)):
        _, statements, _ = baseline(drop, make)
        points = [(kind, number, "statement", "split") for kind, number in statements]
        faults, given = each(some(points, most), lambda point, of=(drop, make): hit(point, *of))
        print(f"     {len(faults)} of {len(faults) + given['met']} seen")
        same(bool(faults), True, "a transaction made two is seen")


TESTS = [killed, resumed, replayed, failing, power, forgotten, unsynced, split]

if __name__ == "__main__":
    wanted = [t for t in TESTS if t.__name__ in sys.argv[1:]]
    try:
        main(wanted or TESTS)
    finally:
        clean()
