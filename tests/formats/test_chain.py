# SPDX-License-Identifier: EUPL-1.2
"""One person and one SIAE through a chain of formats (chain.py): what is said of them is the same in each file."""
import csv
import json
import xml.etree.ElementTree as xml
from pathlib import Path

from chain import Chain
from gateway import EXECUTABLE, SOURCE, check, finish, folder

NIR, BORN = "288034221802463", "1988-03-09"  # of the household's first person, chain/ or cnaf-rsa's sample
SIRET, SIAE, IBAN = "78360196601442", "CHANTIER DES LILAS", "FR4199999000010000000002200"
ANNEXE, ASP_ANNEXE, ASP_PERSON = "ACI054260007A0M0", "70107", "1900000107"
HOURS, YEAR, MONTH = "113.75", "46728.00", "3894.00"  # the payment is a twelfth of the annexe


def document(path):
    return json.loads(path.read_text(encoding="utf-8"))


def table(path, delimiter, skip=0):
    lines = path.read_text(encoding="utf-8-sig").splitlines()[skip:]
    return list(csv.DictReader(lines, delimiter=delimiter))


def texts(path):
    return {e.tag.rpartition("}")[2]: (e.text or "").strip() for e in xml.parse(path).iter()}


def agree(read, world):
    """What is read again is what was known: no text of a field says something else."""
    for resource in read:
        same = [r for r in world.values() if r["type"] == resource["type"]]
        mine = {k: v for k, v in resource.get("fields", {}).items() if not isinstance(v, (list, dict))}
        fits = any(all(r.get("fields", {}).get(k, v) == v for k, v in mine.items()) for r in same)
        if same and not fits:
            yield f"{resource['type']} {mine}"


with folder() as scratch:
    chain = Chain(EXECUTABLE, SOURCE, Path(scratch))
    files = {}
    for who, target, path, read in chain.run():
        files[target] = path
        check(read, f"{target}: {who}")
        faults = list(agree(read, chain.world))
        check(not faults, f"{target}: what is read again is what was known", faults)

    search = document(files["france-travail-rechercher-usager"])
    check((search["nir"], search["dateNaissance"]) == (NIR, BORN), "France Travail is asked for that person", search)
    decision = document(files["france-travail-orientation-creation"])
    check((decision["origine"], decision["organisme"]) == ("INSCRIPTION_AUTO_CAF", "CD"),
          "the decision, and that it began at the CAF", decision)
    users = table(files["rdv-insertion-usagers"], ";")
    check([u["NIR"] for u in users] == [NIR] and users[0]["N° CAF"] == "3456789", "one user to invite, by NIR and CAF number", users)
    fiche = document(files["asp-fiche-salarie"])["lignesTelechargement"]
    check(len(fiche) == 1 and fiche[0]["personnePhysique"]["salarieNIR"] == NIR and fiche[0]["siret"] == SIRET,
          "the person is hired by the SIAE", fiche)
    check(fiche[0]["situationSalarie"]["numeroIDE"] == users[0]["ID France Travail"], "one number at France Travail")
    month = table(files["asp-etat-mensuel"], "|", 1)[0]
    check((month["emi_pph_id"], month["emi_afi_id"], month["emi_nb_heures_travail"]) == (ASP_PERSON, ASP_ANNEXE, HOURS),
          "the month's hours on the annexe", month)
    annexe = table(files["asp-annexe-financiere"], "|", 1)[0]
    check(annexe["af_id_annexe_financiere"] == ASP_ANNEXE and ANNEXE.startswith(annexe["af_numero_annexe_financiere"]),
          "the annexe of that month", annexe)
    check(annexe["af_montant_total_annuel"] == YEAR, "its figure", annexe)
    order = texts(files["sepa-pain001"])
    check((order["CtrlSum"], order["InstdAmt"]) == (MONTH, MONTH) and float(MONTH) * 12 == float(YEAR), "a twelfth is paid", order)
    check(order["EndToEndId"].startswith(ANNEXE), "the payment names the annexe", order)
    beneficiary = [t.get("fields") for t in read if t["type"] == "structure" and t["fields"].get("iban") == IBAN]
    check(beneficiary and beneficiary[0]["nom"] == SIAE, "to the SIAE", beneficiary)
finish()
