# SPDX-License-Identifier: EUPL-1.2
"""One person: all that is held, who had it, and that nothing is left when they are forgotten."""
import json
import os
import pwd
import re
import subprocess

from daemon import PROGRAM, Daemon, flow_in, flow_out, main, same, sample


def patient(name, flows):
    """On a machine that is busy a worker may be slow: nothing here is about that."""
    return Daemon(name, flows, record_wall=60)

NUMBER = "288034221802463"  # invented, with its key
HOUSEHOLD = '"foyer.*", "personne.*", "droit.*"'


def number_of(text):
    """The sample has the number without its key."""
    bare = re.search(r"<NIR>(\d{13})</NIR>", text)[1]
    return f"{bare}{97 - int(bare) % 97:02d}"


def person(d, verb, *words, number=None, expect=0):
    done = subprocess.run(d.command("person", verb, *words), input=(number or "") + "\n", capture_output=True, text=True,
                          timeout=120, check=False)
    if done.returncode != expect:
        raise AssertionError(f"person {verb}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
    return done


def one(n, number=None, name="QUATREBARBES", first="CELESTINE"):
    fields = {"id_departement": f"DEP-{n:06d}", "nom_usage": name, "prenom": first}
    if number:
        fields["nir"] = number
    return [{"type": "personne", "id": f"p{n}", "record": n, "fields": fields},
            {"type": "parcours", "id": f"c{n}", "record": n, "refs": {"personne": f"p{n}"},
             "fields": {"numero": f"99999{n:07d}"}}]


def lines(*records):
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records for line in r)


def holding(d, *words):
    """Files of the state folder, and what the daemon said, with one of the words in them."""
    for path, content in d.everything():
        for word in words:
            for form in (word.encode(), word.encode("latin-1")):
                if form.lower() in content.lower():
                    yield f"{word} in {os.path.relpath(path, d.folder)}"


def household(name):
    """A record of several people, twice, with a reject, delivered."""
    d = patient(name, [flow_in("rsa", "cnaf-rsa", 'done = "done";'),
                      flow_out("all", "ndjson", HOUSEHOLD)])
    text = sample("cnaf-rsa", "CG054.RSABEM20260905.xml")
    d.drop("rsa", "CG054.RSABEM20260905.xml", text)
    said = d.once(expect=None).stderr
    d.drop("rsa", "CG054.RSABEM20260906.xml", text.replace(b"<DTNAI>1988-03-09", b"<DTNAI>1988-13-09", 1))
    said += d.once(expect=None).stderr
    d.write("state/said", said)
    return d, number_of(text.decode("latin-1"))


def all_is_told():
    d, number = household("told")
    rows = [json.loads(x) for x in person(d, "export", "--json", number=number).stdout.splitlines()]
    held = [r for r in rows if "resource" in r]
    same({r["type"] for r in held} >= {"personne", "foyer", "droit"}, True, {r["type"] for r in held})
    own = [r for r in held if r["type"] == "personne"]
    same([(r["number"], r["content"]["fields"]["prenom"], r["partner"], r["purpose"]) for r in own],
         [(number, "DELPHINE", "giver", "test")], "their own resource")
    shared = [r for r in held if r["type"] == "foyer"][0]["content"]["fields"]["membres"]
    same(len(shared), 1, "of the household, what is theirs")
    same([(r["to"], r["flow"], r["state"]) for r in rows if "delivery" in r], [("taker", "all", "sent")], "to whom")
    same(sorted(k for r in rows for k in r if k.endswith("_of_exchange")),
         ["file_of_exchange"] * 3 + ["reject_of_exchange"], "files kept and rejects")
    page = person(d, "export", "--html", "--lang", "fr", number=number).stdout
    for word in ("<html", "premier prénom", "DELPHINE", "À qui cela a été donné", number):
        same(word in page, True, word)
    same("http" in page, False, "nothing is asked of elsewhere")
    same("| first name | DELPHINE |" in person(d, "export", number=number).stdout, True, "markdown")
    told = [json.loads(x)["how"] for x in person(d, "accesses", "--json", number=number).stdout.splitlines()]
    same(told, ["delivered"] + ["person.export"] * 3 + ["person.accesses"], "who had it")
    shown = sorted(set(r["resource"] for r in held))
    other = next(n for n in range(1, 99) if n not in shown)
    d.run("show", "--resource", str(shown[0]), "--unmask", "theirs")
    d.run("show", "--resource", str(other), "--unmask", "another")
    told = [json.loads(x) for x in person(d, "accesses", "--json", number=number).stdout.splitlines()]
    same([(x["who"], x["detail"]) for x in told if x["how"] == "resource.raw"],
         [(pwd.getpwuid(os.getuid()).pw_name, "theirs")], "who was shown a value of theirs, and no other's")
    same([x for x in d.run("audit").stdout.splitlines() if number in x or "DELPHINE" in x], [], "no value in the trail")
    d.run("audit", "verify")


def who_looked():
    """Views of whole files and of rejects: theirs, not others', and perhaps where nobody can say."""
    d = patient("looked", [flow_in("people", "ndjson"), flow_in("others", "ndjson"), flow_out("all", "ndjson")])
    bad, other = one(1, NUMBER)[:1], one(5, name="VERCAMMEN", first="LEOPOLDINE")[:1]
    for row in bad + other:
        row["fields"]["naissance_date"] = "soon"
    d.drop("people", "1.ndjson", lines(one(1, NUMBER), one(2)))
    d.once()
    for name, records in (("2", [one(1, NUMBER), one(4, name="PHILIPPOT", first="ODETTE")]), ("3", [bad, other]),
                          ("4", [one(6, name="PHILIPPOT", first="ODETTE")]), ("5", [one(1, NUMBER)])):
        before = set(os.listdir(d.path("state", "spool")))
        d.drop("people", f"{name}.ndjson", lines(*records))
        d.once(expect=None)
    fifth = next(x for x in os.listdir(d.path("state", "spool")) if x not in before and x.startswith("in-"))
    d.drop("others", "6.ndjson", lines(one(7, name="PHILIPPOT", first="ODETTE")))
    d.once()
    at = {e["name"]: e["id"] for e in d.exchanges() if e["direction"] == "in"}
    sent = sorted(e["id"] for e in d.exchanges() if e["direction"] == "out")[0]
    for number in [*at.values(), sent]:
        d.run("show", str(number), "--raw", "--unmask", f"look {number}")
    os.remove(d.path("state", "spool", fifth))
    for record in (1, 2):
        d.run("show", f"{at['3.ndjson']}:{record}", "--unmask", f"record {record}")
    def seen():
        rows = map(json.loads, person(d, "accesses", "--json", number=NUMBER).stdout.splitlines())
        return [(x["how"], x["exchange"], x.get("record", 0), x.get("perhaps", "")) for x in rows
                if x["how"] in ("exchange.raw", "reject.raw")]
    whole = [("exchange.raw", at[f"{n}.ndjson"], 0, "gone" if n == 5 else "") for n in (1, 2, 3, 5)]
    whole += [("exchange.raw", sent, 0, "")]
    same(seen(), whole + [("reject.raw", at["3.ndjson"], 1, "")], "files with them, sent or received, and their reject")
    text = person(d, "accesses", number=NUMBER).stdout
    same((f"exchange {at['5.ndjson']}, perhaps: kept no more)" in text, f"exchange {at['3.ndjson']}:1)" in text,
          "not told, for want of a trace" in text), (True, True, True), text)
    d.configure([flow_in("people", "ndjson", "retention = { all = 90; rejects = 0; };"), flow_in("others", "ndjson"),
                 flow_out("all", "ndjson")])
    d.run("purge", "--confirm")
    same(seen()[-2:], [("reject.raw", at["3.ndjson"], n, "gone") for n in (1, 2)], "of texts that went, nobody can say")


def who_is_meant():
    d = patient("meant", [flow_in("people", "ndjson"), flow_in("others", "ndjson")])
    d.drop("people", "1.ndjson", lines(one(1, NUMBER), one(2)))
    d.once()
    d.drop("others", "2.ndjson", lines(one(3, NUMBER, "QUATREBARBES-LENOIR")))
    d.once()
    def found(*words, **more):
        rows = map(json.loads, person(d, "export", "--json", *words, **more).stdout.splitlines())
        return sorted({row["resource"] for row in rows if "resource" in row})
    both = found(number=NUMBER)
    same(len(both), 3, "one person, as two flows tell of them")
    same(found("1"), both, "by a resource")
    spaced = found(number=" 2 88 03 42 218 024 63")
    same(spaced, both, "as people write it")
    d.write("number", NUMBER + "\n")
    same(found("--number", d.path("number")), both, "from a file")
    same(len(found("3")), 2, "one without a number")
    person(d, "export", "2", expect=2)
    person(d, "export", "99", expect=2)
    person(d, "export", number="1" * 15, expect=2)
    person(d, "burn", number=NUMBER, expect=2)


def nothing_is_left():
    d, number = household("left")
    words = (number, number[:13], "DELPHINE", "VAUTRIN", "ANASTASIE")
    same(bool(list(holding(d, *words))), True, "before")
    plan = person(d, "forget", number=number).stdout
    same("nothing was done" in plan and "3  files of the spool" in plan and "who gets all" in plan, True, plan)
    same(bool(list(holding(d, *words))), True, "a plan changes nothing")
    same(len(os.listdir(d.path("done"))), 2, "sources")
    said = person(d, "forget", "--confirm", number=number).stdout
    same(list(holding(d, *words)), [], "in store, spool, logs")
    same(os.listdir(d.path("done")), [], "nor in sources")
    same([r["state"] for r in d.rejects("--all")], ["closed"], "its reject is answered")
    same(any("CELESTINE" in c.decode("latin-1") for _, c in d.everything()), False, "nobody else was there")
    d.run("fsck")
    d.run("audit", "verify")
    proof = re.search(r"signed proof: (.+)", said)[1]
    shown = d.run("audit", "verify", "--proof", proof, "--public-key", d.path("state", "sign.pub")).stdout
    rows = [json.loads(x) for x in shown.splitlines() if x.startswith("{")]
    same({k for r in rows for k in r} & {"resource", "unit", "reject", "file_of_exchange", "delivered_to"},
         {"resource", "unit", "reject", "file_of_exchange", "delivered_to"}, shown)
    d.write("proof", open(proof, encoding="utf-8").read().replace('"resource"', '"resourcf"', 1))
    d.run("audit", "verify", "--proof", d.path("proof"), "--public-key", d.path("state", "sign.pub"), expect=1)
    person(d, "export", number=number, expect=2)
    d.run("backup", "--new-key", d.path("backup.key"))
    d.run("backup", "--key", d.path("backup.key"), "--to", d.path("after.backup"))
    subprocess.run([PROGRAM, "restore", d.path("after.backup"), "--to", d.path("state", "again"), "--key", d.path("backup.key"),
                    *d.homes], check=True, capture_output=True)
    same(os.path.exists(d.path("state", "again", "store.db")), True, "restored")
    same(list(holding(d, *words)), [], "backups made since")
    called = json.loads(d.run("audit", "--json").stdout.splitlines()[-2])
    same(called["subject"].startswith("person "), True, called)


def said_of_them_by_others():
    """Texts of others that name them are told by place and stay; a homonym's own fields are no such text."""
    d = patient("mentions", [flow_in("people", "ndjson"), flow_in("places", "ndjson")])
    first = one(1, NUMBER, "QUATREBARBES-LENOIR", "ANNE")
    d.drop("people", "1.ndjson", lines(first, one(2, name="QUATREBARBES-LENOIR", first="ODETTE"),
                                       one(3, name="QUATREBARBES-LENOIR", first="ANNE")))
    d.once()
    texts = ["vu Mme Quatrebarbes-Lénoir, prénom Anne", "son numéro : 2 88 03 42 218 024 63", "dossier DEP-000001 à relire",
             "Mme Quatrebarbes-Lenoir", "une annexe Quatrebarbes-Lenoirs", "tél. 03 42 21 80 24", "M. Lenoir, Odette"]
    places = [[{"type": "structure", "id": f"s{n}", "record": n, "fields": {"aurore": f"A{n:05d}", "nom": f"ATELIER {n}",
                "description": text}}] for n, text in enumerate(texts, 1)]
    d.drop("places", "1.ndjson", lines(*places))
    d.once()
    same([e["accepted"] for e in d.exchanges()], [3, len(texts)], "all are there")
    def told(said):
        rows = [json.loads(x) for x in said.splitlines() if x.startswith('{"')]
        return ([(x["type"], x["path"], x["version"]) for x in rows if "mentioned_in_resource" in x],
                [x["looked_at_for_mentions"] for x in rows if "looked_at_for_mentions" in x])
    there = ([("structure", "fields.description", 1)] * 3, [4 + len(texts)])
    same(told(person(d, "export", "--json", number=NUMBER).stdout), ([], []), "on demand only")
    same(told(person(d, "export", "--json", "--mentions", number=NUMBER).stdout), there, "told")
    page = person(d, "export", "--mentions", "--lang", "fr", number=NUMBER).stdout
    same(("Textes d'autres" in page, page.count("fields.description"), "Mme" in page), (True, 3, False), "as a page, no value")
    plan = person(d, "forget", number=NUMBER).stdout
    same(("3  texts of others where" in plan, plan.count("(structure) : fields.description, v1"), "Mme" in plan),
         (True, 3, False), plan)
    said = person(d, "forget", "--confirm", number=NUMBER).stdout
    proof = re.search(r"signed proof: (.+)", said)[1]
    same(told(d.run("audit", "verify", "--proof", proof, "--public-key", d.path("state", "sign.pub")).stdout), there, "proved")
    kept = [json.loads(d.run("show", "--resource", str(n), "--unmask", "still there", "--json").stdout.splitlines()[0])
            for n in range(7, 7 + len(texts))]
    same([x["payload"]["fields"]["description"] for x in kept], texts, "nothing of others was rewritten")
    d.run("fsck")


def only_a_reject():
    """Somebody no resource speaks of: all that came of them was rejected."""
    d = patient("reject", [flow_in("people", "ndjson")])
    bad = one(1, NUMBER)[:1]
    bad[0]["fields"]["naissance_date"] = "soon"
    d.drop("people", "1.ndjson", lines(bad, one(2)))
    d.once()
    same(len(d.rejects()), 1, "rejected")
    rows = [json.loads(x) for x in person(d, "export", "--json", number=NUMBER).stdout.splitlines()]
    same([sorted(r)[-1] for r in rows], ["record", "reject_of_exchange"], rows)
    same("person.export" in person(d, "accesses", number=NUMBER).stdout, True, "who had the little there is")
    person(d, "forget", "--confirm", number=NUMBER)
    person(d, "accesses", number=NUMBER, expect=2)
    same((list(holding(d, NUMBER)), d.rejects()), ([], []), "nothing is left")
    person(d, "export", number=NUMBER, expect=2)
    d.run("fsck")
    d.run("audit", "verify")


def one_name_is_not_two():
    """A name that was written in capitals, then not, is one name: who shares it is not taken for them."""
    d = patient("case", [flow_in("people", "ndjson")])
    d.drop("people", "1.ndjson", lines(one(1, NUMBER, "QUATREBARBES", "ANNE")))
    d.once()
    other = one(2, name="Quatrebarbes", first="Odette")[:1]
    other[0]["fields"]["naissance_date"] = "soon"
    d.drop("people", "2.ndjson", lines(one(1, NUMBER, "Quatrebarbes", "ANNE"), other))
    d.once(expect=None)
    rows = [json.loads(x) for x in person(d, "export", "--json", number=NUMBER).stdout.splitlines()]
    same([x["content"]["fields"]["nom_usage"] for x in rows if x.get("type") == "personne"], ["QUATREBARBES", "Quatrebarbes"],
         "two versions")
    person(d, "forget", "--confirm", number=NUMBER)
    same([r["record"] for r in d.rejects()], [2], "the reject of another stays")


def others_stay():
    """Of a household the others stay, and their destination hears of what is left; beside the daemon."""
    d, number = household("others")
    before = [x for x in d.lines_out("all") if x["type"] == "personne"]
    record = [x["record"] for x in before if x["fields"]["prenom"] == "DELPHINE"]
    others = [x for x in before if x["record"] == record[0] and x["fields"]["prenom"] != "DELPHINE"]
    same(len(others) > 0, True, f"there are others: {before}")
    for path in d.files_out("all"):
        os.remove(path)
    d.start()
    d.wait(lambda: not json.loads(d.run("status", "--json").stdout)["daemon"]["jobs"], "rest")
    person(d, "forget", "--confirm", number=number)
    d.wait(lambda: d.files_out("all"), "what is left of it")
    d.stop()
    now = d.lines_out("all")
    same(sorted(x["fields"]["prenom"] for x in now if x["type"] == "personne"),
         sorted(x["fields"]["prenom"] for x in others), "and only they")
    same([len(x["fields"]["membres"]) for x in now if x["type"] == "foyer"], [len(others)], "the household without them")
    d.run("fsck")


def not_brought_back():
    """A file from before does not, one that comes later is new."""
    d = patient("back", [flow_in("people", "ndjson", 'order = "name"; retention = 1;')])
    d.drop("people", "2.ndjson", lines(one(1, NUMBER), one(2)))
    d.once()
    d.drop("people", "1.ndjson", lines(one(1, NUMBER), one(3)))
    d.once()
    same([e["state"] for e in d.exchanges()], ["done", "held"], "an older file waits")
    plan = person(d, "forget", "--confirm", number=NUMBER).stdout
    same("stays: exchange 2" in plan, True, plan)
    d.run("replay", "2")
    d.once()
    late = d.exchanges()[-1]
    same((late["state"], late["read"], late["accepted"], late["filtered"]), ("done", 2, 1, 1), "passed over")
    person(d, "export", number=NUMBER, expect=2)
    same("retention" in d.run("replay", "1", expect=2).stderr, True, "the file of the first is gone")
    d.drop("people", "3.ndjson", lines(one(1, NUMBER)))
    d.once()
    person(d, "export", number=NUMBER)
    d.run("replay", "2")
    d.once()
    same(d.exchanges()[1]["filtered"], 1, "what came before stays so")
    d.run("fsck")
    d.run("audit", "verify")


if __name__ == "__main__":
    assert PROGRAM
    main([all_is_told, who_looked, who_is_meant, nothing_is_left, said_of_them_by_others, only_a_reject, one_name_is_not_two, others_stay, not_brought_back])
