# SPDX-License-Identifier: EUPL-1.2
"""data·inclusion: what is written validates with the published JSON Schema, by a validator that is not ours; what the
public replies of the API hold is read, and what is wrong in them is said at its place."""
import json

from gateway import FORMATS, SHARED, check, convert, finish, skip

SCHEMAS = SHARED / "data/departement/data-inclusion/v1"
REPLIES = SHARED / "data/asp/tests_data/api_mocks/data_inclusion"
KINDS = ("structure", "service")
# read, written; what is said of a reply, and how often
REAL = {
    "structure": (6, 5, {"mapping.missing": 1, "iae.siret_shape": 1, "iae.siret_key": 1}),  # name; 13 digits; an invented key
    "service": (7, 6, {"mapping.missing": 2}),  # name, description
}


def validator(kind):
    try:
        import jsonschema
    except ImportError:
        skip("no python3-jsonschema: what is written is not validated")
        return None
    file = SCHEMAS / f"{kind}.json"
    if not file.exists():
        skip(f"{file.name} is not there: what is written is not validated")
        return None
    return jsonschema.Draft202012Validator(json.loads(file.read_text()), format_checker=jsonschema.FormatChecker())


def validates(kind, document, name):
    judge = validator(kind)
    for item in document["items"] if judge else []:
        faults = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:90]}" for e in judge.iter_errors(item)]
        check(not faults, f"{name}: {item.get('id')} validates", faults)


def bare(value):
    """As data·inclusion reads it: nothing, an empty text and an empty list are the same."""
    return {k: v for k, v in value.items() if v not in (None, "", [])}


def the_reply(kind):
    file = REPLIES / f"{kind}s.json"
    if not file.exists():
        skip(f"{file.name} of the API is not there")
        return
    read, written, expected = REAL[kind]
    run = convert(f"di-{kind}s", f"di-{kind}s", file)
    check(f'"read":{read}' in run.err and f'"written":{written}' in run.err, f"{file.name}: {written} of {read}", run.err[-300:])
    said = {}
    for d in run.said:
        if not d["code"].startswith("iae.commune"):  # lists of communes differ in Paris, Lyon, Marseille as a whole
            said[d["code"]] = said.get(d["code"], 0) + 1
    check(said == expected, f"{file.name}: what is said", said)
    theirs = {i["id"]: bare(i) for i in json.loads(file.read_text())["items"]}
    ours = {i["id"]: bare(i) for i in json.loads(run.out)["items"]}
    gone = set(theirs) - set(ours)
    check(gone == {"emplois-de-linclusion--empty"}, f"{file.name}: only the empty one is a reject", gone)
    for key, item in ours.items():
        check(item == theirs[key], f"{file.name}: {key} comes back whole", set(map(str, item.items())) ^ set(map(str, theirs[key].items())))
    judge = {"items": [i for i in json.loads(run.out)["items"] if i["id"] != "dora--blacklisted-siren-structure"]}  # its SIRET has 13 digits
    validates(kind, judge, file.name)


def main():
    for kind in KINDS:
        sample = FORMATS / f"di-{kind}s/samples/{kind}s.json"
        run = convert(f"di-{kind}s", f"di-{kind}s", sample)
        validates(kind, json.loads(run.out), sample.name)
        the_reply(kind)
    finish()


main()
