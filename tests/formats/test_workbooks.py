# SPDX-License-Identifier: EUPL-1.2
"""Workbooks against another hand: openpyxl writes what we read and reads what we write; real ones cell by cell."""
import datetime
import json
import os
import sys
import tempfile
from pathlib import Path

from gateway import FORMATS, SHARED, SOURCE, Run, check, convert, finish, samples, skip

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, for a python that is not Debian's
try:
    import openpyxl
except ImportError:
    openpyxl = None

# folder under data/departement, sheet, row of the header, a column that names it
REAL = [
    ("api-subventions/fonjep-new.xlsx", "Versement", 1, "PosteCode"),
    ("api-subventions/fonjep-new.xlsx", "Tiers", 1, "RaisonSociale"),
    ("api-subventions/new-chorus-export.xlsx", "1. Extraction", 1, "N° EJ"),
    ("api-subventions/SUBVENTIA.xlsx", "Sheet1", 1, "Statut - Dossier de financement"),
    ("api-subventions/scdl/SCDL.xlsx", "Du 01-01-2023 au 30-06-2023", 4, "N° SIRET"),
    ("rdv-insertion/fichier_usager_test.xlsx", "ENTRETIENS PHYSIQUES", 1, "NIR"),
    ("carnet-de-bord/import_charges_orientation.xlsx", "1", 1, "Nom"),
]


def schemas(folder, column, options=""):
    """A format that names one column and keeps the others."""
    for part in ("pivot", "nomenclatures", "diagnostics.csv"):
        os.symlink(SOURCE / "schemas" / part, folder / part)
    home = folder / "formats/classeur"
    home.mkdir(parents=True)
    os.symlink(FORMATS / "ndjson", folder / "formats/ndjson")
    (home / "format.conf").write_text(
        'label = { fr = "x"; en = "x"; };\nsummary = { fr = "x"; en = "x"; };\nplugin = "xlsx";\n'
        f'options = {{ {options} }};\nrecord = ".";\nabsent = "empty";\n')
    (home / "fields.csv").write_text("resource;field;path;as;use;when;note\npersonne;;.;;;;\n"
                                     f"personne;nom_usage;'{column}';text;;;\n")
    return folder


def cells_of(record, column):
    """Name and text of each cell with something in it: the column that is named, and what no line names."""
    cells = {}
    if "nom_usage" in record["fields"]:
        cells[column] = record["fields"]["nom_usage"]
    rest = record.get("ext", {}).get("classeur", {}).get("reste", {"@tree": {"children": []}})
    for entry in rest["@tree"]["children"]:
        for part in entry["children"]:
            if part["name"] == "node":
                cells.update({n["name"]: n["text"] for n in part["children"]})
    return cells


def as_text(cell):
    value = cell.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d" if value.time() == datetime.time() else "%Y-%m-%dT%H:%M:%S")
    if isinstance(value, float):
        return format(value, ".15g")
    return str(value)


def rows_of(path, sheet, line):
    """What openpyxl finds below the header: rows with something in them."""
    rows = list(openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows())
    head = [str(c.value) if c.value is not None else "" for c in rows[line - 1]]
    while head and not head[-1].strip():
        head.pop()
    for row in rows[line:]:
        found = {head[i] or f"#{i + 1}": as_text(c).strip() for i, c in enumerate(row[:len(head)])
                 if c.value is not None and as_text(c).strip()}
        if found:
            yield found


def real_ones(path, sheet, line, column):
    if not path.exists():
        skip(f"{path.name}: ../shared is not there")
        return
    with tempfile.TemporaryDirectory() as temporary:
        home = schemas(Path(temporary), column)
        run = Run("convert", "--json", "--schemas", home, "--from", "classeur", "--to", "ndjson", path)
    ours = [{k: v.strip() for k, v in cells_of(json.loads(l), column).items()} for l in run.out.splitlines()]
    theirs = list(rows_of(path, sheet, line))
    check(run.code == 0 and ours and len(ours) == len(theirs), f"{path.name} {sheet}: as many rows", f"{len(ours)} {len(theirs)} {run.err[:300]}")
    different = [(k, a.get(k), b.get(k)) for a, b in zip(ours, theirs) for k in a.keys() | b.keys() if a.get(k) != b.get(k)]
    check(not different, f"{path.name} {sheet}: the same cells", different[:3])


def what_openpyxl_writes():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Nom", "Né le", "Vu à", "Code", "Montant", "Actif", "Note"])
    day = datetime.date(1994, 3, 2)
    sheet.append(["Noël", day, datetime.datetime(2026, 1, 31, 10, 30), 1500, 89931.9, True, "=SOMME"])
    sheet["D2"].number_format = "00000"
    sheet["G2"].data_type = "s"
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "x.xlsx"
        book.save(path)
        home = schemas(Path(temporary), "Nom")
        run = Run("convert", "--json", "--schemas", home, "--from", "classeur", "--to", "ndjson", path)
        again = Run("convert", "--json", "--schemas", home, "--from", "classeur", "--to", "ndjson", "-", stdin=path.read_bytes())
    expected = {"Nom": "Noël", "Né le": "1994-03-02", "Vu à": "2026-01-31T10:30:00", "Code": "01500", "Montant": "89931.9",
                "Actif": "true", "Note": "=SOMME"}
    found = cells_of(json.loads(run.out), "Nom") if run.code == 0 else run.err
    check(found == expected, "what openpyxl writes is read", found)
    check(again.out == run.out, "and through a pipe", again.err[:300])


def merged_cells():
    """A name shown once over the rows of a person: told as it is read, or read in each of them."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Liste des contrats", None], ["Nom", "Contrat"], ["Noël", "C1"], [None, "C2"], [None, "C3"], ["Awa", "C4"]):
        sheet.append(row)
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("A3:A5")
    for option, names, said in (("", ["Noël", None, None, "Awa"], ["xlsx.merged"]), ('merged = "repeat";', ["Noël"] * 3 + ["Awa"], [])):
        with tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / "x.xlsx"
            book.save(path)
            home = schemas(Path(temporary), "Nom", option)
            run = Run("convert", "--json", "--schemas", home, "--from", "classeur", "--to", "ndjson", path)
        found = [cells_of(json.loads(line), "Nom") for line in run.out.splitlines()]
        check([f.get("Nom") for f in found] == names and [f["Contrat"] for f in found] == ["C1", "C2", "C3", "C4"], f"merged cells {option}", found)
        told = [d["code"] for d in run.said if d["code"].startswith("xlsx.")]
        check(run.code == 0 and told == said, f"merged cells {option}: what is told", told)


def what_openpyxl_reads():
    lines = [{"type": "personne", "id": "p1", "record": 1, "fields": {
        "nir": "290072B03301429", "nom_usage": "=1+1", "prenom": "-Zoé\r\n_x0041_ <&>", "naissance_date": "1990-07-02",
        "naissance_rang": 1, "etat_civil_valide": True, "adresse": {"code_postal": "01500"}}}]
    text = "".join(json.dumps(l, ensure_ascii=False) + "\n" for l in lines)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "p.xlsx"
        run = Run("convert", "--json", "--from", "ndjson", "--to", "pivot-xlsx", "--resource", "personne", "-o", path, "-", stdin=text.encode())
        check(run.code == 0, "pivot-xlsx is written", run.err[:300])
        sheet = openpyxl.load_workbook(path)["pivot"]
        back = convert("pivot-xlsx", "ndjson", path)
    row = {h.value: c for h, c in zip(sheet[1], sheet[2])}
    check(all(c.font.b for c in sheet[1]) and sheet.freeze_panes == "A2", "the header is bold and stays in view")
    check(row["nom_usage"].data_type == "s" and row["nom_usage"].value == "=1+1" and row["nom_usage"].quotePrefix, "a formula is a text")
    check(row["adresse.code_postal"].value == "01500" and row["adresse.code_postal"].number_format == "@", "a code is a text")
    check(row["naissance_date"].value == datetime.datetime(1990, 7, 2), "a date is a date", row["naissance_date"].value)
    check(row["naissance_rang"].value == 1 and row["etat_civil_valide"].value is True, "a number and a truth value are what they are")
    check(back.code == 0 and [json.loads(l) for l in back.out.splitlines()] == lines, "and it is read as it was", back.out[:600])


def archives():
    """A workbook that was zipped once more is found in its archive."""
    import zipfile
    with tempfile.TemporaryDirectory() as temporary:
        path, packed = Path(temporary) / "p.xlsx", Path(temporary) / "envoi.zip"
        sample = next(iter(samples("cnaf-rsa")))
        Run("convert", "--from", "cnaf-rsa", "--to", "pivot-xlsx", "--resource", "personne", "-o", path, sample)
        with zipfile.ZipFile(packed, "w") as z:
            z.write(path, "p.xlsx")
        plain, zipped = convert("pivot-xlsx", "ndjson", path), convert("pivot-xlsx", "ndjson", packed)
        check(plain.code == 0 and plain.out and zipped.out == plain.out, "a workbook in a zip", zipped.err[:300])
        again = Path(temporary) / "again.xlsx"
        Run("convert", "--from", "cnaf-rsa", "--to", "pivot-xlsx", "--resource", "personne", "-o", again, sample)
        check(again.read_bytes() == path.read_bytes(), "the same records give the same bytes")


def the_sample_says_what_the_csv_says():
    mine, other = samples("pivot-xlsx")[0], samples("pivot-csv")[0]
    check(convert("pivot-xlsx", "ndjson", mine).out == convert("pivot-csv", "ndjson", other).out != b"", "both samples of the pivot")


# format, profile, file, payments, their sum, payees with a SIRET
PAYMENTS = [
    ("chorus-extrait", "extraction", "new-chorus-export.xlsx", 7, "359822.50", 5),
    ("chorus-extrait", "fehbe", "new-chorus-export.xlsx", 5, "417416.20", 5),
    ("helios-extrait", None, "helios.fixture.ods", 7, "8417.00", 6),
]


def real_payments(form, profile, file, number, total, known):
    path = SHARED / "data/departement/api-subventions" / file
    if not path.exists():
        skip(f"{file}: ../shared is not there")
        return
    run = convert(form, "ndjson", path, *(["--profile", profile] if profile else []))
    found = [json.loads(l) for l in run.out.splitlines()]
    paid = [r for r in found if r["type"] == "versement"]
    payees = {r["refs"]["beneficiaire"] for r in paid}
    sums = sum(round(100 * float(r["fields"]["montant"])) for r in paid)
    check(run.code == 0 and not run.errors() and len(paid) == number, f"{file} {profile}: all payments", run.err[:300])
    check(f"{sums // 100}.{sums % 100:02}" == total, f"{file} {profile}: their sum", sums)
    check(sum("siret" in r["fields"] for r in found if r["id"] in payees) == known, f"{file} {profile}: who is known by a SIRET")
    unclaimed = [d["path"] for d in run.said if d["code"] == "mapping.unclaimed"]
    check(not unclaimed, f"{file} {profile}: every column has its line", unclaimed)


def main():
    for row in PAYMENTS:
        real_payments(*row)
    the_sample_says_what_the_csv_says()
    archives()
    if openpyxl is None:
        skip("python3-openpyxl is not installed")
    else:
        what_openpyxl_writes()
        merged_cells()
        what_openpyxl_reads()
        for file, *rest in REAL:
            real_ones(SHARED / "data/departement" / file, *rest)
    finish()


main()
