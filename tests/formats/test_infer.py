#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What `infer` proposes for files of formats that nobody described.

infer/expected.csv says of each column of partners' files which field of the pivot it is, `-` none, several when any is
right. It was written from what is known of the formats, before anything inferred them. The files of the set
`held_out` were not looked at while words and weights were tuned; 80 of 100 of their columns must be right. What the
pivot gains later for one of these columns is added there as right: a line is a fact, not a result.
"""
import csv
import json
import os
import re
import shutil
from collections import defaultdict
from pathlib import Path

import gateway as g

EXPECTED = Path(__file__).parent / "infer/expected.csv"
SYNTAX = {"csv", "json", "xml", "record", "charset"}
ENOUGH = {"tuned": 0.8, "held_out": 0.8}


def infer(file, *options):
    run = g.Run("infer", "--json", *options, file)
    return run, [json.loads(line) for line in run.out.decode().splitlines()]


def bare(resource, field):
    return re.sub(r":\w+$", "", resource) + "." + field


def is_right(found, expected):
    if found is None:
        return False
    said = ["-"] if not found["known"] else [found["resource"] + "." + found["field"], bare(found["resource"], found["field"])]
    return any(e in said for e in expected.split("|"))


# ---- partners' files ----

def judged():
    data = g.SHARED / "data"
    if not data.exists():
        g.skip("the partners' files are not here")
        return
    files = defaultdict(list)
    with open(EXPECTED, encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter=";"):
            files[row["set"], row["file"]].append(row)
    only = os.environ.get("INFER_SET")
    sums = defaultdict(lambda: [0, 0, 0, 0])
    for (part, name), rows in files.items():
        if only and part != only:
            continue
        run, columns = infer(data / name)
        g.check(run.code == 0, f"{name}: exit {run.code}", run.err)
        found = {c["column"]: c for c in columns}
        right = [is_right(found.get(r["column"]), r["field"]) for r in rows]
        fields = [ok for ok, r in zip(right, rows) if "-" not in r["field"].split("|")]
        for i, n in enumerate((sum(right), len(right), sum(fields), len(fields))):
            sums[part][i] += n
        print(f"  {part:8} {sum(right):3}/{len(right):<3} of which with a field {sum(fields):2}/{len(fields):<2} {name}")
        if only == "tuned":
            for ok, r in zip(right, rows):
                c = found.get(r["column"]) or {}
                if not ok:
                    print(f"     {r['column']}: {c.get('resource')}.{c.get('field')} {c.get('sure')}, is {r['field']}")
        usable(data / name, name)
    if not only:
        usable(data / "departement/rdv-insertion/fichier_usager_test.xlsx", "a workbook")
    for part, (right, all_, fields, with_field) in sums.items():
        print(f"{part}: {right} of {all_} columns right ({100 * right / all_:.1f} %); "
              f"of those with a field in the pivot {fields} of {with_field} ({100 * fields / with_field:.1f} %)")
        g.check(right >= ENOUGH[part] * all_, f"{part}: {100 * right / all_:.1f} % of the columns are right")


def schemas_with(where):
    """A copy of the schemas by links, so that formats can be added."""
    schemas = where / "schemas"
    (schemas / "formats").mkdir(parents=True)
    for entry in (g.SOURCE / "schemas").iterdir():
        if entry.name != "formats":
            (schemas / entry.name).symlink_to(entry)
    shutil.copytree(g.FORMATS / "ndjson", schemas / "formats/ndjson")
    return schemas


def usable(file, name):
    """The proposal loads, and reads the file it was made from: all of its records, none in silence."""
    with g.folder() as folder:
        schemas = schemas_with(Path(folder))
        run = g.Run("infer", "--out", schemas / "formats/proposed", file)
        g.check(run.code == 0, f"{name}: --out exits {run.code}", run.err)
        run = g.Run("formats", "proposed", "--schemas", schemas)
        g.check(run.code == 0, f"{name}: the proposal does not load", run.err[:3000])
        run = g.Run("convert", "--json", "--schemas", schemas, "--from", "proposed", "--to", "ndjson", file)
        ours = [d for d in run.errors() if d["code"].split(".")[0] not in SYNTAX]  # rows the partner broke are rejects
        g.check(run.code in (0, 1) and run.out and not ours, f"{name}: exit {run.code} of convert", str(ours)[:1500] or run.err[:1500])


# ---- words.csv ----

def leaves(group, above, definitions, found):
    """The dotted names of what a group holds that is a value or a reference: what a column can be."""
    for name, field in group["properties"].items():
        items = field.get("items", {})
        below = [definitions[x["$ref"]] if "$ref" in x else x for x in (field, items) if "$ref" in x or "properties" in x]
        if below:
            leaves(below[0], above + name + ("[]." if items else "."), definitions, found)
        else:
            found.add(above + name)
    return found


def words():
    files = {f.name: json.loads(f.read_text(encoding="utf-8")) for f in (g.SOURCE / "schemas/pivot").glob("*.json")}
    fields = {name[:-5]: leaves(shape, "", files, set()) for name, shape in files.items()}
    fields["*"] = set().union(*fields.values())
    with open(g.SOURCE / "schemas/pivot/words.csv", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter=";"):
            if not row["resource"].startswith("!"):
                known = row["resource"] in fields and (not row["field"] or row["field"] in fields[row["resource"]])
                g.check(known, f"words.csv: the pivot has no {row['resource']} {row['field']}")


# ---- our own ----

OWN = """N° Sécu;Nom;Prénom;Né(e) le;Début contrat;SIRET employeur;Salaire;Remarque
1 85 05 78 006 084 91;Le Goff;Maëlle;02/03/1994;2026-09-01;78360196600030;1 234,50;NC
299015935012318;Diallo;Awa;14/07/1999;2026-10-01;13002526500013;987,00;NC
"""


TITLED = """Salariés en parcours;;;
;;;
Nom;Prénom;Né(e) le;SIRET employeur
Le Goff;Maëlle;02/03/1994;78360196600030
Diallo;Awa;14/07/1999;13002526500013
"""


def titled():
    """A sheet saved as text, its header below a title."""
    with g.folder() as folder:
        file = Path(folder) / "titled.csv"
        file.write_text(TITLED, encoding="utf-8")
        run, columns = infer(file)
        found = [c["resource"].split(":")[0] + "." + c["field"] for c in columns if c["known"]]
        g.check(found == ["personne.nom_usage", "personne.prenom", "personne.naissance_date", "structure.siret"], f"titled: {found}",
                run.err)
        usable(file, "titled")


LISTS = {"contracts.xml": """<export>
<salarie><nom>Le Goff</nom><prenom>Maëlle</prenom>
 <contrat><siret>78360196600030</siret><dateDebut>2026-09-01</dateDebut><dateFin>2027-02-28</dateFin></contrat>
 <contrat><siret>13002526500013</siret><dateDebut>2025-09-01</dateDebut><dateFin>2026-02-28</dateFin></contrat></salarie>
<salarie><nom>Diallo</nom><prenom>Awa</prenom>
 <contrat><siret>13002526500013</siret><dateDebut>2026-10-01</dateDebut></contrat></salarie>
<salarie><nom>Petit</nom><prenom>Zoé</prenom></salarie>
</export>
""", "contracts.json": """[{"nom": "Le Goff", "prenom": "Maëlle", "contrat": [
  {"siret": "78360196600030", "dateDebut": "2026-09-01", "dateFin": "2027-02-28", "lieux": [{"x": 1, "y": 2}]},
  {"siret": "13002526500013", "dateDebut": "2025-09-01", "dateFin": "2026-02-28", "lieux": []}]},
 {"nom": "Diallo", "prenom": "Awa", "contrat": [{"siret": "13002526500013", "dateDebut": "2026-10-01"}]},
 {"nom": "Petit", "prenom": "Zoé", "contrat": []}]
"""}


def lists():
    """A list in a record is read item by item, each tied to whose it is; what nothing is known of is left by name."""
    for name, text in LISTS.items():
        with g.folder() as folder:
            where = Path(folder)
            (where / name).write_text(text, encoding="utf-8")
            run, columns = infer(where / name)
            found = {c["column"]: c["resource"].split(":")[0] + "." + c["field"] for c in columns if c["known"]}
            g.check(found == {"nom": "personne.nom_usage", "prenom": "personne.prenom", "contrat/siret": "structure.siret",
                              "contrat/dateDebut": "etape.date_debut", "contrat/dateFin": "etape.date_fin"}, f"{name}: {found}", run.err)
            by_hand = [c["column"] for c in columns if c["repeats"] and c["column"] != "contrat"]
            g.check(by_hand == (["contrat/lieux"] if "json" in name else []), f"{name}: by hand {by_hand}")
            usable(where / name, name)
            schemas = schemas_with(where)
            g.Run("infer", "--out", schemas / "formats/proposed", where / name)
            run = g.Run("convert", "--schemas", schemas, "--from", "proposed", "--to", "ndjson", where / name)
            read = [json.loads(line) for line in run.out.decode().splitlines()]
            steps = [(r["refs"]["personne"], r["fields"]["date_debut"]) for r in read if r["type"] == "etape"]
            g.check(steps == [("personne-1-1", "2026-09-01"), ("personne-1-1", "2025-09-01"), ("personne-2-1", "2026-10-01")],
                    f"{name}: the steps of each person", steps)


def own():
    with g.folder() as folder:
        where = Path(folder)
        (where / "own.csv").write_bytes(OWN.encode("cp1252"))
        run, columns = infer(where / "own.csv")
        found = {c["column"]: (c["resource"].split(":")[0] + "." + c["field"] if c["known"] else "-", c["as"]) for c in columns}
        for column, field, as_ in (
            ("Nom", "personne.nom_usage", ""), ("Prénom", "personne.prenom", ""),
            ("Né(e) le", "personne.naissance_date", "date(DD/MM/YYYY)"), ("SIRET employeur", "structure.siret", "siret"),
            ("Remarque", "-", ""),
        ):
            g.check(found.get(column) == (field, as_), f"own: {column} is {found.get(column)}")
        text = g.Run("infer", "--lang", "fr", where / "own.csv").out.decode()
        g.check("csv (semicolon), windows-1252" in text and "2 enregistrements vus, 8 colonnes" in text, "what was seen", text)
        schemas = schemas_with(where)
        run = g.Run("infer", "--out", schemas / "formats/own", where / "own.csv")
        g.check(run.code == 0, "own: written", run.err)
        run = g.Run("test", "own", "--schemas", schemas)
        g.check(run.code == 0, "own: the laws hold", run.out.decode()[:3000])
        d = json.loads(g.Run("detect", "--json", "--schemas", schemas, where / "own.csv").out.decode())
        g.check(d["format"] == "own", f"own: detected as {d['format']}")
        g.check(g.Run("infer", "--out", schemas / "formats/own", where / "own.csv").code == 2, "a folder that exists is left alone")
        (where / "letter.txt").write_text("Bonjour\n")
        run = g.Run("infer", "--lang", "fr", where / "letter.txt")
        g.check(run.code == 3 and "aucune syntaxe" in run.err, "a letter", run.err)
        (where / "twice.csv").write_text("Nom;Nom;Ville\nA;B;C\n", encoding="utf-8")
        run = g.Run("infer", "--lang", "fr", where / "twice.csv")
        g.check(run.code == 3 and "csv.column_twice" in run.err, "a header that says a name twice", run.err)
        run = g.Run("infer", "--lang", "fr", g.samples("asp-annexe-financiere")[0])
        g.check("un format le lit déjà : asp-annexe-financiere" in run.err, "a format that exists", run.err)
        g.check(g.Run("infer").code == 2 and g.Run("infer", where / "nowhere").code == 4, "no file, and one that is not there")


def main():
    words()
    judged()
    titled()
    lists()
    own()
    g.finish()


if __name__ == "__main__":
    main()
