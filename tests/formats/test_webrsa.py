# SPDX-License-Identifier: EUPL-1.2
"""WebRSA's exports: what kinds of pathway are called, also by who turns them round, and what is said of bad rows."""
from pathlib import Path

from gateway import check, convert, finish, folder, resources, samples

PLAIN, TURNED, FIRST = "webrsa-orientation", "webrsa-orientation-inverse", "webrsa-instruction-orientation"
# What stands in the column; what it is: by France Travail's own sense, and by WebRSA's.
KINDS = [
    ("PED", "PROFESSIONNEL", "PROFESSIONNEL"),
    ("PSP", "SOCIO_PROFESSIONNEL", "SOCIAL"),
    ("PSO", "SOCIAL", "SOCIO_PROFESSIONNEL"),
    ("SOCIOPRO", "SOCIO_PROFESSIONNEL", None),
    ("EMPLOI", "PROFESSIONNEL", None),
    ("Social", "SOCIAL", None),
]


def first_row(form):
    header, row, *_ = samples(form)[0].read_text().splitlines()
    return header, dict(zip(header.split(";"), row.split(";")))


def one(form, temporary, **cells):
    header, row = first_row(form)
    row.update(cells)
    file = Path(temporary) / "one.csv"
    file.write_text(f"{header}\n{';'.join(row.values())}\n")
    return convert(form, "ndjson", file)


def kind(run):
    return next((r["fields"].get("parcours") for r in resources(run) if r["type"] == "orientation"), None)


def kinds(temporary):
    for native, plain, turned in KINDS:
        check(kind(one(PLAIN, temporary, NATURE_ORIENTATION=native)) == plain, f"{native} is {plain}")
        run = one(TURNED, temporary, NATURE_ORIENTATION=native)
        check(kind(run) == turned, f"{native} of who turns them round is {turned}", run.err[:300])
    told = [kind(convert(f, "ndjson", samples(f)[0])) for f in (PLAIN, TURNED)]
    check(told[0] == told[1] == "SOCIO_PROFESSIONNEL", "the samples tell the same people the same pathway", told)
    run = convert(PLAIN, TURNED, samples(PLAIN)[0])
    check(run.out == samples(TURNED)[0].read_bytes(), "and one is written as the other", run.err[:300])


def who_refers():
    people = {(r["type"], r["id"]): r for r in resources(convert(PLAIN, "ndjson", samples(PLAIN)[0]))}
    first = people["orientation", "orientation-1-1"]["refs"]
    check(people["referent", first["referent"]]["refs"] == {"structure": first["structure"]}, "the referent is of the structure in charge", first)
    check("referent" not in people["orientation", "orientation-2-1"]["refs"], "nobody named, no referent")


WRONG = [
    (PLAIN, "NATURE_ORIENTATION", "RSA", "mapping.code", True),
    (PLAIN, "NATURE_ORIENTATION", "", "mapping.missing", True),
    (PLAIN, "Orientstruct__id", "", "mapping.missing", True),
    (PLAIN, "DTNAI", "12/04/1987", "mapping.convert", True),
    (PLAIN, "DATE_DEBUT_ORIENTATION", "2026-02-30", "mapping.date", False),
    (PLAIN, "CIBLE", "N", "mapping.const", False),
    (PLAIN, "ORGANISME_ORIENTATION_SIRET", "1234", "iae.siret_shape", False),
    (FIRST, "ROLEPERS", "ENF", "mapping.code", True),
    (FIRST, "NIR", "2870454001", "iae.nir_shape", False),
    (FIRST, "TYPEDTNAI", "X", "mapping.code", False),
]


def wrong_rows(temporary):
    for form, column, text, code, rejected in WRONG:
        run = one(form, temporary, **{column: text})
        hit = [d for d in run.said if d["code"] == code and d["line"] == 2 and column in (d["path"] or "")]
        check(hit and run.code == int(rejected), f"{form}, {column} = {text!r}: {code}, {'rejected' if rejected else 'kept'}", run.said)


def main():
    who_refers()
    with folder() as temporary:
        kinds(temporary)
        wrong_rows(temporary)
    finish()


main()
