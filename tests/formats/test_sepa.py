# SPDX-License-Identifier: EUPL-1.2
"""SEPA: what is written passes the schemas of ISO 20022, totals are right and are held against what is read."""
import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

from gateway import FORMATS, SHARED, Run, check, convert, finish, folder, pivot_of, profile_of, resources, samples, skip

XSD = SHARED / "data/departement/sepa"
PAIN, CAMT = "sepa-pain001", "sepa-camt053"
NS = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.%s}"


def valid(file, version, what):
    schema = XSD / f"{version}.xsd"
    if not schema.exists() or not shutil.which("xmllint"):
        return skip(f"{what}: no {version}.xsd, or no xmllint")
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, file], capture_output=True, check=False)
    check(done.returncode == 0, f"{what}: passes {version}.xsd", done.stderr.decode()[:300])


def lines(*resources):
    return "".join(json.dumps(r) + "\n" for r in resources).encode()


def payment(n, amount, **fields):
    fields = {"iban_emetteur": "FR0399999000010000000001A00", "iban_beneficiaire": "FR4199999000010000000002200", "date": "2026-05-04", "montant": amount} | fields
    return ({"type": "versement", "id": f"versement-{n}-1", "record": n, "refs": {"emetteur": f"structure-{n}-1", "beneficiaire": f"structure-{n}-2"}, "fields": fields},
            {"type": "structure", "id": f"structure-{n}-1", "record": n, "fields": {"nom": "Département de l'Été"}},
            {"type": "structure", "id": f"structure-{n}-2", "record": n, "fields": {"nom": "Les Jardins & fils — « Bac », " + "x" * 70}})


def write(temporary, profile, *payments):
    source, out = Path(temporary) / "payments.ndjson", Path(temporary) / "out.xml"
    source.write_bytes(lines(*(r for p in payments for r in p)))
    run = convert("ndjson", PAIN, source, "--to-profile", profile, "-o", out)
    return run, out


def texts(file, profile, path):
    name = NS % profile[-2:]
    return [e.text for e in ET.parse(file).getroot().findall("/".join(name + s for s in path.split("/")))]


def no_payments(temporary):
    """The schemas want one transfer at least: who converts nothing is told before it is sent."""
    run, out = write(temporary, "001.09")
    check(run.code == 0 and [d["code"] for d in run.said] == ["output.empty"], "no payments: said", run.err[:300])
    check(b"<NbOfTxs>0</NbOfTxs>" in out.read_bytes(), "no payments: written all the same")


def from_any_payments(temporary):
    """No envelope, no batch, no BIC: what the schemas ask for is made."""
    for profile in ("001.09", "001.03"):
        run, out = write(temporary, profile, payment(1, "10.10"), payment(2, "0.01"), payment(3, "999999999.99", date="2026-05-05", libelle="é" * 200))
        if not check(run.code == 0, f"{profile}: three payments", run.err[:300]):
            continue
        valid(out, f"pain.001.{profile}", f"{profile}: three payments")
        top = "CstmrCdtTrfInitn/"
        check(texts(out, profile, top + "GrpHdr/NbOfTxs") == ["3"] and texts(out, profile, top + "GrpHdr/CtrlSum") == ["1000000010.10"], f"{profile}: totals of the file")
        check(texts(out, profile, top + "PmtInf/NbOfTxs") == ["2", "1"], f"{profile}: a batch a day", texts(out, profile, top + "PmtInf/NbOfTxs"))
        check(texts(out, profile, top + "PmtInf/CtrlSum") == ["10.11", "999999999.99"], f"{profile}: totals of batches", texts(out, profile, top + "PmtInf/CtrlSum"))
        check(texts(out, profile, top + "PmtInf/CdtTrfTxInf/RmtInf/Ustrd") == ["e" * 140], f"{profile}: the text is cut")


REFUSED = (
    ("an amount of nothing", {"montant": "0.00"}, "mapping.bounds"),
    ("an amount below", {"montant": "-3.20"}, "mapping.bounds"),
    ("an amount beyond", {"montant": "1000000000.00"}, "mapping.bounds"),
    ("an IBAN with a wrong key", {"iban_beneficiaire": "FR4299999000010000000002200"}, "iae.iban_key"),
    ("no IBAN", {"iban_beneficiaire": None}, "mapping.missing"),
)


def refusals(temporary):
    for what, change, code in REFUSED:
        first, *others = payment(1, "5.00")
        first["fields"] = {k: v for k, v in (first["fields"] | change).items() if v is not None}
        run, _ = write(temporary, "001.09", (first, *others))
        check(run.code == 1 and code in {d["code"] for d in run.errors()}, f"{what} is refused", run.err[:300])
    first, payer, _ = payment(1, "5.00")
    first["refs"].pop("beneficiaire")
    run, _ = write(temporary, "001.09", (first, payer))
    check(run.code == 1 and "mapping.missing" in {d["code"] for d in run.errors()}, "no payee is refused", run.err[:300])


WRONG = (  # in the sample: what is told, as what, how often, on which lines
    ("the file's count", "<NbOfTxs>3<", "<NbOfTxs>4<", {7}),
    ("the file's sum", ">49750.50<", ">49750.51<", {8}),
    ("a batch's count", "<NbOfTxs>2<", "<NbOfTxs>3<", {17}),
    ("the last batch's sum", ">1750.00</CtrlSum>", ">1750.01</CtrlSum>", {88}),
)


def wrong_totals(temporary):
    sample = FORMATS / PAIN / "samples/virements_2026-04.xml"
    file = Path(temporary) / sample.name
    for what, before, after, at in WRONG:
        text = sample.read_text()
        check(text.count(before) == 1, f"{what}: once in the sample", text.count(before))
        file.write_text(text.replace(before, after))
        run = Run("validate", "--json", "--format", PAIN, file)
        said = [d for line in run.out.decode().splitlines() for d in [json.loads(line)] if d.get("code") == "mapping.total"]
        check(run.code != 0 and {d["line"] for d in said} == at, f"{what}: an error at its line", (run.code, run.out))


def our_samples(temporary):
    for sample in samples(PAIN):
        profile = profile_of(PAIN, sample) or "001.09"
        valid(sample, f"pain.001.{profile}", sample.name)
        out = Path(temporary) / sample.name
        run = convert("ndjson", PAIN, pivot_of(sample), "--to-profile", profile, "-o", out)
        check(run.code == 0 and out.read_bytes() == sample.read_bytes(), f"{sample.name}: written from its pivot", run.err[:300])
        other = "001.03" if profile == "001.09" else "001.09"
        run = convert(PAIN, PAIN, sample, "--profile", profile, "--to-profile", other, "-o", out)
        check(run.code == 0, f"{sample.name}: as {other}", run.err[:300])
        valid(out, f"pain.001.{other}", f"{sample.name} as {other}")
    run = convert(PAIN, "ndjson", FORMATS / PAIN / "samples/001.03_virements_2026-04.xml")
    check(run.code == 0 and not run.said, "the version is told by the namespace", run.err[:300])
    run = convert(PAIN, "ndjson", FORMATS / PAIN / "samples/001.03_virements_2026-04.xml", "--profile", "001.09")
    check(run.code == 3 and [d["code"] for d in run.errors()] == ["xml.namespace"], "the other version is refused by name", run.err[:300])


def of_type(run, kind):
    return [r["fields"] for r in resources(run) if r["type"] == kind]


def signed(amount, way):
    return Decimal(amount) if way == "CREDIT" else -Decimal(amount)


def balanced(entries, what):
    """The opening balance and what was booked make the closing one."""
    first = entries[0]
    booked = sum(signed(e["montant"], e["sens"]) for e in entries)
    check(signed(first["solde_ouverture"], first["solde_ouverture_sens"]) + booked ==
          signed(first["solde_cloture"], first["solde_cloture_sens"]), f"{what}: the balances", entries)


def statements_are_valid(temporary):
    """What is written has the balances that the schemas ask for."""
    for sample in samples(CAMT):
        profile = profile_of(CAMT, sample) or "001.02"
        out = Path(temporary) / sample.name
        run = convert("ndjson", CAMT, pivot_of(sample), "--to-profile", profile, "-o", out)
        check(run.code == 0 and out.read_bytes() == sample.read_bytes(), f"{sample.name}: written from its pivot", run.err[:300])
        valid(out, f"camt.053.{profile}", sample.name)


def what_was_booked():
    """A statement names the transfers that were ordered, in both versions the same."""
    ordered = {f.get("reference") for f in of_type(convert(PAIN, "ndjson", FORMATS / PAIN / "samples/virements_2026-04.xml"), "versement")}
    told = []
    for sample in samples(CAMT):
        profile = profile_of(CAMT, sample)
        run = convert(CAMT, "ndjson", sample, *(["--profile", profile] if profile else []))
        payments = of_type(run, "versement")
        check(run.code == 0 and {p["reference"] for p in payments} <= ordered, f"{sample.name}: transfers that were ordered", payments)
        check([p["reference"] for p in payments if p.get("motif_retour")] == ["DLB-1205-1"], f"{sample.name}: the one that came back")
        entries = of_type(run, "ecriture")
        told.append([(e["sens"], e["montant"]) for e in entries])
        balanced([e for e in entries if e["statut"] == "BOOK"], sample.name)
    check(told and all(t == [("DEBIT", "48000.5"), ("CREDIT", "3000"), ("DEBIT", "12.4")] for t in told), "the entries", told)


def a_public_statement():
    file = XSD / "camt053.v2.minimal.xml"
    if not file.exists():
        return skip(f"{file.name} is not there")
    run = convert(CAMT, "ndjson", file)
    entry = of_type(run, "ecriture")
    check(run.code == 0 and not run.errors() and len(entry) == 1, f"{file.name}: one entry", run.err[:300])
    check((entry[0]["compte"], entry[0]["sens"], entry[0]["montant"], entry[0]["date_valeur"]) == ("NL26VAYB8060476890", "CREDIT", "8.85", "2015-01-02"), f"{file.name}: what it says", entry)
    opening, closing = ([entry[0].get(f"solde_{when}{what}") for what in ("", "_devise", "_sens", "_le")] for when in ("ouverture", "cloture"))
    check((opening, closing) == (["18.15", "EUR", "CREDIT", "2014-12-30"], ["27", "SEK", "DEBIT", "2014-12-31"]), f"{file.name}: its balances", entry)
    run = convert(CAMT, "ndjson", file, "--profile", "001.08")
    check(run.code == 3 and [d["code"] for d in run.errors()] == ["xml.namespace"], f"{file.name}: the other version is refused by name", run.err[:300])


def main():
    what_was_booked()
    a_public_statement()
    with folder() as temporary:
        our_samples(temporary)
        statements_are_valid(temporary)
        from_any_payments(temporary)
        no_payments(temporary)
        refusals(temporary)
        wrong_totals(temporary)
    finish()


main()
