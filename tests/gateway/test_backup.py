# SPDX-License-Identifier: EUPL-1.2
"""A backup is all of it, made while the daemon works, and a restored state is whole or not there."""
import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import threading
import urllib.request

from daemon import Daemon, flow_in, flow_out, main, same
from partner import free_port


def person(n, name="A"):
    return '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"%s"}}\n' % (n, name)


# Of an exchange, whatever happens to it later.
KEPT = ("id", "flow", "direction", "digest", "size", "received_at")


class Site(Daemon):
    def __init__(self, name, more="", flow=""):
        super().__init__(name, [flow_in("people", "ndjson", flow), flow_out("all", "ndjson")], record_wall=60)
        with open(self.path("gateway.conf"), "a", encoding="utf-8") as f:
            f.write(more)
        self.key = self.path("backup.key")
        self.run("backup", "--new-key", self.key)

    def backup(self, name="all.backup", key=None, **how):
        return self.run("backup", "--key", key or self.key, "--to", self.path(name), **how)

    def restore(self, name="all.backup", to="again", key=None, expect=0):
        """The verb knows no configuration: it may be another machine's."""
        words = [w for w in self.command("restore", self.path(name), "--to", self.path(to), "--key", key or self.key)]
        at = words.index("-c")
        del words[at:at + 2]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        same(done.returncode, expect, done.stdout + done.stderr)
        return done

    def live_on(self, folder):
        """The configuration with that folder as its state."""
        self.write("gateway.conf", self.text("gateway.conf").replace('state = "state"', f'state = "{folder}"'))

    def text(self, *parts):
        with open(self.path(*parts), encoding="utf-8") as f:
            return f.read()

    def bytes(self, *parts):
        with open(self.path(*parts), "rb") as f:
            return f.read()


def loaded(name, **more):
    d = Site(name, **more)
    d.drop("people", "1.ndjson", person(1, "Zoé"))
    d.once()
    return d


def done(d, name):
    return any(e["name"] == name and e["state"] == "done" for e in d.exchanges("--flow", "people"))


def drill():
    """Under load; a backup amid; killed; restored elsewhere: what was acknowledged before is there, and goes on."""
    d = Site("drill")
    d.drop("people", "0.ndjson", person(0))
    d.start()
    d.wait(lambda: d.files_out("all"), "a first file went through")
    over = threading.Event()

    def load():
        for n in range(1, 121):
            if over.is_set():
                break
            d.drop("people", f"{n}.ndjson", person(n) + ("{}\n" if n % 7 == 0 else ""))
            over.wait(0.01)

    loading = threading.Thread(target=load)
    loading.start()
    d.wait(lambda: d.log().count('"event":"exchange.done"') > 10 and d.rejects(), "it is at work")
    before = d.exchanges()
    before_rejects = d.rejects()
    d.backup()
    over.set()
    loading.join()
    d.drop("people", "late.ndjson", person(9000))
    d.wait(lambda: done(d, "late.ndjson"), "and it goes on", 120)
    d.process.kill()
    d.process.wait()
    d.process = None
    delivered = len(d.files_out("all"))
    said = d.restore()
    same("held" in said.stdout and "release --restored" in said.stdout, True, said.stdout)
    shutil.move(d.path("state"), d.path("lost"))
    d.live_on("again")
    d.run("fsck")
    d.run("audit")
    there = {e["id"]: e for e in d.exchanges()}
    for e in before:
        same([there[e["id"]][k] for k in KEPT], [e[k] for k in KEPT], "an exchange that was acknowledged")
    same({r["id"] for r in before_rejects} <= {r["id"] for r in d.rejects("--all")}, True, "its rejects")
    same({e["state"] for e in there.values() if e["direction"] == "out"} <= {"done", "held"}, True, "nothing waits to be sent")
    same("late.ndjson" in {e["name"] for e in there.values()}, False, "what came later is not in it")
    # It goes on from there; what was received later is told again by its senders, and what was known is known.
    d.start()
    d.wait(lambda: "backup.restored" in d.log(), "the journal says where it comes from")
    d.drop("people", "new.ndjson", person(9001))
    d.wait(lambda: done(d, "new.ndjson"), "new work", 120)
    same("release --restored" in d.run("status").stdout, True, "status says what to do")
    same(json.loads(d.run("status", "--json").stdout)["restored"] > 0, True, "for programs too")
    same(len(d.files_out("all")), delivered, "nothing was sent by itself")
    held = [e["id"] for e in d.exchanges("--state", "held")]
    for number in held:
        d.run("release", str(number), "--sent")
    d.run("release", "--restored")
    d.wait(lambda: len(d.files_out("all")) > delivered, "sent once a person said so")
    d.run("release", "--restored", expect=2)
    d.stop()
    d.run("fsck")
    actions = [json.loads(x)["action"] for x in d.run("audit", "--json").stdout.splitlines()]
    same([a for a in actions if a.startswith("backup.")], ["backup.restore", "backup.release"], "in the trail")


def held_says_why():
    """A file that waits for its destination when the backup is made is held, with its reason, and goes when told."""
    d = Site("held")
    d.write("out/all", "no folder")
    d.drop("people", "2.ndjson", person(2))
    d.start()
    d.wait(lambda: [e for e in d.exchanges("--flow", "all") if e["state"] in ("queued", "working")], "a file waits")
    d.backup()
    d.stop()
    said = d.restore()
    same("\n1 " in said.stdout, True, f"how many are held: {said.stdout}")
    os.remove(d.path("out/all"))
    d.live_on("again")
    held = d.exchanges("--state", "held")
    same([e["reason"] for e in held], ["exchange.restored"], "held")
    d.once()
    same(d.files_out("all"), [], "held")
    d.run("release", str(held[0]["id"]), "--again")
    d.once()
    same(len(d.files_out("all")), 1, "sent when it was told")


def whole_or_nothing():
    d = loaded("whole")
    d.write("state/receipts/people/1.ndjson.accuse.json", "{}")
    d.backup()
    good = d.bytes("all.backup")
    for n, (bad, code) in enumerate([(good[:-1], "altered"), (good[:len(good) // 2], "altered"), (good[:140], "altered"),
                                     (good[:20], "unknown"), (b"", "unknown"), (b"x" * 500, "unknown"), (good + b"x", "altered"),
                                     (good[:9] + b"\x63" + good[10:], "unknown"),
                                     (good[:len(good) // 2] + bytes([good[len(good) // 2] ^ 1]) + good[len(good) // 2 + 1:], "altered")]):
        d.write("bad.backup", bad)
        said = d.restore("bad.backup", expect=3)
        same("backup." + code in said.stderr and "bad.backup" in said.stderr, True, f"{n}: {said.stderr}")
        same([x for x in os.listdir(d.folder) if x.startswith("again")], [], f"{n}: nothing is left")
    said = d.run("backup", "--key", d.key, "--verify", d.path("bad.backup"), expect=3)
    same("bad.backup" in said.stderr and "passerelle-verify" not in said.stderr, True, said.stderr)
    d.run("backup", "--new-key", d.path("other.key"))
    same("backup.key" in d.restore(key=d.path("other.key"), expect=3).stderr, True, "another key")
    same("backup.bad_key" in d.restore(key=d.path("state", "key"), expect=2).stderr, True, "no such key")
    d.write("again/x", "something")
    same("backup.folder" in d.restore(expect=3).stderr, True, "a folder that is used")
    same(d.text("again/x"), "something", "and is left as it is")
    os.remove(d.path("again/x"))
    d.restore()
    same(sorted(os.listdir(d.path("again"))), ["conf", "heads", "key", "manifest", "notices", "receipts", "restored", "sign.key", "sign.pub", "spool", "store.db"], "into an empty one")
    for folder, _, files in os.walk(d.path("again")):
        shown = folder == d.path("again", "heads")
        same(os.stat(folder).st_mode & 0o777, 0o755 if shown else 0o700, folder)
        for name in files:
            same(os.stat(os.path.join(folder, name)).st_mode & 0o077, 0o044 if shown or name == "sign.pub" else 0, name)
    same(d.text("again/receipts/people/1.ndjson.accuse.json"), "{}", "with receipts that wait")
    same(d.text("again/conf/gateway.conf"), d.text("gateway.conf"), "with its configuration")
    same(d.bytes("again/key"), d.bytes("state/key"), "and its key")


def signed_on():
    """Heads kept elsewhere agree with what was restored, which goes on under the same key, and finds a cut."""
    d = loaded("signed")
    d.run("audit", "head")
    d.backup()
    shutil.copytree(d.path("state", "heads"), d.path("elsewhere"))
    shutil.copy(d.path("state", "sign.pub"), d.path("sign.pub"))
    d.restore()
    shutil.rmtree(d.path("state"))
    d.live_on("again")
    same(sorted(os.listdir(d.path("again/heads"))), sorted(os.listdir(d.path("elsewhere"))), "the heads are there")
    verify = ("audit", "verify", "--public-key", d.path("sign.pub"), "--heads")
    d.run(*verify, d.path("elsewhere"))
    d.once()
    same(len(os.listdir(d.path("again/heads"))) > len(os.listdir(d.path("elsewhere"))), True, "it goes on")
    d.run(*verify, d.path("again/heads"))
    entry = json.loads(d.text("again/heads", max(os.listdir(d.path("again/heads")))).splitlines()[0])["entry"]
    with sqlite3.connect(d.path("again/store.db")) as db:
        db.execute("DELETE FROM audit WHERE id = ?", (entry,))
    same("audit.head_cut" in d.run(*verify, d.path("again/heads"), expect=1).stderr, True, "a cut is found")


def nothing_in_clear():
    d = loaded("sealed")
    d.backup()
    content = d.bytes("all.backup")
    needles = ["Zoé".encode(), d.bytes("state", "key"), b"nom_usage", b"SQLite", b"people", b"legal_basis"]
    same([n for n in needles if n in content], [], "in the backup")
    same(os.stat(d.path("all.backup")).st_mode & 0o777, 0o600, "its mode")
    same("store.exists" in d.backup(expect=2).stderr, True, "none is overwritten")
    same("backup.no_key" in d.run("backup", "--to", d.path("b"), expect=2).stderr, True, "never without a key")
    same(os.path.exists(d.path("state", "backup")), False, "no copy stays behind")
    d.run("backup", "--new-key", d.path("pair"), "--pair")
    d.backup("public.backup", key=d.path("pair.pub"))
    same("backup.key" in d.restore("public.backup", key=d.path("pair.pub"), expect=3).stderr, True, "who makes it cannot read it")
    d.restore("public.backup", key=d.path("pair"))
    piped = subprocess.run(d.command("backup", "--key", d.key, "--to", "-"), capture_output=True, check=True)
    d.write("piped.backup", piped.stdout)
    d.run("backup", "--key", d.key, "--verify", d.path("piped.backup"))


def verify_finds():
    d = loaded("verify")
    d.backup()
    d.run("backup", "--key", d.key, "--verify", d.path("all.backup"), env={"TMPDIR": d.folder})
    same([x for x in os.listdir(d.folder) if x.startswith("passerelle-verify")], [], "nothing stays behind")
    name = [n for n in os.listdir(d.path("state", "spool")) if n.startswith("in-")][0]
    d.write("state/spool/" + name, person(1, "B"))
    d.backup("changed.backup")
    said = d.run("backup", "--key", d.key, "--verify", d.path("changed.backup"), expect=1)
    same("spool.changed" in said.stderr, True, said.stderr)
    os.remove(d.path("state/spool", name))
    said = d.backup("missing.backup", expect=1)
    same("backup.missing" in said.stderr and "exchange 1" in said.stderr, True, said.stderr)
    d.restore("missing.backup")


def nothing_goes_meanwhile():
    """Retention leaves the spool alone while a backup has the lock, and a new master key waits."""
    d = loaded("meanwhile", flow='retention = "0 d";')
    name = [n for n in os.listdir(d.path("state", "spool")) if n.startswith("in-")]
    same(name, [], "nothing is kept by this flow")
    with open(d.path("state", "backup.lock"), "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        d.start()
        d.drop("people", "2.ndjson", person(2))
        d.wait(lambda: '"event":"exchange.done"' in d.log(), "done")
        d.drop("people", "3.ndjson", person(3))
        d.wait(lambda: d.log().count('"event":"exchange.done"') >= 2, "the loop goes on")
        same(len([n for n in os.listdir(d.path("state", "spool")) if n.startswith("in-")]), 2, "its files stay")
        rotating = subprocess.Popen(d.command("key", "rotate"), stdout=subprocess.DEVNULL)
        before = d.bytes("state", "key")
    d.wait(lambda: not [n for n in os.listdir(d.path("state", "spool")) if n.startswith("in-")], "they go when it is over")
    same(rotating.wait(timeout=30), 0, "the key was changed")
    same(d.bytes("state", "key") != before, True, "only then")
    d.stop()


def by_schedule():
    d = Site("schedule", 'backup = { folder = "backups"; schedule = "every 1 s"; keep = 2; key = "backup.key"; };\n')
    d.start()
    d.wait(lambda: d.log().count('"event":"backup.made"') >= 3, "made again and again")
    d.stop()
    found = sorted(n for n in os.listdir(d.path("backups")) if n.endswith(".backup"))
    same(len(found), 2, f"how many stay: {found}")
    d.run("backup", "--verify", d.path("backups", found[-1]), "--key", d.key)
    for text, code in (('backup = { folder = "b"; schedule = "08:00"; };\n', "conf.missing"),
                       ('backup = { schedule = "08:00"; key = "k"; };\n', "conf.missing"),
                       ('backup = { folder = "b"; schedule = "sometimes"; key = "k"; };\n', "conf.value")):
        bad = Site("schedule-bad", text)
        said = bad.run("check", expect=2)
        same(code in said.stderr and "gateway.conf:" in said.stderr, True, said.stderr)


def missed():
    """A scheduled backup that cannot be made is told by status, with a daemon or without, and counted."""
    port = free_port()
    d = Site("missed", 'backup = { folder = "backups"; schedule = "every 1 h"; keep = 2; key = "backup.key"; };\nmetrics = "127.0.0.1:%d";\n' % port)
    told = "the scheduled backup was not made; the last: none"
    d.write("backups", "no folder")
    d.start()
    d.wait(lambda: '"event":"notice.raised","kind":"backup"' in d.log(), "it fails, and that is told")
    same(told in d.run("status").stdout, True, d.run("status").stdout)
    same(json.loads(d.run("status", "--json").stdout)["backup"], {"last": 0, "late": True}, "for machines")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        page = answer.read().decode()
    same(d.run("status").stdout.count("the scheduled backup"), 1, "said once, though a notice is raised too")
    same('passerelle_notices{kind="backup"} 1' in page.splitlines(), True, "among the notices")
    same([line for line in page.splitlines() if line.startswith("passerelle_backup")],
         ["passerelle_backup_late 1", "passerelle_backup_failures 1", "passerelle_backup_last_timestamp_seconds 0"], "metrics")
    d.stop()
    os.unlink(d.path("backups"))
    os.mkdir(d.path("backups"))
    d.start()
    d.wait(lambda: '"event":"backup.made"' in d.log(), "it is made")
    same("scheduled backup" in d.run("status").stdout, False, "all is well")
    d.stop()


main([drill, held_says_why, whole_or_nothing, signed_on, nothing_in_clear, verify_finds, nothing_goes_meanwhile, by_schedule, missed])
