# SPDX-License-Identifier: EUPL-1.2
"""SIGKILL of random processes of the daemon under a stream of files: nothing lost, nothing twice.

    test_crashes.py [KILLS]      as many kills as said (40; a thousand in a long run)
"""
import os
import random
import signal
import sys
import time

from daemon import Daemon, flow_in, flow_out, law, main, same

PEOPLE = 40 # of a file


def text_of(file):
    return "".join('{"type":"personne","id":"p%d","record":%d,"fields":{"id_departement":"%d-%d","nom_usage":"N%d"}}\n'
                   % (n, n, file, n, n) for n in range(1, PEOPLE + 1))


def family(pid):
    """The daemon and its workers."""
    pids = [pid]
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as f:
                    if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                        pids.append(int(name))
            except (OSError, IndexError):
                pass
    return pids


def storm():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    rng = random.Random(20261128)
    d = Daemon("storm", [flow_in("people", "ndjson", 'apply = "record";'),
                         flow_in("whole", "ndjson", 'apply = "file";'), flow_out("all", "ndjson")])
    d.start()
    files = 0
    for _ in range(kills):
        for _ in range(rng.randrange(3)):
            files += 1
            d.drop(rng.choice(["people", "whole"]), f"{files}.ndjson", text_of(files))
        time.sleep(rng.random() * 0.25)
        victim = rng.choice(family(d.process.pid))
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            pass
        if victim == d.process.pid:
            d.process.wait()
            d.start()
    d.stop(30)
    for _ in range(60):
        d.once()
        if not [e for e in d.exchanges() if e["state"] in ("queued", "working", "received")]:
            break
        time.sleep(1)
    same(sorted(os.listdir(d.path("in/people")) + os.listdir(d.path("in/whole"))), ["done", "done"], "sources left")
    exchanges = d.exchanges()
    for e in exchanges:
        law(e)
    ours = [e for e in exchanges if e["direction"] == "in"]
    same(len(ours), files, "exchanges for files")
    same({e["state"] for e in ours}, {"done"}, "states")
    same(sum(e["created"] for e in ours), files * PEOPLE, "people made")
    names = [x["fields"]["id_departement"] for x in d.lines_out("all")]
    same(len(set(names)), files * PEOPLE, "different people delivered")
    same(len(names), files * PEOPLE, "people delivered, none twice")
    d.run("fsck")
    print(f"     {kills} kills, {files} files, {len(names)} records")


if __name__ == "__main__":
    main([storm])
