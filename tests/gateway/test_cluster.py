#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Daemons on a PostgreSQL of the test's own: several on one store, a server that goes away, a standby that takes over."""
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))
import postgres  # noqa: E402  pylint: disable=wrong-import-position
from daemon import SCRATCH, Daemon, flow_in, flow_out, main, same  # noqa: E402  pylint: disable=wrong-import-position

KEY = os.path.join(SCRATCH, "key")
FILES = 6
NUMBER = "288034221802463"  # invented, with its key
WHY = ("--unmask", "a test")
DAEMONS = []  # that a test which fails may leave running


def at_store(d, url):
    """The daemon with its store there, and the one key of all."""
    DAEMONS.append(d)
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", f'store = "{url}"; key = "{KEY}";\n' + text)
    return d


def database(server, name):
    server.sql(f"CREATE DATABASE {name}")
    if os.path.exists(KEY):
        os.remove(KEY)
    return server.url(name)


def person(number):
    return (f'{{"type":"personne","id":"p{number}","record":1,"fields":{{"id_departement":"{number}",'
            f'"nom_usage":"NOM{number}","prenom":"ANNE"}}}}\n')


def kill_all(d):
    """The daemon and all that it started, at once: as a machine that loses its power."""
    found = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    pids = [int(line.split()[0]) for line in found.splitlines() if d.folder + "/" in line]
    for pid in {d.process.pid, *pids}:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    d.process.wait()
    d.process = None


def names_done(d):
    return sorted(e["name"] for e in d.exchanges() if e["direction"] == "in" and e["state"] == "done")


def is_received(d, name):
    return f'"event":"exchange.received","flow":"people","file":"{name}"' in d.log()


def three_daemons():
    url = database(SERVER, "three")
    flows = [flow_in("people", "ndjson"), flow_out("all", "ndjson")]
    daemons = [at_store(Daemon(f"three{i}", flows), url) for i in range(3)]
    for d in daemons:
        d.start()
    expected = []
    for i, d in enumerate(daemons):
        for n in range(FILES):
            d.drop("people", f"{i}-{n}.ndjson", person(i * FILES + n))
            expected.append(f"{i}-{n}.ndjson")
    lost, left = daemons[0], daemons[1:]
    lost.wait(lambda: all(is_received(lost, f"0-{n}.ndjson") for n in range(FILES)), "its files acknowledged")
    kill_all(lost)
    shutil.rmtree(lost.folder)
    left[0].wait(lambda: names_done(left[0]) == sorted(expected), "all that was acknowledged is done", 180)
    left[0].wait(lambda: not any(e["state"] in ("queued", "working", "received") for e in left[0].exchanges()), "quiet", 120)
    told = [line["id"] for d in left for line in d.lines_out("all")]
    # What the lost one has delivered itself went with its folder.
    same(len(told), len(set(told)), "told twice")
    same(len(told) <= 3 * FILES, True, "invented")
    for d in left:
        d.stop()
    left[0].run("fsck")
    name = os.listdir(left[0].path("state/spool"))[0]
    with open(left[0].path("state/spool/left"), "wb") as f:
        f.write(b"taken by retention elsewhere")
    for file in ("left", name):
        os.utime(left[0].path("state/spool", file), (1, 1))
    left[0].once()
    same([os.path.exists(left[0].path("state/spool", f)) for f in ("left", name)], [False, True], "what the store has not")


TAKEN = """BEGIN; SELECT id FROM meta FOR NO KEY UPDATE; SELECT pg_sleep(0.3);
SELECT 'ahead ' || count(*) FROM pg_locks WHERE relation='resource'::regclass AND mode='RowExclusiveLock'; COMMIT;"""


def ahead_of_the_turn():
    """Where turns are waited for, new resources are written before them; two who bring the same people meet there, and each
    is there once."""
    url = database(SERVER, "ahead")
    flows = [flow_in("one", "ndjson"), flow_in("two", "ndjson")]
    daemons = [at_store(Daemon(f"ahead{i}", flows), url) for i in range(2)]
    daemons[0].once()
    people = 9000
    text = "".join(person(n).replace('"record":1', f'"record":{n}') for n in range(1, people + 1))
    for d, flow in zip(daemons, ("one", "two")):
        d.drop(flow, "a.ndjson", text)
    for d in daemons:
        d.start()
    seen, over = [], threading.Event()

    def take():
        while not over.wait(0.05):
            seen.append("ahead 0" not in SERVER.sql(TAKEN, "ahead"))  # nobody else has the turn: who writes is ahead of it

    taker = threading.Thread(target=take)
    taker.start()
    try:
        daemons[0].wait(lambda: [e["state"] for e in daemons[0].exchanges()] == ["done"] * 2, "both done", 180)
    finally:
        over.set()
        taker.join()
    same(any(seen), True, "somebody went ahead")
    for d in daemons:
        same(d.stop(), 0, "its end")
    same(SERVER.sql("SELECT (SELECT count(*) FROM resource), (SELECT count(*) FROM unit), (SELECT count(*) FROM payload)", "ahead"),
         f"{people}|{people}|{people}", "each once")
    found = daemons[0].exchanges()
    same([e["read"] for e in found], [people] * 2, "read")
    same((sum(e["created"] for e in found), sum(e["unchanged"] for e in found)), (people, people), "made by one, seen by the other")
    daemons[0].run("fsck")


def files_of_another():
    """What one machine has received, another reads, reads again, corrects and erases out of the store."""
    url = database(SERVER, "another")
    flows = [flow_in("people", "ndjson", 'apply = "file"; rejects_max = 60;')]
    first, second = (at_store(Daemon(f"another{i}", flows), url) for i in range(2))
    known = person(1).replace('"prenom"', f'"nir":"{NUMBER}","prenom"')
    bad = [person(3).replace('"record":1', f'"record":{n}').replace('"prenom"', '"date_naissance":"never","prenom"')
           for n in (2, 3)]
    first.drop("people", "a.ndjson", known)
    first.drop("people", "b.ndjson", known + bad[0] + bad[1])  # fails: of whom is in it, it has the bytes alone
    first.drop("people", "c.ndjson", person(2) + bad[0])
    first.once()
    ids = {e["name"]: str(e["id"]) for e in second.exchanges()}
    same(second.run("show", "--raw", *WHY, ids["a.ndjson"]).stdout.count(NUMBER), 1, "read")
    second.run("diff", ids["a.ndjson"])
    first.write("fixed", person(3))
    first.run("replay", ids["c.ndjson"], "--with", first.path("fixed"))
    second.once()
    same(names_done(second), ["a.ndjson", "c.ndjson", "fixed"], "corrected here, applied there")
    done = subprocess.run(second.command("person", "forget", "--confirm"), input=NUMBER + "\n", capture_output=True, text=True,
                          check=False)
    same(done.returncode, 0, done.stderr)
    for name in ("a.ndjson", "b.ndjson"):
        second.run("show", "--raw", *WHY, ids[name], expect=2)
    same(SERVER.sql("SELECT count(*) FROM chunk", "another"), "2", "what has nothing of them")
    second.run("fsck")


def server_goes_and_comes_back():
    url = database(SERVER, "back")
    d = at_store(Daemon("back", [flow_in("people", "ndjson"), flow_out("all", "ndjson")]), url)
    d.start()
    d.drop("people", "a.ndjson", person(1))
    d.wait(lambda: names_done(d) == ["a.ndjson"], "the first is done")
    SERVER.kill()
    d.drop("people", "b.ndjson", person(2))
    d.wait(lambda: "store.lost" in d.log(), "it says so")
    SERVER.start()
    d.wait(lambda: d.run("exchanges", "--json", expect=None).returncode == 0 and names_done(d) == ["a.ndjson", "b.ndjson"],
           "the second is done", 120)
    same(d.stop(), 0, "its end")


def standby_takes_over():
    """Acknowledged is what left its folder: it is on the standby."""
    primary = postgres.Server({"wal_level": "replica", "max_wal_senders": "5", "fsync": "on", "full_page_writes": "on",
                               "synchronous_standby_names": "second"})
    second = d = None
    try:
        second = postgres.Server({"hot_standby": "on"}, primary=primary, name="second")
        primary.sql("SELECT 1")
        if os.path.exists(KEY):
            os.remove(KEY)
        url = f"postgresql://gateway@127.0.0.1:{primary.port},127.0.0.1:{second.port}/postgres"
        d = at_store(Daemon("over", [flow_in("people", "ndjson"), flow_out("all", "ndjson")]), url)
        d.start()
        dropped, number = [], 0
        while len(os.listdir(d.path("in/people/done")) if os.path.isdir(d.path("in/people/done")) else []) < FILES:
            dropped.append(f"{number}.ndjson")
            d.drop("people", dropped[-1], person(number))
            number += 1
            time.sleep(0.05)
        primary.kill()
        acknowledged = sorted(os.listdir(d.path("in/people/done")))
        second.promote()
        d.wait(lambda: names_done(d) == sorted(dropped), "all is done at the second", 180)
        same(set(acknowledged) <= set(names_done(d)), True, "acknowledged is there")
        same(d.stop(), 0, "its end")
        told = [line["id"] for line in d.lines_out("all")]
        same(len(told), len(set(told)), "told twice")
    finally:
        if d and d.process:
            kill_all(d)
        for server in (second, primary):
            if server:
                server.stop()


def tables_of_before():
    """A store of version 4 is made one of today, and nothing of it is older than the last file that came."""
    d = at_store(Daemon("before", [flow_in("people", "ndjson", "retention = 9;")]), database(SERVER, "before"))
    d.drop("people", "1.ndjson", person(1) + person(2).replace('"record":1', '"record":2'))
    d.once()
    SERVER.sql("DROP TABLE sight; UPDATE store_version SET version=4", "before")
    d.once()
    same(SERVER.sql("SELECT count(*), count(DISTINCT seen_at) FROM sight", "before"), "2|1", "seen")
    same(SERVER.sql("SELECT version FROM store_version", "before"), "5", "version")
    d.run("fsck")
    d.configure([flow_in("people", "ndjson", "retention = { all = 9; resources = 0; };")])
    at_store(d, SERVER.url("before"))
    d.once()
    same(SERVER.sql("SELECT (SELECT count(*) FROM unit), (SELECT count(*) FROM payload), (SELECT count(*) FROM sight)", "before"),
         "0|0|0", "gone, all of it")
    d.run("fsck")


def refused():
    """Who is refused for who he is, is so at once; what may pass is tried again. By SQLSTATE, whatever the language."""
    french = next((x for x in subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout.split()
                   if x.lower().startswith("fr_fr.utf")), None)
    with postgres.Server({"lc_messages": french or "C"}) as server:
        server.sql("CREATE ROLE sure LOGIN PASSWORD 'good'; CREATE ROLE password LOGIN CONNECTION LIMIT 0; CREATE ROLE other LOGIN")
        server.sql("CREATE DATABASE closed")
        server.sql("REVOKE CONNECT ON DATABASE closed FROM PUBLIC")
        with open(os.path.join(server.data, "pg_hba.conf"), "w", encoding="utf-8") as f:
            f.write("host all sure 127.0.0.1/32 scram-sha-256\nhost all gateway,nobody,other,password 127.0.0.1/32 trust\n")
        server.sql("SELECT pg_reload_conf()")
        place = f"127.0.0.1:{server.port}"
        rows = [
            (f"sure@{place}/postgres", "store.login", "28P01"),
            (f"sure@127.0.0.1:1,{place}/postgres", "store.login", "28P01"), # the first of two hosts is not there
            (f"sure@{place}/postgres", "store.login", "no password supplied"),
            (f"sure@127.0.0.1:1,{place}/postgres", "store.login", "no password supplied"),
            (f"nobody@{place}/postgres", "store.login", "28000"),
            (f"stranger@{place}/postgres", "store.login", "28000"), # no line of pg_hba.conf
            (f"gateway@{place}/nowhere", "store.login", "3D000"),
            (f"other@{place}/closed", "store.login", "42501"),
            (f"gateway@{place}/postgres?sslmode=never", "store.login", "invalid sslmode"),
            (f"password@{place}/postgres", "store.lost", "53300"),
            ("gateway@127.0.0.1:1/postgres", "store.lost", "Connection refused"),
        ]
        d = Daemon("refused", [flow_in("people", "ndjson")])
        with open(d.path("gateway.conf"), encoding="utf-8") as f:
            conf = f.read()
        for url, code, found in rows:
            d.write("gateway.conf", f'store = "postgresql://{url}";\n' + conf)
            said = d.run("exchanges", expect=4 if code == "store.lost" else 2,
                         env={"PGPASSFILE": "/dev/null", **({"PGPASSWORD": "bad"} if found == "28P01" else {})}).stderr
            same((code in said, found in said, "auth.c" in said), (True, True, False), f"{url}: {said}")
        if french:
            d.write("gateway.conf", f'store = "postgresql://nobody@{place}/postgres";\n' + conf)
            same("n'existe pas" in d.run("exchanges", expect=2).stderr, True, "as the server says it")


def done_of(d, flow, name):
    d.drop(flow, name, person(1))
    d.wait(lambda: f'"event":"exchange.received","flow":"{flow}","file":"{name}"' in d.log(), f"{name} is received", 120)
    d.wait(lambda: [e for e in d.exchanges() if e["name"] == name and e["state"] == "done"], f"{name} is done", 120)


def behind_takes_over():
    """A server that has less: a name of a flow that it has not is made anew, and is none that has its number by now."""
    with postgres.Server() as server:
        if os.path.exists(KEY):
            os.remove(KEY)
        d = at_store(Daemon("behind", [flow_in(name, "ndjson") for name in ("one", "two", "three")]), server.url())
        d.start()
        done_of(d, "one", "a.ndjson")
        server.kill()
        subprocess.run(["cp", "-a", server.data, server.data + ".behind"], check=True)
        server.start()
        done_of(d, "two", "b.ndjson")
        server.kill()
        shutil.rmtree(server.data)
        os.rename(server.data + ".behind", server.data)
        server.start()
        done_of(d, "three", "c.ndjson")
        done_of(d, "two", "d.ndjson")
        same([(e["flow"], e["name"]) for e in d.exchanges()], [("one", "a.ndjson"), ("three", "c.ndjson"), ("two", "d.ndjson")],
             "whose they are")
        same(d.stop(), 0, "its end")
        d.run("fsck")


def moved_there_and_back():
    """From a file to a server, as a role that may do little, and back to a file."""
    d = Daemon("moved", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    d.drop("people", "a.ndjson", person(1))
    d.once()
    before = d.exchanges()
    SERVER.sql("CREATE ROLE keeper LOGIN; CREATE ROLE daemon LOGIN")
    SERVER.sql("CREATE DATABASE moved OWNER keeper")
    SERVER.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT CREATE ON SCHEMA public TO keeper", "moved")
    owner, role = SERVER.url("moved", "keeper"), SERVER.url("moved", "daemon")
    d.run("store", "copy", role, expect=2)
    d.run("store", "copy", owner)
    d.run("store", "copy", owner, expect=2)
    d.run("store", "prepare", owner, "--role", "daemon")
    d.run("store", "prepare", owner, "--role", "a; DROP TABLE audit", expect=2)
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        conf = f.read()
    d.write("gateway.conf", f'store = "{role}";\n' + conf)
    same(d.exchanges(), before, "what is there")
    shutil.rmtree(d.path("state", "spool"))
    d.drop("people", "b.ndjson", person(2))
    d.once()
    same(names_done(d), ["a.ndjson", "b.ndjson"], "done there")
    d.run("replay", "1")
    d.once()
    for what in ("DELETE FROM audit", "UPDATE audit SET detail=''", "DROP TABLE name", "CREATE TABLE other(id INT)"):
        done = SERVER.run("psql", "-X", "-h", "127.0.0.1", "-p", str(SERVER.port), "-U", "daemon", "-d", "moved", "-c", what)
        same("permission denied" in done.stderr or "must be owner" in done.stderr, True, what)
    d.run("store", "copy", d.path("again.db"))
    shutil.copy(d.path("again.db"), d.path("state", "store.db"))
    d.write("gateway.conf", conf)
    same(names_done(d), ["a.ndjson", "b.ndjson"], "back")
    d.run("fsck")
    same(d.run("audit", "verify", expect=None).returncode, 0, "the trail")


if __name__ == "__main__":
    if not postgres.programs():
        print("skipped: no PostgreSQL 15 or newer is installed")
        sys.exit(77)
    os.makedirs(SCRATCH, exist_ok=True)
    with postgres.Server({"max_connections": "80"}) as SERVER:
        try:
            main([t for t in (three_daemons, ahead_of_the_turn, files_of_another, server_goes_and_comes_back, standby_takes_over,
                              behind_takes_over, refused, tables_of_before, moved_there_and_back)
                  if len(sys.argv) < 2 or t.__name__ in sys.argv[1:]])
        finally:
            for daemon in DAEMONS:
                if daemon.process:
                    kill_all(daemon)
