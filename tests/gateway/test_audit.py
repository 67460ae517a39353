# SPDX-License-Identifier: EUPL-1.2
"""What was done to the audit trail is named: by the chain, and by signed heads when the chain was made anew."""
import hashlib
import json
import os
import shutil
import sqlite3
import stat
import struct

from daemon import Daemon, flow_in, main, same


def patient(name, flows):
    """On a machine that is busy a worker may be slow: nothing here is about that."""
    return Daemon(name, flows, record_wall=60)


def person(n):
    return '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s"}}\n' % n


def loaded(name):
    """Two days: a head of the first kept elsewhere."""
    d = patient(name, [flow_in("people", "ndjson")])
    for n in (1, 2):
        d.drop("people", f"{n}.ndjson", person(n))
        d.once()
    shutil.copytree(d.path("state", "heads"), d.path("elsewhere"))
    shutil.copy(d.path("state", "sign.pub"), d.path("sign.pub"))
    return d


def verify(d, expect):
    return d.run("audit", "verify", "--heads", d.path("elsewhere"), "--public-key", d.path("sign.pub"), expect=expect)


def change(d, *statements):
    base = sqlite3.connect(d.path("state", "store.db"))
    for statement in statements:
        base.execute(statement)
    base.commit()
    base.close()


def whole():
    d = loaded("whole")
    said = verify(d, 0).stdout
    same("the chain is whole" in said and "2 signed heads" in said, True, said)
    same(stat.S_IMODE(os.stat(d.path("state", "sign.key")).st_mode), 0o600, "the key is ours alone")
    with open(d.path("sign.pub"), encoding="ascii") as f:
        same(f.read()[:8], "ed25519:", "public half")
    d.run("audit", "verify")
    shown = d.run("audit", "head").stdout.strip()
    with open(shown, encoding="utf-8") as f:
        same(sorted(json.loads(f.readline())), ["at", "digest", "entry"], "no more than that")


def what_was_done():
    """Each is done to a store that was whole; the words say which entry and how."""
    d = loaded("done")
    shutil.copy(d.path("state", "store.db"), d.path("good.db"))
    last = json.loads(d.run("audit", "--json").stdout.splitlines()[-1])["id"]
    for statement, words in (
            ("UPDATE audit SET detail=CAST(replace(CAST(detail AS TEXT), 'working', 'workinh') AS TEXT) WHERE id=5",
             "broken at entry 5: it was changed"),
            ("DELETE FROM audit WHERE id=3", "broken at entry 4: it was changed, or those before it taken out"),
            (f"DELETE FROM audit WHERE id>{last - 2}", f"broken at entry {last - 1}: the end was cut off")):
        for end in ("", "-wal", "-shm"):
            if os.path.exists(d.path("state", "store.db" + end)):
                os.remove(d.path("state", "store.db" + end))
        shutil.copy(d.path("good.db"), d.path("state", "store.db"))
        verify(d, 0)
        change(d, statement)
        same(words in verify(d, 1).stderr, True, f"{statement}: {words} in {verify(d, 1).stderr}")


def chain_anew(base):
    """As somebody would who knows how it is made: each entry with the digest of the one before."""
    before = bytes(32)
    rows = base.execute("SELECT id, at, actor, action, subject, detail FROM audit ORDER BY id").fetchall()
    for number, row in enumerate(rows, 1):
        text = before + struct.pack("<qq", number, row[1])
        for cell in row[2:]:
            text += struct.pack("<q", len(cell.encode())) + cell.encode()
        digest = hashlib.sha256(text).digest()
        base.execute("UPDATE audit SET before=?, digest=? WHERE id=?", (before, digest, row[0]))
        before = digest
    return len(rows), before


def made_anew():
    """A trail whose chain holds, but is another: only what was kept elsewhere knows."""
    d = loaded("anew")
    base = sqlite3.connect(d.path("state", "store.db"))
    kept = base.execute("SELECT digest FROM audit ORDER BY id").fetchall()
    chain_anew(base)
    same(base.execute("SELECT digest FROM audit ORDER BY id").fetchall(), kept, "this is how it is made")
    base.execute("UPDATE audit SET actor='nobody' WHERE id=2")
    chain_anew(base)
    base.commit()
    base.close()
    said = verify(d, 1).stderr
    same("audit.head_other" in said and "make" not in said, True, said)


def older_backup():
    """A store of the day before is whole by itself; the head of today knows more."""
    d = patient("older", [flow_in("people", "ndjson")])
    d.drop("people", "1.ndjson", person(1))
    d.once()
    with sqlite3.connect(d.path("state", "store.db")) as store, sqlite3.connect(d.path("older.db")) as older:
        store.backup(older)
    d.drop("people", "2.ndjson", person(2))
    d.once()
    shutil.copytree(d.path("state", "heads"), d.path("elsewhere"))
    shutil.copy(d.path("state", "sign.pub"), d.path("sign.pub"))
    for end in ("-wal", "-shm"):
        if os.path.exists(d.path("state", "store.db" + end)):
            os.remove(d.path("state", "store.db" + end))
    shutil.copy(d.path("older.db"), d.path("state", "store.db"))
    d.run("audit", "verify")
    same("audit.head_cut" in verify(d, 1).stderr, True, "cut")


def head_changed():
    d = loaded("head")
    head = os.path.join(d.path("elsewhere"), sorted(os.listdir(d.path("elsewhere")))[0])
    with open(head, encoding="utf-8") as f:
        text = f.read()
    d.write("elsewhere/" + os.path.basename(head), text.replace('"entry":', '"entry":1', 1))
    same("audit.head_unsigned" in verify(d, 1).stderr, True, "no longer what was signed")
    d.write("sign.pub", "ed25519:" + "0" * 64 + "\n")
    same("audit.head_unsigned" in verify(d, 1).stderr, True, "another's key")
    d.run("audit", "verify", "--heads", d.path("elsewhere"), expect=2)
    os.makedirs(d.path("none"))
    d.run("audit", "verify", "--heads", d.path("none"), "--public-key", d.path("sign.pub"), expect=2)


def configuration():
    """Who changes what the gateway does is in the trail: a digest, once a change."""
    d = loaded("conf")
    d.once()
    loads = [json.loads(x) for x in d.run("audit", "--json", "configuration").stdout.splitlines()]
    same([(x["action"], len(x["detail"])) for x in loads], [("conf.load", 64)], "once")
    d.configure([flow_in("people", "ndjson", "retention = 1;")])
    d.once()
    same(len(d.run("audit", "--json", "configuration").stdout.splitlines()), 2, "and again")


def by_the_daemon():
    d = patient("daemon", [flow_in("people", "ndjson")])
    d.start()
    d.wait(lambda: os.path.isdir(d.path("state", "heads")) and os.listdir(d.path("state", "heads")), "a head at start")
    d.drop("people", "1.ndjson", person(1))
    d.wait(lambda: '"event":"exchange.done"' in d.log(), "the file")
    d.stop()
    same(len(os.listdir(d.path("state", "heads"))), 2, "and one at the end")


if __name__ == "__main__":
    main([whole, what_was_done, made_anew, older_backup, head_changed, configuration, by_the_daemon])
