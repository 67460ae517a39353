# SPDX-License-Identifier: EUPL-1.2
"""A partner's CSV that nobody knew yet is read and written once its folder lies under schemas/formats: no C, no build. A
second partner with the same tool is a folder of three lines."""
import shutil
from pathlib import Path

from gateway import FORMATS, SOURCE, Run, check, finish, folder, resources

PARTNERS = SOURCE / "tests/formats/partners"


def convert(schemas, from_format, to_format, file):
    return Run("convert", "--json", "--schemas", schemas, "--from", from_format, "--to", to_format, file)


def only_data():
    kinds = {f.suffix for f in PARTNERS.rglob("*") if f.is_file()}
    check(kinds <= {".conf", ".csv", ".ndjson"}, "the folders hold data only, no C", kinds)


def unknown_before():
    run = Run("convert", "--from", "atelier-suivi", "--to", "ndjson", PARTNERS / "atelier-suivi/sample.csv")
    check(run.code in (2, 3) and not run.out, "before, the format is not known", run.code)


def read_and_written(schemas):
    home = PARTNERS / "atelier-suivi"
    sample, written = home / "sample.csv", home / "written.csv"
    run = convert(schemas, "atelier-suivi", "ndjson", sample)
    check(run.code == 0 and run.out == (home / "expected.ndjson").read_bytes() and not run.said, "it is read", run.err[:400])
    run = convert(schemas, "atelier-suivi", "atelier-suivi", sample)
    check(run.code == 0 and run.out == written.read_bytes(), "it is written, in its own way", run.err[:400])
    check(convert(schemas, "atelier-suivi", "atelier-suivi", written).out == written.read_bytes(), "and then byte for byte")
    check(convert(schemas, "ndjson", "atelier-suivi", home / "expected.ndjson").out == written.read_bytes(), "through NDJSON too")


def told(schemas, temporary):
    wrong = Path(temporary) / "wrong.csv"
    wrong.write_bytes((PARTNERS / "atelier-suivi/sample.csv").read_bytes().replace(b"12/03/1981", b"12/13/1981"))
    run = convert(schemas, "atelier-suivi", "ndjson", wrong)
    check(run.code == 1 and [(d["line"], d["code"]) for d in run.errors()] == [(2, "mapping.date")], "what is wrong has its line", run.said)
    check({r["record"] for r in resources(run)} == {2, 3}, "the other rows are read")


def from_another(schemas):
    sample = FORMATS / "asp-fiche-salarie/samples/RIAE_FS_20260901090000.json"
    run = convert(schemas, "asp-fiche-salarie", "atelier-suivi", sample)
    text = run.out.decode("cp1252")
    check("MARTIGNAC;ETIENNE;23/04/1984;1840457463021" in text, "another partner's records come out in its columns", run.err[:400])


def second_partner(schemas):
    home = PARTNERS / "atelier-suivi-nord"
    run = convert(schemas, "atelier-suivi-nord", "ndjson", home / "sample.csv")
    first = next(r for r in resources(run) if r["type"] == "etape")
    check(run.code == 0 and first["fields"]["numero"] == "C-2026-001", "the same tool with one column renamed", run.err[:400])
    shown = Run("formats", "atelier-suivi-nord", "--schemas", schemas, "--effective").out.decode()
    check("etape;numero;Contrat;" in shown and "atelier-suivi-nord/fields.csv:2" in shown, "--effective says where each line comes from")
    check("Pointure" not in shown, "a dropped line is gone")


def main():
    only_data()
    unknown_before()
    with folder() as temporary:
        schemas = Path(temporary) / "schemas"
        shutil.copytree(SOURCE / "schemas", schemas)
        for partner in PARTNERS.iterdir():
            shutil.copytree(partner, schemas / "formats" / partner.name)
        read_and_written(schemas)
        told(schemas, temporary)
        from_another(schemas)
        second_partner(schemas)
    finish()


main()
