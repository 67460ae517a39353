# SPDX-License-Identifier: EUPL-1.2
"""Grants as SCDL publishes them: wrong cells are named, and what is written passes the published Table Schema."""
import csv
import datetime
import io
import json
import re
from pathlib import Path

from gateway import SHARED, Run, check, convert, finish, folder, pivot_of, profile_of, samples, skip

FORM = "scdl-subventions"
DATA = SHARED / "data/departement/scdl-subventions"
MORE = SHARED / "data/departement/api-subventions/scdl"
SCHEMA = DATA / "schema_v2.1_datasubvention.json"

# Not in the list beside the file, which was made by hand: an RNA of seven digits in the last row.
NOT_LISTED = {(30, "rnaBeneficiaire")}


def validate(file, *options):
    """What `validate` says stands on standard output, its summary too."""
    run = Run("validate", "--json", "--format", FORM, *options, file)
    run.said = [d for line in run.out.decode().splitlines() for d in [json.loads(line)] if "code" in d]
    return run


def places(said, severity):
    return {(d["line"], d["path"]) for d in said if d["severity"] == severity}


def the_invalid_example():
    file = DATA / "exemple_invalide_erreurs_cellules.csv"
    if not file.exists():
        return skip("the published examples are not there")
    listed = csv.DictReader(io.StringIO(file.with_suffix(".expected.csv").read_text()), delimiter=";")
    expected = {(int(row["line"]), row["field"]) for row in listed if row["severity"] == "error"}
    run = validate(file)
    found = places(run.said, "error")
    check(run.code == 1 and found == expected | NOT_LISTED, "each wrong cell, and no other", found ^ (expected | NOT_LISTED))
    warned = places(run.said, "warning")
    check((8, "datesPeriodeVersement") in warned, "the old separator is a warning", warned)
    check(any(d["code"] == "csv.column_optional" and "dispositifAide" in d["message"] for d in run.said), "the missing column is a warning")
    keys = [d for d in run.said if d["code"] == "iae.siret_key"]
    check(keys and all(d["severity"] == "warning" for d in keys), "a wrong key of a SIRET is a warning")


def the_valid_example():
    file = DATA / "exemple_valide.csv"
    if not file.exists():
        return skip("the published examples are not there")
    run = validate(file)
    check(places(run.said, "error") == {(27, "datesPeriodeVersement")}, "only the impossible date 2017-30-05", run.errors())
    ends = {(n, "datesPeriodeVersement") for n in (24, 25, 29)}
    check(places([d for d in run.said if d["code"] == "iae.dates_order"], "warning") == ends, "a period that ends before it begins is a warning")
    check(len({d["record"] for d in run.errors()}) == 1, "28 of 29 rows are good", run.errors())


OTHERS = (  # file, options, code, errors as (line, path), warnings that must be there
    (DATA / "etalab-exemple.csv", (), 0, set(), {"mapping.derived"}),
    (DATA / "etalab-exemple.csv", ("--profile", "etalab-2017"), 0, set(), {"mapping.derived"}),
    (DATA / "etalab-exemple.csv", ("--profile", "scdl-2.1.1"), 0, set(), {"csv.column_optional", "mapping.derived"}),
    (DATA / "etalab-format-subventions.csv", (), 0, set(), set()),
    (MORE / "SCDL.csv", (), 1, {(2, "idAttribuant"), (3, "nomAttribuant")}, set()),
    (MORE / "SCDL_WITH_EXERCICE.csv", (), 1, {(2, "nomAttribuant"), (3, "idAttribuant")}, set()),
    (MORE / "SCDL_WITH_EXERCICE.csv", ("--profile", "scdl-2.1.1"), 1, {(2, "nomAttribuant"), (3, "idAttribuant")}, {"mapping.unclaimed"}),
    (MORE / "SCDL_MANY_MISSING_MANDATORY.csv", (), 3, {(1, None)}, set()),
)


def profiles_by_their_columns():
    """Nobody has to say which set of columns a file has."""
    for sample in samples(FORM):
        run = validate(sample)
        check(run.code == 0 and not run.said, f"{sample.name}: told by its columns, nothing is said", run.out.decode()[:300])
        told = Run("validate", "--lang", "en", "--format", FORM, sample).err
        named = profile_of(FORM, sample)
        check((f"profile recognised: {named}" in told) if named else ("recognised" not in told), f"{sample.name}: its profile", told)


def other_files():
    for file, options, code, errors, warnings in OTHERS:
        if not file.exists():
            skip(f"{file.name} is not there")
            continue
        run = validate(file, *options)
        said = {d["code"] for d in run.said if d["severity"] == "warning"}
        what = " ".join((file.name, *options))
        check(run.code == code and places(run.said, "error") == errors, f"{what}: its errors", (run.code, run.errors()))
        check(warnings <= said, f"{what}: its warnings", said)


ODD = """Nom de l'attribuant ;Identification de l'attribuant (SIRET);DATE DE CONVENTION*;Nom du bénéficiaire*;Identification du \
bénéficiaire*;object;Montant total de la subvention*;Nature de la subvention;Conditions de versement*;Date de versement;idRAE;notificationUE;\
pourcentageSubvention;Observations
Ville de Fauxbourg;99800004600016;2025-11-20;Les Jardins du Bac;99800002000011;Achat d'un véhicule;1200.00;aide en nature;UNIQUE;\
2025-12-01_2025-12-15;Non;non;1.00;à revoir
"""
PLAIN = "Ville de Fauxbourg,99800004600016,2025-11-20,,Les Jardins du Bac,99800002000011,,Achat d'un véhicule,1200,aide en nature,unique,2025-12-01/2025-12-15,,non,1,"


def odd_headers(temporary):
    """Other names of columns are known, columns that nobody knows are a warning, and the schema's are written."""
    file = Path(temporary) / "odd.csv"
    file.write_text(ODD.replace("\n", "\r\n"), newline="")
    run = validate(file)
    said = {d["code"] for d in run.said}
    check(run.code == 0 and said == {"csv.column_optional", "mapping.derived", "mapping.unclaimed"}, "odd headers: only warnings", run.out)
    file.write_text(ODD.replace(";Observations", "").replace(";à revoir", ""))
    rows = convert(FORM, FORM, file).out.decode().splitlines()
    check(rows[0].split(",")[7] == "objet" and rows[1] == PLAIN, "odd headers: written as the schema says", rows)
    file.write_text(ODD.replace("Montant total", "Total"))
    run = validate(file)
    check(run.code == 3 and [d["code"] for d in run.errors()] == ["csv.column_missing"], "a required column that is missing is named", run.out)


def the_workbook():
    """A header in sentences on row 4, below titles; a region's own conditions of payment are errors at their cells."""
    file = MORE / "SCDL.xlsx"
    if not file.exists():
        return skip(f"{file.name} is not there")
    run = Run("validate", "--json", "--format", f"{FORM}-xlsx", file)
    said = [d for line in run.out.decode().splitlines() for d in [json.loads(line)] if "code" in d]
    expected = {(n, path) for n in range(5, 15) for path in ("conditionsVersement", "notificationUE")} | {(7, "nomAttribuant"), (8, "idAttribuant")}
    check(run.code == 1 and places(said, "error") == expected, f"{file.name}: its errors", places(said, "error") ^ expected)
    check("xlsx.column_optional" in {d["code"] for d in said}, f"{file.name}: what it lacks is a warning")


# ---- what is written, by the published schema: a reader of Table Schema that knows what that schema uses ----


def date(text):
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and datetime.date.fromisoformat(text)


TYPES = {
    "string": lambda text: True,
    "date": date,
    "integer": lambda text: re.fullmatch(r"[+-]?\d+", text),
    "number": lambda text: re.fullmatch(r"[+-]?\d+(\.\d+)?", text),
}
CONSTRAINTS = {
    "pattern": lambda text, limit: re.search(limit, text),
    "enum": lambda text, limit: text in limit,
    "maxLength": lambda text, limit: len(text) <= limit,
    "minimum": lambda text, limit: float(text) >= limit,
    "maximum": lambda text, limit: float(text) <= limit,
}


def cell_faults(field, text):
    limits = dict(field.get("constraints", {}))
    required = limits.pop("required", False)
    if not text:
        return ["required"] if required else []
    if not TYPES[field["type"]](text):
        return [field["type"]]
    return [word for word, limit in limits.items() if not CONSTRAINTS[word](text, limit)]


def table_faults(schema, rows):
    """(line, field, what): cells against the schema's fields, those that the table has."""
    fields = {f["name"]: f for f in schema["fields"]}
    for line, row in enumerate(rows, 2):
        for name, text in row.items():
            if name in fields:
                yield from ((line, name, what) for what in cell_faults(fields[name], text))
        if not row["idBeneficiaire"] and not row.get("rnaBeneficiaire"):
            yield line, "idBeneficiaire", "one of"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def written_tables(temporary):
    """What we write: (what, profile, bytes)."""
    for sample in samples(FORM):
        profile = profile_of(FORM, sample) or "scdl-2.1.1"
        run = convert("ndjson", FORM, pivot_of(sample), "--to-profile", profile)
        check(run.code == 0, f"{sample.name}: written from its pivot", run.err[:300])
        yield sample.name, profile, run.out.decode()
    example = DATA / "exemple_valide.csv"
    if example.exists():
        pivot = Path(temporary) / "valid.ndjson"
        convert(FORM, "ndjson", example, "-o", pivot)
        yield example.name, "scdl-2.1.1", convert("ndjson", FORM, pivot).out.decode()


def the_published_schema(temporary):
    if not SCHEMA.exists():
        return skip("the published schema is not there")
    schema = json.loads(SCHEMA.read_text())
    bad = rows_of((DATA / "exemple_invalide_erreurs_cellules.csv").read_text())
    found = {(line, name) for line, name, _ in table_faults(schema, bad)}
    check((5, "dateConvention") in found and (30, "rnaBeneficiaire") in found, "this reader of the schema sees faults", found)
    for what, profile, text in written_tables(temporary):
        rows = rows_of(text)
        check(rows and not list(table_faults(schema, rows)), f"{what} written passes the schema", list(table_faults(schema, rows)))
        if profile == "datasubvention":
            check(list(rows[0]) == [f["name"] for f in schema["fields"]], "40 columns in the schema's order", list(rows[0]))


def main():
    the_invalid_example()
    the_valid_example()
    other_files()
    profiles_by_their_columns()
    the_workbook()
    with folder() as temporary:
        odd_headers(temporary)
        the_published_schema(temporary)
    finish()


main()
