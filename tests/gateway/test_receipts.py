# SPDX-License-Identifier: EUPL-1.2
"""What became of a file, told to who sent it: once, and harmless in a spreadsheet. Whatever dies: proof/."""
import csv
import hashlib
import io
import json
import os
import shutil
import zipfile
from xml.etree import ElementTree

from daemon import BUILD, Daemon, flow_in, main, same

GOOD = '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1","nom_usage":"Quatrebarbes"}}\n'
BAD = '{"type":"personne","id":"q","record":2,"fields":{"id_departement":"2","naissance_date":"=soon"}}\n'


def receipts(more="", name="people"):
    return flow_in(name, "ndjson", f'receipt = {{ folder = "receipts/{name}"; {more} }};')


def given(d, name="people"):
    return sorted(os.listdir(d.path("receipts", name))) if os.path.isdir(d.path("receipts", name)) else []


def read(d, name, flow="people"):
    with open(d.path("receipts", flow, name), "rb") as f:
        return f.read()


def for_programs():
    d = Daemon("json", [receipts()])
    d.drop("people", "a.ndjson", GOOD + BAD)
    d.once()
    same(given(d), ["a.ndjson.accuse.json"], "named after the file")
    r = json.loads(read(d, "a.ndjson.accuse.json"))
    e = d.exchanges()[0]
    content = (GOOD + BAD).encode()
    for key, value in {"exchange": e["id"], "flow": "people", "partner": "giver", "file": "a.ndjson", "size": len(content),
                       "sha256": hashlib.sha256(content).hexdigest(), "state": "done_rejects", "read": 2, "accepted": 1,
                       "filtered": 0, "rejected": 1}.items():
        same(r[key], value, key)
    same(r["received_at"] <= r["finished_at"] and r["received_at"].endswith("Z"), True, f"instants of {r}")
    same(len(r["rejects"]), 1, "rejects")
    reject = r["rejects"][0]
    same((reject["record"], reject["line"], reject["code"]), (2, 2, d.rejects()[0]["code"]), "where and what")
    same("naissance_date" in reject["path"] or "naissance_date" in reject["message_en"], True, f"field of {reject}")
    for key in ("message_fr", "message_en", "advice_fr", "advice_en"):
        same(bool(reject[key]) and "{" not in reject[key], True, f"{key} of {reject}")
    same(reject["message_fr"] != reject["message_en"], True, "two languages")
    same(b"=soon" in read(d, "a.ndjson.accuse.json"), False, "who was born when is not told")
    same(b"Quatrebarbes" in read(d, "a.ndjson.accuse.json"), False, "nothing of who is well")


def for_people():
    d = Daemon("csv", [receipts('format = "csv"; lang = "en";')])
    d.drop("people", "=cmd|calc.ndjson", GOOD + BAD)
    d.once()
    same(given(d), ["=cmd|calc.ndjson.accuse.csv"], "named after the file")
    raw = read(d, "=cmd|calc.ndjson.accuse.csv")
    same(raw[:3], b"\xef\xbb\xbf", "BOM")
    rows = list(csv.reader(raw.decode("utf-8-sig").splitlines(), delimiter=";"))
    head = {row[0]: row[1] for row in rows if len(row) == 2}
    same(head["file"], "'=cmd|calc.ndjson", "no formula")
    for key, value in {"records read": "2", "accepted": "1", "rejected": "1", "not for us": "0",
                       "result": "accepted but for the records below"}.items():
        same(head[key], value, key)
    table = [row for row in rows if len(row) == 8]
    same(table[0], ["exchange", "record", "line", "field", "value", "rule", "message", "advice"], "heads")
    same(table[1][:3], [str(d.exchanges()[0]["id"]), "2", "2"], "where")
    same(len(table), 2, "a row an error")


WORKBOOK = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells_of(raw):
    """Rows of the first sheet, as a spreadsheet reads them: a dictionary a row, by letter of its column."""
    with zipfile.ZipFile(io.BytesIO(raw)) as z:
        same(z.testzip(), None, "sums of its parts")
        sheet = ElementTree.fromstring(z.read("xl/worksheets/sheet1.xml"))
        for part in z.namelist():
            ElementTree.fromstring(z.read(part))
    return [{c.get("r").rstrip("0123456789"): c for c in row} for row in sheet.iter(WORKBOOK + "row")]


def texts_of(rows):
    found = []
    for row in rows:
        texts = {name: "".join(t.text or "" for t in c.iter() if t.tag in (WORKBOOK + "t", WORKBOOK + "v")) for name, c in row.items()}
        found.append([texts.get(name, "") for name in "ABCDEFGH"])
    return found


def as_a_workbook():
    """The same rows as the text has, below its title; nothing that a spreadsheet would run."""
    name, content = "=cmd|calc.ndjson", GOOD + BAD + BAD.replace('"q"', '"r"').replace(":2,", ":3,")
    d = Daemon("xlsx", [receipts('format = "csv"; lang = "fr";'), receipts('format = "xlsx"; lang = "fr";', "book"),
                        receipts('format = "xlsx"; lang = "en";', "other")], record_wall=30)
    for flow in ("people", "book", "other"):
        d.drop(flow, name, content)
        d.drop(flow, "good.ndjson", GOOD)
    d.once()
    for flow in ("book", "other"):
        same(given(d, flow), [name + ".accuse.xlsx", "good.ndjson.accuse.xlsx"], "named after the files")
    text = csv.reader(read(d, name + ".accuse.csv").decode("utf-8-sig").splitlines(), delimiter=";")
    text = [[cell[1:] if cell.startswith("'=") else cell for cell in (row + [""] * 8)[:8]] for row in text if row]
    cells = cells_of(read(d, name + ".accuse.xlsx", "book"))
    rows = texts_of(cells)
    same(rows[0][0], "accusé de réception", "title")
    theirs = {"échange", "flux", "reçu le", "terminé le"}  # of another exchange
    same([row for row in rows[1:] if row[0] not in theirs and not row[0].isdigit()],
         [row for row in text if row[0] not in theirs and not row[0].isdigit()], "the same rows")
    same([row[1:] for row in rows if row[0].isdigit()], [row[1:] for row in text if row[0].isdigit()], "the same rejects")
    same([row[:8] for row in rows if row[0] == "échange"][1],
         ["échange", "enregistrement", "ligne", "champ", "valeur", "règle", "message", "conseil"], "heads, in French")
    same(texts_of(cells_of(read(d, name + ".accuse.xlsx", "other")))[0][0], "receipt for the file", "in English")
    formulas = [c for row in cells for c in row.values() if c.find(WORKBOOK + "f") is not None]
    same(formulas, [], "no formula")
    found = next(row["B"] for row in cells if texts_of([row])[0][0] == "fichier")
    same((found.get("t"), texts_of([{"A": found}])[0][0]), ("inlineStr", name), "a text")
    with zipfile.ZipFile(io.BytesIO(read(d, name + ".accuse.xlsx", "book"))) as z:
        style = list(ElementTree.fromstring(z.read("xl/styles.xml")).find(WORKBOOK + "cellXfs"))[int(found.get("s"))]
    same(style.get("quotePrefix"), "1", "and one that stays a text when it is edited")
    same([c.get("t") for row in cells for n, c in row.items() if n == "A" and texts_of([{"A": c}])[0][0].isdigit()], [None] * 2, "numbers")


def no_workbook():
    """Where the plugin is not installed, and check was not asked, it is said as text."""
    d = Daemon("no-plugin", [receipts('format = "xlsx";')])
    plugins = d.path("plugins")
    shutil.copytree(os.path.join(BUILD, "plugins"), plugins)
    os.unlink(os.path.join(plugins, "xlsx.so"))
    d.homes[1] = plugins
    said = [json.loads(x) for x in d.run("check", "--json", expect=2).stderr.splitlines() if x.startswith("{")]
    same([(x["code"], bool(x["line"])) for x in said if x["severity"] == "error"], [("conf.receipt_plugin", True)], "check says it")
    d.drop("people", "a.ndjson", BAD)
    log = d.once().stderr
    same("receipt.no_workbook" in log, True, "that is said")
    same(given(d), ["a.ndjson.accuse.csv"], "as text")
    same(read(d, "a.ndjson.accuse.csv")[3:].decode().splitlines()[0], '"échange";"1"', "without a title")


def of_rejects_alone():
    d = Daemon("when", [receipts('when = "rejects";')])
    d.drop("people", "good.ndjson", GOOD)
    d.drop("people", "bad.ndjson", BAD)
    d.once()
    same(given(d), ["bad.ndjson.accuse.json"], "the other is well")


def refused():
    d = Daemon("failed", [flow_in("people", "ndjson", 'records_min = 1; receipt = { folder = "receipts/people"; };')])
    d.drop("people", "a.ndjson", "\n")
    d.once()
    r = json.loads(read(d, "a.ndjson.accuse.json"))
    same((r["state"], r["reason"]["code"], r["rejects"]), ("failed", "exchange.few", []), "why")
    same(r["reason"]["message_fr"], "le fichier a moins d'enregistrements que ce flux n'en attend", "in words")


def once_each():
    """Who takes a receipt away does not get it again, and what came before there were receipts has none."""
    d = Daemon("once", [flow_in("people", "ndjson")])
    d.drop("people", "before.ndjson", GOOD)
    d.once()
    d.configure([receipts()])
    d.once()
    same(given(d), [], "from now on")
    d.drop("people", "a.ndjson", GOOD.replace("Quatre", "Cinq"))
    d.once()
    same(given(d), ["a.ndjson.accuse.json"], "its receipt")
    os.remove(d.path("receipts/people/a.ndjson.accuse.json"))
    d.once()
    same(given(d), [], "it was given")


def same_name():
    d = Daemon("names", [receipts()])
    for i in range(2):
        d.drop("people", "export.ndjson", GOOD.replace("Quatre", "Six" * (i + 1)))
        d.once()
    same(given(d), ["export.ndjson.2.accuse.json", "export.ndjson.accuse.json"], "the first is left alone")
    same([json.loads(read(d, n))["exchange"] for n in given(d)], [2, 1], "whose they are")
    long = "é" * 110 + ".ndjson"
    d.drop("people", long, GOOD.replace("Quatre", "Dix"))
    d.once()
    same("é" * 100 + ".accuse.json" in given(d), True, f"a long name is cut: {given(d)}")
    same(json.loads(read(d, "é" * 100 + ".accuse.json"))["file"], long, "and stands inside")


def replayed():
    d = Daemon("replay", [flow_in("people", "ndjson", 'rejects_max = 40; apply = "file"; receipt = { folder = "receipts/people"; };')])
    d.drop("people", "a.ndjson", GOOD + BAD)
    d.once()
    same(json.loads(read(d, "a.ndjson.accuse.json"))["state"], "failed", "too many rejects")
    d.configure([flow_in("people", "ndjson", 'apply = "file"; receipt = { folder = "receipts/people"; };')])
    d.run("replay", "1")
    d.once()
    found = {n: json.loads(read(d, n))["state"] for n in given(d)}
    same(found, {"a.ndjson.accuse.json": "failed", "a.ndjson.1.accuse.json": "done_rejects"}, "a replay has its own")


def a_folder_that_is_none():
    d = Daemon("trouble", [receipts(), receipts(name="other")])
    d.write("receipts/people", "a file where the folder should be")
    d.drop("people", "a.ndjson", GOOD)
    d.drop("other", "b.ndjson", GOOD)
    log = d.once().stderr
    same("receipt.unwritten" in log, True, "that is said")
    same(given(d, "other"), ["b.ndjson.accuse.json"], "others have theirs")
    same([e["state"] for e in d.exchanges()], ["done", "done"], "and files are taken")
    os.remove(d.path("receipts/people"))
    d.once()
    same(given(d), ["a.ndjson.accuse.json"], "it comes when it can")


def faults():
    d = Daemon("faults", [])
    for more, code in (("", "conf.one_of"), ('folder = "in/people";', "conf.receipt"), ('folder = "x"; format = "pdf";', "conf.value"),
                       ('connector = "x";', "conf.connector"), ('connector = "post";', "conf.missing"),
                       ('folder = "x"; when = "never";', "conf.value"), ('folder = "x"; fromat = "csv";', "conf.key")):
        d.configure([flow_in("people", "ndjson", f"receipt = {{ {more} }};")],
                    connectors=['{ name = "post"; partner = "giver"; url = "smtps://mail.example"; }'])
        said = [json.loads(x) for x in d.run("check", "--json", expect=2).stderr.splitlines() if x.startswith("{")]
        same([bool(x["line"]) for x in said if x["code"] == code][:1], [True], f"{more}: {said}")
    d.configure([receipts()])
    same("receipt by" in d.run("check").stdout, True, "check says it")


main([for_programs, for_people, as_a_workbook, no_workbook, of_rejects_alone, refused, once_each, same_name, replayed, a_folder_that_is_none, faults])
