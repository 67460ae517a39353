# SPDX-License-Identifier: EUPL-1.2
"""The flat projection of tests/bench/formats/rsa-plat, with lxml: python3 rsa.py FILE."""
import sys

from lxml import etree

HEAD = ("nir;civilite;nom;prenom;naissance;lieu;sexe;ft;sans_ressource;allocataire;demande;date_demande;departement;"
        "situation;role;responsable;soumis;etat;origine;ressources;montant\n")
TITLE = {"MR": "M", "MME": "MME", "MLE": "MME"}
SEX = {"1": "H", "2": "F"}
TRUTH = {"1": "oui", "0": "non"}
ROLE = {"DEM": "DEMANDEUR", "CJT": "CONJOINT", "ENF": "ENFANT", "AUT": "AUTRE", "RDO": "RESPONSABLE"}
STATE = {"0": "DEMANDE", "1": "REFUSE", "2": "OUVERT", "3": "OUVERT_SUSPENDU", "4": "OUVERT_VERSEMENT_SUSPENDU",
         "5": "CLOS", "6": "CLOS_ANTERIEUR"}


def day(iso):
    return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}" if iso else ""


def amount(text):
    return text.lstrip("0").rjust(4, "0") if text else ""


def person(p, shared_head, shared_tail):
    i = p.find("Identification")
    role = next((x.findtext("ROLEPERS") for x in p.iterfind("Prestations") if x.findtext("NATPREST") == "RSA"), "")
    return ";".join([
        i.findtext("NIR", ""), TITLE.get(i.findtext("QUAL"), ""), i.findtext("NOM"), i.findtext("PRENOM"),
        day(i.findtext("DTNAI")), i.findtext("NOMCOMNAI"), SEX[i.findtext("SEXE")],
        p.findtext("DossierPoleEmploi/IDASSEDIC", ""),
        TRUTH.get(p.findtext("Ressources/GeneraliteRessourcesTrimestre/TOPRESSNUL"), ""), *shared_head,
        ROLE.get(role, ""), TRUTH.get(p.findtext("DossierCAF/TOPRESPDOS"), ""),
        TRUTH.get(p.findtext("MontantCalculDroitRSAPersonne/TOPPERSDRODEVORSA"), ""), *shared_tail]) + "\n"


def household(h, out):
    r, d = h.find("IdentificationRSA"), h.find("PrestationRSA")
    m = d.find("DetailDroitRSA/MontantsCalculDroitRSA")
    head = [r.findtext("Organisme/MATRICULE")[:7], r.findtext("DemandeRSA/NUMDEMRSA"),
            day(r.findtext("DemandeRSA/DTDEMRSA")), r.findtext("Partenaire/IDEPARTE"),
            h.findtext("DonneesAdministratives/SituationFamille/SITFAM")]
    tail = [STATE[d.findtext("SituationDossierRSA/EtatDossierRSA/ETATDOSRSA")],
            d.findtext("DetailDroitRSA/TroncCommunDroitRSA/ORIDEMRSA"),
            amount(m.findtext("MTRESSMENRSA")) if m is not None else "",
            amount(m.findtext("MTTOTDRORSA")) if m is not None else ""]
    for p in h.iterfind("Personne"):
        out.write(person(p, head, tail))


def main():
    out = open(1, "w", encoding="utf-8", closefd=False)
    out.write(HEAD)
    for _, h in etree.iterparse(sys.argv[1], tag="InfosFoyerRSA"):
        household(h, out)
        h.clear()
        while h.getprevious() is not None:
            del h.getparent()[0]
    out.flush()


main()
