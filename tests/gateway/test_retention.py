# SPDX-License-Identifier: EUPL-1.2
"""Nothing stays longer than its flow declares: files, rejects, versions, what no file speaks of any more; and nothing of
a person is in clear. Days that pass are libfaketime's (Debian's package faketime)."""
import contextlib
import glob
import json
import os
import pwd
import re
import sqlite3

from daemon import Daemon, flow_in, flow_out, main, same, sample

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
BAD = '{"type":"personne","id":"p","record":2,"fields":{"id_departement":"77","date_naissance":"soon"}}\n'


def person(n, name="A"):
    return '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"%s"}}\n' % (n, name)


def spool(d):
    return sorted(n for n in os.listdir(d.path("state", "spool")) if n.startswith(("in-", "out-")))


def kept():
    """A flow that keeps files has them after as many starts as you like."""
    d = Daemon("kept", [flow_in("people", "ndjson", "retention = 1;")])
    d.drop("people", "1.ndjson", person(1) + BAD)
    d.once()
    d.once()
    same(len(spool(d)), 1, "the file is there")
    same([r["state"] for r in d.rejects("--all")], ["open"], "the reject is open")


def gone():
    """Kept 0 days: over is gone. What is open waits; counts and the trail of what happened stay."""
    d = Daemon("gone", [flow_in("people", "ndjson", "retention = 0;"), flow_out("all", "ndjson", more="retention = 0;")])
    d.drop("people", "1.ndjson", person(1, "First") + BAD)
    d.once()
    same(spool(d), [], "files of exchanges that are over")
    same(([r["state"] for r in d.rejects("--all")], d.rejects()), (["closed"], []), "rejects")
    d.drop("people", "2.ndjson", person(1, "Second"))
    d.once()
    same(json.loads(d.run("status", "--json").stdout)["versions"], 0, "versions, the present ones too")
    same([x["fields"]["nom_usage"] for x in d.lines_out("all")], ["First", "Second"], "what was owed was delivered before")
    done = [e for e in d.exchanges("--flow", "people")]
    same([(e["read"], e["accepted"], e["rejected"]) for e in done], [(2, 1, 1), (1, 1, 0)], "counts")
    d.run("fsck")
    said = d.run("replay", str(done[0]["id"]), expect=2)
    same("retention" in said.stderr, True, said.stderr)
    trail = d.run("show", str(done[0]["id"])).stdout
    same("retention.end" in trail, True, trail)


def names(d, folder):
    return sorted(n for n in os.listdir(d.path(folder)) if not n.startswith("."))


def sources():
    """What the daemon moved to `done` goes in its turn; what anybody else laid there stays."""
    d = Daemon("sources", [flow_in("people", "ndjson", 'retention = 1; marker = ".ok"; done = "done";')])
    for name, content in (("1.ndjson", person(1)), ("2.ndjson", person(2)), ("1.ndjson", person(3))):
        d.write("in/people/" + name, content)
        d.write(f"in/people/{name}.ok", "")
        d.once()
    mine = ["1.ndjson", "1.ndjson.2", "1.ndjson.ok", "1.ndjson.ok.2", "2.ndjson", "2.ndjson.ok"]
    same(names(d, "done"), mine, "kept a day")
    d.write("done/2.ndjson", person(4))
    others = {"2.ndjson": person(4), "9.ndjson": person(1), "1.ndjson.ok.3": "", "1.ndjson.x": person(1)}
    for name, content in others.items():
        d.write("done/" + name, content)
    d.configure([flow_in("people", "ndjson", 'retention = 0; marker = ".ok"; done = "done";')])
    said = d.once()
    same(names(d, "done"), sorted([*others, "2.ndjson.ok"]), "theirs, and one that is no longer what was received")
    same('"what":"sources","gone":2' in said.stderr + said.stdout, True, said.stderr + said.stdout)
    d.configure([flow_in("people", "ndjson", 'retention = 0; after = "delete";')])
    d.once()
    same(names(d, "done"), sorted([*others, "2.ndjson.ok"]), "a flow that moves nothing")
    d.run("fsck")


def sources_of_another():
    """A folder that two flows share: each takes what is its own, when it is its time."""
    d = Daemon("shared", [flow_in(name, "ndjson", f'retention = {days}; done = "done";')
                          for name, days in (("short", 0), ("long", 9))])
    d.drop("short", "a", person(1))
    d.drop("long", "b", person(2))
    d.once()
    d.once()
    same(names(d, "done"), ["b"], "left")


def sources_of_what_waits():
    """An exchange that is not over keeps its source."""
    d = Daemon("waits", [flow_in("people", "ndjson", 'retention = 0; order = "name"; done = "done";')])
    d.drop("people", "2.ndjson", person(2))
    d.once()
    d.drop("people", "1.ndjson", person(1))
    d.once()
    same(names(d, "done"), ["1.ndjson"], "held")
    d.run("replay", "2")
    d.once()
    same(names(d, "done"), [], "over")


def by_the_daemon():
    d = Daemon("daemon", [flow_in("people", "ndjson", "retention = 0;")])
    d.start()
    d.drop("people", "1.ndjson", person(1))
    d.wait(lambda: '"event":"exchange.done"' in d.log(), "the file")
    d.wait(lambda: not spool(d), "its end")
    d.wait(lambda: not names(d, "in/people/done"), "its source")
    d.stop()


def by_kind():
    """Each kind for its own time; purge says what would go, and does it; the report is kept."""
    times = "retention = { all = 90; %s };"
    d = Daemon("kinds", [flow_in("people", "ndjson", times % "" + ' done = "done"; receipt = { folder = "receipts"; };')])
    for n, name in enumerate(("First", "Second"), 1):
        d.drop("people", f"{n}.ndjson", person(1, name) + BAD)
        d.once()
    def there():
        return (len(spool(d)), json.loads(d.run("status", "--json").stdout)["versions"], len(names(d, "done")),
                len(names(d, "receipts")), len(d.rejects()))
    whole = there()
    same(whole, (2, 2, 2, 2, 2), "all is there")
    for rank, kind in ((0, "files"), (1, "versions"), (2, "sources"), (3, "receipts"), (4, "rejects"), (1, "resources")):
        d.configure([flow_in("people", "ndjson",
                             times % f"{kind} = 0;" + ' done = "done"; receipt = { folder = "receipts"; };')])
        planned = [json.loads(x) for x in d.run("purge", "--json").stdout.splitlines()]
        expected = 1 if kind in ("versions", "resources") else 2
        same([(x["flow"], x["kind"], x["gone"]) for x in planned], [("people", kind, expected)], f"plan of {kind}")
        same(there(), whole, f"a plan of {kind} changes nothing")
        d.run("purge", "--confirm")
        left = list(whole)
        left[rank] -= expected
        same(there(), tuple(left), f"{kind} and no other")
        whole = tuple(left)
    reports = os.listdir(d.path("state", "purges"))
    same(len(reports), 6, "reports")
    trail = [json.loads(x) for x in d.run("audit", "--json", "flow", "people").stdout.splitlines()]
    said = sorted(x["detail"] for x in trail if x["action"] == "retention.end")
    same(said, ["files 2", "receipts 2", "rejects 2", "resources 1", "sources 2", "versions 1"], "the trail")
    same({x["actor"] for x in trail if x["action"] == "retention.end"}, {pwd.getpwuid(os.getuid()).pw_name}, "who asked")
    d.run("fsck")
    d.run("audit", "verify")


def days(d, n):
    """As a daemon does that looks at that day."""
    return d.run("run", "--once", env={"LD_PRELOAD": LIBRARY[0], "FAKETIME": f"+{n}d", "NO_FAKE_STAT": "1"})


def of(n, name):
    """A person, and who they work for, who is the same for all."""
    return ('{"type":"personne","id":"p","record":%d,"fields":{"id_departement":"P-%d","nom_usage":"%s"}}\n'
            '{"type":"structure","id":"s","record":%d,"fields":{"id_departement":"S-1","nom":"Employer"}}\n'
            % (n, n, name, n))


def held(d):
    status = json.loads(d.run("status", "--json").stdout)
    return status["units"], status["resources"], status["versions"]


def sights(d):
    with contextlib.closing(sqlite3.connect(d.path("state", "store.db"))) as base:
        return base.execute("SELECT count(*) FROM sight").fetchone()[0]


def unsaid(apply):
    """Who no file speaks of for a month goes, and nothing of them stays; who is said again stays, unchanged as they are."""
    flows = [flow_in("people", "ndjson", f'apply = "{apply}"; retention = {{ all = 1; resources = 30; }};'),
             flow_out("all", "ndjson", '"personne.*", "structure.*"', "retention = 1;")]
    d = Daemon("unsaid-" + apply, flows)
    steps = ((0, of(1, "QUATREBARBES") + of(2, "STAYS")), (1, of(1, "QUATREBARBES-LENOIR") + of(2, "STAYS")),
             (3, of(2, "STAYS")), (20, of(2, "STAYS")))
    for day, content in steps:
        same(sights(d) if day else 0, 0, f"before day {day}: nothing is noted while the last word is young")
        d.drop("people", f"{day}.ndjson", content)
        days(d, day)
    same(sights(d), 1, "said again after two weeks, by the same file")
    days(d, 37)
    same(held(d), (2, 3, 3), "a month and a week since the first was said")
    given = len(d.lines_out("all"))
    trail = d.run("audit", "--json").stdout
    said = days(d, 39)
    same('"what":"resources","gone":1' in said.stdout + said.stderr, True, said.stdout + said.stderr)
    same((held(d), sights(d)), ((1, 2, 2), 1), "what the others have stays")
    new = [json.loads(x) for x in d.run("audit", "--json").stdout[len(trail):].splitlines()]
    same([x["detail"].split(", ")[1] for x in new if x["subject"] == "unit 1"], ["resources 1"], "the trail names it")
    d.run("audit", "verify")
    d.run("fsck")
    same([p for p, content in d.everything() if b"QUATREBARBES" in content.upper()], [], "nothing of them stays")
    same(len(d.lines_out("all")), given, "nobody is told")
    d.drop("people", "40.ndjson", of(1, "QUATREBARBES-LENOIR") + of(2, "STAYS"))
    days(d, 40)
    same([x["fields"]["nom_usage"] for x in d.lines_out("all")[given:] if x["type"] == "personne"], ["QUATREBARBES-LENOIR"],
         "said again they are new, and the other one is not told again")
    d.run("fsck")


def unsaid_by_file():
    unsaid("file")


def unsaid_by_record():
    unsaid("record")


def owed():
    """What a destination was not told yet, or may not have got, waits for it."""
    people = flow_in("people", "ndjson", "retention = { all = 1; resources = 0; };")
    d = Daemon("owed", [flow_in("people", "ndjson")])
    d.drop("people", "1.ndjson", person(1))
    d.once()
    d.configure([people, flow_out("all", "ndjson")])
    d.run("purge", "--confirm")
    same(held(d), (1, 1, 1), "not told yet")
    d.write("out/all", "no folder")
    d.once(expect=None)
    d.run("purge", "--confirm")
    same((held(d), len(d.exchanges("--flow", "all"))), ((1, 1, 1), 1), "told, and it did not arrive")
    os.unlink(d.path("out", "all"))
    d.once()
    same((held(d), len(d.lines_out("all"))), ((0, 0, 0), 1), "it arrived")
    d.run("fsck")


def orphan():
    """What a crash between the row and the file leaves is found, and goes with --repair once it is old."""
    d = Daemon("orphan", [flow_in("people", "ndjson")])
    d.drop("people", "1.ndjson", person(1))
    d.once()
    left = d.path("state", "spool", "in-1-1")
    with open(left, "wb") as f:
        f.write(b"left")
    same("spool.orphan" in d.run("fsck").stderr, True, "found")
    os.utime(left, (1, 1))
    d.run("fsck", "--repair")
    same((os.path.exists(left), len(spool(d))), (False, 1), "removed, and nothing else")


def texts_of_samples():
    """NIRs, and what stands in the samples as names of people."""
    text = sample("cnaf-rsa", "CG054.RSABEM20260905.xml").decode("latin-1")
    found = set(re.findall(r"<(?:NOMPER|NOMPAT|PRENOM|NOM\w*|PRENOM\w*)>([^<]{4,})<", text))
    return found | set(re.findall(r"(?<!\d)[12]\d{12}(?:\d\d)?(?!\d)", text))


def nothing_in_clear():
    """Neither in the store, nor in its log, nor in what the daemon says."""
    d = Daemon("clear", [flow_in("rsa", "cnaf-rsa", "retention = 0;"),
                         flow_in("fiches", "asp-fiche-salarie", "retention = 0;")])
    words = texts_of_samples()
    same(len(words) > 4, True, f"the sample has names and numbers: {words}")
    d.drop("rsa", "CG054.RSABEM20260905.xml", sample("cnaf-rsa", "CG054.RSABEM20260905.xml"))
    d.drop("rsa", "CG054.RSABEM20260906.xml",
           sample("cnaf-rsa", "CG054.RSABEM20260905.xml").replace(b"<DTNAI>1988-03-09", b"<DTNAI>1988-13-09", 1))
    said = d.once(expect=None)
    same([e["state"] for e in d.exchanges("--flow", "rsa")], ["done", "done_rejects"], "both were looked at")
    d.write("state/said", said.stdout + said.stderr)
    for path, content in d.everything():
        for word in words:
            for form in (word.encode(), word.encode("latin-1")):
                same(form in content, False, f"{word} in {path}")


if __name__ == "__main__":
    # Sanitizers bear no library before them.
    moved = [unsaid_by_file, unsaid_by_record] if LIBRARY and os.environ.get("SANITIZED") != "1" else []
    main([kept, gone, sources, sources_of_another, sources_of_what_waits, by_kind, *moved, owed, by_the_daemon, orphan,
          nothing_in_clear])
