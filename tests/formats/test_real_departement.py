# SPDX-License-Identifier: EUPL-1.2
"""The public files of départements and of the tools they use, where they lie beside the source tree; else skipped."""
import json
from pathlib import Path

from gateway import SHARED, check, convert, finish, folder, skip

HOME = SHARED / "data/departement"
# Format, file, records, of them rejected, codes said when it is read.
FILES = [
    ("cdb-beneficiaires", "carnet-de-bord/import_beneficiaires.csv", 4, 1, {"iae.telephone_shape", "csv.cells_few"}),
    ("cdb-beneficiaires", "carnet-de-bord/fixtures/import_beneficiaires_with_all_date_formats.csv", 4, 1, {"iae.telephone_shape", "csv.cells_few"}),
    ("cdb-beneficiaires", "carnet-de-bord/fixtures/import_beneficiaires_buggy.csv", 3, 2, {"mapping.missing", "mapping.convert", "iae.telephone_shape"}),
    ("cdb-carnet", "carnet-de-bord/export_notebook.json", 2, 0, set()),
    ("cdb-charges-orientation", "carnet-de-bord/fixtures/import_charges_orientation.csv", 4, 1, {"mapping.missing", "iae.courriel_shape"}),
    ("cdb-charges-orientation-xlsx", "carnet-de-bord/import_charges_orientation.xlsx", 4, 1, {"mapping.missing", "iae.courriel_shape"}),
    ("cdb-professionnels", "carnet-de-bord/import_professionnels.csv", 2, 0, set()),
    ("cdb-reorientation", "carnet-de-bord/import_reorientation.csv", 7, 0, set()),
    ("cdb-reorientation", "carnet-de-bord/fixtures/import_reorientation_change_referent.csv", 1, 0, set()),
    ("cdb-reorientation", "carnet-de-bord/fixtures/import_reorientation_change_structure.csv", 1, 0, set()),
    ("cdb-reorientation", "carnet-de-bord/fixtures/import_reorientation_deactivate_referent.csv", 1, 0, set()),
    ("cdb-structures", "carnet-de-bord/import_structures.csv", 2, 0, set()),
    ("cnaf-contacts", "rdv-insertion/Fichier_de_contacts_test_Drome.csv", 1, 0, {"csv.column_optional", "iae.nir_month"}),
    ("cnaf-contacts", "rdv-insertion/fichier_contact_test.csv", 1, 0, {"csv.column_optional"}),
    ("cnaf-contacts", "rdv-insertion/fichier_contact_test_priorite_nir.csv", 2, 0, {"iae.nir_key", "iae.nir_month"}),
    ("rdv-insertion-drome", "rdv-insertion/fichier_usager_600_lignes.csv", 600, 0, {"csv.column_optional"}),
    ("rdv-insertion-drome-xlsx", "rdv-insertion/Fichier_allocataires_test_Drome.xlsx", 3, 0, {"xlsx.column_optional"}),
    ("rdv-insertion-drome-xlsx", "rdv-insertion/fichier_usager_test.xlsx", 1, 0, {"xlsx.column_optional"}),
]


def as_told(form, name, records, rejected, codes, temporary):
    """Read as told; what is written of it reads back as the same resources."""
    file = HOME / name
    read = convert(form, "ndjson", file)
    counts = f'"read":{records},"written":{records - rejected},"filtered":0,"rejected":{rejected}'
    check(read.code == int(rejected > 0) and counts in read.err, f"{name}: {records} records, {rejected} rejected", read.err[-300:])
    check({d["code"] for d in read.said} == codes, f"{name}: what is said", [(d["code"], d["path"], d["value"]) for d in read.said])
    out = Path(temporary) / f"written{file.suffix}"
    convert(form, form, file, "-o", out)
    again = convert(form, "ndjson", out)
    check(again.code == 0 and (rejected or again.out == read.out), f"{name}: written, it reads back the same", again.err[:300])


# What stands otherwise once it was written: a day in ISO form, a number without its zeros in front.
WRITTEN = {"11/03/1980": "1980-03-11", "29/03/1980": "1980-03-29", "15/11/2021": "2021-11-15", "0782605941": "782605941"}


# Examples of what they refuse, and what we say of it. Others have NIRs made by chance: some with no month of birth.
REFUSED = {
    "la_civilite_est_invalide": "mapping.code",
    "le_role_est_invalide": "mapping.code",
    "renvoie_unprocessable_entity_quand_les_parametres_sont_incomplets": "mapping.missing",
    "renvoie_unprocessable_entity_quand_de_25_usagers_sont_envoyes": "output.limit",
}


def plain(users):
    """A body as it is once written: nothing said of what is not there."""
    for user in users:
        said = {k: v for k, v in user.items() if v is not None}
        yield {k: WRITTEN.get(v, v) if k in ("birth_date", "rights_opening_date", "affiliation_number") else v for k, v in said.items()}


def bodies_of_the_api(temporary):
    """The examples of rdv-insertion's own OpenAPI, of the call that takes several users."""
    file = HOME / "rdv-insertion/api.json"
    if not file.exists():
        skip("api.json is not there")
        return
    call = next(v["post"] for k, v in json.loads(file.read_text())["paths"].items() if k.endswith("create_and_invite_many"))
    examples = call["requestBody"]["content"]["application/json"]["examples"]
    check(set(REFUSED) < set(examples), "the call has examples, good and bad", list(examples))
    for name, example in examples.items():
        body = Path(temporary) / "body.json"
        body.write_text(json.dumps(example["value"]))
        run = convert("rdv-insertion-api", "rdv-insertion-api", body)
        if name in REFUSED:
            check({d["code"] for d in run.said} - {"iae.nir_month"} == {REFUSED[name]}, f"api.json, {name}: refused here too", run.said)
            continue
        check(run.code == 0 and {d["code"] for d in run.said} <= {"iae.nir_month"}, f"api.json, {name}: nothing is wrong with it", run.said)
        check(json.loads(run.out)["users"] == list(plain(example["value"]["users"])), f"api.json, {name}: written as it was", run.out)


def main():
    with folder() as temporary:
        bodies_of_the_api(temporary)
        for form, name, *told in FILES:
            if (HOME / name).exists():
                as_told(form, name, *told, temporary)
            else:
                skip(f"{name} is not there")
    finish()


main()
