# SPDX-License-Identifier: EUPL-1.2
"""Two records of one file with one key: the last stands, and the exchange tells of those that were another."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))
import postgres  # noqa: E402  pylint: disable=wrong-import-position
from daemon import Daemon, flow_in, flow_out, law, main, same  # noqa: E402  pylint: disable=wrong-import-position
from test_flows import add_line, towns  # noqa: E402  pylint: disable=wrong-import-position
from test_workers import fragile, homes  # noqa: E402  pylint: disable=wrong-import-position


def text_of(*people):
    return "".join('{"type":"personne","id":"p","record":%d,"fields":{"id_departement":"%s","nom_usage":"%s"}}\n'
                   % (n, key, name) for n, (key, name) in enumerate(people, 1))


def told(e):
    law(e)
    same(e["state"] in ("done", "done_rejects"), True, f"state of {e}")
    same((e["reason"] is None, "reason_args" in e), (True, False) if not e["reason"] else (False, True), f"both of {e}")
    return e["reason"] and (e["reason"], *(int(e["reason_args"][k]) for k in ("twice", "first", "of")))


def last_of(d, flow):
    return told(d.exchanges("--flow", flow)[-1])


def names_out(d):
    """The last that was said of each."""
    return {x["fields"]["id_departement"]: x["fields"]["nom_usage"] for x in d.lines_out("all")}


def each_way(name, url=None):
    """Both ways of applying, in one store or another; a replay and a file that says it again."""
    for apply in ("record", "file"):
        d = Daemon(f"{name}-{apply}", [flow_in("people", "ndjson", f'apply = "{apply}"; receipt = {{ folder = "receipts"; }};'),
                                       flow_out("all", "ndjson")])
        if url:
            with open(d.path("gateway.conf"), encoding="utf-8") as f:
                conf = f.read()
            d.write("gateway.conf", f'store = "{url(apply)}"; key = "{d.path("key")}";\n' + conf)
        people = (("1", "A"), ("2", "X"), ("1", "B"), ("1", "B"), ("3", "Z"), ("2", "Y"), ("3", "Z"))
        d.drop("people", "a.ndjson", text_of(*people))
        d.once()
        same(last_of(d, "people"), ("exchange.twice", 2, 3, 1), f"told, {apply}")
        same(names_out(d), {"1": "B", "2": "Y", "3": "Z"}, "the last stands")
        d.run("replay", "1")
        d.once()
        same(last_of(d, "people"), ("exchange.twice", 2, 3, 1), f"a replay counts anew, {apply}")
        d.drop("people", "again.ndjson", text_of(*people, ("4", "W")))
        d.once()
        same(last_of(d, "people"), ("exchange.twice", 2, 3, 1), f"a file that says so again, {apply}")
        d.drop("people", "same.ndjson", text_of(("1", "B"), ("5", "V"), ("5", "V"), ("1", "B")))
        d.once()
        same(last_of(d, "people"), None, f"the same content harms nobody, {apply}")
        d.drop("people", "other.ndjson", text_of(("1", "C"), ("5", "U")))
        d.once()
        same(last_of(d, "people"), None, f"another file may say something else, {apply}")
        d.run("fsck")
        yield d


def in_a_file():
    for d in each_way("file"):
        shown(d)


def at_a_server():
    if not postgres.programs():
        print("     no PostgreSQL 15 or newer is installed")
        return
    with postgres.Server() as server:
        def url(name):
            server.sql(f"CREATE DATABASE {name}_twice")
            return server.url(f"{name}_twice")
        for _ in each_way("server", url):
            pass


WORDS = {"en": "records that took the place of another of this file, with the same key and other content: 2; "
               "the first is 3, in place of 1",
         "fr": "enregistrements qui ont pris la place d'un autre de ce fichier, de même clé et d'un autre contenu : 2 ; "
               "le premier est le 3, à la place du 1"}


def shown(d):
    """Whole, in both languages, to the operator and to who sent the file."""
    for lang, words in WORDS.items():
        same(f"  exchange.twice: {words}\n" in d.run("show", "1", "--lang", lang).stdout, True, f"shown, {lang}")
    with open(d.path("receipts", "a.ndjson.accuse.json"), encoding="utf-8") as f:
        receipt = json.load(f)
    same({lang: receipt["reason"]["message_" + lang] for lang in WORDS}, WORDS, "receipt")
    same((receipt["state"], receipt["reason"]["code"], receipt["accepted"]), ("done", "exchange.twice", 7), "receipt")


def resumed():
    """A reader that dies between the records: what was applied before it is counted once, and what comes behind."""
    for apply in ("record", "file"):
        others = [f"N{n}={n}" for n in range(4000)] # more than wait for a batch
        d = fragile(f"resumed-{apply}", ["A=1", "B=2", "A=9", *others, "CRASH=3", "B=7", "A=9"], apply)
        same(last_of(d, "lines"), ("exchange.twice", 2, 3, 1), f"told, {apply}")
        same([r["record"] for r in d.rejects()], [4004], "the reject")


def with_a_reject():
    """A reject that is replayed by itself leaves what was told, and is told if it takes a place."""
    schemas, titles = towns("twice-schemas")
    add_line(titles, "Mrs;MME;;;;;")
    d = Daemon("reject", [flow_in("towns", "towns"), flow_out("all", "ndjson")], schemas=schemas)
    d.drop("towns", "a.csv", "id;title\n1;Mr\n1;Mrs\n2;King\n1;Queen\n")
    d.once()
    same(last_of(d, "towns"), ("exchange.twice", 1, 2, 1), "told")
    add_line(titles, "King;M;;;;read;\nQueen;M;;;;read;")
    ids = [str(r["id"]) for r in d.rejects()]
    for reject, expected in zip(ids, (1, 2)):
        d.run("replay", "--reject", reject)
        d.once()
        same(last_of(d, "towns"), ("exchange.twice", expected, 2, 1), "after a reject")
    same(d.exchanges("--flow", "towns")[0]["state"], "done", "all of it")


if __name__ == "__main__":
    homes()
    main([in_a_file, at_a_server, resumed, with_a_reject])
