# SPDX-License-Identifier: EUPL-1.2
"""No blob: change one pivot field of our samples' pivot, write back, and exactly the native places that are mapped to it
change. Tried for every line of every table that writes a field.

"Mapped to it" is read from the table itself: the places of the lines that name the field, and of those whose conditions
(`when`, `test`, a `let`) name it. All variants of a format go in one file: each is a record of its own."""
import copy
import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from gateway import FORMATS, SOURCE, Run, check, finish, folder, pivot_of, samples
from table import Table

RECORD = {"cnaf-rsa": "Racine/InfosFoyerRSA", "asp-fiche-salarie": "lignesTelechargement", "asp-fiche-salarie-m": "lignesTelechargement",
          "asp-annexe-financiere": "", "asp-fiche-salarie-retour": "lignesTelechargement"}
# (format, field): why no change of this field alone can be written.
CANNOT = {
    ("asp-fiche-salarie", "etape.milieu"): "only DC is ever sent",
    ("asp-fiche-salarie-m", "etape.milieu"): "only DC is ever sent",
}
# Values that must obey a rule of their own, beside what their type allows.
SPECIAL = {
    "personne.nir": lambda v: [nir(v[:10] + n) for n in ("777", "778")],
    "foyer.membres[].parents[].nir": lambda v: [nir(v[:10] + n) for n in ("777", "778")],
    "personne.ntt": lambda v: [v[:-1] + "Z"],
    "personne.id_itou": lambda v: ["f" * 30],
    "personne.id_france_travail": lambda v: ["1112223E"],
    "structure.siret": lambda v: ["80847781401440"],
    "parcours.numero": lambda v: ["999992699999"],
    "annexe_financiere.numero": lambda v: [v[:-5] + "9" + v[-4:], v[:-3] + "5" + v[-2:], v[:-1] + "7"],
    "annexe_financiere.duree_hebdo": lambda v: ["36:30"],
    "accuse.mouvement": lambda v: ["M" if v == "C" else "C"],
    "accuse.code": lambda v: ["3417"],
}
COMMUNES = ["54395", "75113", "97105", "57463", "98818"]


def nir(thirteen):
    number = int(thirteen.replace("2A", "19", 1) if thirteen[5:7] == "2A" else thirteen.replace("2B", "18", 1) if thirteen[5:7] == "2B" else thirteen)
    return f"{thirteen}{97 - number % 97:02}"


# ---- native trees as {place: [texts]} ----

def flatten(value, place, into):
    if isinstance(value, dict):
        for key, inner in value.items():
            flatten(inner, f"{place}/{key}" if place else key, into)
    elif isinstance(value, list):
        for inner in value:
            flatten(inner, place, into)
    else:
        into.setdefault(place, []).append(value)


def from_xml(element, place, into):
    place = f"{place}/{element.tag}" if place else element.tag
    for child in element:
        from_xml(child, place, into)
    if not len(element):
        into.setdefault(place, []).append(element.text)


def native_records(form, out):
    """The context and the records written, flattened."""
    record, context, records = RECORD[form], {}, []
    if form == "cnaf-rsa":
        for child in ET.fromstring(out):
            into = {} if child.tag == "InfosFoyerRSA" else context
            from_xml(child, "Racine", into)
            if into is not context:
                records.append(into)
        return context, records
    if record:
        document = json.loads(out)
        for item in document.pop(record):
            into = {}
            flatten(item, record, into)
            records.append(into)
        flatten(document, "", context)
        return context, records
    lines = out.decode().split("\n")
    context = {"DEB": [lines[0]]}
    header = lines[1].split("|")
    for line in lines[2:]:
        if line.startswith("FIN"):
            context["FIN"] = [line]
        elif line:
            records.append({name: [text] for name, text in zip(header, line.split("|"))})
    return context, records


def differing(before, after):
    return {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}


# ---- pivot fields and other values for them ----

def codes_of(name):
    file = SOURCE / f"schemas/pivot/codes/{name}.csv"
    return [r["code"] for r in csv.DictReader(file.read_text().splitlines(), delimiter=";")] if file.exists() else []


def load_definitions():
    """field ("foyer.membres[].role_rsa") to its definition, for all types."""
    found = {}

    def walk(name, node):
        if "$ref" in node:
            node = json.loads((SOURCE / "schemas/pivot" / node["$ref"]).read_text()) | {"$ref": ""}
        for key, inner in node.get("properties", {}).items():
            found[f"{name}.{key}"] = inner
            walk(f"{name}.{key}", inner)
        if "items" in node:
            found[name + "[]"] = node["items"]
            walk(name + "[]", node["items"])

    for file in (SOURCE / "schemas/pivot").glob("[a-z]*.json"):
        walk(file.stem, json.loads(file.read_text()))
    return found


DEFINITIONS = load_definitions()


def others(field, value):
    """Other values that this field may have."""
    if field in SPECIAL:
        return SPECIAL[field](value)
    definition = DEFINITIONS.get(field, {})
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if "x-codes" in definition:
        codes = [c for c in codes_of(definition["x-codes"]) if c != value]
        return codes[::max(1, len(codes) // 6)] or [value + "_2"]  # an open list
    if field.endswith(("commune", "naissance_commune")):
        return [c for c in COMMUNES if c != value]
    if field.endswith("naissance_pays"):
        return ["99109", "99350", "99101"]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return [value[:8] + d for d in ("17", "16") if d != value[8:]]
    if re.fullmatch(r"\d{4}-\d\d", value):
        return [value[:5] + m for m in ("11", "12") if m != value[5:]]
    if "T" in value and re.fullmatch(r"[\dT:-]+", value):
        return [value[:17] + "42", value[:8] + "17" + value[10:]]
    if re.fullmatch(r"\d+\.\d+|\d+", value) and (definition.get("format") == "decimal" or "." in value):
        return [str(int(value.split(".")[0]) + 1) + value[len(value.split(".")[0]):]]
    swap = {"digit": "7" if value[-1] != "7" else "6", "alpha": "X" if value[-1] != "X" else "Y"}
    return [value[:-1] + (swap["digit"] if value[-1].isdigit() else swap["alpha"])]


class Spot:
    """One value in one resource: where it is, and what the table calls it."""

    def __init__(self, index, way, name, plain, value, keys):
        self.index, self.way, self.name, self.plain, self.value, self.keys = index, way, name, plain, value, keys

    def put(self, bundle, value):
        node = bundle[self.index]
        for step in self.way[:-1]:
            node = node[step]
        node[self.way[-1]] = value


def keyed(table, kind, name):
    """Lists of this name whose items the table chooses by a key: the key's field."""
    found = {m[1] for l in table.lines if l.type == kind for m in re.finditer(re.escape(name) + r"(?:\[\])?\[(\w+)=", l.field)}
    return next(iter(found), None)


def spots(table, bundle, form):
    for index, resource in enumerate(bundle):
        kind = resource["type"]
        roots = [(resource["fields"], ["fields"], "")] + [(g, ["ext", form_of], "x.") for form_of, g in resource.get("ext", {}).items()]
        for root, way, prefix in roots:
            yield from inner_spots(table, index, kind, root, way, prefix, prefix, ())


def inner_spots(table, index, kind, node, way, name, plain, keys):
    for key, value in node.items():
        here, bare = f"{name}{key}", f"{plain}{key}"
        if isinstance(value, dict) and "@tree" not in value:
            yield from inner_spots(table, index, kind, value, way + [key], here + ".", bare + ".", keys)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            choice = keyed(table, kind, here)
            for rank, item in enumerate(value):
                chosen = f"[{choice}={str(item[choice]).lower() if isinstance(item[choice], bool) else item[choice]}]" if choice in item else ""
                several = any(f"{here}[]{chosen}" in l.field for l in table.lines if l.type == kind)
                yield from inner_spots(table, index, kind, item, way + [key, rank], f"{here}{'[]' if several else ''}{chosen}.", f"{bare}[].",
                                       keys + ((here, choice),))
        elif isinstance(value, list):
            yield Spot(index, way + [key], here, f"{kind}.{bare}", value, keys)
        elif not (isinstance(value, str) and re.fullmatch(rf"{kind}-\d+-\d+|[a-z_]+-\d+-\d+", value)) and not isinstance(value, dict):
            yield Spot(index, way + [key], here, f"{kind}.{bare}", value, keys)


# ---- what may change, by the table ----

def scope_of(table, bundle, spot):
    """The scopes of the table whose resource this can be: by their selectors."""
    resource = bundle[spot.index]
    found = []
    for scope in {l.resource for l in table.lines if l.type == resource["type"]}:
        wants = {l.field: re.match(r"const\((.*)\)", l.convs)[1].split("|") for l in table.lines
                 if l.resource == scope and not l.path and l.convs.startswith("const(") and "read" not in l.use}
        if all(resource["fields"].get(f) in v for f, v in wants.items()):
            found.append(scope)
    if len(found) > 1 and resource["type"] == "structure":  # told apart by who refers to them
        refs = {v for r in bundle for k, v in r.get("refs", {}).items() if k == "cofinanceur"}
        found = [f for f in found if f.endswith("financeur") == (resource["id"] in refs)]
    return found


def is_selector(table, spot, scopes):
    return any(l.resource in scopes and l.field == spot.name and not l.path and l.convs.startswith("const(") for l in table.lines)


def is_key(spot):
    return any(spot.name.endswith("." + choice) for _, choice in spot.keys if choice)


def mapped(table, bundle, spot):
    """(places of the lines that write the field, all places that may change with it)"""
    own, may = set(), set()
    scopes = scope_of(table, bundle, spot)
    names = {f"{s}.{spot.name}" for s in scopes}
    selects = is_selector(table, spot, scopes)
    sorts = any(re.search(rf"sort\([+-]?{re.escape(spot.name.split('.')[-1])}\)", l.convs) for l in table.lines)
    for line in table.lines:
        if line.resource == "let" or not line.path:
            continue
        fields = {f"{line.resource}.{f}" for f in line.field.split(" + ")} if line.field else set()
        if fields & names and line.writes():
            own |= set(table.places(line))
            may |= set(table.places(line))
        named = table.names_in(line)
        if named & names or selects and (line.resource in scopes or named & set(scopes)):
            may |= set(table.places(line))
        if (is_key(spot) or sorts) and line.resource in scopes and line.field.split("[")[0] == spot.name.split("[")[0]:
            may |= set(table.places(line))
    return own, may


def under(place, places):
    return any(place == p or place.startswith(p + "/") for p in places)


# ---- one format ----

def records_of(file):
    """[(envelopes, [bundle])]: the resources of each record."""
    envelope, bundles = None, {}
    for line in file.read_text().splitlines():
        resource = json.loads(line)
        if resource["type"] == "enveloppe":
            envelope = resource
        else:
            bundles.setdefault(resource["record"], []).append(resource)
    return envelope, list(bundles.values())


def renumbered(bundle, number):
    text = json.dumps(bundle, ensure_ascii=False)
    text = re.sub(r'"([a-z_]+)-\d+-(\d+)"', rf'"\1-{number}-\2"', text)
    fresh = json.loads(text)
    for resource in fresh:
        resource["record"] = number
    return fresh


def write(form, file, envelope, bundles, rejects):
    lines = ([envelope] if envelope else []) + [r for b in bundles for r in b]
    file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in lines))
    run = Run("convert", "--json", "--from", "ndjson", "--to", form, "--date", "2026-09-01", "--rejects", rejects, file)
    refused = {json.loads(l)["record"] for l in rejects.read_text().splitlines()} if rejects.exists() else set()
    return run, refused


def variants(table, form, bundle):
    """(spot, bundle changed) for each value that may be put."""
    for spot in spots(table, bundle, form):
        if spot.index == 0 and is_selector(table, spot, {bundle[0]["type"]}):
            continue  # another kind is no record of this format: filtered
        if isinstance(spot.value, list):
            pool = codes_of(DEFINITIONS[spot.plain].get("items", {}).get("x-codes", ""))
            for code in pool:
                fresh = copy.deepcopy(bundle)
                spot.put(fresh, [c for c in spot.value if c != code] if code in spot.value else spot.value + [code])
                yield spot, fresh, code
            continue
        for value in others(spot.plain, spot.value):
            fresh = copy.deepcopy(bundle)
            spot.put(fresh, value)
            yield spot, fresh, None


def member_places(table, spot, code):
    return {p for l in table.lines if l.type == spot.plain.split(".")[0] and l.field == spot.name and l.writes() and
            re.match(rf"member\(!?{code}\)", l.convs) and table.chosen_by_date(l) for p in table.places(l)}


def chosen_by_date(line, day="2026-09-01"):
    """Lines under a `when` of $date only: does it hold on the day of these tests?"""
    match = re.fullmatch(r"\$date(<|>=)(\S+)", line.when)
    return not match or (day < match[2]) == (match[1] == "<")


def try_records(form, table, envelope, bundles, temporary):
    """Every variant of every record, in files of at most 600; returns the lines that a change reached."""
    reached, cases = set(), []
    for bundle in bundles:
        cases += [(bundle, spot, fresh, code) for spot, fresh, code in variants(table, form, bundle)]
    for start in range(0, len(cases), 300):
        part = cases[start:start + 300]
        numbered = [b for k, (base, _, fresh, _) in enumerate(part) for b in (renumbered(base, 2 * k + 1), renumbered(fresh, 2 * k + 2))]
        run, refused = write(form, temporary / "variants.ndjson", envelope, numbered, temporary / "rejects.ndjson")
        (temporary / "rejects.ndjson").unlink(missing_ok=True)
        records = iter(native_records(form, run.out)[1])
        written = {n: next(records) for n in range(1, 2 * len(part) + 1) if n not in refused}
        for k, (base, spot, fresh, code) in enumerate(part):
            if 2 * k + 1 not in written:
                check(False, f"{form}: the sample's own record is written", run.err[:300])
            elif 2 * k + 2 in written:
                reached |= compare(form, table, base, spot, fresh, code, written[2 * k + 1], written[2 * k + 2])
    return reached


def compare(form, table, base, spot, fresh, code, before, after):
    ranks = {p for l in table.lines if l.convs == "line" for p in table.places(l)}
    changed = differing(before, after) - ranks
    if code:
        own = may = member_places(table, spot, code)
    else:
        own, may = mapped(table, base, spot)
        may = may | mapped(table, fresh, spot)[1]
        own = own | mapped(table, fresh, spot)[0]
    if not own and not is_key(spot) and not is_selector(table, spot, scope_of(table, base, spot)):
        check(not changed, f"{form}: {spot.plain} is mapped to nothing here and changes nothing", sorted(changed))
        return set()
    check(all(under(p, may) for p in changed), f"{form}: {spot.plain} {code or ''} changes what is mapped to it, and nothing else",
          sorted(p for p in changed if not under(p, may)))
    return {(l.origin) for l in table.lines if any(under(p, table.places(l)) for p in changed & {q for q in changed if under(q, own)})
            and names_field(table, l, base, spot, code)}


def names_field(table, line, bundle, spot, code):
    if not line.writes() or line.resource not in scope_of(table, bundle, spot):
        return False
    if code:
        return line.field == spot.name and re.match(rf"member\(!?{code}\)", line.convs)
    return spot.name in line.field.split(" + ")


def try_envelope(form, table, envelope, bundles, temporary):
    """One file a change: what it has, changed; what it has not, given."""
    reached = set()
    envelope = envelope or {"type": "enveloppe", "id": "enveloppe-0-1", "record": 0, "fields": {}}
    base = native_records(form, write(form, temporary / "e.ndjson", envelope, bundles[:1], temporary / "r.ndjson")[0].out)[0]
    trials = [(s, v) for s in spots(table, [envelope], form) for v in others(s.plain, s.value)]
    trials += [(Spot(0, ["fields", n], n, f"enveloppe.{n}", None, ()), "texte") for l in table.lines if l.type == "enveloppe" and l.writes()
               for n in l.field.split(" + ") if n not in envelope["fields"] and not n.startswith("x.")]
    for spot, value in trials:
        fresh = [copy.deepcopy(envelope)]
        spot.put(fresh, value)
        run, _ = write(form, temporary / "e.ndjson", fresh[0], bundles[:1], temporary / "r.ndjson")
        changed = differing(base, native_records(form, run.out)[0]) if run.code == 0 else set()
        may = mapped(table, [envelope], spot)[1] | mapped(table, fresh, spot)[1]
        check(all(under(p, may) for p in changed), f"{form}: {spot.plain} changes what is mapped to it, and nothing else", sorted(changed))
        reached |= {l.origin for l in table.lines if changed and l.type == "enveloppe" and l.writes() and spot.name in l.field.split(" + ")}
    return reached


def try_format(form, temporary):
    table = Table(form, RECORD[form])
    table.chosen_by_date = chosen_by_date
    reached = set()
    for sample in samples(form):
        envelope, bundles = records_of(pivot_of(sample))
        reached |= try_records(form, table, envelope, bundles, temporary)
        reached |= try_envelope(form, table, envelope, bundles, temporary)
    wanted = [l for l in table.lines if l.resource != "let" and l.field and l.writes() and not table.is_list(l) and chosen_by_date(l)]
    for line in wanted:
        reason = CANNOT.get((form, f"{line.resource}.{line.field}"))
        check(line.origin in reached or reason, f"{form}: {line.resource}.{line.field} at {line.path} was changed alone ({line.origin})")
    print(f"{form}: {sum(l.origin in reached for l in wanted)} of {len(wanted)} lines that write a field")


def main():
    with folder() as temporary:
        for form in RECORD:
            try_format(form, Path(temporary))
    finish()


main()
