# SPDX-License-Identifier: EUPL-1.2
"""Operating it: reload, status, fsck, replay, trouble with folders, a second supervisor."""
import json
import os
import re
import signal
import sqlite3
import stat
import time

from daemon import Daemon, flow_in, flow_out, law, main, same, sample


def person(n, name="A"):
    return ('{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"%s"}}\n' % (n, name))


def loaded(name, more=""):
    d = Daemon(name, [flow_in("people", "ndjson", more), flow_out("all", "ndjson")])
    d.drop("people", "1.ndjson", person(1))
    d.once()
    return d


def broken_reload():
    """The old configuration goes on; the verb says which line."""
    d = loaded("reload")
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        good = f.read()
    d.start()
    d.write("gateway.conf", good.replace('direction = "in"', 'direction = "inn"'))
    said = d.run("reload", expect=2)
    same(bool(re.search(r"gateway\.conf:\d+: error: conf\.value", said.stderr)), True, said.stderr)
    d.process.send_signal(signal.SIGHUP)
    d.wait(lambda: "conf.refused" in d.log(), "refusal")
    d.drop("people", "2.ndjson", person(2))
    d.wait(lambda: d.log().count('"event":"exchange.done","flow":"people"') == 1, "work as before")
    d.write("gateway.conf", good.replace('name = "people"', 'name = "others"').replace("in/people", "in/others"))
    d.run("reload")
    d.wait(lambda: "conf.loaded" in d.log(), "the new configuration")
    d.drop("others", "3.ndjson", person(3))
    d.wait(lambda: '"event":"exchange.done","flow":"others"' in d.log(), "the new flow")
    same(d.stop(), 0, "a clean stop")


def one_supervisor():
    d = loaded("one")
    d.start()
    said = d.run("run", "--once", expect=4)
    same("gateway.locked" in said.stderr, True, said.stderr)
    d.stop()


def status():
    d = loaded("status")
    totals = json.loads(d.run("status", "--json").stdout)
    same((totals["daemon"], totals["units"], totals["exchanges"]["in"]["done"]), (None, 1, 1), "without a daemon")
    d.start()
    totals = json.loads(d.run("status", "--json").stdout)
    same(totals["daemon"]["pid"], d.process.pid, "with one")
    d.stop()


def stops_within_seconds():
    d = loaded("stop")
    d.start()
    began = time.monotonic()
    d.stop(5)
    same(time.monotonic() - began < 3, True, "seconds")


def spool_changed():
    d = loaded("spool")
    d.run("fsck")
    spool = d.path("state", "spool")
    name = sorted(n for n in os.listdir(spool) if n.startswith("in-"))[0]
    with open(os.path.join(spool, name), "r+b") as f:
        f.seek(20)
        byte = f.read(1)
        f.seek(20)
        f.write(bytes([byte[0] ^ 1]))
    said = d.run("fsck", expect=1)
    same("spool.changed" in said.stderr and name in said.stderr, True, said.stderr)
    os.remove(os.path.join(spool, name))
    same("spool.missing" in d.run("fsck", expect=1).stderr, True, "missing")
    d.drop("people", "2.ndjson", person(2))
    d.once()
    same([e["state"] for e in d.exchanges("--flow", "people")], ["done", "done"], "the rest goes on")


def row_changed():
    """One stored row changed by hand is named, and nothing else stops for it."""
    for table, column in (("exchange", "size"), ("resource", "version"), ("unit", "record"), ("delivery", "position")):
        d = loaded("row_" + table)
        base = sqlite3.connect(d.path("state", "store.db"))
        names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
        same(column in names, True, f"{column} among {names}")
        base.execute(f"UPDATE {table} SET {column}={column}+1 WHERE rowid=(SELECT min(rowid) FROM {table})")
        base.commit()
        base.close()
        said = d.run("fsck", expect=1)
        same("store.row" in said.stderr and table in said.stderr, True, f"{table}: {said.stderr}")
        d.drop("people", "2.ndjson", person(2))
        d.once(expect=None)
        done = d.run("exchanges", "--json", "--flow", "people", expect=1 if table == "exchange" else 0)
        same(json.loads(done.stdout.splitlines()[-1])["state"], "done", f"{table}: the next file")


def folder_unreadable():
    """It waits, says so, goes on when the folder is back."""
    if os.geteuid() == 0:
        d = loaded("folder")
        os.rename(d.path("in/people"), d.path("in/away"))
        d.write("in/people", "not a folder")
        d.start()
        d.wait(lambda: "flow.trouble" in d.log(), "trouble")
        os.remove(d.path("in/people"))
        os.rename(d.path("in/away"), d.path("in/people"))
        d.drop("people", "2.ndjson", person(2))
        d.wait(lambda: '"event":"exchange.done","flow":"people"' in d.log(), "the file", 90)
        same("flow.well" in d.log(), True, "flow.well")
        d.stop()


def key_is_private():
    d = loaded("key")
    same(stat.S_IMODE(os.stat(d.path("state", "key")).st_mode), 0o600, "mode of the key")
    os.rename(d.path("state", "key"), d.path("kept"))
    said = d.run("exchanges", expect=None)
    same(said.returncode in (2, 4), True, "without its key the store is not opened")
    same(os.path.exists(d.path("state", "key")), False, "and no other key is made")


def conserved():
    d = Daemon("law", [flow_in("rsa", "cnaf-rsa"), flow_out("all", "ndjson", '"foyer.*", "personne.*"')])
    d.drop("rsa", "CG054.RSABEM20260905.xml", sample("cnaf-rsa", "CG054.RSABEM20260905.xml"))
    d.once()
    for e in d.exchanges():
        law(e)
        same(json.loads(d.run("show", "--json", str(e["id"])).stdout)["id"], e["id"], "show")
    said = d.run("show", "999", expect=2)
    same("no exchange" in said.stderr, True, said.stderr)


def story_of_a_resource():
    d = loaded("story")
    d.drop("people", "2.ndjson", person(1, "B"))
    d.once()
    told = [json.loads(x) for x in d.run("show", "--resource", "1", "--json").stdout.splitlines()]
    same([(x["version"], x["changed"]) for x in told], [(1, ["id_departement", "nom_usage"]), (2, ["nom_usage"])],
         "versions")
    same("no resource" in d.run("show", "--resource", "99", expect=2).stderr, True, "none")


def sent_again_only_if_meant():
    d = loaded("resend")
    out = [e for e in d.exchanges() if e["direction"] == "out"][0]
    said = d.run("replay", str(out["id"]), expect=2)
    same("one more copy" in said.stderr, True, said.stderr)
    os.remove(d.files_out("all")[0])
    d.run("replay", str(out["id"]), "--yes")
    d.once()
    same(len(d.files_out("all")), 1, "the file is back")


if __name__ == "__main__":
    main([broken_reload, one_supervisor, status, stops_within_seconds, spool_changed, row_changed, folder_unreadable,
          key_is_private, conserved, story_of_a_resource, sent_again_only_if_meant])
