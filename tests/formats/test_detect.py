#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What `detect` says of files: samples of every format, partners' files, files with something wrong.

detect/partners.csv lists the partners' files that some format of ours reads; one with records of two formats has both. A file it does not list is of none of
the formats it names; of formats that it does not name yet, nothing is known here.
"""
import csv
import gzip
import json
import zipfile
from pathlib import Path

import gateway as g

PARTNERS = Path(__file__).parent / "detect/partners.csv"
# file name of a sample: the formats that its content fits alike. Each with its reason.
AMBIGUOUS = {
    # PED, PSP and PSO: in whose sense, only the département knows
    "Orientation-codes.csv": ["webrsa-orientation", "webrsa-orientation-inverse"],
    # a code and a message: whose, only the call knows
    "deja-radie.json": ["france-travail-pass-iae-retour", "france-travail-sanctions-rsa-radiation-retour"],
}
# Neither formats nor data: schemas, notes, programs' own files.
NO_DATA = {".md", ".xsd", ".yaml", ".yml"}


def detect(*files, expect=None):
    run = g.Run("detect", "--json", *files)
    g.check(expect is None or run.code == expect, f"detect {files[0]}: exit {run.code}, not {expect}", run.err)
    found = [json.loads(line) for line in run.out.decode().splitlines()]
    if not g.check(found, f"detect {files[-1]}: nothing is said", run.err[:500]):
        found = [{"file": "", "state": None, "format": None, "profile": None, "sure": 0, "why": [], "candidates": []}]
    return found


def formats():
    return sorted(f.name for f in g.FORMATS.iterdir() if (f / "format.conf").exists())


# ---- our own samples ----

def samples():
    files = [(name, f) for name in formats() for f in g.samples(name) if "invalid" not in f.name]
    found = {d["file"]: d for d in detect(*(f for _, f in files))}
    for name, file in files:
        d = found.get(str(file))
        if not g.check(d is not None, f"{file.name}: nothing is said of it"):
            continue
        best = sorted(c["format"] for c in d["candidates"][:2])
        if file.name in AMBIGUOUS:
            g.check(d["state"] == "ambiguous" and best == sorted(AMBIGUOUS[file.name]), f"{file.name}: {best}")
        else:
            g.check(d["format"] == name and d["sure"] >= 60, f"{name}/{file.name}: said to be {d['format']}",
                    json.dumps(d["candidates"][:2], ensure_ascii=False)[:1500])


# ---- partners' files ----

def partners():
    data = g.SHARED / "data"
    if not data.exists():
        g.skip("the partners' files are not here")
        return
    with open(PARTNERS, encoding="utf-8", newline="") as table:
        expected = {row["file"]: row for row in csv.DictReader(table, delimiter=";")}
    for name in expected:
        g.check((data / name).exists(), f"{name} is listed and not there")
    files = sorted(f for f in data.rglob("*") if f.is_file() and f.suffix not in NO_DATA)
    judged = {f for row in expected.values() for f in row["format"].split("|")}
    seen = {}
    for d in detect(*files):
        name = str(Path(d["file"]).relative_to(data)) if d["file"].startswith(str(data)) else d["file"]
        seen.setdefault(next((f for f in expected if name == f or name.startswith(f + "/")), name), d)
    for name, row in expected.items():
        d = seen.get(name)
        those = row["format"].split("|")  # several: it has records of each, and is told to be ambiguous
        if not all((g.FORMATS / f).exists() for f in those):
            g.skip(f"{name}: {row['format']} is not shipped")
        elif g.check(d is not None, f"{name}: nothing is said of it"):
            best = [d["format"]] if d["state"] != "ambiguous" else sorted(c["format"] for c in d["candidates"][:len(those)])
            g.check(best == those, f"{name}: said to be {best}, is {row['format']}",
                    json.dumps(d["candidates"][:2], ensure_ascii=False)[:1500])
            g.check(not row["profile"] or d["profile"] == row["profile"], f"{name}: profile {d['profile']}")
    for name, d in seen.items():
        g.check(name in expected or d["format"] not in judged, f"{name}: said to be {d['format']}, is none of ours")


# ---- what is wrong, and how it comes packed ----

def sample(name):
    return g.samples(name)[0]


def says(d, code):
    return any(w["code"] == code for c in [d] + d["candidates"] for w in c["why"])


def wrong(where):
    fiche, household, annexe = (sample(n).read_bytes() for n in
                                ("asp-fiche-salarie", "cnaf-rsa", "asp-annexe-financiere"))
    cases = [  # name, bytes, exit, format (None: unknown), a code that must be said
        ("empty.csv", b"", 3, None, "detect.empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(300), 3, None, "detect.binary"),
        ("words.txt", "Bonjour, ceci est une lettre\net rien d'autre\n".encode(), 3, None, "detect.text"),
        ("new.csv", "Nom;Ville;Choses\nA;B;1\nC;D;2\n".encode("cp1252"), 3, None, "detect.columns"),
        ("other.json", b'[{"a":1,"b":2},{"a":3,"b":4}]', 3, None, "detect.columns"),
        ("cut.json", fiche[:len(fiche) - 40], 0, "asp-fiche-salarie", "json.truncated"),
        ("start.xml", household[:400], 3, None, "xml.truncated"),
        ("renamed", fiche, 0, "asp-fiche-salarie", "detect.sign"),
        ("RIAE_FS_20260901090000.json", annexe, 0, "asp-annexe-financiere", "detect.sign"),
        ("packed.gz", gzip.compress(annexe), 0, "asp-annexe-financiere", "detect.known"),
    ]
    for name, data, code, name_of_format, word in cases:
        file = where / name
        file.write_bytes(data)
        found = detect(file, expect=code)
        if g.check(len(found) == 1, f"{name}: {len(found)} answers"):
            g.check(found[0]["format"] == name_of_format, f"{name}: said to be {found[0]['format']}")
            g.check(says(found[0], word), f"{name}: {word} is not said", json.dumps(found[0], ensure_ascii=False)[:1500])
    zipped(where, fiche, annexe)
    large(where, fiche)


def zipped(where, fiche, annexe):
    with zipfile.ZipFile(where / "two.zip", "w") as z:
        z.writestr("a.json", fiche)
        z.writestr("b.csv", annexe)
    found = detect(where / "two.zip", expect=0)
    g.check([d["format"] for d in found] == ["asp-fiche-salarie", "asp-annexe-financiere"], "each member by itself")


def large(where, fiche):
    """A head is read and no more: 100 records are enough, and a cut one is not blamed."""
    document = json.loads(fiche)
    document["lignesTelechargement"] *= 3000
    (where / "large.json").write_text(json.dumps(document), encoding="utf-8")
    found = detect(where / "large.json", expect=0)[0]
    g.check(found["format"] == "asp-fiche-salarie" and found["sure"] >= 90, f"large: {found['format']} {found['sure']}")
    g.check(not says(found, "json.truncated"), "large: the cut head is blamed")


# ---- signs, profiles, ambiguity: formats made up for it ----

CSV = 'plugin = "csv"; options = { delimiter = ";"; }; encoding = "UTF-8"; record = "."; absent = "empty";\n'
JSON = 'plugin = "json"; encoding = "UTF-8"; record = "a/b[]"; absent = "omit"; ignore = ( "//v" );\n'
XML = 'plugin = "xml"; options = { root = "r"; }; encoding = "UTF-8"; record = "p[]"; absent = "omit";\n'
TABLE = """resource;field;path;as;use;when;note
personne;;.;;;;
personne;nom_usage;nom;;required;;
personne;prenom;prenom;;;;
"""
ROWS = "nom;prenom\nLe Goff;Awa\n"
DOCUMENT = '{"v":"2.1","a":{"b":[{"nom":"Le Goff","prenom":"Awa"}]}}'
ELEMENTS = '<r xmlns="urn:x:09"><p><nom>Le Goff</nom><prenom>Awa</prenom></p></r>'

SIGNS = [  # conf, sign, file, holds
    (CSV, "first_line~nom;*", ROWS, True),
    (CSV, "first_line~prenom;*", ROWS, False),
    (CSV, "head~*;Awa", ROWS, True),
    (CSV, "head~*;Nobody", ROWS, False),
    (CSV, "header~prenom", ROWS, True),
    (CSV, "header~Prénom", ROWS, False),
    ('names = "loose";' + CSV, "header~Prénom", ROWS, True),
    (CSV, "nom=Le Goff", ROWS, True),
    (CSV, "nom~Le *", ROWS, True),
    (CSV, "nom=Goff", ROWS, False),
    (JSON, "a/b[1]/nom=Le Goff", DOCUMENT, True),
    (JSON, "a/b[1]/nom=Awa", DOCUMENT, False),
    (JSON, "a/b", DOCUMENT, True),
    (JSON, "v~2.*", DOCUMENT, True),
    (JSON, "v~1.*", DOCUMENT, False),
    (XML, "root=r", ELEMENTS, True),
    (XML, "root=s", ELEMENTS, False),
    (XML, "namespace~urn:x:0?", ELEMENTS, True),
    (XML, "namespace~urn:y*", ELEMENTS, False),
    (XML, "p/nom", ELEMENTS, True),
]


def schemas_of(where, formats_):
    """The schemas with these formats instead of ours: name -> (format.conf, fields.csv)."""
    schemas = where / "schemas"
    (schemas / "formats").mkdir(parents=True, exist_ok=True)
    for entry in (g.SOURCE / "schemas").iterdir():
        if entry.name != "formats" and not (schemas / entry.name).exists():
            (schemas / entry.name).symlink_to(entry)
    for name, (conf, table) in formats_.items():
        (schemas / "formats" / name).mkdir()
        (schemas / "formats" / name / "format.conf").write_text(conf, encoding="utf-8")
        (schemas / "formats" / name / "fields.csv").write_text(table, encoding="utf-8")
    return schemas


def signs():
    for i, (conf, sign, data, holds) in enumerate(SIGNS):
        with g.folder() as name:
            where = Path(name)
            schemas = schemas_of(where, {"f": (conf + f'detect = ( "{sign}" );\n', TABLE)})
            (where / f"{i}.dat").write_text(data, encoding="utf-8")
            d = detect("--schemas", schemas, where / f"{i}.dat")[0]
            g.check((d["format"] == "f") == holds, f"sign {sign}: {d['format']}", json.dumps(d, ensure_ascii=False)[:800])
            g.check(says(d, "detect.sign" if holds else "detect.no_sign"), f"sign {sign} is said")


def choices():
    with g.folder() as name:
        where = Path(name)
        (where / "a_1.csv").write_text(ROWS, encoding="utf-8")
        (where / "1.csv").write_text(ROWS, encoding="utf-8")
        (where / "new.csv").write_text("nom;prenom;numero\nLe Goff;Awa;7\n", encoding="utf-8")
        profiles = 'profiles = ( { name = "old"; default = true; }, { name = "new"; recognise = "header~numero"; } );\n'
        numbered = TABLE + "personne;matricule;numero;;;;\n"
        schemas = schemas_of(where, {"a": (CSV + 'name = "a_file_{now}.csv"; detect = ( "header~nom", "name~a_*.csv" );\n', TABLE),
                                     "b": (CSV + 'detect = ( "header~nom" );\n', TABLE)})
        d = detect("--schemas", schemas, where / "1.csv", expect=1)[0]
        g.check(d["state"] == "ambiguous" and d["format"] is None, "two that fit alike", str(d)[:500])
        g.check({c["format"] for c in d["candidates"]} == {"a", "b"}, "both are named", str(d)[:500])
        text = g.Run("detect", "--lang", "fr", "--schemas", schemas, where / "1.csv").out.decode()
        g.check("ambigu" in text and "  a, sûr" in text and "  b, sûr" in text, "ambiguity in words", text)
        d = detect("--schemas", schemas, where / "a_1.csv", expect=0)[0]
        g.check(d["format"] == "a", "the name decides between equals", str(d)[:500])
        schemas = schemas_of(where / "2", {"c": (CSV + profiles, numbered)})
        for file, profile in (("1.csv", "old"), ("new.csv", "new")):
            d = detect("--schemas", schemas, where / file, expect=0)[0]
            g.check((d["format"], d["profile"]) == ("c", profile), f"{file}: profile {d['profile']}", str(d)[:800])


# ---- words, and what else uses it ----

def words(where):
    fiche = sample("asp-fiche-salarie")
    text = g.Run("detect", "--lang", "fr", fiche).out.decode()
    g.check("asp-fiche-salarie, sûr (99 %)" in text, "a figure and a word", text)
    text = g.Run("detect", "--lang", "en", fiche).out.decode()
    g.check("required fields are there" in text, "the reasons in words", text)
    text = g.Run("detect", "--lang", "fr", where / "new.csv").out.decode()
    g.check("format inconnu" in text and "csv (semicolon)" in text and "3 champs : Nom, Ville, Choses" in text, "what was seen", text)
    g.check(g.Run("detect").code == 2, "no file is wrong usage")
    g.check(g.Run("detect", where / "nowhere.csv").code == 4, "a file that is not there")


def auto(where):
    fiche = sample("asp-fiche-salarie")
    run = g.Run("convert", "--from", "auto", "--to", "ndjson", fiche)
    g.check(run.code == 0 and run.out == g.convert("asp-fiche-salarie", "ndjson", fiche).out, "convert --from auto", run.err)
    g.check(g.Run("validate", "--format", "auto", fiche).code == 0, "validate --format auto")
    run = g.Run("convert", "--lang", "fr", "--from", "auto", "--to", "ndjson", where / "new.csv")
    g.check(run.code == 3 and "format inconnu" in run.err and not run.out, "auto of an unknown file", run.err)
    g.check(g.Run("convert", "--from", "auto", "--to", "ndjson", stdin=b"x").code == 2, "auto of standard input")


def main():
    samples()
    partners()
    signs()
    choices()
    with g.folder() as name:
        where = Path(name)
        wrong(where)
        words(where)
        auto(where)
    g.finish()


main()
