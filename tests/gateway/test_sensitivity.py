# SPDX-License-Identifier: EUPL-1.2
"""x-sensitivity end to end: values marked by their class, and where each mark may be met: in what leaves, in what
shows, in what is logged."""
import csv
import http.client
import io
import json
import os
import shutil
import socket

from daemon import SOURCE, Daemon, flow_in, flow_out, main, same


def patient(name, flows):
    """On a machine that is busy a worker may be slow: nothing here is about that."""
    return Daemon(name, flows, record_wall=60)

MARKS = {"personal": "Pmarkpersonal", "identity": "Imarkidentity", "nir": "288034221802463", "sensitive": "Smarksensitive",
         "judicial": "Jmarkjudicial"}
BAD = {"identity": "Ibadidentity", "nir": "188056421802400", "sensitive": "Sbadsensitive", "judicial": "Jbadjudicial"}
NAMED = ('"personne.*"', '"personne.nir"', '"personne.condamnation"', '"diagnostic.*"', '"diagnostic.contraintes.libelle"')


def schemas(folder):
    """The model with a field of article 10, which it has none of."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(SOURCE, "schemas", "pivot"), os.path.join(folder, "pivot"))
    for name in os.listdir(os.path.join(SOURCE, "schemas")):
        if name != "pivot":
            os.symlink(os.path.join(SOURCE, "schemas", name), os.path.join(folder, name))
    path = os.path.join(folder, "pivot", "personne.json")
    with open(path, encoding="utf-8") as f:
        model = json.load(f)
    for name, more in (("condamnation", {}), ("condamnation_le", {"format": "date"})):
        model["properties"][name] = {"type": "string", "x-sensitivity": "judicial", "x-fr": "condamnation",
                                     "x-en": "conviction", **more}
    with open(path, "w", encoding="utf-8") as f:
        json.dump(model, f, ensure_ascii=False)
    return folder


def record(number, person, diagnosis=None):
    rows = [{"type": "personne", "id": f"p{number}", "record": number, "fields": {"id_departement": f"D{number}", **person}}]
    if diagnosis:
        rows.append({"type": "diagnostic", "id": f"d{number}", "record": number, "refs": {"personne": f"p{number}"},
                     "fields": diagnosis})
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


def planted():
    good = record(1, {"nir": MARKS["nir"], "nom_usage": MARKS["identity"], "condamnation": MARKS["judicial"]},
                  {"acteur_creation": MARKS["personal"], "contraintes": {"libelle": MARKS["sensitive"]}})
    return good + record(2, {"naissance_date": BAD["identity"]}) + record(3, {"nir": BAD["nir"]}) + \
        record(4, {}, {"rqth": BAD["sensitive"]}) + record(5, {"condamnation_le": BAD["judicial"]})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def gateway(name):
    d = patient(name, [flow_in("people", "ndjson", 'receipt = { folder = "receipts"; };'),
                      flow_out("star", "ndjson", '"personne.*", "diagnostic.*"'),
                      flow_out("named", "ndjson", ", ".join(NAMED)),
                      flow_out("few", "ndjson", '"personne.nom_usage"')])
    d.homes[d.homes.index("--schemas") + 1] = schemas(d.path("schemas"))
    port = free_port()
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", f'metrics = "127.0.0.1:{port}";\nnotices = ( {{ name = "team"; folder = "letters"; }} );\n' + text)
    d.drop("people", "1.ndjson", planted())
    d.start()
    for flow in ("star", "named", "few"):
        d.wait(lambda flow=flow: d.files_out(flow), flow)
    d.wait(lambda: os.path.isdir(d.path("receipts")) and os.listdir(d.path("receipts")), "receipt")
    return d, port


def met(text, marks):
    return {kind for kind, mark in marks.items() if mark.lower() in text.lower() or (kind == "nir" and mark[:13] in text)}


def written(d, *folders):
    text = ""
    for folder in folders:
        for place, _, files in os.walk(d.path(folder)):
            for name in files:
                with open(os.path.join(place, name), "rb") as f:
                    text += f.read().decode("utf-8", "replace")
    return text


def page(port, path):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request("GET", path)
    body = c.getresponse().read().decode()
    c.close()
    return body


def what_leaves(d):
    for flow, kinds in (("star", {"personal", "identity"}), ("named", set(MARKS)), ("few", {"identity"})):
        same(met(written(d, f"out/{flow}"), MARKS), kinds, f"leaves by {flow}")
        same(met(written(d, f"out/{flow}"), BAD), set(), f"a value that is none leaves by {flow}")


def what_shows(d, port):
    hidden = {k: v for k, v in MARKS.items() if k != "personal"}
    verbs = [("exchanges",), ("exchanges", "--json"), ("show", "1"), ("show", "1", "--all"), ("show", "1", "--json"), ("show", "1:3"),
             ("show", "--resource", "1"), ("show", "--resource", "1", "--json"), ("rejects",), ("rejects", "--json"),
             ("rejects", "--all", "--export", "-"), ("status",), ("status", "--json"), ("audit",), ("audit", "--json"), ("fsck",),
             ("purge",), ("flows",), ("check",), ("person", "accesses", "1"), ("person", "forget", "1")]
    for verb in verbs:
        said = d.run(*verb, expect=None)
        same(met(said.stdout + said.stderr, {**hidden}) | met(said.stdout + said.stderr, BAD), set(), " ".join(verb))
    for path in ("/metrics", "/health"):
        same(met(page(port, path), {**MARKS}) | met(page(port, path), BAD), set(), path)
    same(len(d.rejects()) >= 3, True, f"there was something to say: {d.rejects()}")
    same(met(d.run("person", "export", "1").stdout, MARKS), set(MARKS), "to the person, all of it")


def what_is_written(d):
    for what, text in (("log", d.log()), ("receipts", written(d, "receipts")), ("letters", written(d, "letters")),
                       ("store", written(d, "state/store.db", "state/heads", "state/notices", "state/running"))):
        same(met(text, MARKS) | met(text, BAD), set(), what)
    with open(d.path("state", "store.db"), "rb") as f:
        content = f.read().decode("latin-1")
    same(met(content, MARKS) | met(content, BAD), set(), "the store's file")


def end_to_end():
    d, port = gateway("marks")
    what_leaves(d)
    what_shows(d, port)
    what_is_written(d)
    d.stop()


def register():
    """What the register says of a flow is what its fields and the model say."""
    d = patient("register", [flow_in("people", "ndjson"), flow_out("named", "ndjson", ", ".join(NAMED)),
                            flow_out("few", "ndjson", '"personne.nom_usage"')])
    d.homes[d.homes.index("--schemas") + 1] = schemas(d.path("schemas"))
    text = d.run("flows", "--register", "--csv").stdout
    heads, *rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    rows = {row[0]: dict(zip(heads, row)) for row in rows}
    same(list(rows), ["people", "named", "few"], "a row a flow")
    same(rows["few"]["categories of data"], "identity (1) : personne : usual name", "one field")
    for word in ("judicial (GDPR art. 10) (1) : personne : conviction", "sensitive (GDPR art. 9) (1) : diagnostic : ",
                 "social security number (1)"):
        same(word in rows["named"]["categories of data"], True, f"{word} in {rows['named']}")
    same((rows["people"]["recipients"], rows["named"]["recipients"]), ("taker (named), taker (few)", "taker"), "recipients")
    same([(r["purpose"], r["legal basis"], r["retention"]) for r in rows.values()], [
        ("test", "test", "kept 90 days, resources that no file speaks of any more included"), ("test", "test", "kept 90 days"),
        ("test", "test", "kept 90 days")], "said")
    page = d.run("flows", "--register", "--html", "--lang", "fr").stdout
    same(["Registre des activités de traitement" in page, "base légale" in page, "http" in page], [True, True, False], "a page")
    same(len(d.run("flows", "--json").stdout.splitlines()), 3, "flows")


if __name__ == "__main__":
    main([end_to_end, register])
