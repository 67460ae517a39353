# SPDX-License-Identifier: EUPL-1.2
"""The flat projection of tests/bench/formats/fiche-plat, with json: python3 fiche.py FILE."""
import json
import sys

HEAD = ("siret;mesure;pass;id;civilite;nom;prenom;naissance;lieu;debut;fin;nir;numero;voie;nom_voie;commune;"
        "code_postal;orienteur;formation;sans_ressource;rqth\n")
SENDER = {"01": "MISSION_LOCALE", "02": "CAP_EMPLOI", "03": "FRANCE_TRAVAIL", "04": "PLIE"}
LEVEL = {"40": "BAC"}
TRUTH = {True: "oui", False: "non", None: ""}


def day(text):
    return f"{text[6:]}-{text[3:5]}-{text[:2]}"


def fiche(f):
    p, a, s = f["personnePhysique"], f["adresse"], f["situationSalarie"]
    return ";".join([
        f["siret"], f["mesure"].split("_")[0], p["passIae"], p["idItou"], p["civilite"], p["nomUsage"], p["prenom"],
        day(p["dateNaissance"]), p["codeComInsee"]["codeComInsee"] or "", day(p["passDateDeb"]), day(p["passDateFin"]),
        p["salarieNIR"], a["adrNumeroVoie"] or "", a["codetypevoie"], a["adrLibelleVoie"], a["codeinseecom"],
        a["codepostalcedex"], SENDER[s["orienteur"]], LEVEL[s["niveauFormation"]],
        TRUTH[s["salarieSansRessource"]], TRUTH[s["salarieRQTH"]]]) + "\n"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        fiches = json.load(f)["lignesTelechargement"]
    out = open(1, "w", encoding="utf-8", closefd=False)
    out.write(HEAD)
    for f in fiches:
        out.write(fiche(f))
    out.flush()


main()
