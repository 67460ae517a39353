# SPDX-License-Identifier: EUPL-1.2
"""diff: what today's tables would make of files that were received, with nothing applied."""
import json
import os
import shutil

from daemon import SCRATCH, SOURCE, Daemon, flow_in, flow_out, main, same, sample

SCHEMAS = os.path.join(SCRATCH, "schemas")
FORMAT = os.path.join(SCHEMAS, "formats", "cnaf-rsa")
FILE = "CG054.RSABEM20260905.xml"


def copy_schemas():
    shutil.rmtree(SCHEMAS, ignore_errors=True)
    shutil.copytree(os.path.join(SOURCE, "schemas"), SCHEMAS)


def edit(name, *pairs):
    path = os.path.join(FORMAT, name)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for old, new in pairs:
        same(old in text, True, f"{old} stands in {name}")
        text = text.replace(old, new)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def loaded(name):
    copy_schemas()
    d = Daemon(name, [flow_in("rsa", "cnaf-rsa"), flow_out("all", "ndjson")], schemas=SCHEMAS)
    d.drop("rsa", FILE, sample("cnaf-rsa", FILE))
    d.once()
    return d


def told(d, *words, expect):
    return [json.loads(x) for x in d.run("diff", "--json", *words, expect=expect).stdout.splitlines()]


def state_of(d):
    return d.exchanges(), d.run("status", "--json").stdout, d.run("audit", "--json").stdout


def nothing_new():
    d = loaded("nothing")
    e = d.exchanges("--flow", "rsa")[0]
    before = state_of(d)
    for words in (("1",), ("--flow", "rsa")):
        lines = told(d, *words, expect=0)
        same(len(lines), 1, lines)
        same((lines[0]["read"], lines[0]["rejected"], lines[0]["created"], lines[0]["updated"], lines[0]["unchanged"],
              lines[0]["changes"]), (e["read"], 0, 0, 0, e["produced"], False), "all of it is as it was")
    same(state_of(d), before, "nothing was applied, nothing entered")


def another_list():
    """Fields by name; the value of a personal one is shown, of an identity it is not."""
    d = loaded("list")
    edit("codes/civilite.csv", ("MR;M;", "MR;MME;"), ("MME;MME;", "MME;M;"), ("MLE;MME;", "MLE;M;"))
    edit("fields.csv", ("personne;nom_usage;Identification/NOM;", "personne;nom_usage;Identification/NOMX;"),
         ("personne;nom_naissance;Identification/NOMNAI;", "personne;nom_naissance;Identification/NOM;"),
         ("personne;nom_usage;Identification/NOMX;", "personne;nom_usage;Identification/NOMNAI;"))
    before = state_of(d)
    lines = told(d, "--flow", "rsa", expect=1)
    end = lines.pop()
    same((end["created"], end["changes"], end["rejected"]), (0, True, 0), end)
    same(end["updated"] > 0 and end["updated"] == len(lines), True, end)
    same({x["type"] for x in lines}, {"personne"}, "types that change")
    fields = {f["name"]: f for x in lines for f in x["fields"]}
    same((fields["civilite"]["before"], fields["civilite"]["after"]) in (("M", "MME"), ("MME", "M")), True, fields)
    same(fields["nom_usage"], {"name": "nom_usage", "masked": True}, "an identity")
    text = d.run("diff", "1", expect=1).stdout
    same(any(x in text for x in ("VAUTRIN", "RASTIGNAC", "2880342218024")), False, text)
    same("civilite (" in text and "nom_usage" in text, True, text)
    same(len(told(d, "1", "--most", "1", expect=1)), 2, "one, and the sum")
    same(state_of(d), before, "nothing was applied, nothing entered")
    d.run("replay", "1")
    d.once()
    same(d.exchanges("--flow", "rsa")[0]["updated"], end["updated"], "a replay does what was foretold")
    same(told(d, "1", expect=0)[0]["changes"], False, "and then nothing is left to do")


def rejected_today():
    d = loaded("rejected")
    edit("codes/sexe.csv", ("2;F;", "9;F;"))
    end = told(d, "1", expect=1)[-1]
    same(end["rejected"] > 0 and end["rejected_before"] == 0, True, end)
    d.run("replay", "1")
    d.once()
    same(d.exchanges("--flow", "rsa")[0]["rejected"], end["rejected"], "a replay does what was foretold")


def person(n, name="A"):
    return '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"%s"}}\n' % (n, name)


def said_anew():
    """What a later file says is not held against an earlier one."""
    d = Daemon("anew", [flow_in("people", "ndjson")])
    for name in "AB":
        d.drop("people", name + ".ndjson", person(1, name))
        d.once()
    for words in (("1",), ("--flow", "people")):
        end = told(d, *words, expect=0)[-1]
        same((end["later"], end["updated"]), (1, 0), words)


def refused():
    d = loaded("refused")
    out = [e for e in d.exchanges() if e["direction"] == "out"][0]
    for words in ((), ("99",), ("x",), (str(out["id"]),), ("--flow", "all"), ("--flow", "none"), ("1", "--flow", "rsa")):
        d.run("diff", *words, expect=2)
    os.remove(os.path.join(FORMAT, "fields.csv"))
    d.run("diff", "1", expect=2)
    copy_schemas()
    for name in os.listdir(d.path("state", "spool")):
        os.remove(d.path("state", "spool", name))
    d.run("diff", "1", expect=4)


if __name__ == "__main__":
    main([nothing_new, another_list, rejected_today, said_anew, refused])
