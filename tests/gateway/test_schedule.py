# SPDX-License-Identifier: EUPL-1.2
"""Flows with hours of their own, what is told when a file does not come, comes empty or is not taken."""
import json
import os
import re
import socket
import time

from daemon import Daemon, flow_in, flow_out, main, same
from partner import Gateway

PERSON = '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"Quatrebarbes"}}\n'
NEVER_SOON = "every 1000 d"
DAY = 86400
MAIL = 'connectors = ( { name = "mail"; partner = "giver"; url = "smtp://localhost"; } );'


def configure(d, flows, told='{ name = "desk"; folder = "desk"; format = "json"; pause = 0; }'):
    d.configure(flows)
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", f"notices = ( {told} );\n" + text)


def wake(d):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(d.path("state/control"))
        s.send(b"wake")
        s.recv(1000)


def said(d, event, kind):
    lines = [json.loads(x) for x in d.log().splitlines() if x.startswith("{")]
    return len([x for x in lines if x.get("event") == event and x.get("kind") == kind])


def letters(d, folder="desk"):
    """(kind, state) of all that was told, in order."""
    told = []
    if os.path.isdir(d.path(folder)):
        for name in sorted(os.listdir(d.path(folder))):
            with open(d.path(folder, name), encoding="utf-8") as f:
                told += [(x["kind"], x["state"]) for x in json.load(f)["notices"]]
    return told


def noticed(d):
    return [(x["flow"], x["kind"]) for x in json.loads(d.run("status", "--json").stdout)["notices"]]


def remember(d, flow, **state):
    d.write(f"state/notices/{flow}.json", json.dumps({"due": 0, "spent": 0, "came": False, **state}))


def a_folder_has_its_hours():
    d = Daemon("hours", [flow_in("people", "ndjson", f'schedule = "{NEVER_SOON}";')])
    d.drop("people", "1.ndjson", PERSON % 1)
    d.start()
    d.wait(lambda: '"event":"exchange.done"' in d.log(), "the look at the start")
    d.drop("people", "2.ndjson", PERSON % 2)
    time.sleep(3)
    same(os.path.exists(d.path("in/people/2.ndjson")), True, "poll is a second, but it is not time yet")
    wake(d)
    d.wait(lambda: len(d.exchanges()) == 2, "who is woken looks")
    d.stop()


def a_destination_has_its_hours():
    d = Daemon("out_hours", [flow_in("people", "ndjson"), flow_out("all", "ndjson", more=f'schedule = "{NEVER_SOON}";')])
    d.drop("people", "1.ndjson", PERSON % 1)
    d.start()
    d.wait(lambda: '"event":"exchange.done"' in d.log(), "the file")
    time.sleep(2)
    same(d.files_out("all"), [], "it is not time yet")
    wake(d)
    d.wait(lambda: len(d.files_out("all")) == 1, "who is woken writes")
    d.stop()
    d.configure([flow_in("people", "ndjson"), flow_out("all", "ndjson", more='schedule = "every 1 s";')])
    d.drop("people", "2.ndjson", PERSON % 2)
    d.start()
    d.wait(lambda: len(d.files_out("all")) == 2, "in a second it is time")
    d.stop()


def late():
    d = Daemon("late", [])
    configure(d, [flow_in("people", "ndjson", 'expected = "every 3 s";')])
    d.start()
    d.wait(lambda: said(d, "notice.raised", "late"), "that nothing came")
    d.wait(lambda: letters(d) == [("late", "raised")], "that it is told")
    same(noticed(d), [("people", "late")], "status")
    same("expected by" in d.run("status").stdout, True, "status says it in words")
    time.sleep(7)
    same(said(d, "notice.raised", "late"), 1, "it is raised once, however often it was missed since")
    same(json.loads(d.run("status", "--json").stdout)["notices"][0]["missed"] >= 2, True, "but that is counted")
    d.stop()
    d.start()
    time.sleep(3)
    same(said(d, "notice.raised", "late"), 1, "a start raises nothing again")
    same(letters(d), [("late", "raised")], "and tells nothing again")
    d.drop("people", "1.ndjson", PERSON % 1)
    d.wait(lambda: said(d, "notice.cleared", "late") == 1, "that it came")
    d.wait(lambda: letters(d)[:2] == [("late", "raised"), ("late", "cleared")], "that this is told")
    d.stop()


def what_came_before():
    """A file of the same content is no new exchange, but it came."""
    d = Daemon("duplicate", [flow_in("people", "ndjson", 'expected = "00:00";')])
    d.drop("people", "1.ndjson", PERSON % 1)
    d.once()
    remember(d, "people", due=int(time.time()) - DAY, spent=1)
    d.drop("people", "1.ndjson", PERSON % 1)
    d.once()
    same(noticed(d), [], "it came")
    remember(d, "people", due=int(time.time()) - DAY, spent=1)
    d.once()
    same(noticed(d), [("people", "late")], "nothing came")


def what_came_over_the_api():
    """A file of the API's is one that was waited for, and so is the same one again."""
    d = Gateway("over_api", more='expected = "every 3 s";')
    d.write("conf.d/notices.conf", 'notices = ( { name = "desk"; folder = "desk"; format = "json"; pause = 0; } );')
    d.start()
    for n in (1, 2):
        d.wait(lambda: said(d, "notice.raised", "late") == n, "that nothing came")
        same(d.post(PERSON % 1)[2]["seen"], n == 2, "the same file the second time")
        d.wait(lambda: said(d, "notice.cleared", "late") == n, "that it came")
    d.stop()


def while_nobody_ran():
    d = Daemon("down", [flow_in("people", "ndjson", 'expected = "00:00";'), flow_in("other", "ndjson", 'expected = "00:00";')])
    d.once()
    same(noticed(d), [], "what is expected from now on is not late yet")
    for flow in ("people", "other"):
        remember(d, flow, due=int(time.time()) - 3 * DAY)
    d.drop("other", "1.ndjson", PERSON % 1)
    log = d.once().stderr
    same(log.count("notice.raised"), 1, "three times missed are one notice")
    found = json.loads(d.run("status", "--json").stdout)["notices"]
    same([(x["flow"], x["kind"], x["missed"]) for x in found], [("people", "late", 3)], "what lay there came")
    same("notice.raised" in d.once().stderr, False, "and it is raised once")


def empty():
    d = Daemon("empty", [])
    configure(d, [flow_in("people", "ndjson", 'expected = "00:00";'), flow_in("free", "ndjson")])
    d.drop("people", "1.ndjson", "")
    d.drop("free", "1.ndjson", "")
    d.once()
    same([x["read"] for x in d.exchanges()], [0, 0], "they have no record")
    same(noticed(d), [("people", "empty")], "where a file is expected, that is told")
    d.drop("people", "2.ndjson", PERSON % 1)
    d.once()
    same(noticed(d), [], "the next one has one")
    same(letters(d), [("empty", "raised"), ("empty", "cleared")], "both are told")


def undelivered():
    d = Daemon("undelivered", [])
    configure(d, [flow_in("people", "ndjson"), flow_out("all", "ndjson", more='deliver_within = "2 s";')])
    d.write("out/all", "a file where the folder should be")
    d.drop("people", "1.ndjson", PERSON % 1)
    d.start()
    d.wait(lambda: said(d, "notice.raised", "undelivered"), "that it waits")
    same(noticed(d), [("all", "undelivered")], "status")
    os.remove(d.path("out/all"))
    d.wait(lambda: said(d, "notice.cleared", "undelivered"), "that it is there", 90)
    d.wait(lambda: letters(d) == [("undelivered", "raised"), ("undelivered", "cleared")], "letters")
    d.stop()


def of_the_gateway():
    """The backup that is not made and the head that is not signed have no flow: raised once, settled once."""
    d = Daemon("gateway", [])
    configure(d, [flow_in("people", "ndjson")])
    with open(d.path("gateway.conf"), "a", encoding="utf-8") as f:
        f.write('backup = { folder = "backups"; schedule = "every 1 h"; key = "backup.key"; };\n')
    d.run("backup", "--new-key", d.path("backup.key"))
    for name in ("backups", "state/heads"):
        d.write(name, "a file where the folder should be")
    raised, cleared = ([("backup", state), ("head", state)] for state in ("raised", "cleared"))
    for n in (1, 2):
        d.start()
        d.wait(lambda: d.log().count('"event":"backup.failed"') == n and d.log().count('"event":"audit.head_unwritten"') >= n, "both fail")
        d.wait(lambda: sorted(letters(d)) == raised, "that is told")
        time.sleep(3)
        same(sorted(letters(d)), raised, "once, whoever starts again")
        same(noticed(d), [(None, "backup"), (None, "head")], "status")
        d.stop()
    text = d.run("status").stdout
    same([len(re.findall(words, text)) for words in ("the scheduled backup was not made; the last: none", r"since [-: \d]{16} the end of the audit trail could not be signed")],
         [1, 1], f"each once in words: {text}")
    said_of = [x for name in sorted(os.listdir(d.path("desk"))) for x in json.load(open(d.path("desk", name), encoding="utf-8"))["notices"]]
    backup = next(x for x in said_of if x["kind"] == "backup")
    same((backup["flow"], backup["partner"]), (None, None), "no flow")
    same(re.fullmatch(r"since [-: \d]{16} the scheduled backup could not be made", backup["message_en"]) is not None, True, backup["message_en"])
    for name in ("backups", "state/heads"):
        os.remove(d.path(name))
    d.start()
    d.wait(lambda: sorted(letters(d)) == sorted(raised + cleared), "that both are well is told")
    same(noticed(d), [], "status")
    d.stop()


def what_comes_and_goes():
    """Within the pause of a recipient what was settled meanwhile is not told."""
    d = Daemon("pause", [])
    told = ('{ name = "desk"; folder = "desk"; format = "json"; pause = "1 h"; }, '
            '{ name = "hall"; folder = "hall"; lang = "fr"; pause = 0; }')
    configure(d, [flow_in("people", "ndjson", 'expected = "every 3 s";'), flow_in("other", "ndjson", 'expected = "00:00";')],
              told)
    remember(d, "people", due=int(time.time()) + 17) # time for the first letter
    d.drop("other", "1.ndjson", "")
    d.start()
    d.wait(lambda: letters(d) == [("empty", "raised")], "the first letter")
    d.wait(lambda: said(d, "notice.raised", "late"), "another notice")
    d.drop("people", "1.ndjson", PERSON % 1)
    d.wait(lambda: said(d, "notice.cleared", "late"), "that it is settled")
    time.sleep(3)
    same(letters(d), [("empty", "raised")], "the desk has heard nothing of it")
    texts = ""
    for name in sorted(os.listdir(d.path("hall"))):
        with open(d.path("hall", name), encoding="utf-8") as f:
            texts += f.read()
    same("ALERTE  people : le fichier de giver attendu pour le" in texts, True, texts)
    same("RÉGLÉ   people" in texts, True, texts)
    same("{" in texts, False, "nothing is left to fill in")
    d.stop()


def faults():
    d = Daemon("faults", [])
    rows = [
        ('{ folder = "desk"; }', "conf.missing"),
        ('{ name = "desk"; }', "conf.one_of"),
        ('{ name = "desk"; folder = "desk"; connector = "mail"; }', "conf.one_of"),
        ('{ name = "desk"; connector = "mial"; }', "conf.connector"),
        ('{ name = "desk"; connector = "mail"; from = "a@example.org"; }', "conf.missing"),
        ('{ name = "desk"; connector = "mail"; to = ( "a@example.org" ); }', "conf.missing"),
        ('{ name = "desk"; folder = "a"; }, { name = "desk"; folder = "b"; }', "conf.twice"),
        ('{ name = "desk"; folder = "desk"; format = "xml"; }', "conf.value"),
        ('{ name = "desk"; fodler = "desk"; }', "conf.key"),
    ]
    for told, code in rows:
        configure(d, [flow_in("people", "ndjson")], told)
        with open(d.path("gateway.conf"), encoding="utf-8") as f:
            text = f.read()
        d.write("gateway.conf", text.replace("\n", f" {MAIL}\n", 1))
        done = [json.loads(x) for x in d.run("check", "--json", expect=2).stderr.splitlines() if x.startswith("{")]
        same([x["line"] for x in done if x["code"] == code][:1], [1], f"{told}: {done}")
    d.configure([flow_in("people", "ndjson"), flow_out("all", "ndjson", more='expected = "08:00";')])
    same("conf.direction" in d.run("check", expect=2).stderr, True, "nothing is expected of what goes out")


def metric_and_sentence():
    d = Daemon("sentence", [flow_in("people", "ndjson", 'schedule = "working 06:30"; expected = "08:00 working";')])
    text = d.run("check", env={"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}).stdout
    for words in ('looks: "working 06:30", next on 20', ' 06:30 CE', 'expected before: "08:00 working", next on 20', ' 08:00 CE'):
        same(words in text, True, f"{words!r} in {text}")


main([a_folder_has_its_hours, a_destination_has_its_hours, late, what_came_before, what_came_over_the_api, while_nobody_ran, empty,
      undelivered, of_the_gateway, what_comes_and_goes, faults, metric_and_sentence])
