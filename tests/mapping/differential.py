#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The engine against the reference interpreter: same table, same file, same resources, same record back.

usage: differential.py EXE SOURCE [FORMAT...]      exit 77: the reference is not there

The tables are the first ones, beside the reference; the pivot and the nomenclatures are ours. A
difference is a failure unless ALLOWED says by which paragraph of mapping.md the engine is right.
"""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

EXE, SOURCE = sys.argv[1], sys.argv[2]
SHARED = os.path.join(SOURCE, "..", "shared")
if not os.path.exists(os.path.join(SHARED, "mapping", "reference", "interpreter.py")):
    SHARED = os.environ.get("PASSERELLE_SHARED", SHARED)
REFERENCE = os.path.join(SHARED, "mapping", "reference")
if not os.path.exists(os.path.join(REFERENCE, "interpreter.py")):
    print("skipped: ../shared/mapping/reference is not here")
    sys.exit(77)
sys.path.insert(0, REFERENCE)
sys.dont_write_bytecode = True
import interpreter as ref  # noqa: E402

DATA = os.path.join(SHARED, "data")

# (format, side, "type.field" or native path): the paragraph by which the engine differs. A trailing * is any end.
ALLOWED = {
    ("sepa-pain001", "read", "versement.lot_nombre"): "§5 has count as check only; the engine keeps it too, so that a `when` can ask for it",
    ("sepa-pain001", "read", "versement.lot_somme"): "§5 has count as check only; the engine keeps it too, so that a `when` can ask for it",
    ("asp-annexe-financiere", "read", "annexe_financiere.x.*"): "§2 canonical text: a decimal has no trailing zeros, in the extension too",
    ("scdl-subventions", "read", "subvention.periode_debut"): "§5 split: holes are converted, then the type: what is no date does not fit, the next template does",
    ("scdl-subventions", "read", "subvention.periode_fin"): "§5 split: holes are converted, then the type: what is no date does not fit, the next template does",
    ("scdl-subventions", "write", "/datesPeriodeVersement"): "§11: `_` is read, never written",
}

# (case, record) that the engine rejects and the reference does not complain of.
REJECTED = {("scdl", 26): "§5: the calendar is checked, 2017-30-05 is no day"}

# What the first tables write otherwise than mapping.md has it: fold(lower) (§5); a trailer that may be missing is not
# `required` (§3.8: missing is an error).
PATCHES = {"asp-annexe-financiere/fields.csv": [("//FIN;count;required check;", "//FIN;count;check;")],
           "rdv-insertion-usagers/fields.csv": [(";lower", ";fold(lower)")], "rdv-insertion-drome/fields.csv": [(";lower", ";fold(lower)")]}


def unchecked(path):
    """Checks of the pivot (§8) are no mapping, and the reference has none."""
    def strip_checks(value):
        if isinstance(value, dict):
            return {k: strip_checks(v) for k, v in value.items() if k != "x-check"}
        return [strip_checks(v) for v in value] if isinstance(value, list) else value
    whole = json.load(open(path, encoding="utf-8"))
    json.dump(strip_checks(whole), open(path, "w", encoding="utf-8"), ensure_ascii=False, indent=1)


def schemas(folder):
    for part in ("pivot", "nomenclatures"):
        shutil.copytree(os.path.join(SOURCE, "schemas", part), os.path.join(folder, part))
    for name in os.listdir(os.path.join(folder, "pivot")):
        if name.endswith(".json"):
            unchecked(os.path.join(folder, "pivot", name))
    shutil.copy(os.path.join(SOURCE, "schemas", "diagnostics.csv"), folder)
    shutil.copytree(os.path.join(SOURCE, "schemas", "formats", "ndjson"), os.path.join(folder, "formats", "ndjson"))
    for name in os.listdir(os.path.join(SHARED, "mapping")):
        source = os.path.join(SHARED, "mapping", name)
        if os.path.exists(os.path.join(source, "format.conf")):
            shutil.copytree(source, os.path.join(folder, "formats", name), copy_function=shutil.copyfile)
    for path, pairs in PATCHES.items():
        path = os.path.join(folder, "formats", path)
        os.chmod(path, 0o600)
        text = open(path, encoding="utf-8").read()
        for a, b in pairs:
            text = text.replace(a, b)
        open(path, "w", encoding="utf-8").write(text)
    for top, folders, files in os.walk(folder):
        for name in folders:
            os.chmod(os.path.join(top, name), 0o700)


# ---- the reference ----


def context(kids=()):
    node = ref.N("ctx")
    node.path = "//"
    for kid in kids:
        node.add(kid)
    return node


def flat(value, path, out):
    if isinstance(value, dict) and "@tree" in value:
        out[path] = "tree"
    elif isinstance(value, dict):
        for key, item in value.items():
            flat(item, path + "." + key if path else key, out)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            flat(item, "%s[%d]" % (path, i), out)
    elif value not in (None, ""):
        out[path] = value if isinstance(value, str) else json.dumps(value)


def of_reference(insts, root):
    """[(type, {path: text or ("ref", index)})]"""
    place = {id(i.res): n for n, i in enumerate(insts)}
    out = []
    for inst in insts:
        def plain(value):
            if isinstance(value, dict):
                if id(value) in place and value is not inst.res:
                    return ("ref", place[id(value)])
                return {k: plain(v) for k, v in value.items() if v not in (None, [], {})}
            if isinstance(value, list):
                return [plain(v) for v in value if not isinstance(v, tuple)]  # a tuple: of rest, as below
            return "tree" if isinstance(value, ref.N) else value
        fields = {}
        flat_refs(plain({k: v for k, v in inst.res.items() if k != "type" or v != inst.key.split(":")[0]}), "", fields)
        out.append((inst.key.split(":")[0], fields))
    return out


def flat_refs(value, path, out):
    if isinstance(value, tuple):
        out[path] = value
    elif isinstance(value, dict):
        for key, item in value.items():
            flat_refs(item, path + "." + key if path else key, out)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            flat_refs(item, "%s[%d]" % (path, i), out)
    elif value not in (None, ""):
        out[path] = str(value)


def read_reference(case):
    table = ref.load(case.format, dict(case.params))
    if case.profile and case.columns:
        ref.use_profile(table, case.profile)
    env, records = {}, []
    for number, (record, around) in enumerate(case.records()):
        said = []
        top, insts, left = ref.read_record(table, record, around, said, env)
        written = None
        if case.writes:
            written = ref.write_record(table, top.res, [i.res for i in insts], number + 1, env, [], context())
        records.append((of_reference(insts, top.res), written, said, left))
    return records


# ---- the engine ----


def run(folder, arguments, path):
    done = subprocess.run([EXE] + arguments + ["--schemas", folder, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        raise SystemExit("%s: exit %d\n%s" % (" ".join(arguments), done.returncode, done.stderr.decode()[:2000]))
    return done.stdout, done.stderr.decode()


def of_engine(folder, case, path):
    options = ["--from", case.format, "--to", "ndjson", "--lang", "en"] + case.options()
    text, said = run(folder, ["convert"] + options, path)
    groups, order = {}, []
    for line in text.decode().splitlines():
        item = json.loads(line)
        if item["record"] == 0:
            continue
        if item["record"] not in groups:
            order.append(item["record"])
            groups[item["record"]] = []
        groups[item["record"]].append(item)
    return {number: resources(groups[number]) for number in order}, said


def resources(items):
    place = {item["id"]: n for n, item in enumerate(items)}
    out = []
    for item in items:
        fields = {}
        flat(item.get("fields", {}), "", fields)
        refs = {}
        flat(item.get("refs", {}), "", refs)
        for path, text in refs.items():
            fields[path] = ("ref", place[text])
        for group in item.get("ext", {}).values():
            for name, value in group.items():
                if name == "reste":
                    continue  # what no line names: each side keeps it in its own way
                flat(value, "x." + name, fields)
        out.append((item["type"], {k: ("ref", place[v]) if v in place and isinstance(v, str) else v for k, v in fields.items()}))
    return out


# ---- comparing ----


def keyed(items):
    """Refs by what they lead to, so that order and ids do not matter."""
    def own(n):
        return (items[n][0], tuple(sorted((k, v) for k, v in items[n][1].items() if not isinstance(v, tuple))))
    return [(t, {k: "-> %s" % (own(v[1]),) if isinstance(v, tuple) else v for k, v in f.items()}) for t, f in items]


def differences(theirs, ours):
    theirs, ours, out = keyed(theirs), keyed(ours), []
    for kind, fields in theirs:
        near = [o for o in ours if o[0] == kind]
        if not near:
            out.append((kind, "there", None))
            continue
        best = max(near, key=lambda o: sum(o[1].get(k) == v for k, v in fields.items()) - sum(k not in fields for k in o[1]))
        ours.remove(best)
        for name in sorted(set(fields) | set(best[1])):
            if fields.get(name) != best[1].get(name):
                out.append((kind + "." + name, fields.get(name), best[1].get(name)))
    out += [(kind, None, fields) for kind, fields in ours]
    return out


def allowed(case, side, name):
    for (fmt, s, pattern), why in ALLOWED.items():
        if fmt == case.format and s == side and (name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))):
            return why
    return None


class Tally:
    def __init__(self):
        self.bad, self.known, self.shown = 0, {}, 0

    def add(self, case, side, record, name, theirs, ours):
        why = allowed(case, side, strip(name))
        if why:
            self.known[why] = self.known.get(why, 0) + 1
            return
        self.bad += 1
        self.shown += 1
        if self.shown <= 25:
            print("  %s %s record %s %s: reference %r, engine %r" % (case.name, side, record, name, theirs, ours))


def strip(name):
    out, depth = "", 0
    for c in name:
        depth += c == "["
        if not depth:
            out += c
        depth -= c == "]"
    return out


def native_flat(node, path="", out=None):
    """Leaves of a reference tree."""
    out = [] if out is None else out
    for kid in node.kids:
        if kid.kids:
            native_flat(kid, path + "/" + kid.name, out)
        if not kid.kids or kid.text:
            out.append((path + "/" + kid.name, (kid.text or "").strip()))
    return out


def native_equal(case, theirs, ours, tally, number):
    a, b = native_flat(theirs), native_flat(ours)
    if case.loose:  # empty cells and missing ones are alike in a table
        a, b = sorted(x for x in a if x[1]), sorted(x for x in b if x[1])
    for path in sorted(set(p for p, _ in a) | set(p for p, _ in b)):
        x, y = [t for p, t in a if p == path], [t for p, t in b if p == path]
        if x != y:
            tally.add(case, "write", number, path, x, y)


# ---- cases ----


class Case:
    writes, loose, profile, columns, date, split = True, False, None, False, None, False

    def __init__(self, name, fmt, path, **more):
        self.name, self.format, self.path, self.params = name, fmt, path, {}
        self.__dict__.update(more)

    def options(self):
        return (["--profile", self.profile] if self.profile else []) + (["--date", self.date] if self.date else [])

    def records(self):
        return self.parse(open(self.path, "rb").read())


class Json(Case):
    def parse(self, data):
        whole = json.loads(data)
        rows = whole["lignesTelechargement"] if isinstance(whole, dict) else whole
        kids = [ref.from_json(v, k) for k, v in whole.items() if k != "lignesTelechargement"] if isinstance(whole, dict) else []
        kids += [ref.N(k, "text", v) for k, v in self.__dict__.get("around", {}).items()]
        return [(ref.from_json(row), context(kids)) for row in rows]


class Xml(Case):
    def parse(self, data):
        top = ref.from_xml(ET.fromstring(data))
        return [(kid, top) for kid in top.kids if kid.name == "InfosFoyerRSA"]


class Table(Case):
    delimiter, skip, quoted, loose = ",", 0, True, True

    def parse(self, data):
        text = data.decode("utf-8-sig").splitlines()
        quoting = csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        rows = list(csv.reader(text, delimiter=self.delimiter, quoting=quoting))[self.skip:]
        head = context([ref.N("DEB", "text", text[0].split("DEB", 1)[1].rstrip("|"))] if self.skip else [])
        out = []
        for row in rows[1:]:
            if row and row[0].startswith("FIN"):
                continue
            node = ref.N("record")
            for name, cell in zip(rows[0], row):
                node.add(ref.N(name.strip(), "text", cell))
            out.append((node, head))
        return out


class Payments(Xml):
    """One context a group: what stands in PmtInf beside the transfers."""
    writes = False

    def parse(self, data):
        top = ref.from_xml(ET.fromstring(data))
        body, out = top.kids[0], []
        for group in (k for k in body.kids if k.name == "PmtInf"):
            inner = ref.N("PmtInf")
            inner.kids = [k for k in group.kids if k.name != "CdtTrfTxInf"]
            outer = ref.N(body.name)
            outer.kids = [k for k in body.kids if k.name == "GrpHdr"] + [inner]
            around = ref.N(top.name)
            around.add(outer)
            out += [(k, around) for k in group.kids if k.name == "CdtTrfTxInf"]
        return out


# Bodies of our own, with invented people.
ORIENTATIONS = [
    {"parcours": "PED", "organisme": "FT", "structure": {"code_aurore": "33015", "libelle_structure": "AGENCE DE BEGLES"},
     "etat": "OUVERT", "date_entree_parcours": "2025-03-01", "date_creation": "2025-02-27T08:30:00",
     "criteres_orientation": {"origine": "INSCRIPTION_AUTO_CAF", "niveau_etude": "NV4", "contrainte_sante": "IMPACT_FAIBLE_RECHERCHE_EMPLOI", "contrainte_mobilite": "DEPENDANT_TRANSPORT", "brsa": True,
                              "date_naissance": "1985-07-14", "adresse": {"code_commune": "33039", "libelle_commune": "BEGLES", "code_postal": "33130"}}},
    {"parcours": "PSO", "organisme": "CD", "inconnu": "gardé",
     "decision": {"etat_decision": "REFUSEE", "date_decision": "2025-03-02", "organisme_decision": "CD", "motif_refus": "AUTRE", "parcours": "PSP", "organisme": "ML",
                  "structure": {"code_safir": "40123"}}},
]
TRANSFERS = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId>LOT-1</MsgId><CreDtTm>2025-03-01T08:30:00</CreDtTm>
<NbOfTxs>2</NbOfTxs><CtrlSum>30.50</CtrlSum><InitgPty><Nm>DEPARTEMENT</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>G1</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>
<NbOfTxs>2</NbOfTxs><CtrlSum>30.50</CtrlSum><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt><Dt>2025-03-05</Dt></ReqdExctnDt>
<Dbtr><Nm>DEPARTEMENT</Nm></Dbtr><DbtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>AGRIFRPP</BICFI></FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>
<CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">10.25</InstdAmt></Amt><Cdtr><Nm>ASSOCIATION A</Nm></Cdtr><CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct><RmtInf><Ustrd>AIDE MARS</Ustrd></RmtInf></CdtTrfTxInf>
<CdtTrfTxInf><PmtId><EndToEndId>E2</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">20.25</InstdAmt></Amt><Cdtr><Nm>ASSOCIATION B</Nm></Cdtr><CdtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></CdtrAcct></CdtTrfTxInf>
</PmtInf></CstmrCdtTrfInitn></Document>"""


def cases(folder):
    made = os.path.join(folder, "made")
    os.mkdir(made)
    bodies, transfers = os.path.join(made, "orientations.json"), os.path.join(made, "transfers.xml")
    json.dump(ORIENTATIONS, open(bodies, "w", encoding="utf-8"), ensure_ascii=False)
    open(transfers, "w", encoding="utf-8").write(TRANSFERS)
    asp, dep = os.path.join(DATA, "asp"), os.path.join(DATA, "departement")
    return [
        Json("fiche C", "asp-fiche-salarie", asp + "/synthetic/RIAE_FS_20260901085500.json", params={"date": "2026-09-01"}, date="2026-09-01"),
        Json("fiche M", "asp-fiche-salarie-m", asp + "/synthetic/RIAE_FS_20260901105500.json", params={"date": "2026-09-01"}, date="2026-09-01"),
        Json("retour", "asp-fiche-salarie-retour", asp + "/synthetic/RIAE_FS_20260901085500_FichierRetour.json",
             params={"date": "2026-09-01", "name.lot": "20260901085500"}, date="2026-09-01", writes=False),
        Xml("cnaf", "cnaf-rsa", dep + "/cnaf-rsa/RSABEM.xml"),
        Xml("cnaf override", "cnaf-rsa-iodas", dep + "/cnaf-rsa/RSABEM.xml"),
        Table("annexe", "asp-annexe-financiere", asp + "/flux_iae/fluxIAE_AnnexeFinanciere_22022022_112211.csv", delimiter="|", skip=1, quoted=False),
        Table("scdl", "scdl-subventions", dep + "/scdl-subventions/exemple_valide.csv", profile="scdl-2.1.1", columns=True),
        Table("scdl 2017", "scdl-subventions", dep + "/scdl-subventions/etalab-exemple.csv", profile="etalab-2017", columns=True),
        Table("rdv", "rdv-insertion-drome", dep + "/rdv-insertion/fichier_usager_600_lignes.csv", delimiter=";", split=True),
        Json("orientation", "france-travail-orientation", bodies, profile="lecture", params={"profile": "lecture"}),
        Payments("virements", "sepa-pain001", transfers, params={"profile": "001.09"}, profile="001.09"),
    ]


def compare(case, folder, tally):
    theirs = read_reference(case)
    ours, said = of_engine(folder, case, case.path)
    rejected = [n for n in range(1, len(theirs) + 1) if n not in ours]
    for number in rejected:  # the reference complains, and goes on (§9: an error on a required line rejects the record)
        if not theirs[number - 1][2] and (case.name, number) not in REJECTED:
            print("  %s: record %d is rejected, and the reference says nothing of it" % (case.name, number))
            print("    " + "\n    ".join(said.splitlines()[:6]))
            tally.bad += 1
    for number, (items, _, _, _) in enumerate(theirs, 1):
        if number in rejected:
            continue
        for name, a, b in differences(items, ours.get(number, [])):
            tally.add(case, "read", number, name, a, b)
    if not case.writes:
        return len(theirs)
    back = os.path.join(folder, "back-" + os.path.basename(case.path))
    options = ["convert", "--from", case.format, "--to", case.format] + case.options()
    if case.profile:
        options += ["--to-profile", case.profile]
    if case.split:  # the format's limits spread it over files
        os.mkdir(back)
        run(folder, options + ["-o", back + "/"], case.path)
        texts = [open(os.path.join(back, name), "rb").read() for name in sorted(os.listdir(back))]
    else:
        texts = [run(folder, options, case.path)[0]]
    written = [record for text in texts for record in case.parse(text)]
    kept = [(n, theirs[n - 1][1]) for n in range(1, len(theirs) + 1) if n not in rejected]
    if len(written) != len(kept):
        print("  %s: records written: reference %d, engine %d" % (case.name, len(kept), len(written)))
        tally.bad += 1
    for (number, mine), (node, _) in zip(kept, written):
        native_equal(case, mine, node, tally, number)
    return len(theirs)


def main():
    folder, only = tempfile.mkdtemp(prefix="differential-"), sys.argv[3:]
    tally = Tally()
    try:
        schemas(folder)
        for case in cases(folder):
            if only and case.format not in only:
                continue
            if not os.path.exists(case.path):
                print("%s: skipped, its file is not here" % case.name)
                continue
            before, tally.shown = tally.bad, 0
            count = compare(case, folder, tally)
            print("%s (%s): %d records, %s" % (case.name, case.format, count, "same" if tally.bad == before else "%d differences" % (tally.bad - before)))
        for key in (k for k in ALLOWED if not only and ALLOWED[k] not in tally.known):
            print("ALLOWED has %s, which nothing needs any more" % (key,))
            tally.bad += 1
        for why, count in sorted(tally.known.items()):
            print("allowed %d: %s" % (count, why))
    finally:
        shutil.rmtree(folder)
    return 1 if tally.bad else 0


sys.exit(main())
