# SPDX-License-Identifier: EUPL-1.2
"""carnet de bord: what a row or a notebook says of rights, and what is said of bad ones."""
import json
from pathlib import Path

from gateway import FORMATS, check, convert, finish, folder, resources, samples

HOUSEHOLDS = FORMATS / "cnaf-rsa/samples/CG054.RSABEM20260905.xml"


def rows_of(text):
    header, *rest = text.lstrip("\ufeff").splitlines()
    return header, rest


def rights(run):
    return {r["fields"]["nature"]: r["fields"]["etat"] for r in resources(run) if r["type"] == "droit" and r["record"] == 1}


def the_same_rights(temporary):
    """The same person told by the table and by the notebook has the same rights; nothing said is no right."""
    table, notebook = samples("cdb-beneficiaires")[0], samples("cdb-carnet")[0]
    check(rights(convert("cdb-beneficiaires", "ndjson", table)) == {"RSA": "OUVERT", "ARE": "AUCUN", "ASS": "OUVERT", "PRIME_ACTIVITE": "AUCUN"}, "rights of a row")
    header, rows = rows_of(table.read_text(encoding="utf-8"))
    file = Path(temporary) / "one.csv"
    file.write_text(f"{header}\n{rows[2]}\n")
    check(rights(convert("cdb-beneficiaires", "ndjson", file)) == {}, "nothing said, no right")
    run = convert("cdb-beneficiaires", "cdb-carnet", table)
    told = json.loads(run.out)[0]
    check((told["beneficiary"]["right_ass"], told["beneficiary"]["right_are"], told["beneficiary"]["right_rsa"]) == (True, False, "rsa_droit_ouvert_versable"), "told by a notebook", told)
    check(told["education_level"] == "NV5" and told["work_situation"] == "recherche_emploi", "level and situation too", told)
    run = convert("cdb-carnet", "cdb-beneficiaires", notebook, "--date", "2026-06-01")
    check("mapping.missing" in {d["code"] for d in run.errors()}, "a notebook has no id of the département: its row is refused, and why", run.said)


def households_are_rows():
    run = convert("cnaf-rsa", "cdb-beneficiaires", HOUSEHOLDS)
    _, rows = rows_of(run.out.decode("utf-8"))
    got = [(c[0], c[1], c[11], c[13], c[15]) for c in (r.split(";") for r in rows)]
    check(run.code == 0 and got == [("01054000001", "DELPHINE", "NANCY", "3456789", "rsa_droit_ouvert_versement_suspendu"),
                                    ("01054000002", "ADÉLAÏDE", "STRASBOURG", "7654321", "rsa_demande_en_attente"),
                                    ("01054000002", "ANTOINE", "STRASBOURG", "7654321", "rsa_demande_en_attente")], "a household's claimant and partner, with its RSA", got)


# Of the first row: column from 0, what it is changed into, what is said, rejected or not.
WRONG = [
    (0, "", "mapping.missing", True),
    (1, "", "mapping.missing", True),
    (3, "19970-04-22", "mapping.convert", True),
    (3, "", "mapping.missing", True),
    (4, "287045400112308", "iae.nir_key", False),
    (6, "voir dossier", "iae.telephone_shape", False),
    (12, "chomeur", "schema.code", False),
    (15, "rsa_ouvert", "mapping.code", False),
    (17, "peut-être", "mapping.code", False),
    (19, "en cours", "mapping.convert", False),
    (22, "BAC+2", "mapping.code", False),
]


def wrong_rows(temporary):
    header, rows = rows_of(samples("cdb-beneficiaires")[0].read_text(encoding="utf-8"))
    file = Path(temporary) / "wrong.csv"
    for column, text, code, rejected in WRONG:
        cells = rows[0].split(";")
        cells[column] = text
        file.write_text("\n".join((header, ";".join(cells), rows[2])) + "\n")
        run = convert("cdb-beneficiaires", "ndjson", file)
        kept = {r["record"] for r in resources(run)}
        what = f"{header.split(';')[column]} = {text!r}"
        check([d for d in run.said if d["code"] == code and d["line"] == 2], f"{what}: {code} with its line", run.said)
        check((1 not in kept) == rejected and 2 in kept, f"{what}: {'rejected' if rejected else 'kept'}, the next row goes on", kept)


def wrong_notebooks(temporary):
    notebooks = json.loads(samples("cdb-carnet")[0].read_text())
    file = Path(temporary) / "wrong.json"
    notebooks[0]["focuses"][0]["theme"] = "loisirs"
    file.write_text(json.dumps(notebooks))
    run = convert("cdb-carnet", "ndjson", file)
    hit = [d for d in run.errors() if d["code"] == "mapping.code" and d["path"] == "focuses/theme" and d["record"] == 1]
    check(hit and {r["record"] for r in resources(run)} == {2}, "a theme that no list has: the notebook is rejected, with the place", run.said)


def main():
    households_are_rows()
    with folder() as temporary:
        the_same_rights(temporary)
        wrong_rows(temporary)
        wrong_notebooks(temporary)
    finish()


main()
