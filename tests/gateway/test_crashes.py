# SPDX-License-Identifier: EUPL-1.2
"""SIGKILL of random processes of the daemon under a stream of files: nothing lost, nothing twice. With the store on a
PostgreSQL its sessions are killed too, and now and then the whole server, which recovers.

    test_crashes.py [KILLS [TEST]]      as many kills as said (40 and 15; a thousand in a long run)
"""
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))
import postgres  # noqa: E402  pylint: disable=wrong-import-position
from daemon import Daemon, flow_in, flow_out, law, main, same  # noqa: E402  pylint: disable=wrong-import-position

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


def kill_one(d, server, rng):
    """Of the daemon's family; where there is a server, in one of three cases of its own."""
    if server and rng.randrange(3) == 0:
        if rng.randrange(2):
            server.kill()
            server.start()
        else:
            server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='storm' ORDER BY random() LIMIT 1")
        return
    victim = rng.choice(family(d.process.pid))
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if victim == d.process.pid:
        d.process.wait()
        d.start()


def storm(server=None, kills=40):
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else kills
    rng = random.Random(20261128)
    d = Daemon("storm", [flow_in("people", "ndjson", 'apply = "record";'),
                         flow_in("whole", "ndjson", 'apply = "file";'), flow_out("all", "ndjson")])
    if server:
        server.sql("CREATE DATABASE storm")
        server.sql(postgres.CLOCK, "storm")
        with open(d.path("gateway.conf"), encoding="utf-8") as f:
            text = f.read()
        d.write("gateway.conf", f'store = "{server.url("storm")}"; key = "{d.path("key")}";\n' + text)
    d.start()
    files = 0
    for _ in range(kills):
        for _ in range(rng.randrange(3)):
            files += 1
            d.drop(rng.choice(["people", "whole"]), f"{files}.ndjson", text_of(files))
        time.sleep(rng.random() * 0.25)
        kill_one(d, server, rng)
    d.stop(30)
    for _ in range(60):
        d.run("run", "--once", env=postgres.ahead(120)) # of what died, the leases are over at a server
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


def storm_at_server():
    if not postgres.programs():
        print("     no PostgreSQL 15 or newer is installed")
        return
    with postgres.Server() as server:
        storm(server, 15)


if __name__ == "__main__":
    main([t for t in (storm, storm_at_server) if len(sys.argv) < 3 or t.__name__ in sys.argv[2:]])
