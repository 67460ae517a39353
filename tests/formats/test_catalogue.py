# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of formats, and what one format can carry of another: worked out by hand for small tables."""
import json
import os
import re
import xml.etree.ElementTree as tree
from pathlib import Path

from gateway import FORMATS, SOURCE, Run, check, finish, folder

CONF = 'plugin = "json";\noptions = { lines = true; };\nrecord = ".";\nabsent = "omit";\n'
HEADER = "resource;field;path;as;use;when;note\n"

# name: (table, {code list: rows})
TABLES = {
    "left": ("""etape;;.;;;;
personne;;.;;;;
droit:rsa;;rsa;;;;
droit:aah;;aah;;;;
etape;kind;;const(experience);;;
etape;personne;;ref(personne);;;
droit:rsa;personne;;ref(personne);;;
droit:aah;personne;;ref(personne);;;
droit:rsa;nature;;const(RSA);;;
droit:aah;nature;;const(AAH);;;
personne;nom_usage;nom;;;;
personne;prenom;prenom;;;;
personne;civilite;civ;code(civ);;;
personne;sexe;sexe;;;;
etape;numero;num;;read;;
etape;x.couleur;couleur|teinte;;;;
droit:rsa;date_origine;rsa/depuis;;;;
droit:aah;date_origine;aah/depuis;;;;
droit:rsa;etat;rsa/etat;;;;
""", {"civ": "1;M\n2;MME\n"}),
    "right": ("""etape;;.;;;;
personne;;.;;;;
droit;;droit;;;;
etape;kind;;const(experience);;;
etape;personne;;ref(personne);;;
droit;personne;;ref(personne);;;
droit;nature;;const(RSA);;;
personne;nom_usage;nom;fold(upper);;;
personne;prenom;prenom;;read;;
personne;civilite;civ;code(civ);;;
etape;numero;numero;;;;
droit;date_origine;droit/depuis;;;;
droit;etat;droit/etat;code(etat);;;
""", {"civ": "M;M\n", "etat": "O;OUVERT\n"}),
    "free": ("""etape;;.;;;;
personne;;.;;;;
droit;;droits[];;;;
etape;kind;;const(experience);;;
etape;personne;;ref(personne);;;
droit;personne;;ref(personne);;;
droit;nature;nature;;;;
droit;date_origine;depuis;;;;
""", {}),
    "strict": ("""etape;;.;;;;
personne;;.;;;;
droit;;droit;;;;
etape;kind;;const(experience);;;
etape;personne;;ref(personne);;;
droit;personne;;ref(personne);;;
droit;nature;;const(ASS);;;
etape;numero;numero;;required;;left has it
personne;nir;nir;nir(13);required;;left has not
personne;nom_naissance;naissance;;required null;;null is an answer
;;version;const(1);required;;
personne;naissance_date;p;;required try;;left has not ...
personne;prenom;p;;required;;... but this
personne;ntt;suite/ntt;;required;;
personne;id_itou;facultatif?/id;;required;;not where the node may be missing
droit;date_origine;droit/depuis;;required;;left has no right of that nature
""", {}),
    "two-roles": ("""annexe_financiere;;.;;;;
structure:own;;.;;;;
structure:funder;;.;;;;
annexe_financiere;structure;;ref(structure:own);;;
annexe_financiere;cofinanceur;;ref(structure:funder);;;
structure:own;siret;siret;;;;
structure:funder;nom;funder;;;;
structure:own;nom;nom;;;;
""", {}),
    "one-role": ("""annexe_financiere;;.;;;;
structure;;.;;;;
annexe_financiere;structure;;ref(structure);;;
structure;nom;nom;;;;
""", {}),
}

NATURES = [line.split(";")[0] for line in (SOURCE / "schemas/pivot/codes/nature_droit.csv").read_text().splitlines()[1:]]
STATES = [line.split(";")[0] for line in (SOURCE / "schemas/pivot/codes/etat_droit.csv").read_text().splitlines()[1:]]
OTHERS = sorted(n for n in NATURES if n != "RSA")

# (from, to): carried, partly {field: without}, lost, own fields, records can begin
PAIRS = {
    ("left", "right"): (
        {"etape.kind", "droit:rsa.nature", "etape.numero", "droit:rsa.date_origine"},
        {"personne.nom_usage": [], "personne.civilite": ["MME"], "droit:rsa.etat": sorted(set(STATES) - {"OUVERT"})},
        {"droit:aah.nature", "personne.prenom", "personne.sexe", "droit:aah.date_origine"}, 1, True),
    ("right", "left"): (
        {"etape.kind", "droit.nature", "personne.nom_usage", "personne.prenom", "personne.civilite",
         "droit.date_origine", "droit.etat"},
        {}, {"etape.numero"}, 0, True),
    ("free", "right"): (
        {"etape.kind"}, {"droit.nature": OTHERS, "droit.date_origine": sorted("nature=" + n for n in OTHERS)},
        set(), 0, True),
    ("right", "free"): (
        {"etape.kind", "droit.nature", "droit.date_origine"}, {},
        {"personne.nom_usage", "personne.prenom", "personne.civilite", "etape.numero", "droit.etat"}, 0, True),
    ("two-roles", "one-role"): ({"structure:own.nom"}, {}, {"structure:own.siret", "structure:funder.nom"}, 0, True),
    ("two-roles", "right"): (
        set(), {}, {"structure:own.nom", "structure:own.siret", "structure:funder.nom"}, 0, False),
}


def own_schemas(temporary):
    schemas = Path(temporary) / "schemas"
    (schemas / "formats").mkdir(parents=True)
    for name in ("pivot", "nomenclatures", "diagnostics.csv"):
        os.symlink(SOURCE / "schemas" / name, schemas / name)
    os.symlink(FORMATS / "ndjson", schemas / "formats/ndjson")
    for name, (table, lists) in TABLES.items():
        at = schemas / "formats" / name
        (at / "codes").mkdir(parents=True)
        (at / "format.conf").write_text(CONF)
        (at / "fields.csv").write_text(HEADER + table)
        for code_list, rows in lists.items():
            (at / "codes" / f"{code_list}.csv").write_text("native;pivot\n" + rows)
    return schemas


def pair(a, b, *options):
    run = Run("formats", a, "--to", b, "--json", *options)
    check(run.code == 0, f"{a} to {b}: told", run.err)
    return json.loads(run.out or b"{}")


def by_hand(schemas):
    for (a, b), (carried, partly, lost, own, roots) in PAIRS.items():
        told = pair(a, b, "--schemas", schemas)
        check(set(told["carried_fields"]) == carried, f"{a} to {b}: what is carried", told["carried_fields"])
        found = {f["field"]: sorted(f["without"]) for f in told["partly_fields"]}
        check(found == partly, f"{a} to {b}: what is carried in part", found)
        check(set(told["lost_fields"]) == lost, f"{a} to {b}: what is lost", told["lost_fields"])
        check([told["carried"], told["partly"], told["lost"]] == [len(carried), len(partly), len(lost)],
              f"{a} to {b}: the counts", told)
        check((told["own"], told["own_carried"], told["roots"]) == (own, 0, roots), f"{a} to {b}: the rest", told)
    needed = pair("left", "strict", "--schemas", schemas)["needed"]
    check(needed == ["nir", "suite/ntt"], "what is demanded and unknown", needed)
    check(pair("two-roles", "strict", "--schemas", schemas)["needed"] == [], "not asked of what makes no record")
    text = Run("formats", "left", "--to", "strict", "--schemas", schemas, "--lang", "en").out.decode()
    check("  nir  (personne.nir)\n" in text, "the field that is missing", text)
    text = Run("formats", "left", "--to", "right", "--schemas", schemas, "--lang", "en").out.decode()
    check("pivot fields read: 11; carried 4, in part 3, lost 4\n" in text, "a pair for people", text)
    check("  personne.civilite  (without: MME)\n" in text, "codes for people", text)
    text = Run("formats", "two-roles", "--to", "right", "--schemas", schemas, "--lang", "fr").out.decode()
    check("n'a pas : etape\n" in text, "what a record begins with", text)


def cells(row):
    return [re.sub(r"\s+", " ", "".join(cell.itertext())).strip() for cell in row]


def html(*options):
    run = Run("formats", "--html", *options)
    check(run.code == 0, "the catalogue is written", run.err)
    return run.out.decode(), tree.fromstring(run.out.decode())


def numbers_by_hand(schemas):
    """7 of 11; 7 of 8; nothing and no root: as PAIRS has them."""
    _, page = html("--schemas", schemas)
    rows = {cells(r)[0].split()[1]: cells(r) for r in page.find(".//table[@class='matrix']/tbody")}
    order = sorted([*TABLES, "ndjson"])
    at = {name: 2 + i for i, name in enumerate(order)}
    check(sorted(rows) == order, "the matrix has a row a format", sorted(rows))
    for a, b, wanted in (("left", "right", "63"), ("right", "left", "87"), ("two-roles", "right", "(0)"),
                         ("left", "ndjson", "100"), ("two-roles", "one-role", "33")):
        check(rows[a][at[b]] == wanted, f"matrix {a} to {b}", rows[a])
    check(rows["left"][1] == "11", "fields of the pivot that are read", rows["left"])


def losses_by_name(schemas):
    """Whichever are fewer, those lost or those carried, stand below the table."""
    _, page = html("--schemas", schemas, "--lang", "en")
    items = ["".join(i.itertext()) for i in page.iter("li")]
    for wanted in ("strict: lost 8; in part 0; whole 3 etape.kind personne.prenom etape.numero; demanded and unknown here: nir suite/ntt",
                   "left: lost 1 etape.numero; in part 0; whole 7",
                   "one-role: lost 2; in part 0; whole 1 structure:own.nom"):
        check(wanted in items, f"below the table: {wanted}", [i for i in items if i.startswith(wanted[:5])])


def shipped():
    names = sorted(f.parent.name for f in FORMATS.glob("*/format.conf"))
    text, page = html()
    check(page.get("lang") == "fr", "French without --lang")
    check(not re.search(r"(src|href)=\"(?!#)", text) and "url(" not in text, "the page needs nothing else")
    check("@media print" in text, "it is made for paper too")
    anchors = [e.get("id") for e in page.iter("h2")]
    check([a for a in anchors if a in names] == names, "a section a format", anchors)
    links = {a.get("href")[1:] for a in page.iter("a")}
    check(links <= set(anchors) and set(names) <= links, "links lead somewhere, to each format", links - set(anchors))
    rows = page.find(".//table[@class='matrix']/tbody")
    check(len(rows) == len(names) and {len(r) for r in rows} == {len(names) + 2}, "the matrix is whole")
    for table in page.iter("table"):
        widths = {len(r) for r in table.find("tbody")} | {len(table.find("thead/tr"))}
        check(len(widths) == 1, "rows as wide as their heads", widths)
    # by hand: of the 11 fields of the return file, the upload has the two of the envelope
    told = pair("asp-fiche-salarie-retour", "asp-fiche-salarie")
    check((told["carried_fields"], told["lost"]) == (["enveloppe.message", "enveloppe.identifiant"], 9),
          "return file to upload", told)
    row = cells(rows[names.index("asp-fiche-salarie-retour")])
    check(row[2 + names.index("asp-fiche-salarie")] == "(18)", "its number in the matrix", row)
    check("vrsb0801.xsd" in text and "deux sens" in text and "code(role)" in text, "evidence, direction and codes")
    _, english = html("--lang", "en")
    check(english.get("lang") == "en" and "Loss matrix" in "".join(english.itertext()), "in English when asked")


def markdown(schemas):
    for where in ((), ("--schemas", schemas)):
        text = Run("formats", "--markdown", *where).out.decode()
        width = 0
        for line in text.splitlines():
            pipes = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            check(not width or not pipes or pipes == width, "rows of a table are alike", line)
            width = pipes
        anchors = set(re.findall(r"^## (\S.*)$", text, re.M))
        check({a.lower().replace(" ", "-") for a in anchors} >= set(re.findall(r"\]\(#([^)]*)\)", text)),
              "links lead to headings", anchors)


def refused():
    for arguments, code, word in ((("cnaf-rsa", "--to", "cnaf-rsx"), 3, "cnaf-rsa"), (("--to", "cnaf-rsa"), 2, "--to")):
        run = Run("formats", *arguments)
        check(run.code == code and word in run.err, f"formats {' '.join(arguments)}", run.err)


with folder() as temporary:
    own = own_schemas(temporary)
    by_hand(own)
    numbers_by_hand(own)
    losses_by_name(own)
    markdown(own)
shipped()
refused()
finish()
