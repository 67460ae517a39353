# SPDX-License-Identifier: EUPL-1.2
"""What is written for France Travail is what its published OpenAPI descriptions ask for, as another validator judges it:
every sample, what comes from a CAF household, and every code list. Skipped where the descriptions or the validator are not there."""
import csv
import json
from pathlib import Path

from gateway import FORMATS, SHARED, check, convert, finish, folder, resources, samples, skip

OPENAPI = SHARED / "data/departement/france-travail-openapi"
# format: (description, component, one document is a list of them)
BODIES = {
    "france-travail-orientation": ("orientation-usager", "OrientationCA_Lecture"),
    "france-travail-orientation-calcul": ("orientation-usager", "CriteresOrientationCA_CalculerEntree"),
    "france-travail-orientation-creation": ("orientation-usager", "OrientationCreationCA_Commun"),
    "france-travail-orientation-decision": ("orientation-usager", "DecisionCA"),
    "france-travail-orientation-retour": ("orientation-usager", "OrientationCA_Calculer"),
    "france-travail-rechercher-usager": ("rechercher-usager", "ParDateNaissanceEtNirDTO"),
    "france-travail-rechercher-usager-numero": ("rechercher-usager", "ParNumeroFTDTO"),
    "france-travail-rechercher-usager-retour": ("rechercher-usager", "ResultatDTO"),
    "france-travail-statut": ("statut-usager", "ContratResponse"),
    "france-travail-usager": ("informations-administratives-usager", "UsagerResource"),
    "france-travail-diagnostic": ("diagnostic-usager", "DossierIndividuDto"),
    "france-travail-diagnostic-contraintes": ("diagnostic-usager", "EnregistrerContraintesDto"),
    "france-travail-sanctions-rsa": ("gestion-sanctions-rsa", "DetailManquement"),
    "france-travail-sanctions-rsa-evenement": ("gestion-sanctions-rsa", "TraitementSanctionRsa"),
    "france-travail-sanctions-rsa-decision": ("gestion-sanctions-rsa", "DecisionSanctionRsa"),
    "france-travail-sanctions-rsa-radiation": ("gestion-sanctions-rsa", "DemandeRadiation"),
    "france-travail-rendez-vous": ("rendez-vous-partenaires", "RendezVousPartenaire"),
    "france-travail-rendez-vous-usager": ("rendez-vous-partenaires", "RendezVousUsager"),
}
# format/list: (description, component.property): the codes we may write are among theirs, theirs are all read.
LISTS = {
    "france-travail-orientation/parcours": ("orientation-usager", "OrientationCA_Lecture.parcours"),
    "france-travail-orientation/organisme": ("orientation-usager", "OrientationCA_Lecture.organisme"),
    "france-travail-orientation/organisme-decideur": ("orientation-usager", "OrientationCA_Lecture.organisme_decision"),
    "france-travail-orientation/origine": ("orientation-usager", "CriteresOrientationCA_Lecture.origine"),
    "france-travail-orientation-creation/parcours": ("orientation-usager", "OrientationCreationCA_Commun.parcours"),
    "france-travail-orientation-creation/organisme": ("orientation-usager", "OrientationCreationCA_Commun.organisme"),
    "france-travail-orientation-creation/origine": ("orientation-usager", "OrientationCreationCA_Commun.origine"),
    "france-travail-orientation-decision/parcours": ("orientation-usager", "DecisionCA.parcours"),
    "france-travail-orientation-decision/organisme": ("orientation-usager", "DecisionCA.organisme_decision"),
    "france-travail-rendez-vous/organisme": ("rendez-vous-partenaires", "Organisme.code"),
    "france-travail-rendez-vous/civilite": ("rendez-vous-partenaires", "Interlocuteur.civilite"),
    "france-travail-rendez-vous/motif": ("rendez-vous-partenaires", "RendezVousPartenaire.motif"),
    "france-travail-rendez-vous/modalite": ("rendez-vous-partenaires", "RendezVousPartenaire.modaliteContact"),
    "france-travail-rendez-vous/statut": ("rendez-vous-partenaires", "RendezVousPartenaire.statut"),
    "france-travail-rendez-vous/reception": ("rendez-vous-partenaires", "RendezVousPartenaire.typeReception"),
    "france-travail-rendez-vous/initiateur": ("rendez-vous-partenaires", "RendezVousPartenaire.initiateur"),
    "france-travail-sanctions-rsa/modalite": ("gestion-sanctions-rsa", "DetailSanction.modaliteProposee"),
    "france-travail-sanctions-rsa-evenement/evenement": ("gestion-sanctions-rsa", "Evenement.typeEvenement"),
    "france-travail-sanctions-rsa-evenement/motif": ("gestion-sanctions-rsa", "Evenement.motifEvenement"),
    "france-travail-sanctions-rsa-evenement/type": ("gestion-sanctions-rsa", "TraitementSanctionRsa.typeConsequenceSanctionValide"),
    "france-travail-sanctions-rsa-evenement/modalite": ("gestion-sanctions-rsa", "TraitementSanctionRsa.modaliteDecisionValidee"),
    "france-travail-sanctions-rsa-evenement/duree": ("gestion-sanctions-rsa", "TraitementSanctionRsa.dureeValidee"),
    "france-travail-sanctions-rsa-decision/nature": ("gestion-sanctions-rsa", "DecisionSanctionRsa.natureManquement"),
    "france-travail-sanctions-rsa-decision/rang": ("gestion-sanctions-rsa", "DecisionSanctionRsa.rangManquement"),
    "france-travail-sanctions-rsa-decision/type": ("gestion-sanctions-rsa", "DecisionSanctionRsa.typeSanctionValide"),
    "france-travail-sanctions-rsa-decision/modalite": ("gestion-sanctions-rsa", "DecisionSanctionRsa.modaliteDecisionValidee"),
    "france-travail-sanctions-rsa-decision/duree": ("gestion-sanctions-rsa", "DecisionSanctionRsa.dureeValidee"),
    "france-travail-statut/statut": ("statut-usager", "Contrat.m_statut"),
    "france-travail-orientation-calcul/origine": ("orientation-usager", "CriteresOrientationCA_CalculerEntree.origine"),
}
for form, component in (("france-travail-orientation", "CriteresOrientationCA_Lecture"),
                        ("france-travail-orientation-calcul", "CriteresOrientationCA_CalculerEntree")):
    for name, field in (("niveau-etude", "niveau_etude"), ("contrainte", "contrainte_financiere"), ("contrainte-sante", "contrainte_sante"),
                        ("contrainte-logement", "contrainte_logement"), ("contrainte-mobilite", "contrainte_mobilite"),
                        ("contrainte-familiale", "contrainte_familiale"), ("contrainte-numerique", "contrainte_numerique")):
        LISTS[f"{form}/{name}"] = ("orientation-usager", f"{component}.{field}")
# Whose examples have JSON's null where the description knows texts only: null is no value here.
NULLS = {"france-travail-rechercher-usager-retour"}
# Required, or in the examples, of a description which does not list them among its properties.
UNLISTED = {"DecisionCA_Lecture": {"organisme_decision"}, "AgentDto": {"id"}}


def closed(schema, name=""):
    """The same schema, for which a key that it does not describe is an error."""
    if isinstance(schema, dict):
        schema = {k: closed(v, k) for k, v in schema.items()}
        if isinstance(schema.get("properties"), dict) and "allOf" not in schema:
            schema["additionalProperties"] = False
            schema["properties"] |= {k: {} for k in UNLISTED.get(name, ())}
    elif isinstance(schema, list):
        schema = [closed(v) for v in schema]
    return schema


def description(name):
    return json.loads((OPENAPI / f"{name}.json").read_text())


def validator(name, component):
    import jsonschema
    whole = closed(description(name)["components"])
    return jsonschema.Draft7Validator({"$ref": f"#/components/schemas/{component}", "components": whole})


def documents(out):
    """A list, one document, or one a line."""
    try:
        whole = json.loads(out)
    except ValueError:
        return [json.loads(line) for line in out.splitlines() if line]
    return whole if isinstance(whole, list) else [whole]


def validates(form, out, what):
    judge = validator(*BODIES[form])
    bodies = documents(out)
    check(bodies, f"{what}: something was written")
    for number, body in enumerate(bodies, 1):
        if form in NULLS:
            body = {k: v for k, v in body.items() if v is not None}
        wrong = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in judge.iter_errors(body)]
        check(not wrong, f"{what}, {number}: is what the description asks for", wrong)


def bodies():
    for form in BODIES:
        for sample in samples(form):
            run = convert(form, form, sample)
            check(run.code == 0, f"{sample.name}: written", run.err[:300])
            validates(form, run.out, f"{form}/{sample.name}")


def codes(file):
    return list(csv.DictReader(file.read_text().splitlines(), delimiter=";"))


def lists():
    for place, (name, at) in LISTS.items():
        form, code_list = place.split("/")
        component, field = at.split(".")
        theirs = set(description(name)["components"]["schemas"][component]["properties"][field]["enum"])
        theirs = {str(code) for code in theirs}
        rows = codes(FORMATS / form / f"codes/{code_list}.csv")
        written = {r["native"] for r in rows if r["use"] != "read"}
        read = {r["native"] for r in rows if r["use"] != "write"}
        check(written <= theirs and theirs <= read, f"{place}: the codes of {at}", (written - theirs, theirs - read))


def households():
    """A household: the members who are subject to rights and duties are asked for; a decision that nobody took is a reject that says so."""
    for sample in samples("cnaf-rsa"):
        members = [m for r in resources(convert("cnaf-rsa", "ndjson", sample)) if r["type"] == "foyer"
                   for m in r["fields"]["membres"] if m.get("soumis_droits_devoirs")]
        run = convert("cnaf-rsa", "france-travail-orientation-calcul", sample)
        check(run.code == 0 and len(documents(run.out)) == len(members), f"{sample.name}: a body for each who is subject", run.err[:300])
        check([d["code"] for d in run.said] == ["mapping.filtered"], f"{sample.name}: households without any are said", run.said)
        validates("france-travail-orientation-calcul", run.out, f"{sample.name} as calcul")
        run = convert("cnaf-rsa", "france-travail-orientation-creation", sample)
        missing = {d.get("path") for d in run.errors() if d["code"] == "mapping.missing"}
        check(run.code == 1 and not run.out.strip() and missing == {"orientation parcours", "orientation organisme"}, f"{sample.name}: nobody decided, and that is said", run.said)
        run = convert("cnaf-rsa", "france-travail-orientation", sample)
        check(run.code == 0 and [d["code"] for d in run.said] == ["mapping.filtered"], f"{sample.name}: no orientation is in it", run.said)


def defaults():
    """A département that sends newcomers on a pathway until somebody decides says so in its own format: three lines."""
    import shutil
    from gateway import SOURCE, Run
    with folder() as temporary:
        schemas = Path(temporary) / "schemas"
        shutil.copytree(SOURCE / "schemas", schemas)
        shutil.copytree(SOURCE / "tests/formats/partners/orientation-par-defaut", schemas / "formats/orientation-par-defaut")
        sample = samples("cnaf-rsa")[-1]
        run = Run("convert", "--json", "--schemas", schemas, "--from", "cnaf-rsa", "--to", "orientation-par-defaut", sample)
        check(run.code == 0 and json.loads(run.out) == {"origine": "INSCRIPTION_AUTO_CAF", "parcours": "PSO", "organisme": "CD"},
              "the default of a département", (run.out, run.err[:300]))
        sample = samples("webrsa-orientation")[-1]
        run = Run("convert", "--json", "--schemas", schemas, "--from", "webrsa-orientation", "--to", "orientation-par-defaut", sample)
        written = [json.loads(line) for line in run.out.splitlines()]
        read = [r["fields"]["parcours"] for r in resources(convert("webrsa-orientation", "ndjson", sample)) if r["type"] == "orientation"]
        kinds = {"PROFESSIONNEL": "PED", "SOCIO_PROFESSIONNEL": "PSP", "SOCIAL": "PSO"}
        check(run.code == 0 and written and [b["parcours"] for b in written] == [kinds[p] for p in read] and
              {(b["origine"], b["organisme"]) for b in written} == {("INSCRIPTION_CONSEILLER_CD", "CD")}, "what WebRSA exports, decided", (run.out, run.err[:300]))


def webrsa():
    """WebRSA has socio-professional and social the other way round. That is said in a format of its own, and the shared one stays as it is."""
    import shutil
    from gateway import SOURCE, Run
    with folder() as temporary:
        schemas = Path(temporary) / "schemas"
        shutil.copytree(SOURCE / "schemas", schemas)
        shutil.copytree(SOURCE / "tests/formats/partners/orientation-webrsa", schemas / "formats/orientation-webrsa")
        body = Path(temporary) / "corps.ndjson"
        for code, ours, theirs in (("PSP", "SOCIO_PROFESSIONNEL", "SOCIAL"), ("PSO", "SOCIAL", "SOCIO_PROFESSIONNEL"), ("PED", "PROFESSIONNEL", "PROFESSIONNEL")):
            body.write_text(json.dumps({"origine": "INSCRIPTION_CONSEILLER_CD", "parcours": code, "organisme": "CD"}) + "\n")
            for form, means in (("france-travail-orientation-creation", ours), ("orientation-webrsa", theirs)):
                run = Run("convert", "--json", "--schemas", schemas, "--from", form, "--to", "ndjson", body)
                found = [r["fields"]["parcours"] for r in resources(run) if r["type"] == "orientation"]
                check(found == [means], f"{code} of {form}", (found, run.err[:300]))
                run = Run("convert", "--json", "--schemas", schemas, "--from", form, "--to", form, body)
                check(json.loads(run.out)["parcours"] == code, f"{code} of {form} is written back", run.err[:300])


def hirings():
    """A fiche salarié has all that the first call of a PASS asks for; the second needs what the first answers, and says so."""
    sample = samples("asp-fiche-salarie")[-1]
    people = [r["fields"] for r in resources(convert("asp-fiche-salarie", "ndjson", sample)) if r["type"] == "personne"]
    run = convert("asp-fiche-salarie", "france-travail-pass-iae-recherche", sample)
    bodies = documents(run.out)
    known = [p for p in people if "nir" in p]
    check(run.code == 0 and [b["nirCertifie"] for b in bodies] == [p["nir"][:13] for p in known], "who has a NIR is searched", run.err[:300])
    check(all(len(b["nomNaissance"]) <= 25 and len(b["prenom"]) <= 13 and " " not in b["prenom"] for b in bodies), "names as they are taken", bodies)
    run = convert("asp-fiche-salarie", "france-travail-pass-iae", sample)
    missing = {d["path"] for d in run.errors()}
    check(run.code == 1 and not run.out.strip() and missing == {"personne id_national_chiffre", "parcours origine"}, "what is not known yet is said", run.said[:2])


def main():
    defaults()
    hirings()
    webrsa()
    if not OPENAPI.exists():
        skip("the OpenAPI descriptions are not there")
    else:
        lists()
        try:
            import jsonschema  # noqa: F401
        except ImportError:
            skip("no python3-jsonschema: what is written is not validated")
        else:
            bodies()
            households()
    finish()


main()
