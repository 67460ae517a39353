# SPDX-License-Identifier: EUPL-1.2
"""FRSA: four files that know each other by ids, levels that are not ours, and what is said of bad rows."""
from pathlib import Path

from gateway import Run, check, convert, finish, folder, resources, samples

FORMS = ("frsa-structref", "frsa-referent", "frsa-benef", "frsa-pos")


def ids(form, kind):
    return {r["fields"]["id_departement"] for r in resources(convert(form, "ndjson", samples(form)[0])) if r["type"] == kind}


def one_family():
    check(ids("frsa-referent", "structure") == ids("frsa-structref", "structure") == {"12", "31"}, "referents name the structures by their ids")
    check(ids("frsa-benef", "referent") | ids("frsa-pos", "referent") <= ids("frsa-referent", "referent"), "beneficiaries and placements name referents by theirs")
    check(ids("frsa-benef", "personne") == ids("frsa-pos", "personne"), "placements are of the beneficiaries")


def named_by_the_day(temporary):
    sample = samples("frsa-benef")[0]
    run = Run("convert", "--json", "--from", "frsa-benef", "--to", "frsa-benef", "-o", f"{temporary}/", sample)
    made = [f.name for f in Path(temporary).glob("BENEF_W_*.csv")]
    check(run.code == 0 and len(made) == 1 and len(made[0]) == len(sample.name), "the file is named as theirs are", (made, run.err[:300]))


LEVELS = [("1201", "BAC3"), ("1204", "CAP"), ("1205", "3E_ACHEVEE"), ("1207", "JAMAIS_SCOLARISE")]
WRONG = [
    ("frsa-structref", "structref_id", "", "mapping.missing", True),
    ("frsa-structref", "structref_actif", "peut-être", "mapping.convert", False),
    ("frsa-structref", "structref_code_insee", "930660", "mapping.long", False),
    ("frsa-referent", "ref_nom", "X" * 29, "mapping.long", True),
    ("frsa-referent", "ref_datecloture", "30/06/2026", "mapping.convert", False),
    ("frsa-referent", "ref_numposte", "4412", "iae.telephone_shape", False),
    ("frsa-benef", "i_role", "Cousin", "mapping.code", False),
    ("frsa-benef", "etat_dossier", "7", "mapping.code", False),
    ("frsa-benef", "i_date_nai", "", "mapping.missing", True),
    ("frsa-benef", "droit_devoir", "vrai", "mapping.convert", False),
    ("frsa-pos", "beneficiaire_nature_prestation", "majore", "mapping.code", False),
    ("frsa-pos", "beneficiaire_present", "absent", "mapping.code", False),
    ("frsa-pos", "date_entretien", "2026-04-31T14:30", "mapping.date", False),
    ("frsa-pos", "identifiant_webrsa", "", "mapping.missing", True),
]


def one(form, temporary, column, text):
    header, row, *_ = (line.split(";") for line in samples(form)[0].read_text().splitlines())
    cells = dict(zip(header, row))
    cells[column] = text
    file = Path(temporary) / "one.csv"
    file.write_text(f"{';'.join(header)}\n{';'.join(cells.values())}\n")
    return convert(form, "ndjson", file)


def rows(temporary):
    for native, level in LEVELS:
        told = {r["type"]: r["fields"] for r in resources(one("frsa-pos", temporary, "beneficiaire_nivetu", native))}
        check(told["diagnostic"]["niveau_formation"] == level, f"level {native} is {level}", told)
    for form, column, text, code, rejected in WRONG:
        run = one(form, temporary, column, text)
        hit = [d for d in run.said if d["code"] == code and d["line"] == 2 and d["path"] == column]
        check(hit and run.code == int(rejected), f"{form}, {column} = {text!r}: {code}, {'rejected' if rejected else 'kept'}", run.said)


def main():
    one_family()
    with folder() as temporary:
        named_by_the_day(temporary)
        rows(temporary)
    finish()


main()
