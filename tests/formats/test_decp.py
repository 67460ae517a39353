# SPDX-License-Identifier: EUPL-1.2
"""Public contracts: JSON and XML say the same, what is written passes the published schemas, the examples come back."""
import json
import shutil
import subprocess
from pathlib import Path

from gateway import SHARED, Run, check, convert, finish, folder, resources, samples, skip

DATA = SHARED / "data/departement/decp"
OTHER = {"decp": "decp-xml", "decp-xml": "decp", "decp-concession": "decp-concession-xml", "decp-concession-xml": "decp-concession"}
LISTS = (  # file, format, key of its list
    ("marches_avec_modifications.json", "decp", "marche"),
    ("marches_concessions.json", "decp", "marche"),
    ("marches_concessions.json", "decp-concession", "contrat-concession"),
    ("concessions.json", "decp-concession", "contrat-concession"),
    ("concessions_avec_modifications.json", "decp-concession", "contrat-concession"),
)


def valid_json(text, what):
    schema = DATA / "schema_decp_v2.0.3.json"
    try:
        import jsonschema
    except ImportError:
        return skip(f"{what}: no python3-jsonschema")
    if not schema.exists():
        return skip(f"{what}: no schema")
    faults = list(jsonschema.Draft7Validator(json.loads(schema.read_text())).iter_errors(json.loads(text)))
    check(not faults, f"{what}: passes the JSON schema", [f.message[:100] for f in faults])


def valid_xml(file, what):
    schema = DATA / "schema_decp_v2.0.2.xsd"
    if not schema.exists() or not shutil.which("xmllint"):
        return skip(f"{what}: no XSD, or no xmllint")
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, file], capture_output=True, check=False)
    check(done.returncode == 0, f"{what}: passes the XSD", done.stderr.decode()[:300])


def both_ways(temporary, form, file):
    """From one syntax to the other and back: valid there, and the same here."""
    other = OTHER[form]
    out, back = ("there.xml", "back.json") if other.endswith("-xml") else ("there.json", "back.xml")
    there, home, plain = Path(temporary) / out, Path(temporary) / back, Path(temporary) / f"plain{Path(file).suffix}"
    run = convert(form, other, file, "-o", there)
    check(run.code == 0 and not run.errors(), f"{file.name}: as {other}", run.err[:300])
    convert(other, form, there, "-o", home)
    convert(form, form, file, "-o", plain)
    check(home.read_bytes() == plain.read_bytes(), f"{file.name}: as {other} and back, the same bytes")
    for written in (there, plain):
        if written.suffix == ".json":
            valid_json(written.read_text(), f"{file.name} as {written.name}")
        else:
            valid_xml(written, f"{file.name} as {written.name}")


def examples(temporary):
    for name, form, key in LISTS:
        file = DATA / name
        if not file.exists():
            skip(f"{name} is not there")
            continue
        run = convert(form, form, file)
        check(run.code == 0 and {d["code"] for d in run.said} <= {"iae.siret_key"}, f"{name}: nothing but a wrong key of a SIRET", run.said)
        check(json.loads(run.out)["marches"][key] == json.loads(file.read_text())["marches"][key], f"{name}: each of {key} comes back")
        both_ways(temporary, form, file)
    for name, form in (("Marche.xml", "decp-xml"), ("Contrat-concession.xml", "decp-concession-xml")):
        file = DATA / name
        if not file.exists():
            skip(f"{name} is not there")
            continue
        run = convert(form, "ndjson", file)
        found = [r["fields"]["clauses"] for r in resources(run) if r["type"] == "marche"]
        check(run.code == 0 and found == [["CONDITION_EXECUTION", "CRITERE_ATTRIBUTION"]] * 2, f"{name}: its social clauses", found)
        both_ways(temporary, form, file)


def of_the_other_kind():
    """Contracts are no concessions: a file with the others only has no records here."""
    for name, form, code in (("concessions.json", "decp", 3), ("Contrat-concession.xml", "decp-xml", 0), ("marches_avec_modifications.json", "decp-concession", 3), ("Marche.xml", "decp-concession-xml", 0)):
        if not (DATA / name).exists():
            skip(f"{name} is not there")
            continue
        run = Run("validate", "--json", "--format", form, DATA / name)
        check(run.code == code and b'"read":0' in run.out + run.err.encode(), f"{name}: nothing of {form}", (run.code, run.out))


BROKEN = (
    ("a nature that is none", '"Marché de partenariat"', '"Partenariat"', "mapping.code", "nature"),
    ("a social consideration that is none", '"Marché réservé"', '"Marche reserve"', "mapping.code", "considerationsSociales/considerationSociale"),
    ("no offers", '"offresRecues": 3', '"offresRecues": 0', "mapping.bounds", "offresRecues"),
    ("a share beyond one", '"tauxAvance": 0.05', '"tauxAvance": 5', "mapping.bounds", "tauxAvance"),
    ("a text for a number", '"dureeMois": 6', '"dureeMois": "six"', "mapping.convert", "dureeMois"),
    ("a day that is none", '"2026-02-11"', '"2026-02-31"', "mapping.date", "dateNotification"),
    ("a buyer without SIRET", '"99800001200018"', '"998000012"', "iae.siret_shape", "acheteur/id"),
)


def broken_values(temporary):
    text = samples("decp")[0].read_text()
    file = Path(temporary) / "broken.json"
    for what, before, after, code, path in BROKEN:
        file.write_text(text.replace(before, after, 1))
        run = Run("validate", "--json", "--format", "decp", file)
        said = [d for line in run.out.decode().splitlines() for d in [json.loads(line)] if d.get("code") == code and d["path"] == path]
        check(text.count(before) and said, f"{what}: {code} at {path}", run.out.decode()[:500])


def main():
    with folder() as temporary:
        for form in OTHER:
            for sample in samples(form):
                both_ways(temporary, form, sample)
        examples(temporary)
        broken_values(temporary)
    of_the_other_kind()
    finish()


main()
