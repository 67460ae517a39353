# SPDX-License-Identifier: EUPL-1.2
"""Our samples: what is read is the pivot that stands beside them, what is written is the sample again, byte for
byte, directly and through NDJSON. Receipts and code lists say the same."""
import csv
from pathlib import Path

from gateway import FORMATS, check, convert, finish, folder, pivot_of, profile_of, samples

# Not written as it was read: of a return only the answer is ours to write, the echo is ignored by name.
ONE_WAY = {"asp-fiche-salarie-retour"}
# The formats with a receipts.csv, and the list that says the outcome.
RECEIPTS = {"asp-fiche-salarie-retour": "traitement", "france-travail-rechercher-usager-retour": "retour",
            "france-travail-pass-iae-retour": "retour"}
# What is said of a sample, where something is: code and how often.
SAID = {
    "InstructionOrientation.csv": {"iae.siret_or_rna": 1},  # the format has names of structures only
    "RIAE_FS_20260901090000_FichierRetour.json": {"mapping.else": 2},  # 3299, a code that no list has
    "spie-principal-20260914.csv": {"iae.siret_or_rna": 1},
    "rendez-vous-20260914.ndjson": {"iae.siret_or_rna": 1},  # a structure of which only the name is known
    "chorus-paiements-2026.xlsx": {"iae.siret_or_rna": 1},  # a payee of overseas
    "helios-subventions-2026.ods": {"iae.siret_or_rna": 4},  # who pays is known by its name; one payee is not by a SIRET
    "fluxIAE_AnnexeFinanciere_17032026_063102.csv": {"mapping.else": 2},  # writing: states whose number is not known
    "dsn-2026-09.dsn": {"mapping.code": 1, "mapping.unclaimed": 1},  # a nature that no list has; pay
}


def counts(said):
    return {code: sum(d["code"] == code for d in said) for code in {d["code"] for d in said}}


def day(sample):
    """The day in a sample's name, when NDJSON has to be told it: AAAAMMJJ."""
    parts = sample.stem.split("_")
    digits = parts[2] if sample.name.startswith("RIAE_FS_") else parts[1] if sample.name.startswith("employee-record") else ""
    return ["--date", f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"] if digits else []


def try_sample(form, sample, temporary):
    expected = pivot_of(sample)
    profile = profile_of(form, sample)
    there, back = (["--profile", profile], ["--to-profile", profile]) if profile else ([], [])
    read = convert(form, "ndjson", sample, *there)
    check(expected.exists() and read.code == 0 and read.out == expected.read_bytes(), f"{sample.name}: the pivot beside it", read.err[:400])
    again = convert(form, form, sample, *day(sample), *there, *back)
    check(again.code == 0 and counts(again.said) == SAID.get(sample.name, {}), f"{sample.name}: nothing else is said", again.err[:400])
    if form in ONE_WAY:
        written = Path(temporary) / sample.name
        written.write_bytes(again.out)
        check(convert(form, form, written, *day(sample), *there, *back).out == again.out, f"{sample.name}: what is written is written again")
        return
    check(again.out == sample.read_bytes(), f"{sample.name}: written as it was")
    through = convert("ndjson", form, expected, *day(sample), *back)
    check(through.code == 0 and through.out == sample.read_bytes(), f"{sample.name}: through NDJSON and back", through.err[:400])


def rows(file):
    return list(csv.DictReader(file.read_text().splitlines(), delimiter=";"))


def receipts_agree(form, outcomes):
    """receipts.csv tells people what codes/*.csv tell the mapping: not two truths."""
    home = FORMATS / form
    receipts = rows(home / "receipts.csv")
    for row in receipts:
        check(all(row[c] for c in ("code", "outcome", "follow_up", "advice_fr", "advice_en")), f"{form}: receipt {row['code']}: complete")
    for name, column in ((outcomes, "outcome"), ("conseil", "follow_up")):
        told = {(r["native"], r["when"]): r["pivot"] for r in rows(home / f"codes/{name}.csv")}
        said = {(r["code"], r["when"]): r[column] for r in receipts if "*" not in r["code"]}
        check(told == said, f"{form}: receipts.csv and codes/{name}.csv agree", set(told.items()) ^ set(said.items()))


def main():
    with folder() as temporary:
        for form in sorted(f.name for f in FORMATS.iterdir() if f.is_dir()):
            for sample in samples(form):
                if form not in ("ndjson", "pivot-csv", "pivot-xlsx"):
                    try_sample(form, sample, temporary)
            check((FORMATS / form / "README.md").exists(), f"{form} has a README.md")
            check(samples(form), f"{form} has samples")
    for form, outcomes in RECEIPTS.items():
        receipts_agree(form, outcomes)
    finish()


main()
