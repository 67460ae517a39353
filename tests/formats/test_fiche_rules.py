# SPDX-License-Identifier: EUPL-1.2
"""Each rule of the fiche salarié, broken in one line of a copy of our sample: that line is reported with the native
path and a code, and set aside; the others are converted. The rules are the ASP's and the platform's, the
codes ours.

A row: the rule, the line it is broken in, what is put where, the code and the path (the place of the first change when
not given). Rules of severity warning are told so: the line is converted all the same.
"""
import copy
import json

from gateway import FORMATS, check, convert, finish, folder

NAME = "RIAE_FS_20260901090000.json"
P, A, S = "personnePhysique/", "adresse/", "situationSalarie/"
COM, DPT = P + "codeComInsee/codeComInsee", P + "codeComInsee/codeDpt"
ERROR, WARNING = "error", "warning"

# Lines of the sample: 1 ACI born in Metz, RSA; 2 EITI born in Corsica, employed; 3 EI born in Denmark, NTT, ASS and AAH;
# 4 AI born in Nouméa, RSA majoré; 5 ETTI born in Guadeloupe, no number; 6 EITI, NIA, fillers; 7 ACI born in Paris, employed.
RULES = [
    # the line
    ("movement is C", 1, {"typeMouvement": "M"}, "mapping.const"),
    ("SIRET has 14 digits", 1, {"siret": "7836019660144"}, "iae.siret_shape"),
    ("SIRET has a key", 1, {"siret": "78360196601443"}, "iae.siret_key", None, WARNING),
    ("measure is one of the ASP's", 1, {"mesure": "XYZ_DC"}, "schema.code"),
    ("measure has its setting", 1, {"mesure": "ACI"}, "mapping.split"),
    ("number of the line is its rank", 1, {"numLigne": 7}, "mapping.line", None, WARNING),
    ("code of treatment is the ASP's to fill", 1, {"codeTraitement": "0000"}, "mapping.unexpected"),
    ("label of treatment is the ASP's to fill", 1, {"libelleTraitement": "OK"}, "mapping.unexpected"),
    # personnePhysique
    ("PASS is required", 1, {P + "passIae": None}, "mapping.missing"),
    ("PASS has 12 characters", 1, {P + "passIae": "99999260001"}, "iae.pass_shape"),
    ("idItou is required", 1, {P + "idItou": None}, "mapping.missing"),
    ("idItou is small hexadecimal", 1, {P + "idItou": "0A1b2c" * 5}, "iae.id_itou_shape"),
    ("title is required", 1, {P + "civilite": None}, "mapping.missing"),
    ("title is M or MME", 1, {P + "civilite": "MLE"}, "schema.code"),
    ("title agrees with the NIR", 1, {P + "civilite": "MME"}, "iae.nir_civilite"),
    ("title agrees with the NTT", 3, {P + "civilite": "MME"}, "iae.ntt_civilite", P + "salarieNIR"),
    ("usual name is required", 1, {P + "nomUsage": ""}, "mapping.missing"),
    ("usual name is ASCII capitals", 1, {P + "nomUsage": "MARTIGNÂC"}, "iae.name_charset"),
    ("usual name has no small letter", 1, {P + "nomUsage": "Martignac"}, "iae.name_charset"),
    ("birth name is null", 1, {P + "nomNaissance": "MARTIGNAC"}, "mapping.unexpected"),
    ("first name is required", 1, {P + "prenom": None}, "mapping.missing"),
    ("first name has 30 characters at most", 1, {P + "prenom": "E" * 31}, "mapping.long"),
    ("first name is ASCII capitals", 1, {P + "prenom": "ÉTIENNE"}, "iae.name_charset"),
    ("birth date is required", 1, {P + "dateNaissance": None}, "mapping.missing"),
    ("birth date is DD/MM/YYYY", 1, {P + "dateNaissance": "1984-04-23"}, "mapping.convert"),
    ("birth date is of the calendar", 1, {P + "dateNaissance": "31/04/1984"}, "mapping.date"),
    ("16 years or more", 5, {P + "dateNaissance": "02/09/2010"}, "iae.age_min"),
    ("less than 100 years", 5, {P + "dateNaissance": "31/08/1926"}, "iae.age_max"),
    ("birth commune is known", 1, {COM: "57999"}, "mapping.code"),
    ("birth commune existed then", 1, {COM: "08047", DPT: "008"}, "mapping.code"),
    ("born in France: a commune", 1, {COM: None, DPT: "099"}, "iae.birth_commune_missing"),
    ("born abroad: no commune", 3, {COM: "57463", DPT: "057"}, "iae.birth_commune_abroad"),
    ("département is the commune's", 1, {DPT: "054"}, "mapping.derived", None, WARNING),
    ("département is required", 1, {DPT: None}, "mapping.missing"),
    ("born abroad: département 099", 3, {DPT: "054"}, "mapping.const"),
    ("born in the Pacific: département 099", 4, {DPT: "988"}, "mapping.const"),
    ("country is required", 3, {P + "codeInseePays": None}, "mapping.missing"),
    ("country is known", 3, {P + "codeInseePays": "999"}, "mapping.code"),
    ("group is the country's", 3, {P + "codeGroupePays": "3"}, "mapping.derived", None, WARNING),
    ("group is France's for the Pacific", 4, {P + "codeGroupePays": "3"}, "mapping.const"),
    ("group is required", 3, {P + "codeGroupePays": None}, "mapping.missing"),
    ("start of the PASS is required", 1, {P + "passDateDeb": None}, "mapping.missing"),
    ("start of the PASS is DD/MM/YYYY", 1, {P + "passDateDeb": "2026-09-01"}, "mapping.convert"),
    ("end of the PASS is required", 1, {P + "passDateFin": None}, "mapping.missing"),
    ("PASS ends after it starts", 1, {P + "passDateFin": "31/08/2026"}, "iae.pass_dates"),
    ("NIR has a key", 1, {P + "salarieNIR": "184045746302199"}, "iae.nir_key"),
    ("NIR has a month", 1, {P + "salarieNIR": "184135746302199"}, "iae.nir_month"),
    ("NIR has 15 characters", 1, {P + "salarieNIR": "1840457463021"}, "iae.ntt_is_nir"),
    ("NIR agrees with the birth date", 1, {P + "dateNaissance": "23/05/1984"}, "iae.nir_naissance", P + "salarieNIR"),
    ("NIA in 7 or 8 is not sent", 1, {P + "salarieNIR": "700123456789036"}, "iae.nia_refused"),
    ("NTT has its shape", 3, {P + "salarieNIR": "1ABC665876NS2026"}, "iae.ntt_shape"),
    ("supplement of the PASS is null", 1, {P + "sufPassIae": "A"}, "mapping.unexpected"),
    # adresse
    ("telephone is null", 1, {A + "adrTelephone": "0102030405"}, "mapping.unexpected"),
    ("e-mail is null", 1, {A + "adrMail": "e@example.org"}, "mapping.unexpected"),
    ("house number is digits", 7, {A + "adrNumeroVoie": "3BIS", A + "codeextensionvoie": None}, "iae.numero_voie"),
    ("house number has 5 digits at most", 7, {A + "adrNumeroVoie": "123456", A + "codeextensionvoie": None}, "iae.numero_voie"),
    ("extension is B, T, Q or C", 1, {A + "codeextensionvoie": "Z"}, "mapping.code"),
    ("extension only with a number", 2, {A + "codeextensionvoie": "B"}, "mapping.unexpected"),
    ("type of street is required", 1, {A + "codetypevoie": None}, "mapping.missing"),
    ("type of street is the ASP's", 1, {A + "codetypevoie": "AVENUE"}, "mapping.code"),
    ("street name is required", 1, {A + "adrLibelleVoie": None}, "mapping.missing"),
    ("street name is ASCII", 1, {A + "adrLibelleVoie": "DE L ÉTANG"}, "iae.street_charset"),
    ("street name has no brackets", 1, {A + "adrLibelleVoie": "DU PARC (NORD)"}, "iae.street_charset"),
    ("street name is of the form's characters", 1, {A + "adrLibelleVoie": "DE L'EAU"}, "iae.street_form", None, WARNING),
    ("street name has 32 characters at most", 1, {A + "adrLibelleVoie": "D" * 33}, "mapping.long"),
    ("second line is of the form's characters", 1, {A + "adrCpltDistribution": "BAT. C"}, "iae.complement_charset"),
    ("second line has 32 characters at most", 1, {A + "adrCpltDistribution": "B" * 33}, "iae.complement_charset"),
    ("commune is required", 1, {A + "codeinseecom": None}, "mapping.missing"),
    ("commune is known", 1, {A + "codeinseecom": "54999"}, "mapping.code"),
    ("commune is of today", 1, {A + "codeinseecom": "57184"}, "mapping.code"),
    ("post code is required", 1, {A + "codepostalcedex": None}, "mapping.missing"),
    ("post code has 5 digits", 1, {A + "codepostalcedex": "5400"}, "iae.code_postal_shape"),
    ("post code is the commune's", 1, {A + "codepostalcedex": "75001"}, "iae.code_postal_commune", None, WARNING),
    # situationSalarie
    ("referrer is required", 1, {S + "orienteur": None}, "mapping.missing"),
    ("referrer is known", 1, {S + "orienteur": "77"}, "mapping.code"),
    ("referrers 08 to 23 for four measures only", 2, {S + "orienteur": "09"}, "mapping.code"),
    ("level of training is required", 1, {S + "niveauFormation": None}, "mapping.missing"),
    ("level of training is known", 1, {S + "niveauFormation": "99"}, "mapping.code"),
    ("in employment is required", 1, {S + "salarieEnEmploi": None}, "mapping.missing"),
    ("in employment: not out of work", 1, {S + "salarieEnEmploi": True}, "mapping.const"),
    ("out of work: since when", 1, {S + "salarieSansEmploiDepuis": None}, "iae.employer_missing", S + "salarieTypeEmployeur"),
    ("out of work since: 01 to 04", 1, {S + "salarieSansEmploiDepuis": "00"}, "mapping.code"),
    ("in employment: kind of employer", 2, {S + "salarieTypeEmployeur": None}, "iae.employer_missing"),
    ("out of work: no kind of employer", 1, {S + "salarieTypeEmployeur": "07"}, "mapping.unexpected"),
    ("kind of employer is known", 2, {S + "salarieTypeEmployeur": "08"}, "mapping.code"),
    ("without income is required", 1, {S + "salarieSansRessource": None}, "mapping.missing"),
    ("without income is true or false", 1, {S + "salarieSansRessource": "NON"}, "mapping.convert"),
    ("registered: with an id", 1, {S + "inscritPoleEmploi": False}, "mapping.const"),
    ("registered: since when", 1, {S + "inscritPoleEmploiDepuis": None}, "mapping.missing"),
    ("registered since: 01 to 04", 1, {S + "inscritPoleEmploiDepuis": "05"}, "mapping.code"),
    ("not registered: no since", 2, {S + "inscritPoleEmploiDepuis": "01"}, "mapping.unexpected"),
    ("registered: the id", 1, {S + "numeroIDE": None}, "mapping.const", S + "inscritPoleEmploi"),
    ("id of France Travail has its shape", 1, {S + "numeroIDE": "7654321"}, "iae.id_ft_shape"),
    ("RQTH is required", 1, {S + "salarieRQTH": None}, "mapping.missing"),
    ("OETH is required", 1, {S + "salarieOETH": None}, "mapping.missing"),
    ("OETH is false for EITI", 2, {S + "salarieOETH": True}, "mapping.unexpected"),
    ("social aid: RSA, ASS or AAH", 1, {S + "salarieAideSociale": False}, "mapping.const"),
    ("no social aid: neither", 5, {S + "salarieAideSociale": True}, "mapping.const"),
    ("RSA is required", 1, {S + "salarieBenefRSA": None}, "mapping.missing"),
    ("RSA is NON, OUI-M or OUI-NM", 1, {S + "salarieBenefRSA": "OUI"}, "mapping.const"),
    ("RSA: since when", 1, {S + "salarieBenefRSADepuis": None}, "mapping.missing"),
    ("no RSA: no since", 2, {S + "salarieBenefRSADepuis": "02"}, "mapping.unexpected"),
    ("ASS is required", 1, {S + "salarieBenefASS": None}, "mapping.missing"),
    ("ASS: since when", 3, {S + "salarieBenefASSDepuis": None}, "mapping.missing"),
    ("no ASS: no since", 1, {S + "salarieBenefASSDepuis": "01"}, "mapping.unexpected"),
    ("AAH is required", 1, {S + "salarieBenefAAH": None}, "mapping.missing"),
    ("AAH: since when", 3, {S + "salarieBenefAAHDepuis": None}, "mapping.missing"),
    ("no AAH: no since", 1, {S + "salarieBenefAAHDepuis": "01"}, "mapping.unexpected"),
    ("ATA is false", 1, {S + "salarieBenefATA": True}, "mapping.const"),
    ("ATA since is null", 1, {S + "salarieBenefATADepuis": "01"}, "mapping.unexpected"),
    ("ARE is null but for EITI", 1, {S + "salarieBenefARE": False}, "mapping.unexpected"),
    ("ARE is required for EITI", 6, {S + "salarieBenefARE": None}, "mapping.missing"),
    ("ARE: since when", 2, {S + "salarieBenefAREDepuis": None}, "mapping.missing"),
    ("no ARE: no since", 6, {S + "salarieBenefAREDepuis": "01"}, "mapping.unexpected"),
    ("activity bonus is null but for EITI", 1, {S + "salarieBenefPrimeActivite": False}, "mapping.unexpected"),
    ("activity bonus is required for EITI", 2, {S + "salarieBenefPrimeActivite": None}, "mapping.missing"),
    ("activity bonus: since when", 6, {S + "salarieBenefPrimeActiviteDepuis": None}, "mapping.missing"),
    ("no activity bonus: no since", 2, {S + "salarieBenefPrimeActiviteDepuis": "01"}, "mapping.unexpected"),
    ("CAPE is null but for EITI", 1, {S + "salarieBenefCAPE": False}, "mapping.unexpected"),
    ("CAPE is required for EITI", 2, {S + "salarieBenefCAPE": None}, "mapping.missing"),
    ("CESA is null but for EITI", 1, {S + "salarieBenefCESA": False}, "mapping.unexpected"),
    ("CESA is required for EITI", 2, {S + "salarieBenefCESA": None}, "mapping.missing"),
    ("adviser is null but for EITI", 1, {S + "nomActeurCreationEntr": "ADIE"}, "mapping.unexpected"),
    ("adviser is required for EITI", 2, {S + "nomActeurCreationEntr": None}, "mapping.missing"),
    ("adviser is letters, blanks, hyphens", 2, {S + "nomActeurCreationEntr": "BGE 54"}, "iae.actor_charset"),
    ("adviser has 100 characters at most", 2, {S + "nomActeurCreationEntr": "B" * 101}, "mapping.long"),
    ("income is null but for EITI", 1, {S + "revenuMensuelMoyenTI": "100,00"}, "mapping.unexpected"),
    ("income is required for EITI", 2, {S + "revenuMensuelMoyenTI": None}, "mapping.missing"),
    ("income has a comma", 2, {S + "revenuMensuelMoyenTI": "1234.56"}, "mapping.convert"),
    ("income has two decimals", 2, {S + "revenuMensuelMoyenTI": "1234,567"}, "mapping.decimals"),
    ("income has 5 digits at most", 2, {S + "revenuMensuelMoyenTI": "123456,00"}, "iae.revenu_ti"),
    ("contributions are null but for EITI", 1, {S + "cotisationsTI": "01"}, "mapping.unexpected"),
    ("contributions are required for EITI", 2, {S + "cotisationsTI": None}, "mapping.missing"),
    ("contributions are 01 to 06", 2, {S + "cotisationsTI": "07"}, "mapping.code"),
] + [(f"{key} is required", 1, {S + key: None}, "mapping.missing") for key in
     ("salarieSortantASE", "salarieParentIsole", "salarieHebergement", "salarieRefugie", "salarieSortantDetention",
      "salarieLangueFrancaise", "salarieMobilite")] + [
    ("salarieMobilite is true or false", 1, {S + "salarieMobilite": "OUI"}, "schema.boolean")]

# Movement M: the sample's lines 1 as in C; 2 all three blocks replaced; 3 the person, born where is not known, NIR kept;
# 4 EITI, address and situation replaced; 5 Nouméa, near the address of replacement; 6 EITI with a true level 00.
RULES_M = [
    ("movement is M", 1, {"typeMouvement": "C"}, "mapping.const"),
    ("PASS has 12 characters", 2, {P + "passIae": "99999260001"}, "iae.pass_shape"),
    ("idItou is small hexadecimal", 2, {P + "idItou": "0A1b2c" * 5}, "iae.id_itou_shape"),
    ("PASS ends after it starts", 2, {P + "passDateFin": "31/08/2020"}, "iae.pass_dates"),
    ("end of the PASS is DD/MM/YYYY", 2, {P + "passDateFin": "2028-08-31"}, "mapping.convert"),
    ("SIRET has 14 digits", 2, {"siret": "7836019660144"}, "iae.siret_shape"),
    ("NIR has a key", 1, {P + "salarieNIR": "184045746302199"}, "iae.nir_key"),
    ("birth commune is known", 1, {COM: "57999"}, "mapping.code"),
    ("country is known", 1, {P + "codeInseePays": "999"}, "mapping.code"),
    ("group is the country's", 6, {P + "codeGroupePays": "1"}, "mapping.derived", None, WARNING),
    ("replaced person: département 099", 2, {DPT: "057"}, "mapping.const"),
    ("replaced person: group 3", 2, {P + "codeGroupePays": "1"}, "mapping.derived", None, WARNING),
    ("house number is digits", 1, {A + "adrNumeroVoie": "8B"}, "iae.numero_voie"),
    ("street name has no brackets", 6, {A + "adrLibelleVoie": "DES (LILAS)"}, "iae.street_charset"),
    ("type of street is the ASP's", 6, {A + "codetypevoie": "AVENUE"}, "mapping.code"),
    ("commune is known", 6, {A + "codeinseecom": "54999"}, "mapping.code"),
    ("post code has 5 digits", 6, {A + "codepostalcedex": "5400"}, "iae.code_postal_shape"),
    ("level of training is known", 1, {S + "niveauFormation": "99"}, "mapping.code"),
    ("registered: since when", 1, {S + "inscritPoleEmploiDepuis": None}, "mapping.const", S + "inscritPoleEmploi"),
    ("replaced situation: not registered", 2, {S + "inscritPoleEmploi": True}, "mapping.const"),
    ("adviser is letters, blanks, hyphens", 6, {S + "nomActeurCreationEntr": "BGE 54"}, "iae.actor_charset"),
    ("income has two decimals", 6, {S + "revenuMensuelMoyenTI": "1,234"}, "mapping.decimals"),
    ("RSA: since when", 1, {S + "salarieBenefRSADepuis": None}, "mapping.missing"),
]


def put(record, path, value):
    *above, last = path.split("/")
    for step in above:
        record = record[step]
    record[last] = value


def broken(base, line, changes):
    document = copy.deepcopy(base)
    for path, value in changes.items():
        put(document["lignesTelechargement"][line - 1], path, value)
    return document


def without(document, line):
    """What the others give: the line gone, the ranks closed up."""
    rest = copy.deepcopy(document)
    del rest["lignesTelechargement"][line - 1]
    for rank, record in enumerate(rest["lignesTelechargement"], 1):
        record["numLigne"] = rank
    return rest


def written(document):
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def try_rule(form, base, file, rule, line, changes, code, path=None, severity=ERROR):
    file.write_bytes(written(broken(base, line, changes)))
    run = convert(form, form, file)
    path = path or next(iter(changes))
    what = f"{form}: {rule}"
    hit = [d for d in run.said if d["code"] == code and d.get("path") == path and d["record"] == line]
    if not check(hit, f"{what}: {code} at {path} in line {line}", [(d["code"], d.get("path"), d.get("record")) for d in run.said]):
        return
    check(hit[0]["severity"] == severity and hit[0]["line"] and hit[0]["column"], f"{what}: {severity}, with line and column", hit[0])
    check(hit[0]["message"] and hit[0]["advice"], f"{what}: says what and what to do")
    check({d["record"] for d in run.said} == {line}, f"{what}: nothing is said of another line", run.said)
    if severity == ERROR:
        check(run.code == 1 and run.out == written(without(base, line)), f"{what}: the others are converted, exit 1", run.code)
    else:
        check(run.code == 0 and not run.errors(), f"{what}: a warning, exit 0", run.code)


def main():
    with folder() as temporary:
        for form, name, rules in (("asp-fiche-salarie", NAME, RULES), ("asp-fiche-salarie-m", "RIAE_FS_20260901110000.json", RULES_M)):
            base = json.loads((FORMATS / form / "samples" / name).read_text())
            file = type(FORMATS)(temporary) / name
            for rule in rules:
                try_rule(form, base, file, *rule)
    finish()


main()
