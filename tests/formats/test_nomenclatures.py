# SPDX-License-Identifier: EUPL-1.2
"""The shared code lists: what is told of them, what is found wrong, what an official file changes. Small lists and
files of our own making; then the shipped lists, and the public files they were made from where ../shared has them."""
import csv
import json
import os
import shutil
from pathlib import Path

from gateway import FORMATS, SHARED, SOURCE, Run, check, finish, folder, skip

CONF = 'plugin = "json";\noptions = { lines = true; };\nrecord = ".";\nabsent = "omit";\n'
LAYOUT = 'plugin = "csv";\noptions = { delimiter = ";"; };\nencoding = "detect";\nrecord = ".";\nnames = "loose";\nabsent = "empty";\n'
HEADER = "resource;field;path;as;use;when;note\n"
ROWS = "native;pivot;label;from;to;use;when\n"
COLOURS = ROWS + """01;;ROUGE;2000-01-01;;;
02;;VERT;2000-01-01;;;
03;;BLEU;2000-01-01;2010-12-31;;
04;;JAUNE;2000-01-01;;;
90;;HORS CHAMP;;;;
"""
USES = "etape;;.;;;;\netape;numero;n;code(couleurs);;;\n"
READS_CODES = "personne;;.;;;;\npersonne;civilite;c;code(titres);;;\n"

# path below the schemas: text
HOME = {
    "nomenclatures/sources.csv": """list;publisher;source;date
couleurs;Atelier;palette 2026;2026-01-01
passage;Atelier;palette 2026;2026-01-01
niveaux;Atelier;niveaux;2026-01-01
""",
    "nomenclatures/couleurs.csv": COLOURS,
    "nomenclatures/passage.csv": ROWS + "R;01;;;;;\nJ;04;;;;;\n",
    "nomenclatures/niveaux.csv": ROWS + "1;BAC;Bac;2000-01-01;;;\n",
    "nomenclatures/official/lists.csv": "list;months;codes_of\ncouleurs;0;\npassage;0;couleurs\nniveaux;0;\n",
    "nomenclatures/official/layouts.csv": """list;layout;kinds;covers;one_day;begins;ends
couleurs;jours;;!9*;;;
couleurs;since;;!9*;;1943-01-01;before
couleurs;bare;;!9*;;;
couleurs;nu;C D;!9*;;;
niveaux;nu;;;;;
""",
    "nomenclatures/official/formats/since/format.conf": LAYOUT,
    "nomenclatures/official/formats/since/fields.csv": HEADER + """entry;;.;;;;
entry;native;couleur;text(2);required;;
entry;label;nom;;;;
entry;from;du;date(YYYY-MM-DD);required;;
entry;to;au;date(YYYY-MM-DD);;;
""",
    "nomenclatures/official/formats/nu/format.conf": LAYOUT + 'ignore = "remarque";\n',
    "nomenclatures/official/formats/nu/fields.csv": HEADER + """entry;;.;;;;
entry;native;code;join(0{1});try;;
entry;native;code;text(2);required;;
entry;label;nom;;;;
entry;kind;sorte;;;;
""",
    "nomenclatures/official/formats/jours/format.conf": LAYOUT,
    "nomenclatures/official/formats/jours/fields.csv": HEADER + """entry;;.;;;;
entry;native;code;text(2);required;;
entry;label;intitule;;required;;
entry;from;debut;date(DD/MM/YYYY);;;
entry;to;fin;date(DD/MM/YYYY);;;
""",
    "nomenclatures/official/formats/bare/format.conf": LAYOUT,
    "nomenclatures/official/formats/bare/fields.csv": HEADER + """entry;;.;;;;
entry;native;cle;text(2);required;;
entry;from;debut;date(DD/MM/YYYY);required;;
entry;to;fin;date(DD/MM/YYYY);;;
""",
    "formats/uses/format.conf": CONF,
    "formats/uses/fields.csv": HEADER + USES,
    "formats/own/format.conf": CONF,
    "formats/own/fields.csv": HEADER + USES,
    "formats/own/codes/couleurs.csv": "native\n01\n",
    "formats/titles/format.conf": CONF,
    "formats/titles/fields.csv": HEADER + READS_CODES,
    "formats/titles/codes/titres.csv": "native;pivot\n1;M\n2;MME\n",
}


def home(temporary, name, changes=None):
    schemas = Path(temporary) / name
    for path, text in {**HOME, **(changes or {})}.items():
        if text is None:
            continue
        (schemas / path).parent.mkdir(parents=True, exist_ok=True)
        (schemas / path).write_text(text, encoding="utf-8")
    for link in ("pivot", "diagnostics.csv"):
        os.symlink(SOURCE / "schemas" / link, schemas / link)
    os.symlink(FORMATS / "ndjson", schemas / "formats/ndjson")
    os.symlink(SOURCE / "schemas/nomenclatures/official/pivot", schemas / "nomenclatures/official/pivot")
    return schemas


def lines(run):
    return [json.loads(line) for line in run.out.decode().splitlines()]


def listed(schemas):
    run = Run("nomenclatures", "--json", "--schemas", schemas)
    told = {l["name"]: l for l in lines(run)}
    check(run.code == 0 and list(told) == ["couleurs", "passage", "niveaux"], "all lists are told", run.err)
    check(told["couleurs"] == {"name": "couleurs", "installed": True, "rows": 5, "publisher": "Atelier",
                               "source": "palette 2026", "date": "2026-01-01", "from": "2000-01-01", "to": None,
                               "stale": False, "formats": ["uses"]}, "one of them", told["couleurs"])
    text = Run("nomenclatures", "list", "couleurs", "--schemas", schemas, "--lang", "fr").out.decode()
    check("couleurs: 5 lignes\n" in text and "own (sa propre liste)" in text and "passage" not in text,
          "one alone, for people", text)
    check(Run("nomenclatures", "list", "couleur", "--schemas", schemas).code == 2, "an unknown one")
    check(Run("nomenclatures", "verify", "--schemas", schemas).code == 2, "an unknown part")


UNDATED = """code;nom;sorte;remarque
1;Rouge;C;a zero was lost, and capitals are no other name
02;Vert clair;D;
03;Bleu;C;
05;"Noir; mat";C;
06;Gris;X;of another kind
"""
AFTER = ROWS + """01;;ROUGE;2000-01-01;;;
02;;Vert clair;2000-01-01;;;
03;;BLEU;2000-01-01;2010-12-31;;
03;;Bleu;2027-01-01;;;
04;;JAUNE;2000-01-01;2026-12-31;;
05;;"Noir; mat";2027-01-01;;;
90;;HORS CHAMP;;;;
"""
CHANGES = [("label", "02", "VERT", "Vert clair"), ("again", "03", "2010-12-31", "2027-01-01"),
           ("ended", "04", "JAUNE", "2026-12-31"), ("added", "05", "", "Noir; mat")]


def undated(schemas, temporary):
    file = Path(temporary) / "palette-2027.csv"
    file.write_text(UNDATED, encoding="utf-8")
    at = schemas / "nomenclatures/couleurs.csv"
    asked = ("nomenclatures", "update", "couleurs", file, "--schemas", schemas, "--date", "2027-01-01")
    run = Run(*asked, "--json")
    *changes, end = lines(run)
    check(run.code == 0 and [tuple(c.values()) for c in changes] == CHANGES, "what would change", run.out)
    check((end["layout"], end["entries"], end["formats"], end["crosswalks"]) == ("nu", 4, ["uses"], ["passage"]),
          "whom it would touch", end)
    check(at.read_text() == COLOURS, "shown first, not written")
    text = Run(*asked, "--lang", "fr").out.decode()
    check("ajoutés: 1\n  05  Noir; mat\n" in text and "table de passage touchée : passage: 1 lignes" in text,
          "for people", text)
    run = Run(*asked, "--apply")
    check(run.code == 0 and at.read_text() == AFTER, "written", at.read_text())
    sources = (schemas / "nomenclatures/sources.csv").read_text()
    check(sources == HOME["nomenclatures/sources.csv"].replace("couleurs;Atelier;palette 2026;2026-01-01",
                                                               "couleurs;Atelier;palette-2027.csv;2027-01-01"),
          "its source too, and no other", sources)
    run = Run(*asked, "--apply", "--json", "--source", "palette; \"27\"")
    check(len(lines(run)) == 1 and at.read_text() == AFTER, "the second time nothing changes", run.out)
    check('couleurs;Atelier;"palette; ""27""";2027-01-01\n' in (schemas / "nomenclatures/sources.csv").read_text(),
          "a source with a semicolon")
    check(Run("nomenclatures", "check", "--schemas", schemas).code == 0, "what was written is sound")
    check(sorted(p.name for p in at.parent.iterdir()) == ["couleurs.csv", "niveaux.csv", "official", "passage.csv",
                                                          "sources.csv"], "nothing is left aside")


def dated(schemas, temporary):
    file = Path(temporary) / "jours.csv"
    file.write_text("""code;intitule;debut;fin
01;ROUGE;01/01/2000;31/12/2020
01;ROUGE VIF;01/01/2021;
02;VERT;01/01/2000;31/12/2012
02;VERT;01/01/2013;
03;BLEU;01/01/2000;31/12/2010
04;JAUNE;01/01/2000;30/06/2026
07;ROSE;01/03/2026;
08;JAMAIS;01/03/2026;01/03/2026
""", encoding="utf-8")
    run = Run("nomenclatures", "update", "couleurs", file, "--schemas", schemas, "--apply", "--date", "2027-01-01")
    wanted = ROWS + """01;;ROUGE;2000-01-01;2020-12-31;;
01;;ROUGE VIF;2021-01-01;;;
02;;VERT;2000-01-01;;;
03;;BLEU;2000-01-01;2010-12-31;;
04;;JAUNE;2000-01-01;2026-06-30;;
07;;ROSE;2026-03-01;;;
90;;HORS CHAMP;;;;
"""
    found = (schemas / "nomenclatures/couleurs.csv").read_text()
    check(run.code == 0 and found == wanted, "days of the file are taken over", found + run.err)


def nameless(schemas, temporary):
    """A file that tells days and no names takes no name away."""
    file = Path(temporary) / "nameless.csv"
    file.write_text("cle;debut;fin\n01;01/01/2000;\n02;01/01/1999;\n03;01/01/2000;31/12/2010\n04;01/01/2000;\n", encoding="utf-8")
    run = Run("nomenclatures", "update", "couleurs", file, "--schemas", schemas, "--apply", "--date", "2027-01-01")
    found = (schemas / "nomenclatures/couleurs.csv").read_text()
    check(run.code == 0 and found == COLOURS.replace("VERT;2000-01-01", "VERT;1999-01-01"), "names stay", found + run.err)


def since(schemas, temporary):
    """A file that knows nothing of before 1943, and says the first day on which a code holds no more."""
    at = schemas / "nomenclatures/couleurs.csv"
    at.write_text(ROWS + """01;;ROUGE;1900-01-01;;;
02;;VERT;1900-01-01;;;
03;;BLEU;1900-01-01;1930-12-31;;
04;;JAUNE;1950-01-01;;;
""", encoding="utf-8")
    file = Path(temporary) / "since.csv"
    file.write_text("""couleur;nom;du;au
01;Rouge;1943-01-01;
02;Vert;1943-01-01;2026-01-01
02;Vert clair;2026-01-01;
03;Bleu;1943-01-01;
04;Jaune;1943-01-01;1960-01-01
""", encoding="utf-8")
    run = Run("nomenclatures", "update", "couleurs", file, "--schemas", schemas, "--apply", "--date", "2027-01-01")
    wanted = ROWS + """01;;ROUGE;1900-01-01;;;
02;;Vert;1900-01-01;2025-12-31;;
02;;Vert clair;2026-01-01;;;
03;;BLEU;1900-01-01;1930-12-31;;
03;;Bleu;1943-01-01;;;
04;;Jaune;1943-01-01;1959-12-31;;
"""
    check(run.code == 0 and at.read_text() == wanted, "days since 1943, and before", at.read_text() + run.err)


def refused(schemas, temporary):
    old = Path(temporary) / "old.csv"
    old.write_text(UNDATED, encoding="utf-8")
    run = Run("nomenclatures", "update", "couleurs", old, "--schemas", schemas, "--date", "2025-01-01", "--json")
    check([d["code"] for d in run.said] == ["list.older"] and run.code == 0, "an older edition is remarked", run.err)
    bad, other = Path(temporary) / "bad.csv", Path(temporary) / "other.csv"
    bad.write_text("code;nom;sorte;remarque\n01;Rouge;C;\n;sans code;C;\n", encoding="utf-8")
    other.write_text("a;b\n1;2\n", encoding="utf-8")
    run = Run("nomenclatures", "update", "couleurs", bad, "--schemas", schemas, "--apply", "--json")
    check(run.code == 1 and [d["line"] for d in run.errors()] == [3], "a row that cannot be read is said", run.err)
    check((schemas / "nomenclatures/couleurs.csv").read_text() == COLOURS, "... and nothing is written")
    cases = [((other,), 3, "nu"), ((bad, "--layout", "jour"), 3, "nu"), ((bad, "--date", "2027-02-30"), 2, "2027-02-30"),
             ((Path(temporary) / "none.csv",), 2, "none.csv"), ((), 2, "update")]
    for arguments, code, word in cases:
        run = Run("nomenclatures", "update", "couleurs", *arguments, "--schemas", schemas)
        check(run.code == code and word in run.err, f"update with {arguments}", f"{run.code} {run.err}")
    part = Path(temporary) / "part.csv"
    part.write_text("code;nom;sorte;remarque\n05;Noir;C;\n", encoding="utf-8")
    run = Run("nomenclatures", "update", "couleurs", part, "--schemas", schemas, "--apply", "--lang", "en")
    check(run.code == 1 and "not whole" in run.err, "a part of a file is no edition", run.err)
    check((schemas / "nomenclatures/couleurs.csv").read_text() == COLOURS, "... and not written either")
    levels = Path(temporary) / "levels.csv"
    levels.write_text("code;nom;sorte;remarque\n1;Bac;;\n2;Autre;;\n", encoding="utf-8")
    run = Run("nomenclatures", "update", "niveaux", levels, "--schemas", schemas, "--json")
    unknown = [c["code"] for c in lines(run)[:-1] if c["change"] == "unknown"]
    check(unknown == ["01", "02"], "a crosswalk takes no code without a pivot", run.out)


SOURCES = HOME["nomenclatures/sources.csv"]
# what is changed, code said, severity, file, line, exit code
FAULTS = [
    ({"nomenclatures/couleurs.csv": COLOURS + "91;;X;2020-01-02;2020-01-01;;\n"}, "list.days", "error", "couleurs.csv", 7, 1),
    ({"nomenclatures/couleurs.csv": COLOURS + "01;;ROUGE;2020-01-01;;;\n"}, "list.row_twice", "error", "couleurs.csv", 7, 1),
    ({"nomenclatures/couleurs.csv": COLOURS + "91;;X;2021-02-29;;;\n"}, "codes.date", "error", "couleurs.csv", 7, 1),
    ({"nomenclatures/couleurs.csv": COLOURS + "91;;X\n"}, "codes.cells", "error", "couleurs.csv", 7, 1),
    ({"nomenclatures/sources.csv": SOURCES.replace("passage;Atelier;palette 2026;2026-01-01\n", "")}, "list.source_absent", "error", "sources.csv", 1, 1),
    ({"nomenclatures/sources.csv": SOURCES.replace("niveaux;Atelier", "niveaux;")}, "list.source_empty", "error", "sources.csv", 4, 1),
    ({"nomenclatures/sources.csv": SOURCES.replace("niveaux;2026-01-01", "niveaux;janvier")}, "list.source_date", "error", "sources.csv", 4, 1),
    ({"nomenclatures/sources.csv": SOURCES + "couleurs;A;b;2026-01-01\n"}, "list.twice", "error", "sources.csv", 5, 1),
    ({"nomenclatures/sources.csv": SOURCES + "formes;A;b;2026-01-01\n"}, "list.absent", "warning", "sources.csv", 5, 0),
    ({"nomenclatures/sources.csv": SOURCES + "formes;A;b\n"}, "list.cells", "error", "sources.csv", 5, 1),
    ({"nomenclatures/sources.csv": SOURCES.replace("publisher", "editor")}, "list.header", "error", "sources.csv", 1, 2),
    ({"nomenclatures/official/lists.csv": "list;months;codes_of\ncouleurs;1;\n"}, "list.stale", "warning", "sources.csv", 2, 0),
    ({"nomenclatures/official/lists.csv": "list;months;codes_of\ncouleurs;un;\n"}, "list.months", "error", "lists.csv", 2, 1),
    ({"nomenclatures/official/lists.csv": "list;months;codes_of\nformes;1;\n"}, "list.unknown", "error", "lists.csv", 2, 1),
    ({"nomenclatures/official/lists.csv": "list;months;codes_of\npassage;0;formes\n"}, "list.unknown", "error", "lists.csv", 0, 1),
    ({"nomenclatures/official/layouts.csv": "list;layout;kinds;covers;one_day;begins;ends\nformes;nu;;;;;\n"}, "list.unknown", "error", "layouts.csv", 2, 1),
    ({"nomenclatures/official/formats/nu/fields.csv": HEADER + "entry;;.;;;;\nentry;code;code;;;;\n"}, "mapping.field", "error", "fields.csv", 3, 1),
    ({"nomenclatures/passage.csv": ROWS + "R;01;;;;;\nN;77;;;;;\n"}, "list.leads", "warning", "passage.csv", 3, 0),
    ({"formats/titles/codes/titres.csv": "native;pivot\n1;M\n2;MLLE\n"}, "list.no_code", "error", "titres.csv", 3, 1),
]


def faults(temporary):
    for i, (changes, code, severity, file, line, exit_code) in enumerate(FAULTS):
        run = Run("nomenclatures", "check", "--json", "--schemas", home(temporary, f"fault-{i}", changes))
        found = [(d["severity"], Path(d["file"]).name, d["line"] or 0) for d in run.said if d["code"] == code]
        check((severity, file, line) in found and run.code == exit_code, f"{code} in {file}",
              f"{run.code} {found} {run.err}")
        # a list that cannot be read: nor can the format that uses it
        others = {d["code"] for d in run.said if d["severity"] == "error"} - {code, "mapping.list"}
        check(not others, f"{code}: nothing else is wrong", others)


def real(name, file, day, *more):
    run = Run("nomenclatures", "update", name, file, "--date", day, "--json", *more)
    check(run.code == 0, f"{file.name} is read", run.err)
    *changes, end = lines(run) or [{}]
    return changes, end


ASP = {"insee-com": "ref_insee_com_v2", "insee-dpt": "ref_insee_dpt_v2", "insee-pays": "ref_insee_pays_v4",
       "type-voie": "ref_type_voie_v3", "extension-voie": "ref_extension_voie_v1",
       "niveau-formation": "ref_niveau_formation_v3", "orienteur": "ref_orienteur_v5",
       "type-employeur": "ref_type_employeur_v3", "duree": "ref_duree_allocation_emploi_v2", "mesure": "ref_mesure_v2"}


def from_the_same_files():
    """The lists were made from these files by another program: reading them changes nothing."""
    reference = SHARED / "data/asp/asp_reference"
    if not reference.is_dir():
        return skip("no ../shared/data/asp/asp_reference")
    dates = {r["list"]: r["date"] for r in table(SOURCE / "schemas/nomenclatures/sources.csv", ";")}
    for name, file in ASP.items():
        changes, end = real(name, reference / f"{file}.csv", dates[name])
        check(not changes and end["entries"] > 0, f"{name}: the file it was made from changes nothing", changes[:3])


def table(path, delimiter):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter=delimiter))


def communes():
    """The communes of one 1 January against our periods, reckoned once more here."""
    file = SHARED / "data/departement/nomenclatures/insee_cog_communes.csv"
    if not file.is_file():
        return skip("no ../shared/data/departement/nomenclatures")
    day = "2024-01-01"
    theirs = {r["COM"] for r in table(file, ",") if r["TYPECOM"] in ("COM", "ARM")}
    rows = [r for r in table(SOURCE / "schemas/nomenclatures/insee-com.csv", ";")
            if r["native"][:3] not in ("975", "977", "978") and r["native"][:2] not in ("98", "99")]
    known = {r["native"] for r in rows}
    held = {r["native"] for r in rows if (not r["to"] or r["to"] >= day) and r["from"] < day}
    changes, end = real("insee-com", file, day)
    found = {what: {c["code"] for c in changes if c["change"] == what} for what in ("added", "ended", "again")}
    check(end["layout"] == "cog-communes" and end["entries"] == len(theirs), "the layout is found by itself", end)
    check(found["added"] == theirs - known, "communes that we had not", found["added"] ^ (theirs - known))
    check(found["ended"] == held - theirs, "communes that are no more", found["ended"] ^ (held - theirs))
    check(found["again"] <= theirs & known and not found["again"] & held, "communes that are there again")
    label = {c["code"]: c["after"] for c in changes if c["change"] == "label"}
    check(label.get("01138") == "CULOZ BEON" and "01001" not in label, "a new name, but not for a hyphen")
    check("asp-fiche-salarie" in end["formats"], "the formats that use it", end["formats"])


def shipped(temporary):
    run = Run("nomenclatures", "check", "--json")
    check(run.code == 0 and not run.errors(), "the shipped lists are sound", run.err)
    layouts = {r["layout"] for r in table(SOURCE / "schemas/nomenclatures/official/layouts.csv", ";")}
    folders = {p.name for p in (SOURCE / "schemas/nomenclatures/official/formats").iterdir()}
    check(layouts == folders, "each layout is a folder, each folder a layout", layouts ^ folders)
    schemas = Path(temporary) / "copy"
    shutil.copytree(SOURCE / "schemas", schemas)
    file = Path(temporary) / "rome.tsv"
    rows = table(SOURCE / "schemas/nomenclatures/rome.csv", ";")
    file.write_text("code\tname\n" + "".join(f"{r['native']}\t{r['label']}\n" for r in rows), encoding="utf-8")
    before = (schemas / "nomenclatures/rome.csv").read_bytes()
    run = Run("nomenclatures", "update", "rome", file, "--apply", "--schemas", schemas)
    check(run.code == 0 and (schemas / "nomenclatures/rome.csv").read_bytes() == before,
          "a list that does not change is written as it was", run.err)


with folder() as temporary:
    listed(home(temporary, "listed"))
    undated(home(temporary, "undated"), temporary)
    dated(home(temporary, "dated"), temporary)
    since(home(temporary, "since"), temporary)
    nameless(home(temporary, "nameless"), temporary)
    refused(home(temporary, "refused"), temporary)
    faults(temporary)
    shipped(temporary)
from_the_same_files()
communes()
finish()
