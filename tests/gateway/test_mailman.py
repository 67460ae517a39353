# SPDX-License-Identifier: EUPL-1.2
"""Receipts and letters that go through a connector: each arrives, whatever becomes of an attempt."""
import json
import os

from daemon import flow_in, main, same
from test_remote import Depot, connector, fetched, person


def receipts():
    return flow_in("people", "ndjson", 'receipt = { connector = "depot"; path = "in"; };')


def waiting(d):
    return os.listdir(d.path("state/receipts/people"))


def receipt():
    d = Depot("receipt", [receipts()])
    d.drop("people", "a.ndjson", person(1))
    d.once()
    same(d.names("in"), ["a.ndjson.accuse.json"], "what the partner has")
    with open(d.path("server/in/a.ndjson.accuse.json"), encoding="utf-8") as f:
        same(json.load(f)["state"], "done", "whole")
    same(waiting(d), [], "what waits")
    os.unlink(d.path("server/in/a.ndjson.accuse.json"))
    d.once()
    same(d.names("in"), [], "it was given")


def receipt_again():
    """Refused, dead before, half way, behind: it waits, and arrives with a later start."""
    for play in ("retry write transfer.full 0", "fail write transfer.rights", "die", "die_half", "die_whole", "silent"):
        d = Depot("again-" + play.split()[0], [receipts()])
        d.play(play)
        d.drop("people", "a.ndjson", person(1))
        d.once(expect=None)
        same(waiting(d), ["a.ndjson.accuse.json"], f"{play}: what waits")
        d.once()
        same([n for n in d.names("in") if not n.endswith(".part")], ["a.ndjson.accuse.json"], f"{play}: what the partner has")
        same(waiting(d), [], f"{play}: what waits then")


def not_by_a_fetch():
    """Who fetches one flow alone does nothing of the others: their receipts and letters wait for the daemon."""
    d = Depot("alone", [receipts()])
    d.play("retry write transfer.full 0")
    d.drop("people", "a.ndjson", person(1))
    d.once(expect=None)
    same(waiting(d), ["a.ndjson.accuse.json"], "what waits")
    d.configure([receipts(), fetched(name="other")], connectors=[connector()])
    d.put(2)
    d.run("fetch", "other")
    same([(e["name"], e["state"]) for e in d.exchanges()], [("a.ndjson", "done"), ("2.ndjson", "queued")], "fetched")
    same((d.names("in"), waiting(d)), ([], ["a.ndjson.accuse.json"]), "it waits still")
    d.once()
    same((d.names("in"), waiting(d)), (["a.ndjson.accuse.json"], []), "the daemon sends it")


def blind():
    """A server that confirms nothing has it."""
    d = Depot("blind-receipt", [receipts()])
    d.play("blind")
    d.drop("people", "a.ndjson", person(1))
    d.once()
    same((d.names("in"), waiting(d)), (["a.ndjson.accuse.json"], []), "there")


def letter():
    d = Depot("letter", [])

    def told():
        return [(x["kind"], x["state"]) for n in d.names("in") if n.startswith("notices-")
                for x in json.load(open(d.path("server/in", n), encoding="utf-8"))["notices"]]

    d.configure([flow_in("people", "ndjson", 'expected = "00:00";')], connectors=[connector()])
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", 'notices = ( { name = "desk"; connector = "depot"; path = "in"; format = "json"; pause = 0; } );\n' + text)
    d.play("retry write transfer.full 0")
    d.drop("people", "a.ndjson", "")
    d.once(expect=None)
    same(told(), [], "it did not arrive")
    d.once()
    same(told(), [("empty", "raised")], "the next time it does")
    d.once()
    same(told(), [("empty", "raised")], "once")
    d.drop("people", "b.ndjson", person(1))
    d.once()
    same(told(), [("empty", "raised"), ("empty", "cleared")], "and so does that it is settled")


main([receipt, receipt_again, not_by_a_fetch, blind, letter])
