# SPDX-License-Identifier: EUPL-1.2
"""cnaf-rsa: every element of the XSD has its line and stands in our sample; what we write validates; households that
lack what they must have are named with their line, the others go on. XSD and xmllint where they are."""
import csv
import io
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from gateway import FORMATS, SHARED, Run, check, convert, finish, folder, resources, samples, skip
from table import Table

XSD = SHARED / "data/departement/cnaf-rsa/vrsb0801.xsd"
X = "{http://www.w3.org/2001/XMLSchema}"
MONTHLY = FORMATS / "cnaf-rsa/samples/CG054.RSABEM20260905.xml"
# Written anew each time: the XSD's own test of equality leaves these out.
OURS = {"DTCREAFLUX", "HEUCREAFLUX", "NBTOTDOSRSATRANSM", "NBTOTDOSRSATRANSMANO"}


def leaves_of_xsd():
    root = ET.parse(XSD).getroot()
    known = {e.get("name"): e for e in root.findall(X + "element")}

    def walk(element, place):
        place = f"{place}/{element.get('name') or element.get('ref')}".strip("/")
        content = (known[element.get("ref")] if element.get("ref") else element).find(X + "complexType")
        if content is None:
            yield place
            return
        todo = list(content)
        while todo:
            node = todo.pop(0)
            if node.tag == X + "element":
                yield from walk(node, place)
            else:
                todo = list(node) + todo

    return list(walk(known["Racine"], ""))


def leaves(element, place=""):
    place = f"{place}/{element.tag}".strip("/")
    if not len(element):
        yield place, (element.text or "").strip()
    for child in element:
        yield from leaves(child, place)


def every_element_is_placed():
    if not XSD.exists():
        skip("the XSD is not there: elements without a line are not looked for")
        return
    table = Table("cnaf-rsa", "Racine/InfosFoyerRSA")
    placed, pivot, extension = set(), set(), set()
    for line in table.lines:
        if line.resource == "let" or not line.path or line.path == "*":
            continue
        for place in table.places(line):
            placed.add(place)
            if line.field and not table.is_list(line):
                (extension if line.field.startswith("x.") else pivot).add(place)
        for name in re.findall(r"\[(\w+)=", line.path):  # a predicate's child is written too
            placed.add(f"{table.places(line)[0].rsplit('/', 1)[0]}/{name}")
    wanted = leaves_of_xsd()
    for place in wanted:
        check(place in placed, f"{place} has a line")
    there = {p for p, _ in leaves(ET.parse(MONTHLY).getroot())}
    for place in wanted:
        check(place in there, f"{place} stands in our sample")
    print(f"XSD: {len(wanted)} elements; {len(pivot & set(wanted))} in the pivot, {len(set(wanted) & extension - pivot)} in the extension")


def validates(file, what):
    if not XSD.exists() or not shutil.which("xmllint"):
        skip(f"{what}: no xmllint or no XSD")
        return
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", XSD, file], capture_output=True, check=False)
    check(done.returncode == 0, f"{what} validates", done.stderr.decode()[:300])


def same_elements(before, after, what):
    """Element by element, padding taken off: blanks here; the formats fill up zeros as they came."""
    for (place, text), (other, again) in zip(leaves(before), leaves(after)):
        name = place.rsplit("/", 1)[-1]
        if not check(place == other, f"{what}: same elements in the same order", f"{place} | {other}"):
            return
        check(text == again or name in OURS, f"{what}: {place}", f"{text!r} became {again!r}")
    check(len(list(leaves(before))) == len(list(leaves(after))), f"{what}: as many elements")


def written_validates(temporary):
    for sample in samples("cnaf-rsa"):
        out = Path(temporary) / sample.name
        check(convert("cnaf-rsa", "cnaf-rsa", sample, "-o", out).code == 0, f"{sample.name}: written")
        validates(sample, sample.name)
        validates(out, f"{sample.name} written")
        same_elements(ET.parse(sample).getroot(), ET.parse(out).getroot(), sample.name)


def cut(text, first, last):
    return text[:text.index(first)] + text[text.index(last):]


# What is taken out of the first household, how it is said.
MISSING = [
    ("a household without a person", "<Personne>", "<DonneesAdministratives>", "Personne"),
    ("a household without administrative data", "<DonneesAdministratives>", "<PrestationRSA>", "SITFAM"),
    ("a household without its right", "<PrestationRSA>", "<Evenement>", "TOPSANSDOMFIXE"),
    ("a household without a claim", "<DemandeRSA>", "<DemandeRMI>", "NUMDEMRSA"),
]


def missing_is_named(temporary):
    text = MONTHLY.read_text(encoding="cp1252")
    line = text[:text.index("<InfosFoyerRSA>")].count("\n") + 1
    for what, first, last, name in MISSING:
        file = Path(temporary) / "missing.xml"
        file.write_text(cut(text, first, last), encoding="cp1252")
        run = convert("cnaf-rsa", "ndjson", file)
        hit = [d for d in run.errors() if d["code"] == "mapping.missing" and name in d["path"]]
        check(hit and hit[0]["line"] >= line and hit[0]["record"] == 1, f"{what} is named with its line", run.said)
        if name == "Personne":
            check(hit and hit[0]["line"] == line, f"{what}: the line of the household", hit)
        kept = {r["record"] for r in resources(run)}
        check(run.code == 1 and 1 not in kept and 2 in kept, f"{what}: rejected, the next one read, exit 1", run.code)


def nothing_is_lost(temporary):
    """An element that no line names is set aside, said once, and comes back in its place."""
    text = MONTHLY.read_text(encoding="cp1252")
    file = Path(temporary) / "newer.xml"
    file.write_text(text.replace("</SEXE>", "</SEXE>\n\t\t\t\t<NATIO>FRA</NATIO>", 1), encoding="cp1252")
    run = convert("cnaf-rsa", "cnaf-rsa", file)
    told = [d for d in run.said if d["code"] == "mapping.unclaimed"]
    check(run.code == 0 and len(told) == 1 and "NATIO" in told[0]["path"], "an unknown element is said once", run.said)
    check(run.out.decode("cp1252") == file.read_text(encoding="cp1252"), "an unknown element comes back in its place")


def envelope_of_our_own(temporary):
    """A pivot without the instant of creation is written with the clock's."""
    pivot = Path(temporary) / "without.ndjson"
    lines = convert("cnaf-rsa", "ndjson", MONTHLY).out.decode()
    pivot.write_text(re.sub(r'"cree_le":"[^"]*",', "", lines))
    run = convert("ndjson", "cnaf-rsa", pivot)
    check(run.code == 0 and re.search(rb"<DTCREAFLUX>20\d\d-\d\d-\d\d</DTCREAFLUX>\n\t\t<HEUCREAFLUX>\d\d:\d\d:\d\d\.\d{4}</HEUCREAFLUX>", run.out),
          "without an instant of creation, now", run.err[:300])


def counts_are_told():
    run = Run("formats", "cnaf-rsa", "--json")
    counts = next(csv.reader(io.StringIO(run.out.decode())))
    check(run.code == 0 and '"pivot":' in run.out.decode() and '"extension":' in run.out.decode(), "formats counts paths in pivot and extension", counts)


def main():
    with folder() as temporary:
        every_element_is_placed()
        written_validates(temporary)
        missing_is_named(temporary)
        nothing_is_lost(temporary)
        envelope_of_our_own(temporary)
        counts_are_told()
    finish()


main()
