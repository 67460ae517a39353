# SPDX-License-Identifier: EUPL-1.2
"""The real and public files the formats were made for, where they lie beside the source tree; else skipped."""
import gzip
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from gateway import SHARED, check, convert, finish, folder, resources, skip

ASP = SHARED / "data/asp"
OPENAPI = SHARED / "data/departement/france-travail-openapi"
CNAF = SHARED / "data/departement/cnaf-rsa"
OURS = {"DTCREAFLUX", "HEUCREAFLUX", "NBTOTDOSRSATRANSM", "NBTOTDOSRSATRANSMANO"}


def there(file):
    if not file.exists():
        skip(f"{file.name} is not there")
    return file.exists()


def through_ndjson(form, file, temporary, *options):
    pivot = Path(temporary) / "pivot.ndjson"
    convert(form, "ndjson", file, *options, "-o", pivot)
    return convert("ndjson", form, pivot, *options)


def fiches(temporary):
    for form, name, count in (("asp-fiche-salarie", "RIAE_FS_20260901085500.json", 4), ("asp-fiche-salarie-m", "RIAE_FS_20260901105500.json", 1)):
        file = ASP / "synthetic" / name
        if there(file):
            run = convert(form, form, file)
            check(run.code == 0 and not run.said and run.out == file.read_bytes(), f"{name}: the same bytes", run.err[:300])
            check(through_ndjson(form, file, temporary, "--date", "2026-09-01").out == file.read_bytes(), f"{name}: through NDJSON and back")
            back = file.with_name(file.stem + "_FichierRetour.json")
            run = convert("asp-fiche-salarie-retour", "ndjson", back)
            check(run.code == 0 and run.out.count(b'"type":"accuse"') == count, f"{back.name}: a receipt a line", run.err[:300])


def creations_as_updates(temporary):
    """The four creations told as updates: everything is known, so nothing is replaced, and it all comes back."""
    file = ASP / "synthetic/RIAE_FS_20260901085500.json"
    if there(file):
        run = convert("asp-fiche-salarie", "asp-fiche-salarie-m", file)
        updates = Path(temporary) / file.name
        updates.write_bytes(run.out)
        check(run.code == 0 and run.out.count(b'"typeMouvement":"M"') == 4, "creations told as updates", run.err[:300])
        run = convert("asp-fiche-salarie-m", "asp-fiche-salarie-m", updates)
        check(run.code == 0 and run.out == updates.read_bytes(), "updates with nothing replaced: the same bytes", run.err[:300])


def annexes(temporary):
    plain = ASP / "flux_iae/fluxIAE_AnnexeFinanciere_22022022_112211.csv"
    packed = plain.with_name(plain.name + ".gz")
    form = "asp-annexe-financiere"
    for file in (plain, packed):
        if there(file):
            run = convert(form, form, file)
            bare = file.read_bytes() if file == plain else gzip.decompress(file.read_bytes())
            check(run.code == 0 and not run.said and run.out == bare, f"{file.name}: the same bytes", run.err[:300])
            check('"written":85' in run.err, f"{file.name}: 85 rows", run.err[:300])
    if plain.exists():
        check(through_ndjson(form, plain, temporary).out == plain.read_bytes(), f"{plain.name}: through NDJSON and back")
        changed = Path(temporary) / plain.name
        changed.write_bytes(plain.read_bytes().replace(b"|162160.55|", b"|162160.56|", 1))
        said = convert(form, form, changed).errors()
        line = plain.read_bytes().split(b"|162160.55|")[0].decode()
        place = (line.count("\n") + 1, len(line.rsplit("\n", 1)[-1]) + 2)
        check([(d["code"], d["line"], d["column"]) for d in said] == [("iae.annexe_amount", *place)], "a changed total, with line and column", said)


DUMPS = (  # of the flux IAE: format, file, rows, resources by type in the first
    ("asp-structure", ASP / "flux_iae/fluxIAE_Structure_22022022_112211.redacted.csv", 6, {"structure": 1}),
    ("asp-structure", ASP / "flux_iae/fluxIAE_Structure_22022022_112211.redacted.csv.gz", 6, {"structure": 1}),  # a zip, for all its name
    ("asp-etat-mensuel", ASP / "synthetic/fluxIAE_EtatMensuelIndiv_07092026_063004.csv", 3, {"etat_mensuel": 1, "personne": 1, "etape": 1, "annexe_financiere": 1}),
)


def dumps(temporary):
    for form, file, rows, kinds in DUMPS:
        if not there(file):
            continue
        plain = file if file.suffix == ".csv" else file.with_suffix("")
        run = convert(form, form, file)
        check(run.code == 0 and not run.said and run.out == plain.read_bytes(), f"{file.name}: the same bytes", run.err[:300])
        check(f'"written":{rows}' in run.err, f"{file.name}: {rows} rows", run.err[-300:])
        first = [r["type"] for r in resources(convert(form, "ndjson", file)) if r["record"] == 1]
        check({k: first.count(k) for k in set(first)} == kinds, f"{file.name}: what a row is", first)
        check(through_ndjson(form, file, temporary).out == plain.read_bytes(), f"{file.name}: through NDJSON and back")
def adapted(temporary):
    """Rows as they were; the line end it lacks is written. Totals of another file were wrong: said, no more."""
    file = ASP / "synthetic/EA2_ITOU.txt"
    if not there(file):
        return
    run = convert("asp-ea2", "asp-ea2", file)
    check(run.code == 0 and run.out == file.read_bytes() + b"\n", f"{file.name}: the same bytes", run.err[:300])
    check({d["code"] for d in run.said} <= {"csv.last_line"}, f"{file.name}: only its end is said", run.said)
    wrong = Path(temporary) / file.name
    wrong.write_bytes(file.read_bytes().replace(b"|1|4|", b"|4|7|"))
    run = convert("asp-ea2", "ndjson", wrong)
    totals = [(d["code"], d["line"]) for d in run.said if d["severity"] == "warning" and d["code"] == "mapping.total"]
    check(run.code == 0 and totals == [("mapping.total", 4)] * 2, f"{file.name}: wrong totals are warnings", run.err[:500])
    cut = Path(temporary) / "cut.txt"
    cut.write_bytes(file.read_bytes().rsplit(b"\n", 1)[0])
    run = convert("asp-ea2", "ndjson", cut)
    check(run.code == 3 and "csv.trailer_missing" in {d["code"] for d in run.errors()}, f"{file.name}: a cut is told", run.err[:300])


NOT_OF_CONTRACTS = (b"S05", b"S06", b"S95", b"S96", b"S90", b"S10.G00.02", b"S10.G00.95", b"S20.G00.07", b"S20.G00.96", b"S21.G00.15")


def payroll(temporary):
    """An aggregated file of three messages: line for line, but for contacts, cover, totals and what was around."""
    file = SHARED / "data/departement/dsn/sample_dsn_P25V01.dsn"
    if not there(file):
        return
    run = convert("dsn-contrats", "dsn-contrats", file)
    check(run.code == 0 and '"written":3' in run.err, f"{file.name}: three people", run.err[-300:])
    said = {d["code"] for d in run.said}
    check(said == {"iae.nir_month", "iae.siret_key", "mapping.unclaimed"}, f"{file.name}: anonymised numbers, what is not mapped", said)
    kept = [[line for line in text.splitlines() if not line.startswith(NOT_OF_CONTRACTS)] for text in (file.read_bytes(), run.out)]
    check(kept[0] == kept[1], f"{file.name}: line for line")
    totals = [line for line in run.out.splitlines() if line.startswith(b"S90")]
    check(len(totals) == 6 and run.out.count(b"\n") == sum(int(t.split(b"'")[1]) for t in totals[::2]), f"{file.name}: totals", totals)
    through = through_ndjson("dsn-contrats", file, temporary)
    check(through.out == run.out, f"{file.name}: through NDJSON and back", through.err[:300])
    cut = Path(temporary) / file.name
    cut.write_bytes(b"".join(file.read_bytes().splitlines(True)[:120]))  # in the first contract
    run = convert("dsn-contrats", "ndjson", cut)
    check(run.code == 3 and "dsn.truncated" in {d["code"] for d in run.errors()}, f"{file.name}: a cut is told", run.err[-300:])


def leaves(element, place=""):
    place = f"{place}/{element.tag}"
    if not len(element):
        yield place, (element.text or "").strip()
    for child in element:
        yield from leaves(child, place)


def households(temporary):
    file = CNAF / "RSABEM.xml"
    if there(file):
        out = Path(temporary) / file.name
        run = convert("cnaf-rsa", "cnaf-rsa", file, "-o", out)
        check(run.code == 0 and {d["code"] for d in run.said} == {"mapping.total"}, f"{file.name}: only its wrong count is said", run.said)
        before, after = ([*leaves(ET.parse(f).getroot())] for f in (file, out))
        differ = [(b, a) for b, a in zip(before, after) if b != a and b[0].rsplit("/", 1)[-1] not in OURS]
        check(len(before) == len(after) and not differ, f"{file.name}: element by element", differ)
        if shutil.which("xmllint"):
            done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", CNAF / "vrsb0801.xsd", out], capture_output=True, check=False)
            check(done.returncode == 0, f"{file.name} written validates", done.stderr.decode()[:300])
        else:
            skip("no xmllint: what is written is not validated")
        for form in ("france-travail-rechercher-usager", "france-travail-orientation-calcul"):
            run = convert("cnaf-rsa", form, file)
            check(run.code == 0 and len(run.out.splitlines()) == 2, f"{file.name} as {form}: the two adults who are subject, in order", run.err[:300])
    file = CNAF / "RSABEI_invalid.xml"
    if there(file):
        run = convert("cnaf-rsa", "ndjson", file)
        said = [d for d in run.errors() if d["code"] == "mapping.missing" and d["line"] == 12]
        check(run.code in (1, 3) and said, f"{file.name}: the household that lacks a part is named with its line", run.said)


# France Travail's own examples: description, call, where, how many there are, our format, what is said of them.
EXAMPLES = [
    ("rechercher-usager", "/usagers/par-datenaissance-et-nir", "request", 1, "france-travail-rechercher-usager", {}),
    ("rechercher-usager", "/usagers/par-numero-francetravail", "request", 1, "france-travail-rechercher-usager-numero", {}),
    ("rechercher-usager", "/usagers/par-datenaissance-et-nir", "response", 9, "france-travail-rechercher-usager-retour", {}),
    ("rechercher-usager", "/usagers/par-numero-francetravail", "response", 9, "france-travail-rechercher-usager-retour", {}),
    ("statut-usager", "/contrat", "response", 3, "france-travail-statut", {}),
    ("diagnostic-usager", "/dossiers", "response 200", 1, "france-travail-diagnostic", {}),
    ("gestion-sanctions-rsa", "/detailManquement", "response 200", 5, "france-travail-sanctions-rsa", {}),
    ("gestion-sanctions-rsa", "/detailManquement", "response 400", 2, "france-travail-sanctions-rsa-retour", {}),
    ("gestion-sanctions-rsa", "/evenementSanctionRSA", "request", 10, "france-travail-sanctions-rsa-evenement", {}),
    ("gestion-sanctions-rsa", "/evenementSanctionRSA", "response", 18, "france-travail-sanctions-rsa-retour", {}),
    ("gestion-sanctions-rsa", "/decisionSanctionRSAPartenaire", "request", 4, "france-travail-sanctions-rsa-decision", {}),
    ("gestion-sanctions-rsa", "/decisionSanctionRSAPartenaire", "response", 18, "france-travail-sanctions-rsa-retour", {}),
    ("gestion-sanctions-rsa", "/demandeRadiation", "request", 1, "france-travail-sanctions-rsa-radiation", {}),
    ("gestion-sanctions-rsa", "/demandeRadiation", "response", 8, "france-travail-sanctions-rsa-radiation-retour", {}),
]
# What stands otherwise once it was written: the NIR gets its key, blanks at the edges go.
WRITTEN = {"1720678355011": "172067835501147"}


def examples_of(name, path, where):
    call = next(v for k, v in json.loads((OPENAPI / f"{name}.json").read_text())["paths"][path].items() if k in ("get", "post", "put"))
    bodies = [call["requestBody"]] if where == "request" else [v for k, v in call["responses"].items() if k in (where[9:] or k)]
    for body in bodies:
        for content in body.get("content", {}).values():
            for label, example in content.get("examples", {}).items():
                value = example["value"]  # an object, or its text
                yield label, json.loads(value) if isinstance(value, str) else value


def plain(value):
    """Without what says nothing, as it is once written."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v not in (None, " ", [])}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if not isinstance(value, str):
        return value
    return WRITTEN.get(value, re.sub(r"(T\d\d:\d\d:\d\d)\.0+", r"\1", value.strip()))


def api_examples(temporary):
    for name, path, where, count, form, expected in EXAMPLES:
        if not there(OPENAPI / f"{name}.json"):
            continue
        found = list(examples_of(name, path, where))
        check(len(found) == count, f"{name}{path}: {count} examples", len(found))
        for label, value in found:
            file = Path(temporary) / "exemple.json"
            file.write_text(json.dumps(value, ensure_ascii=False))
            run = convert(form, form, file)
            said = {d["code"] for d in run.said}
            check(run.code == 0 and said == set(expected.get(label, ())), f"{name}{path}: {label}: read", run.err[:400])
            check(run.out and plain(json.loads(run.out)) == plain(value), f"{name}{path}: {label}: written as it was", run.out[:400])


def spie():
    """France Travail's extracts: every cell comes back, but that nothing is an empty cell and dates have one form."""
    for name, form, count, said in (("i03300c.j.extract_spie_carnet_spie_carnet_de_bord_principal.csv", "spie-principal", 4,
                                     {"iae.commune_unknown": 3, "iae.siret_or_rna": 2}), ("actions_example.csv", "spie-actions", 125, {})):
        file = SHARED / "data/departement/carnet-de-bord" / name
        if there(file):
            run = convert(form, form, file)
            plainly = re.sub(r"(00:00:00\.0)(?=;)", r"\g<1>00" if form == "spie-actions" else r"\g<1>", file.read_text().replace("NULL", ""))
            check(run.code == 0 and run.out.decode() == plainly, f"{name}: cell by cell", run.err[:300])
            check(f'"written":{count},' in run.err and {c: sum(d["code"] == c for d in run.said) for c in {d["code"] for d in run.said}} == said,
                  f"{name}: what is said", run.err[:600])


def main():
    with folder() as temporary:
        fiches(temporary)
        creations_as_updates(temporary)
        annexes(temporary)
        dumps(temporary)
        adapted(temporary)
        payroll(temporary)
        households(temporary)
        api_examples(temporary)
        spie()
    finish()


main()
