# SPDX-License-Identifier: EUPL-1.2
"""rdv-insertion: who of a household is a user, what a spreadsheet did to a list, and what is said of a bad row."""
import csv
import io
import json
from pathlib import Path

from gateway import FORMATS, check, convert, finish, folder, resources

HOUSEHOLDS = FORMATS / "cnaf-rsa/samples/CG054.RSABEM20260905.xml"
FICHES = FORMATS / "asp-fiche-salarie/samples/RIAE_FS_20260901090000.json"
HEADER = "Civilité;Prénom;Nom;Date de naissance;Rôle;NIR;Téléphone;Code postal"


def rows(run):
    return list(csv.DictReader(io.StringIO(run.out.decode("utf-8-sig")), delimiter=";"))


def users_of_households():
    """The sample has a claimant with a child, and a couple: three users, with the address and the number of the file."""
    run = convert("cnaf-rsa", "rdv-insertion-usagers", HOUSEHOLDS)
    got = [tuple(r[c] for c in ("Civilité", "Prénom", "Nom", "Rôle", "N° CAF", "Code postal", "Ville")) for r in rows(run)]
    check(run.code == 0 and not run.said, "households become users, nothing is wrong with it", run.err[:400])
    check(got == [("Madame", "DELPHINE", "VAUTRIN", "demandeur", "3456789", "54000", "NANCY"),
                  ("Madame", "ADÉLAÏDE", "ROUGON", "demandeur", "7654321", "67000", "STRASBOURG"),
                  ("Monsieur", "ANTOINE", "MACQUART", "conjoint", "7654321", "67000", "STRASBOURG")], "claimants and partners, no child", got)
    check([r["Adresse"] for r in rows(run)][1:] == ["3 QUAI DE L'ÉTANG"] * 2, "the address is the household's", rows(run)[1]["Adresse"])
    run = convert("cnaf-rsa", "rdv-insertion-drome", HOUSEHOLDS)
    check([r["CP Ville"] for r in rows(run)] == ["54000 NANCY", "67000 STRASBOURG", "67000 STRASBOURG"], "and in another organisation's columns", run.err[:400])


def users_of_fiches():
    run = convert("asp-fiche-salarie", "rdv-insertion-usagers", FICHES)
    third = rows(run)[2]
    check((third["Adresse"], third["Code postal"], third["Rôle"]) == ("104 ter Boulevard DES LILAS", "54000", ""), "an address in parts is put together", third)


def users_of_a_list():
    """The API has one text for an address, the list has three columns."""
    run = convert("rdv-insertion-usagers", "rdv-insertion-api", FORMATS / "rdv-insertion-usagers/samples/usagers_20260901.csv")
    users = json.loads(run.out)["users"]
    check(run.code == 0 and users[0]["address"] == "14 rue Neuve, 6e étage 54000 Nancy", "a list becomes a call, the town in the address", run.out[:600])
    check(users[0]["tags_to_add"] == [{"value": "Prioritaire"}, {"value": "Mobilité"}], "with its tags", users[0])


def read(temporary, text, form="rdv-insertion-usagers"):
    file = Path(temporary) / "list.csv"
    file.write_text(text)
    return convert(form, "ndjson", file)


# What came, the column, what it means: a field of the person, or the role in the household.
SPREADSHEET = [
    ("Mme;Flore;Misard;;;;;", "civilite", "MME"),
    ("Mr;Denis;Misard;;;;;", "civilite", "M"),
    ("m.;Denis;Misard;;;;;", "civilite", "M"),
    ("Madame;Flore;Misard;29546;;;;", "naissance_date", "1980-11-21"),
    ("Madame;Flore;Misard;1980-11-21;;;;", "naissance_date", "1980-11-21"),
    ("Madame;Flore;Misard;;;2870454001123;;", "nir", "287045400112307"),
    ("Madame;Flore;Misard;;;;698765432;", "telephone", "0698765432"),
    ("Madame;Flore;Misard;;;;+33 6 98 76 54 32;", "telephone", "0698765432"),
    ("Madame;Flore;Misard;;;;;1200", "adresse.code_postal", "01200"),
    ("Madame;Flore;Misard;;CONJOINT/CONCUBIN/PACSE;;;", "role", "CONJOINT"),
    ("Madame;Flore;Misard;;CONJOINT(E);;;", "role", "CONJOINT"),
    ("Madame;Flore;Misard;;dem;;;", "role", "DEMANDEUR"),
    ("Madame;Flore;Misard;;usager;;;", "role", "DEMANDEUR"),
]


def field(run, name):
    of = {r["type"]: r["fields"] for r in resources(run)}
    if name == "role":
        return of.get("foyer", {}).get("membres", [{}])[0].get("role_rsa")
    value = of["personne"]
    for part in name.split("."):
        value = value.get(part, {})
    return value


def spreadsheets(temporary):
    for row, name, expected in SPREADSHEET:
        run = read(temporary, f"{HEADER}\n{row}\n")
        check(run.code == 0 and field(run, name) == expected, f"{row}: {name}", run.err[:300])
    text = 'civilite,"Prénom\nbénéficiaire",NOM BENEFICIAIRE,"Date de\nNaissance","ID IODAS\t","RQTH / AAH\nOui / Non"\nMadame,Flore,Misard,21/11/1980,12,Non\n'
    run = read(temporary, text, "rdv-insertion-drome")
    person = next(r for r in resources(run) if r["type"] == "personne")
    check(run.code == 0 and person["fields"]["id_departement"] == "12", "headers with line ends, tabs and commas between", run.err[:300])
    check(person["ext"]["rdv-insertion-usagers"]["rqth_aah"] == "Non", "and the organisation's own", person)


def their_own_export(temporary):
    """The header of rdv-insertion's export has the same names for the same things."""
    text = ("Civilité;Nom;Prénom;Numéro CAF;ID interne au département;ID France Travail;Email;Adresse;CP;Ville;Téléphone;Date de naissance;Rôle;Référent(s);Tags\n"
            "madame;Misard;Flore;4821907;IODAS12;12345678901;flore@example.org;3 rue de la Gare;26150;Die;+33698765432;21/11/1980;demandeur;j.lantier@example.org;Jeune\n")
    run = read(temporary, text)
    person, household = (r["fields"] for r in resources(run))
    check(run.code == 0 and {d["code"] for d in run.said} == {"csv.column_optional"}, "the export is read", run.said)
    check((person["id_departement"], person["adresse"]["code_postal"], person["telephone"], person["referents"], household["numero_allocataire"]) ==
          ("IODAS12", "26150", "0698765432", [{"courriel": "j.lantier@example.org"}], "4821907"), "its columns are known by their own names", person)


# A row, what is said of it: code, column from 1; rejected or not.
WRONG = [
    ("Madame;;Misard;;;;;", "mapping.missing", None, True),
    ("Madame;Flore;;;;;;", "mapping.missing", None, True),
    (";Flore;Misard;;;;;", "mapping.missing", 1, True),
    ("Mlle;Flore;Misard;;;;;", "mapping.code", 1, True),
    ("Madame;Flore;Misard;31/02/1980;;;;", "mapping.date", 21, False),
    ("Madame;Flore;Misard;;neveu;;;", "mapping.code", 22, False),
    ("Madame;Flore;Misard;;;287045400112308;;", "iae.nir_key", 23, False),
    ("Madame;Flore;Misard;;;;voir dossier;", "iae.telephone_shape", 24, False),
    ("Madame;Flore;Misard;;;;;ABC", "iae.code_postal_shape", 25, False),
    ("Madame;Flore;Misard", "csv.cells_few", None, True),
]


def wrong_rows(temporary):
    good = "Monsieur;Denis;Misard;;;;;"
    for row, code, column, rejected in WRONG:
        run = read(temporary, f"{HEADER}\n{row}\n{good}\n")
        hit = [d for d in run.said if d["code"] == code and d["line"] == 2 and column in (None, d["column"])]
        kept = {r["record"] for r in resources(run)}
        check(hit and run.code == int(rejected), f"{row}: said at its place", run.said)
        check((1 not in kept) == rejected and 2 in kept, f"{row}: {'rejected' if rejected else 'kept'}, the next row goes on", kept)


def nothing_is_lost(temporary):
    """A text that means nothing to us is a warning and comes back where it was."""
    file = Path(temporary) / "list.csv"
    file.write_text(f"{HEADER}\nMadame;Flore;Misard;;neveu;;voir dossier;\n")
    run = convert("rdv-insertion-usagers", "rdv-insertion-usagers", file)
    check(run.code == 0 and (rows(run)[0]["Rôle"], rows(run)[0]["Téléphone"]) == ("neveu", "voir dossier"), "texts that are no data come back", run.out)
    file.write_text(f"{HEADER};Remarque\nMadame;Flore;Misard;;;;;;sonner fort\n")
    run = convert("rdv-insertion-usagers", "ndjson", file)
    check(run.code == 0 and b"sonner fort" in run.out and [d["code"] for d in run.said if d["code"] == "mapping.unclaimed"], "a column nobody knows is kept and said", run.err[:300])


# A row of the CAF's contacts: whose name stands in it.
CONTACTS = [("DEMANDEUR", "COUPEAU", None), ("CONJOINT", None, "COUPEAU"), ("", None, "COUPEAU")]


def contacts(temporary):
    file = Path(temporary) / "contacts.csv"
    for role, own, other in CONTACTS:
        file.write_text(f"MATRICULE,ROLE PERSONNE,NOM RESPONSABLE DOSSIER,NUMERO TELEPHONE DOSSIER\n123,{role},COUPEAU,612345678\n")
        run = convert("cnaf-contacts", "ndjson", file)
        person = next(r for r in resources(run) if r["type"] == "personne")
        aside = person.get("ext", {}).get("cnaf-contacts", {}).get("nom_responsable")
        check((person["fields"].get("nom_usage"), aside) == (own, other), f"contacts, role {role!r}: whose name it is", person)
        check(person["fields"]["telephone"] == "0612345678" and field(run, "role") in (role, None), "telephone and role", person)
    run = convert("cnaf-rsa", "cnaf-contacts", HOUSEHOLDS)
    check(run.code == 0 and run.out.count(b"\r\n") == 4, "a household's contacts: claimants and partners", run.err[:300])


def main():
    users_of_households()
    users_of_fiches()
    users_of_a_list()
    with folder() as temporary:
        spreadsheets(temporary)
        their_own_export(temporary)
        wrong_rows(temporary)
        nothing_is_lost(temporary)
        contacts(temporary)
    finish()


main()
