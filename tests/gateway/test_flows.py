# SPDX-License-Identifier: EUPL-1.2
"""What comes in, what goes out, what is never taken twice."""
import datetime
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import zipfile

from daemon import BUILD, PROGRAM, SCRATCH, SOURCE, Daemon, flow_in, flow_out, law, main, same, sample

RSA = "CG054.RSABEM20260905.xml"


def shipped():
    """The gateway.conf of the project runs as it is, and a second run finds nothing."""
    d = Daemon("shipped", [])
    shutil.copy(os.path.join(SOURCE, "gateway.conf"), d.path("gateway.conf"))
    for kind, folder in (("cnaf-rsa", "caf"), ("asp-annexe-financiere", "asp"), ("asp-fiche-salarie", "siae")):
        source = os.path.join(SOURCE, "schemas", "formats", kind, "samples")
        for name in os.listdir(source):
            if "pivot" not in name:
                d.write(f"var/in/{folder}/{name}", sample(kind, name))
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read().replace('stable      = "2 s"', "stable = 0")
    d.write("gateway.conf", text)
    d.run("check")
    d.once()
    first = d.exchanges()
    same({e["state"] for e in first}, {"done"}, "states")
    same(sum(e["direction"] == "out" for e in first), 3, "files out")
    for e in first:
        law(e)
    d.once()
    same(d.exchanges(), first, "exchanges after a second run")


def half_then_whole():
    whole = sample("cnaf-rsa", RSA)
    d = Daemon("half", [flow_in("rsa", "cnaf-rsa"), flow_out("all", "ndjson")])
    d.drop("rsa", "CG054.RSABEM20260904.xml", whole[:len(whole) * 2 // 3])
    d.once()
    same([e["state"] for e in d.exchanges()], ["failed"], "the half")
    same(d.lines_out("all"), [], "what the half gave")
    d.drop("rsa", RSA, whole)
    d.once()
    same([e["state"] for e in d.exchanges("--flow", "rsa")], ["failed", "done"], "both")
    same(len(d.files_out("all")), 1, "files out")


def person(name, first="ANNE"):
    return ('{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1","nom_usage":"%s","prenom":"%s"}}\n'
            % (name, first)).encode()


def back_to_an_earlier_state():
    """A, B, A: three exchanges, and the last state is A."""
    d = Daemon("aba", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    for name, text in (("1", "A"), ("2", "B"), ("3", "A")):
        d.drop("people", name, person(text))
        d.once()
    same([e["state"] for e in d.exchanges("--flow", "people")], ["done"] * 3, "states")
    same([x["fields"]["nom_usage"] for x in d.lines_out("all")], ["A", "B", "A"], "what the taker got")


def seen_before():
    d = Daemon("seen", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    for _ in range(3):
        d.drop("people", "same.ndjson", person("A"))
        d.once()
    same(len(d.exchanges("--flow", "people")), 1, "exchanges")
    same(os.listdir(d.path("in/people/done")) != [] and os.path.exists(d.path("in/people/same.ndjson")), False, "sources")
    same(len(d.lines_out("all")), 1, "deliveries")


def nothing_changed():
    """The same content in a new file: all of it unchanged, and nobody is told."""
    d = Daemon("unchanged", [flow_in("rsa", "cnaf-rsa"), flow_out("all", "ndjson")])
    text = sample("cnaf-rsa", RSA)
    d.drop("rsa", RSA, text)
    d.once()
    d.drop("rsa", "CG054.RSABEM20261005.xml", text.replace(b"HEUCREAFLUX>", b"HEUCREAFLUX >", 1))
    d.once()
    first, second = d.exchanges("--flow", "rsa")
    same(second["unchanged"], first["produced"], "unchanged")
    same((second["created"], second["updated"]), (0, 0), "made")
    same(len(d.files_out("all")), 1, "files out")


def tried_again_in_one_run():
    """A folder that cannot be written is tried three times, with pauses, before the run ends."""
    d = Daemon("again", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    d.write("out/all", b"no folder")
    d.drop("people", "a.ndjson", person("A"))
    done = d.once()
    same(len(re.findall('"event":"flow.trouble","flow":"all"', done.stdout + done.stderr)), 3, "times")


def fields_and_secrets():
    """What a destination does not list does not leave; the NIR is nowhere in clear once the spool is put aside."""
    d = Daemon("fields", [flow_in("rsa", "cnaf-rsa"),
                          flow_out("names", "ndjson", '"personne.nom_usage", "personne.prenom"'),
                          flow_out("all", "ndjson"), flow_out("with", "ndjson", '"personne.*", "personne.nir"')])
    text = sample("cnaf-rsa", RSA)
    d.drop("rsa", RSA, text)
    d.once()
    same({k for x in d.lines_out("names") for k in x["fields"]}, {"nom_usage", "prenom"}, "fields")
    same(any("nir" in x["fields"] for x in d.lines_out("all")), False, "NIR with personne.*")
    same(any("nir" in x["fields"] for x in d.lines_out("with")), True, "NIR by name")
    numbers = set(re.findall(rb"<NIR>(\d{13})", text))
    same(bool(numbers), True, "the sample has numbers")
    for path, content in d.everything():
        for number in numbers:
            if os.sep + "spool" + os.sep not in path and number in content:
                raise AssertionError(f"a NIR in clear in {path}")


def order_of_a_flow():
    d = Daemon("order", [flow_in("people", "ndjson", 'order = "name";'), flow_out("all", "ndjson")])
    d.drop("people", "20260902.ndjson", person("NEW"))
    d.once()
    d.drop("people", "20260901.ndjson", person("OLD"))
    d.once()
    old = d.exchanges("--state", "held")
    same([(e["name"], e["reason"]) for e in old], [("20260901.ndjson", "exchange.older")], "held")
    d.run("replay", str(old[0]["id"]))
    d.once()
    same(d.exchanges("--state", "held"), [], "released")


def thresholds():
    d = Daemon("thresholds", [flow_in("people", "ndjson", 'apply = "file"; rejects_max = 40; records_min = 1;'),
                              flow_out("all", "ndjson")])
    bad = b'{"type":"personne","id":"q","record":2,"fields":{"naissance_date":"yesterday"}}\n'
    d.drop("people", "1", person("A") + bad)
    d.once()
    same([(e["state"], e["reason"]) for e in d.exchanges()], [("failed", "exchange.rejects")], "half of it bad")
    same(d.lines_out("all"), [], "nothing applied")
    same([r["record"] for r in d.rejects()], [2], "the reject is kept")
    d.drop("people", "2", b"\n")
    d.once()
    same([(e["state"], e["reason"]) for e in d.exchanges()][-1], ("failed", "exchange.few"), "an empty file")


def corrected_file():
    d = Daemon("corrected", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    bad = b'{"type":"personne","id":"q","record":2,"fields":{"id_departement":"2","naissance_date":"=yesterday"}}\n'
    d.drop("people", "1", person("A") + bad)
    d.once()
    same([e["state"] for e in d.exchanges("--flow", "people")], ["done_rejects"], "state")
    d.run("rejects", "--export", d.path("rejects.csv"))
    with open(d.path("rejects.csv"), "rb") as f:
        table = f.read()
    same(table[:3], b"\xef\xbb\xbf", "BOM")
    same(len(table.strip().splitlines()), 2, "rows")
    same(b"'=yesterday" in table or b"=yesterday" not in table, True, "no formula")
    d.write("corrected.ndjson", person("A") + bad.replace(b"=yesterday", b"1990-01-01"))
    first = d.exchanges("--flow", "people")[0]["id"]
    d.run("replay", str(first), "--with", d.path("corrected.ndjson"))
    d.once()
    same(d.rejects(), [], "open rejects")
    same(len(d.lines_out("all")), 2, "people out")
    d.run("replay", str(first))
    d.once()
    same(len(d.lines_out("all")), 2, "twice changes nothing twice")


def replayed_after_a_fix():
    """A corrected list of codes: what was rejected for it goes through, what is still wrong stays rejected."""
    schemas, titles = towns("fixed-schemas")
    d = Daemon("fixed", [flow_in("towns", "towns"), flow_out("all", "ndjson")], schemas=schemas)
    d.drop("towns", "a.csv", "id;title\n1;Mr\n2;Mrs\n3;King\n")
    d.once()
    same([r["record"] for r in d.rejects()], [2, 3], "rejects")
    add_line(titles, "Mrs;MME;;;;;")
    d.run("replay", "--flow", "nobody")
    same(len(d.lines_out("all")), 1, "a selection of nothing")
    d.run("replay", "--flow", "towns", "--code", "mapping.*")
    d.once()
    same([r["record"] for r in d.rejects()], [3], "still rejected")
    same(sorted(x["fields"]["id_departement"] for x in d.lines_out("all")), ["1", "2"], "delivered, none twice")
    law(d.exchanges("--flow", "towns")[0])


TOWNS = (("format.conf", 'plugin = "csv";\noptions = { delimiter = ";"; };\nrecord = ".";\n'),
         ("fields.csv", "resource;field;path;as;use;when;note\npersonne;;.;;;;\n"
                        "personne;id_departement;id;;required;;\npersonne;civilite;title;code(title);required;;\n"),
         ("codes/title.csv", "native;pivot;label;from;to;use;when\nMr;M;;;;;\n"))


def towns(name):
    """Schemas of its own, with a format whose list of codes can be corrected."""
    schemas = os.path.join(SCRATCH, name)
    shutil.rmtree(schemas, ignore_errors=True)
    shutil.copytree(os.path.join(SOURCE, "schemas"), schemas)
    folder = os.path.join(schemas, "formats", "towns")
    os.makedirs(os.path.join(folder, "codes"))
    for file, text in TOWNS:
        with open(os.path.join(folder, file), "w", encoding="utf-8") as f:
            f.write(text)
    return schemas, os.path.join(folder, "codes", "title.csv")


def add_line(path, line):
    with open(path, "a", encoding="utf-8") as f:
        f.write(line + "\n")


def counted(d):
    e = d.exchanges("--flow", "towns")[0]
    law(e)
    return e["state"], e["read"], e["accepted"], e["rejected"], e["produced"], e["created"]


def ids_out(d):
    return sorted(x["fields"]["id_departement"] for x in d.lines_out("all"))


def one_reject():
    """Its record alone is applied, whatever else of the file would go through today."""
    for name, more in (("one", ""), ("one-file", 'apply = "file";')):
        schemas, titles = towns(name + "-schemas")
        d = Daemon(name, [flow_in("towns", "towns", more), flow_out("all", "ndjson")], schemas=schemas)
        d.drop("towns", "a.csv", "id;title\n1;Mr\n2;Mrs\n3;King\n4;Mrs\n5;Queen\n")
        d.once()
        ids = {r["record"]: str(r["id"]) for r in d.rejects()}
        same(counted(d), ("done_rejects", 5, 1, 4, 1, 1), "before")
        d.run("replay", "--reject", ids[2])
        d.once()
        same([r["record"] for r in d.rejects()], [2, 3, 4, 5], "nothing was corrected: it is rejected again")
        same(counted(d), ("done_rejects", 5, 1, 4, 1, 1), "and nothing changes")
        add_line(titles, "Mrs;MME;;;;;")
        d.run("replay", "--reject", ids[2])
        said = json.loads(d.run("replay", "--json", "--reject", ids[2]).stdout)
        same(said["state"], "queued", "asked for twice")
        same([r["state"] for r in d.rejects("--all")], ["queued", "open", "open", "open"], "it waits")
        d.once()
        same([r["record"] for r in d.rejects()], [3, 4, 5], "the others stay, also the one that would go through")
        same(counted(d), ("done_rejects", 5, 2, 3, 2, 2), "after")
        same(ids_out(d), ["1", "2"], "delivered")
        same(json.loads(d.run("replay", "--json", "--reject", ids[2]).stdout)["state"], "replayed", "twice")
        d.once()
        same((counted(d), ids_out(d)), (("done_rejects", 5, 2, 3, 2, 2), ["1", "2"]), "changes nothing twice")
        add_line(titles, "King;M;;;;read;\nQueen;MME;;;;read;")
        for record in (3, 4, 5):
            d.run("replay", "--reject", ids[record])
        d.once()
        same((counted(d), ids_out(d)), (("done", 5, 5, 0, 5, 5), ["1", "2", "3", "4", "5"]), "the last of them")
        same([r["state"] for r in d.rejects("--all")], ["replayed"] * 4, "answered")
        d.run("replay", "1")
        d.once()
        same((counted(d)[:4], len(ids_out(d))), (("done", 5, 5, 0), 5), "the whole of it has nothing to add")
        d.run("fsck")


def one_reject_with_a_file():
    """The corrected file is an exchange of its own, and answers that reject alone."""
    schemas, _ = towns("with-schemas")
    d = Daemon("with", [flow_in("towns", "towns"), flow_out("all", "ndjson")], schemas=schemas)
    d.drop("towns", "a.csv", "id;title\n1;Mr\n2;Mrs\n3;King\n")
    d.once()
    d.write("two.csv", "id;title\n2;Mr\n")
    d.write("three.csv", "id;title\n3;Mr\n")
    two, three = (str(r["id"]) for r in d.rejects())
    d.run("replay", "--reject", two, "--with", d.path("two.csv"))
    d.once()
    same(([str(r["id"]) for r in d.rejects()], ids_out(d)), ([three], ["1", "2"]), "one of two")
    same(counted(d)[0], "done_rejects", "one is open")
    said = json.loads(d.run("replay", "--json", "--reject", two, "--with", d.path("two.csv")).stdout)
    same((said["state"], len(d.exchanges("--flow", "towns"))), ("replayed", 2), "twice changes nothing twice")
    d.run("replay", "--reject", three, "--with", d.path("three.csv"))
    d.once()
    same((d.rejects(), ids_out(d), counted(d)[0]), ([], ["1", "2", "3"], "done"), "none is open")
    d.run("fsck")


def one_reject_refused():
    """What cannot be done soundly is not done, and what was applied stands."""
    schemas, titles = towns("refused-schemas")
    d = Daemon("refused", [flow_in("towns", "towns", "rejects_max = 60;"), flow_out("all", "ndjson")], schemas=schemas)
    d.drop("towns", "a.csv", "id;title\n1;Mr\n2;Mrs\n")
    d.once()
    first = str(d.rejects()[0]["id"])
    for words in (("--reject", "99"), ("--reject", "x"), ("1", "--reject", first)):
        d.run("replay", *words, expect=2)
    d.drop("towns", "b.csv", "id;title\n2;Mr\n")
    add_line(titles, "Mrs;MME;;;;;")
    d.once()
    d.run("replay", "--reject", first)
    d.once()
    same((d.rejects(), [x["fields"]["civilite"] for x in d.lines_out("all")]), ([], ["M", "M"]), "a later word stays")
    d.drop("towns", "c.csv", "id;title\n8;King\n9;Queen\n")
    d.once()
    same(d.exchanges("--flow", "towns")[2]["state"], "failed", "too many rejects")
    said = d.run("replay", "--reject", str(d.rejects()[0]["id"]), expect=2)
    same("the whole of it" in said.stderr, True, said.stderr)
    d.drop("towns", "d.csv", "id;title\nid;title\n4;Mr\n5;King\n6;Mr\n")
    d.once()
    five = str([r for r in d.rejects() if r["exchange"] == 6][-1]["id"])
    conf = os.path.join(os.path.dirname(os.path.dirname(titles)), "format.conf")
    for new, reason in (("header_line = 2", "replay.records"), ("header_line = 9", "csv.header_missing")):
        with open(conf, "w", encoding="utf-8") as f:
            f.write(TOWNS[0][1].replace("};", new + "; };"))
        d.run("replay", "--reject", five)
        d.once()
        e = d.exchanges("--flow", "towns")[3]
        same((e["state"], e["accepted"], e["rejected"], e["reason"]), ("done_rejects", 2, 2, reason), "as it was")
        same(five in [str(r["id"]) for r in d.rejects()], True, "as open as before")
    d.run("fsck")


def day_of_a_file():
    """What a file says is of the day that it tells, else of the day it came."""
    text = sample("cnaf-rsa", RSA)
    day = datetime.datetime.strptime(re.search(rb"<DTREF>([^<]+)<", text)[1].decode(), "%Y-%m-%d")
    day = int(day.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
    with_bad = text.replace(b"<DTNAI>1988-03-09", b"<DTNAI>1988-13-09", 1)
    for name, kind, file, content, told in (("day", "cnaf-rsa", RSA, text, True),
                                            ("day-bad", "cnaf-rsa", RSA, with_bad, True),
                                            ("day-none", "ndjson", "1.ndjson", person("A"), False)):
        for mode in ("file", "record"):
            d = Daemon(f"{name}-{mode}", [flow_in("in", kind, f'apply = "{mode}";')])
            d.drop("in", file, content)
            d.once()
            e = d.exchanges()[0]
            law(e)
            said = json.loads(d.run("show", "--json", "--resource", "1").stdout)
            same(said["said_at"], day if told else e["received_at"], f"{name} {mode}")
            same(said["received_at"], e["received_at"], "received")


def unnumbered(record, **fields):
    return (json.dumps({"type": "personne", "id": f"p{record}", "record": record, "fields": fields}) + "\n").encode()


def people_without_numbers():
    """Each is somebody: found again by names and birthday, and one of whom too little is known takes nobody's place."""
    d = Daemon("unnumbered", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    anne = {"nom_usage": "MARTIN", "prenom": "ANNE", "naissance_date": "1990-07-02"}
    zoe = {"nom_usage": "MARTIN", "prenom": "ZOE", "naissance_date": "1990-07-02"}
    d.drop("people", "1", unnumbered(1, **anne) + unnumbered(2, **zoe) + unnumbered(3, prenom="LEA", sexe="F") + unnumbered(4, prenom="LEA", sexe="H"))
    d.once()
    d.drop("people", "2", unnumbered(1, **zoe) + unnumbered(2, **anne, telephone="0102030405") + unnumbered(3, prenom="LEA", sexe="F"))
    d.once()
    same([(e["created"], e["updated"], e["unchanged"]) for e in d.exchanges("--flow", "people")], [(4, 0, 0), (0, 1, 2)], "who is who")
    same(sorted(x["fields"]["prenom"] for x in d.lines_out("all")), ["ANNE", "ANNE", "LEA", "LEA", "ZOE"], "what was sent")


def packed(*members, mark=None):
    """A zip of these names and contents; the bytes of `mark` stand for one byte of the name that is no UTF-8."""
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members:
            z.writestr(name, content)
    return to.getvalue().replace(mark, b"\x82") if mark else to.getvalue()


def archives():
    """What is zipped is read in the sandbox, whatever the alphabet of its names and of the daemon's surroundings."""
    d = Daemon("archives", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    for name, content in (("1.zip", packed(("people.ndjson", person("A")))), ("2.zip", packed(("été_œ.ndjson", person("B")))),
                          ("3.zip", packed(("x@y.ndjson", person("C")), mark=b"@")),
                          ("4.zip", packed(("folder/", b""), ("folder/a.ndjson", person("D")), ("folder/b.ndjson", person("E")))),
                          ("5.ndjson.gz", gzip.compress(person("F")))):
        d.drop("people", name, content)
    d.run("run", "--once", env={"LANG": "", "LC_ALL": "", "LC_CTYPE": ""})
    same([(e["name"], e["state"], e["read"]) for e in d.exchanges("--flow", "people")],
         [("1.zip", "done", 1), ("2.zip", "done", 1), ("3.zip", "done", 1), ("4.zip", "done", 2), ("5.ndjson.gz", "done", 1)], "archives")


def libraries_missing():
    """What is loaded when it is needed, and is not there, is named with the package that brings it."""
    d = Daemon("libraries", [flow_in("people", "ndjson")])
    for name in ("libarchive.so.13", "libpq.so.5"):
        d.write("empty/" + name, "")
    without = {"LD_LIBRARY_PATH": d.path("empty")}
    d.write("a.zip", packed(("people.ndjson", person("A"))))
    told = subprocess.run([PROGRAM, "validate", *d.homes, "--format", "ndjson", d.path("a.zip")], capture_output=True, text=True,
                          check=False, env=dict(os.environ, **without))
    same(told.returncode, 3, "the stream failed")
    same("input.library" in told.stdout and "libarchive13" in told.stdout, True, told.stdout + told.stderr)
    d.write("conf.d/store.conf", 'store = "postgresql://nobody@127.0.0.1:1/none";\n')
    told = d.run("status", expect=None, env=without)
    same("store.library" in told.stderr and "libpq5" in told.stderr, True, told.stdout + told.stderr)


def order_of_names():
    """More files than one look takes: by name all the same, since a later one may take back an earlier one."""
    d = Daemon("many", [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    names = [f"{n:04}.ndjson" for n in range(150)]
    for name in reversed(names):
        d.drop("people", name, person(name))
    d.once()
    same([e["name"] for e in d.exchanges("--flow", "people")], names, "exchanges")
    same(d.lines_out("all")[-1]["fields"]["nom_usage"], names[-1], "the last word")


def stable_marker_suffix():
    d = Daemon("ready", [flow_in("marked", "ndjson", 'marker = ".ok";'), flow_in("named", "ndjson", 'unready = ".tmp";')])
    d.drop("marked", "a", person("A"))
    d.drop("named", "b.tmp", person("B"))
    d.once()
    same(d.exchanges(), [], "not ready")
    d.write("in/marked/a.ok", "")
    os.rename(d.path("in/named/b.tmp"), d.path("in/named/b"))
    d.once()
    same(sorted(e["name"] for e in d.exchanges()), ["a", "b"], "ready")
    same(os.path.exists(d.path("in/marked/a.ok")), False, "the marker goes with its file")


if __name__ == "__main__":
    assert BUILD
    main([shipped, half_then_whole, back_to_an_earlier_state, seen_before, nothing_changed, tried_again_in_one_run, fields_and_secrets,
          order_of_a_flow, thresholds, corrected_file, replayed_after_a_fix, one_reject,
          one_reject_with_a_file, one_reject_refused, day_of_a_file, order_of_names, archives, libraries_missing, people_without_numbers, stable_marker_suffix])
