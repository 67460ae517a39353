# SPDX-License-Identifier: EUPL-1.2
"""The API of les emplois: the flag of language by day and header, keys that are not there, what is wrong in a reply."""
import json
from pathlib import Path

from gateway import FORMATS, check, convert, finish, folder, resources

FICHES = FORMATS / "les-emplois-fiches/samples/employee-records_20260901.json"
# day, header: what true means; None: nobody knows
FLAG = [("2026-07-01", False, "masters"), ("2026-09-01", False, "masters"), ("2026-10-31", False, "masters"), ("2026-11-01", False, None),
        ("2026-11-14", False, None), ("2026-11-15", False, "does not"), ("2026-09-01", True, "does not"), ("2026-11-05", True, "does not")]


def flag(temporary):
    one = json.loads(FICHES.read_text())
    one["results"], one["count"] = one["results"][:1], 1
    for day, header, means in FLAG:
        for told in (True, False):
            one["results"][0]["situationSalarie"]["salarieLangueFrancaise"] = told
            file = Path(temporary) / f"employee-records_{day.replace('-', '')}.json"
            file.write_text(json.dumps(one))
            run = convert("les-emplois-fiches", "ndjson", file, *(["--profile", "like-asp"] if header else []))
            diagnosis = [r for r in resources(run) if r["type"] == "diagnostic"][0]
            criteria = diagnosis["fields"].get("criteres", [])
            what = f"{day}, {'with' if header else 'without'} the header, {told}"
            if means is None:
                kept = diagnosis.get("ext", {}).get("asp-fiche-salarie", {}).get("langue")
                check("FLE" not in criteria and kept is told, f"{what}: kept, not guessed", diagnosis)
            else:
                check(("FLE" in criteria) == (told == (means == "does not")), what, criteria)


def keys():
    """A fiche of the ASP told in the API's shape: all keys but those of EITI."""
    run = convert("asp-fiche-salarie", "les-emplois-fiches", FORMATS / "asp-fiche-salarie/samples/RIAE_FS_20260901090000.json", "--date", "2026-09-01")
    results = json.loads(run.out)["results"]
    check({r["mesure"] for r in results} >= {"EITI_DC", "ACI_DC"}, "EITI among them")
    eiti = {"salarieBenefARE", "salarieBenefAREDepuis", "salarieBenefPrimeActivite", "salarieBenefPrimeActiviteDepuis", "salarieBenefCAPE",
            "salarieBenefCESA", "nomActeurCreationEntr", "revenuMensuelMoyenTI", "cotisationsTI"}
    for r in results:
        keys = set(r["situationSalarie"])
        check(not keys & eiti and len(keys) == 27 and r["situationSalarie"]["salarieBenefATA"] == "False", f"{r['mesure']}: keys", keys)
        check({"numeroAnnexe", "codeTraitement"} <= set(r) and {"NIR", "NTT"} <= set(r["personnePhysique"]), f"{r['mesure']}: what this API adds")


# format, sample, path in the first result, a value; the code and whether the record is lost
WRONG = [
    ("les-emplois-fiches", "employee-records_20260901.json", ("siret",), "123", "iae.siret_shape", True),
    ("les-emplois-fiches", "employee-records_20260901.json", ("typeMouvement",), "M", "mapping.const", True),
    ("les-emplois-fiches", "employee-records_20260901.json", ("numeroAnnexe",), "X1", "iae.annexe_shape", False),
    ("les-emplois-notifications", "employee-record-notifications_20260902.json", ("personnePhysique", "passDateFin"), "31/11/2028", "mapping.date", True),
    ("les-emplois-candidats", "candidats.json", ("nom",), None, "mapping.missing", True),
    ("les-emplois-candidats", "candidats.json", ("civilite",), "X", "mapping.code", False),
    ("les-emplois-candidats", "candidats.json", ("date_naissance",), "30/01/1999", "mapping.convert", False),
    ("les-emplois-siaes", "siaes.json", ("type",), "SIAE", "mapping.code", True),
    ("les-emplois-siaes", "siaes.json", ("postes", 0, "rome"), "K2204", "mapping.split", False),
    ("les-emplois-geiq", "embauches-geiq.json", ("criteres_eligibilite", 1), "-25", "mapping.code", False),
    ("les-emplois-geiq", "embauches-geiq.json", ("date_debut_contrat",), "", "mapping.missing", True),
]


def wrong(temporary):
    for form, name, path, value, code, lost in WRONG:
        document = json.loads((FORMATS / form / "samples" / name).read_text())
        at = document["results"][0]
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        file = Path(temporary) / name
        file.write_text(json.dumps(document, ensure_ascii=False, indent=1))
        run = convert(form, "ndjson", file)
        said = [d for d in run.said if d["code"] == code]
        n = len(document["results"])
        check(said and said[0]["line"] and f'"rejected":{int(lost)}' in run.err, f"{form}: {path[-1]} = {value!r}", run.err[-500:])
        check(f'"read":{n}' in run.err, f"{form}: the others are read")


def main():
    with folder() as temporary:
        flag(temporary)
        keys()
        wrong(temporary)
    finish()


main()
