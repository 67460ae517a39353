# SPDX-License-Identifier: EUPL-1.2
"""Where a person is born, in both movements of the fiche salarié: which pivot each native form means, and that it is
written as it came. Numbers are those of the ASP's list of countries, where 411 to 415 stand twice: communes of group 1 (département
098), countries of group 3."""
import copy
import json

from gateway import FORMATS, check, convert, finish, folder, resources

SAMPLES = {"asp-fiche-salarie": "RIAE_FS_20260901090000.json", "asp-fiche-salarie-m": "RIAE_FS_20260901110000.json"}

# What it is; commune, département, country and group as the ASP has them; commune and country of the pivot.
PLACES = [
    ("Metz", "57463", "057", "100", "1", "57463", "99100"),
    ("Ajaccio", "2A004", "02A", "100", "1", "2A004", "99100"),
    ("Les Abymes, Guadeloupe", "97101", "971", "100", "1", "97101", "99100"),
    ("Nouméa", None, "099", "818", "1", "98818", "99100"),
    ("Uvea", None, "099", "613", "1", "98613", "99100"),
    ("Papeete", None, "099", "735", "1", "98735", "99100"),
    ("Denmark", None, "099", "101", "2", None, "99101"),
    ("Algeria", None, "099", "352", "3", None, "99352"),
    ("Crozet", None, "099", "413", "1", "98413", "99100"),
    ("Terre-Adélie", None, "099", "414", "1", "98414", "99100"),
    ("Honduras", None, "099", "411", "3", None, "99411"),
    ("Nicaragua", None, "099", "412", "3", None, "99412"),
    ("Panama", None, "099", "413", "3", None, "99413"),
    ("El Salvador", None, "099", "414", "3", None, "99414"),
    ("Argentina", None, "099", "415", "3", None, "99415"),
]

# Of no other than movement M: the country of the block that replaces is nobody's.
REPLACED = ("Iceland or replaced", None, "099", "102", "3", None, None)


def born(form, places):
    """The first line of the sample again and again, born in each place."""
    document = json.loads((FORMATS / form / "samples" / SAMPLES[form]).read_text())
    first, document["lignesTelechargement"] = document["lignesTelechargement"][0], []
    for rank, (_, commune, department, country, group, *_) in enumerate(places, 1):
        record = copy.deepcopy(first)
        record["numLigne"] = rank
        record["personnePhysique"].update(codeComInsee={"codeComInsee": commune, "codeDpt": department}, codeInseePays=country, codeGroupePays=group)
        document["lignesTelechargement"].append(record)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def try_places(form, places, file):
    file.write_bytes(born(form, places))
    read = convert(form, "ndjson", file)
    check(read.code == 0 and not read.said, f"{form}: nothing is said of births", read.said)
    people = {r["record"]: r["fields"] for r in resources(read) if r["type"] == "personne"}
    for rank, place in enumerate(places, 1):
        person = people.get(rank, {})
        found = person.get("naissance_commune"), person.get("naissance_pays")
        check(found == place[5:7], f"{form}: born in {place[0]}: the pivot", found)
    written = convert(form, form, file)
    check(written.code == 0 and written.out == file.read_bytes(), f"{form}: births are written as they came", written.err[:300])


def main():
    with folder() as temporary:
        for form, name in SAMPLES.items():
            places = PLACES + [REPLACED] if form == "asp-fiche-salarie-m" else PLACES
            try_places(form, places, type(FORMATS)(temporary) / name)
    finish()


main()
