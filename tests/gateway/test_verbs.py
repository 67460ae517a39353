# SPDX-License-Identifier: EUPL-1.2
"""Verbs for those who look after it: key, audit, the file of an exchange; and what protects the store."""
import json
import os
import pwd
import resource
import sqlite3

from daemon import Daemon, flow_in, flow_out, main, same


def person(n, name="A"):
    return '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"%s"}}\n' % (n, name)


def loaded(name):
    d = Daemon(name, [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    d.drop("people", "1.ndjson", person(1))
    d.once()
    return d


def key_bytes(d):
    with open(d.path("state", "key"), "rb") as f:
        return f.read()


def rotate_beside_the_daemon():
    d = loaded("rotate")
    d.start()
    before = key_bytes(d)
    d.run("key", "rotate")
    same(key_bytes(d) != before, True, "another key")
    d.drop("people", "2.ndjson", person(2))
    d.wait(lambda: '"event":"exchange.done","flow":"people"' in d.log(), "work goes on")
    d.wait(lambda: '"event":"exchange.delivered"' in d.log(), "delivery too")
    d.stop()
    d.run("fsck")
    rows = [json.loads(x) for x in d.run("audit", "--json", "store").stdout.splitlines()]
    same([(r["action"], r["actor"]) for r in rows], [("key.rotate", pwd.getpwuid(os.getuid()).pw_name)], "in the trail")
    for words in ((), ("turn",)):
        d.run("key", *words, expect=2)


def audit_tells_and_checks():
    d = loaded("audit")
    rows = [json.loads(x) for x in d.run("audit", "--json").stdout.splitlines()]
    same([r["id"] for r in rows], list(range(1, len(rows) + 1)), "all, in order")
    one = [json.loads(x) for x in d.run("audit", "--json", "exchange", "1").stdout.splitlines()]
    same(one, [json.loads(x) for x in d.run("audit", "--json", "exchange 1").stdout.splitlines()], "both spellings")
    same([r["detail"] for r in one], ["", "received>queued", "queued>working", "working>done"], "of one subject")
    same("working>done" in d.run("audit").stdout, True, "for people")
    base = sqlite3.connect(d.path("state", "store.db"))
    base.execute("UPDATE audit SET detail='queued>done' WHERE id=3")
    base.commit()
    base.close()
    said = d.run("audit", expect=1)
    same("entry 3" in said.stderr, True, said.stderr)


WHY = ("--unmask", "correction d'un envoi")


def raw_file():
    d = loaded("raw")
    said = d.run("show", "--raw", *WHY, "1")
    same(said.stdout, person(1), "the bytes")
    same("exchange.raw" in d.run("audit", "exchange", "1").stdout, True, "who looked is known")
    same("correction d'un envoi" in d.run("audit", "exchange", "1").stdout, True, "and why")
    same("role.reason" in d.run("show", "--raw", "1", expect=2).stderr, True, "no file without a reason")
    d.run("show", "--raw", *WHY, "99", expect=2)
    name = [n for n in os.listdir(d.path("state", "spool")) if n.startswith("in-")][0]
    d.write("state/spool/" + name, person(1, "B"))
    same("no longer what was received" in d.run("show", "--raw", *WHY, "1", expect=4).stderr, True, "changed")
    os.remove(d.path("state", "spool", name))
    d.run("show", "--raw", *WHY, "1", expect=4)


def key_open_to_others():
    d = loaded("open")
    same("store.key_open" in d.run("exchanges").stderr, False, "private: nothing is said")
    os.chmod(d.path("state", "key"), 0o644)
    said = d.run("exchanges")
    same("store.key_open" in said.stderr and "chmod 600" in said.stderr, True, said.stderr)


def no_core_files():
    """Each process of the daemon, whatever limits it was started under."""
    d = loaded("core")
    d.start()
    d.drop("people", "2.ndjson", person(2))
    d.wait(lambda: '"event":"exchange.done"' in d.log(), "workers")
    pids = [d.process.pid] + [int(p) for p in os.listdir("/proc") if p.isdigit() and parent(p) == d.process.pid]
    same(len(pids) > 2, True, "the supervisor and its workers")
    for pid in pids:
        same(resource.prlimit(pid, resource.RLIMIT_CORE), (0, 0), f"core files of {pid}")
    d.stop()


def parent(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            return int(f.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def each_helps():
    d = loaded("help")
    for verb in ("key", "backup", "audit", "diff", "show"):
        for lang in ("fr", "en"):
            said = d.run(verb, "--help", "--lang", lang)
            same("passerelle " + verb in said.stdout, True, verb)


if __name__ == "__main__":
    main([rotate_beside_the_daemon, audit_tells_and_checks, raw_file, key_open_to_others,
          no_core_files, each_helps])
