# SPDX-License-Identifier: EUPL-1.2
"""Flows that go through a connector, with a transfer program that plays every ending: nothing lost, nothing twice."""
import datetime
import json
import os
import signal
import subprocess
import time
import urllib.request

from daemon import SOURCE, Daemon, at_connector, flow_in, flow_out, law, main, same

SSH = ('{{ name = "{name}"; partner = "giver"; url = "sftp://127.0.0.1:1"; user = "us"; key = "file:id"; '
       'host_keys = ( "SHA256:' + "A" * 43 + '" ); pause = "1 s"; pause_max = "{most} s"; breaker = {breaker}; {more} }}')


def connector(name="depot", most=2, breaker=3, more=""):
    return SSH.format(name=name, most=most, breaker=breaker, more=more)


def fetched(more="", name="people"):
    return at_connector(flow_in(name, "ndjson"), "depot", 'path = "out"; every = "1 s"; ' + more)


def sent(more="", name="all"):
    return at_connector(flow_out(name, "ndjson"), "depot", 'path = "in"; ' + more)


def person(n):
    return json.dumps({"type": "personne", "id": "p", "record": 1,
                       "fields": {"id_departement": str(n), "nom_usage": f"N{n}", "prenom": "ANNE"}}) + "\n"


class Depot(Daemon):
    """A gateway, and the folder that its transfer program takes for a server."""

    def __init__(self, name, flows, connectors=None):
        super().__init__(name, flows)
        self.configure(flows, connectors=connectors or [connector()])
        self.transfers = ["--transfers", os.path.join(SOURCE, "tests", "gateway", "transfers")]
        self.server = self.path("server")
        for folder in ("in", "out"):
            os.makedirs(os.path.join(self.server, folder))
        os.environ["SERVER"] = self.server

    def put(self, *numbers):
        """A person a file, where the partner puts them."""
        for n in numbers:
            self.write(f"server/out/.{n}.part", person(n))
            os.rename(self.path(f"server/out/.{n}.part"), self.path(f"server/out/{n}.ndjson"))

    def play(self, *lines):
        with open(os.path.join(self.server, ".play"), "w", encoding="utf-8") as f:
            f.write("".join(x + "\n" for x in lines))

    def names(self, folder):
        return sorted(x for x in os.listdir(os.path.join(self.server, folder)) if not x.startswith("."))

    def persons(self):
        """What the partner was given, in all files together."""
        found = []
        for name in self.names("in"):
            if name.endswith(".part"): # may be gone before it is opened
                continue
            with open(os.path.join(self.server, "in", name), encoding="utf-8") as f:
                lines = [json.loads(x) for x in f]
            found += [x["fields"]["nom_usage"] for x in lines if x["type"] == "personne"]
        return sorted(found)

    def did(self, word=""):
        try:
            with open(os.path.join(self.server, ".log"), encoding="utf-8") as f:
                return [line.split(" ", 1)[1].strip() for line in f if word in line]
        except FileNotFoundError:
            return []

    def uploads(self):
        """Files of the flow `all`, which are named all-TIME."""
        return self.did("send all-")

    def went(self, word):
        with open(os.path.join(self.server, ".log"), encoding="utf-8") as f:
            return [float(line.split()[0]) for line in f if word in line]

    def events(self, event):
        return [json.loads(x) for x in self.log().splitlines() if f'"event":"{event}"' in x]

    def taken(self, flow="people"):
        return os.listdir(self.path("state", "remote", flow, "taken"))


def both_ways():
    """Fetched, durable, dismissed; written, sent; a second run has nothing to do but to look."""
    d = Depot("both", [fetched(), sent()])
    d.put(1, 2, 3)
    d.once()
    exchanges = d.exchanges()
    same({e["state"] for e in exchanges}, {"done"}, "states")
    same(sorted(e["name"] for e in exchanges if e["direction"] == "in"), ["1.ndjson", "2.ndjson", "3.ndjson"], "in")
    for e in exchanges:
        law(e)
    same((d.names("out"), d.taken()), ([], []), "sources")
    same(d.persons(), ["N1", "N2", "N3"], "what the partner has")
    d.once()
    same(d.exchanges(), exchanges, "exchanges after a second run")
    same(len(d.uploads()), 1, "sent")


def one_file():
    d = Depot("one", [fetched("one_file = true;")])
    d.put(1, 2, 3)
    d.once()
    same((len(d.exchanges()), d.names("out"), d.taken()), (3, [], []), "one a run, until there is none")


# what the program plays, what becomes of the exchange: state, reason, state of its deliveries, how often it was sent
ENDINGS = [
    (["ok"], "done", None, "sent", 1),
    (["blind"], "done", "exchange.in_doubt", "in_doubt", 1),
    (["cut"], "held", "exchange.in_doubt", "in_doubt", 1),
    (["fail write transfer.rights"], "held", "transfer.rights", "written", 0),
    (["fail write transfer.name_taken"], "held", "exchange.name_taken", "written", 0),
    (["fail login transfer.login"], "queued", "transfer.login", "written", 0),
    (["fail host_key transfer.host_key"], "queued", "transfer.host_key", "written", 0),
    (["retry connect transfer.connect"], "queued", "transfer.connect", "written", 0),
    (["retry write transfer.full"], "queued", "transfer.full", "written", 0),
    (["die_half"], "queued", "transfer.died", "written", 0),
    (["die_whole"], "queued", "transfer.died", "written", 1),
    (["babble"], "queued", "transfer.answers", "written", 0),
    (["long"], "queued", "transfer.answers", "written", 0),
    (["flood"], "queued", "transfer.answers", "written", 0),
    (["silent"], "queued", "transfer.died", "written", 0),
]


def endings_out():
    for plays, state, reason, delivery, times in ENDINGS:
        d = Depot("endings", [flow_in("people", "ndjson"), sent()])
        d.drop("people", "1", person(1))
        d.play(*plays)
        d.once()
        out = d.exchanges("--flow", "all")
        same([(e["state"], e["reason"]) for e in out], [(state, reason)], f"{plays}")
        same(f"{delivery}" in d.run("show", str(out[0]["id"])).stdout.split("deliveries")[1], True, f"{plays}: {delivery}")
        same(len(d.uploads()), times, f"{plays}: sent")


def again_after_a_death():
    """Nobody heard how it ended: the next attempt asks first, and the partner has it once."""
    d = Depot("again", [flow_in("people", "ndjson"), sent()])
    plays = ("die_whole", "die_half", "retry connect transfer.connect")
    for n, play in enumerate(plays, 1):
        d.play(play)
        d.drop("people", play.split()[0], person(len(play)))
        d.start()
        d.wait(lambda: [e["state"] for e in d.exchanges("--flow", "all")] == ["done"] * n, f"done after {play}")
        d.stop()
    same(d.persons(), sorted(f"N{len(x)}" for x in plays), "once")
    same(len(d.did("there")), 1, "asked and found")


# what the program plays while it fetches
DEATHS_IN = ["die", "die_half", "die_fetched", "die_dismissed", "silent", "babble", "retry list transfer.cut",
             "fail login transfer.login"]


def endings_in():
    """Whatever it dies of, the file is taken once, and goes on the server after that."""
    for play in DEATHS_IN:
        d = Depot("in", [fetched()])
        d.put(1, 2)
        d.play(play, play)
        d.start()
        d.wait(lambda: not d.names("out") and len(d.exchanges()) == 2, f"taken in spite of {play}")
        d.wait(lambda: not d.taken(), "dismissed")
        d.wait(lambda: {e["state"] for e in d.exchanges()} == {"done"}, "applied")
        d.stop()
        same([e["state"] for e in d.exchanges()], ["done", "done"], play)
        same(len(d.did("delete")), 2, f"{play}: deleted once each")


def hangs():
    """Beyond its time it is killed, and the flow goes on."""
    d = Depot("hangs", [fetched()])
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", text.replace('wall = "60 s"', 'wall = "1 s"'))
    d.put(1)
    d.play("hang")
    d.start()
    d.wait(lambda: len(d.exchanges()) == 1, "taken after the hang")
    d.stop()
    same([x["code"] for x in d.events("transfer.failed")], ["transfer.limit"], "why")


def breaker():
    """Open after so many failures, said once; a trial a pause_max; closed by the first that is good."""
    d = Depot("breaker", [fetched()], [connector(most=2, breaker=3)])
    d.play(*["retry connect transfer.connect"] * 5)
    d.put(1)
    d.start()
    d.wait(lambda: d.events("connector.open"), "open")
    status = json.loads(d.run("status", "--json").stdout)["daemon"]["connectors"]
    same([(x["connector"], x["state"], x["code"]) for x in status], [("depot", "open", "transfer.connect")], "status")
    same("depot" in d.run("status").stdout, True, "status in words")
    d.wait(lambda: d.events("connector.closed"), "closed")
    d.stop()
    same((len(d.events("connector.open")), len(d.events("connector.closed"))), (1, 1), "said once")
    tries = d.went("fetch people")
    pauses = [b - a for a, b in zip(tries, tries[1:6])]
    same(len(d.did("fetch people retry")), 5, "tries")
    for pause, least in zip(pauses, (0.7, 1.4, 1.4, 1.4, 1.4)):
        same(pause >= least, True, f"pauses grow: {pauses}")


def noticed():
    """Open for longer than it may: told once for all flows there, settled once, and neither by a restart."""
    port = 20000 + os.getpid() % 20000
    d = Depot("noticed", [fetched(), fetched(name="more"), sent()], [connector(most=1, breaker=2, more='tell_after = "1 s";')])
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", f'metrics = "127.0.0.1:{port}"; notices = ( {{ name = "desk"; folder = "desk"; format = "json"; pause = 0; }} );\n' + text)

    def told():
        found = []
        for name in sorted(os.listdir(d.path("desk"))) if os.path.isdir(d.path("desk")) else []:
            with open(d.path("desk", name), encoding="utf-8") as f:
                found += json.load(f)["notices"]
        return found

    def metric():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
            return [x for x in page.read().decode().splitlines() if x.startswith("passerelle_notices") and "connector" in x]

    d.play(*["retry connect transfer.connect"] * 1000)
    d.start()
    d.wait(lambda: told(), "that it is open")
    same([(x["flow"], x["kind"], x["state"], x["connector"]) for x in told()], [("people", "connector", "raised", "depot")], "told")
    for words in ("depot : le serveur de giver", "depot: the server of giver", "check --connect depot"):
        same(any(words in value for value in told()[0].values() if isinstance(value, str)), True, f"{words!r} in {told()}")
    same(metric(), ['passerelle_notices{flow="people",kind="connector"} 1'], "the metric")
    same("connector" in d.run("status", "--json").stdout and "depot: the server" in d.run("status").stdout, True, "status")
    d.stop()
    d.start()
    d.wait(lambda: len(d.events("connector.open")) > 1, "open again")
    d.play()
    d.wait(lambda: len(told()) > 1, "that it is settled")
    d.stop()
    same([x["state"] for x in told()], ["raised", "cleared"], "once each")


def asked_to_wait():
    """The server's own word counts."""
    d = Depot("wait", [fetched()])
    d.play("retry login transfer.http 4")
    d.put(1)
    d.start()
    d.wait(lambda: len(d.exchanges()) == 1, "taken")
    d.stop()
    tries = d.went("fetch people")
    same(4 <= tries[1] - tries[0] < 8, True, f"{tries}")


def requests_keep_their_distance():
    """Not only within a run: between two of them too, whatever they are; and run --once waits for that."""
    d = Depot("distance", [fetched("one_file = true;"), sent("records_max = 1;")], [connector(more="requests_per_minute = 120;")])
    d.put(1, 2)
    d.once()
    same((d.persons(), d.names("out")), (["N1", "N2"], []), "all of it, in and out")
    began = d.went("fetch people") + d.went("send all-")
    began.sort()
    same(len(began) >= 4 and min(b - a for a, b in zip(began, began[1:])) >= 0.45, True, f"half a second apart: {began}")


def quiet():
    now = time.localtime()
    hours = f"{(now.tm_hour - 1) % 24:02d}:00-{(now.tm_hour + 2) % 24:02d}:00"
    d = Depot("quiet", [fetched(), flow_in("x", "ndjson"), sent()], [connector(more=f'quiet = ( "{hours}" );')])
    d.put(1)
    d.drop("x", "2", person(2))
    d.once()
    same((d.did(), [e["state"] for e in d.exchanges("--flow", "all")]), ([], ["queued"]), "nothing in quiet hours")


def no_program():
    d = Depot("program", [fetched()])
    d.transfers = ["--transfers", d.path("nowhere")]
    d.put(1)
    d.once()
    same([x["code"] for x in d.events("transfer.failed")] if os.path.exists(d.path("log")) else [], [], "no log of a run")
    same(d.exchanges(), [], "nothing")


def flows_do_not_wait_for_each_other():
    """What is wrong with one flow's folder keeps no other flow of the connector."""
    d = Depot("others", [fetched("pattern = \"a\";", "first"), fetched(name="people")])
    d.play(*["fail list transfer.folder"])
    d.put(1)
    d.start()
    d.wait(lambda: d.did("delete"), "the other one")
    d.stop()
    same(len(d.events("connector.open")), 0, "the connector is well")


def killed(name, ready, count=6):
    """The gateway dies when `ready`; started again it has all of them once."""
    d = Depot(name, [fetched("one_file = true;"), sent()])
    d.put(*range(count))
    d.start()
    d.wait(lambda: ready(d), name)
    d.process.send_signal(signal.SIGKILL)
    d.process.wait()
    d.start()
    d.wait(lambda: not d.names("out") and not d.taken(), "all taken and dismissed")
    d.wait(lambda: d.persons() == [f"N{n}" for n in range(count)], f"{name}: all sent once", 100)
    d.wait(lambda: {e["state"] for e in d.exchanges()} == {"done"}, "all said")
    d.stop()
    same(sorted(e["name"] for e in d.exchanges("--flow", "people")), [f"{n}.ndjson" for n in range(count)], "once each")


def killed_at_each_step():
    """Each word of the journal or of the program is a moment to die at; without GW_LONG two of them, others each day:
    what was sent when it died waits for its lease."""
    moments = [lambda d, w=word: d.did(w) for word in
               ("fetch people", "fetch 0", "fetch 1", "delete 0", "delete 2", "send all ", "send all-")]
    moments += [lambda d, e=event: d.events(e) for event in
                ("transfer.fetched", "exchange.received", "exchange.written", "exchange.delivered")]
    today = datetime.date.today().toordinal()
    chosen = range(len(moments)) if "GW_LONG" in os.environ else {today % len(moments), (today + 5) % len(moments)}
    for n in chosen:
        killed(f"killed{n}", moments[n])


def stopped_while_sending():
    """A stop waits for nobody; the next start asks whether the partner has it."""
    d = Depot("stopped", [flow_in("people", "ndjson"), sent()])
    d.drop("people", "1", person(1))
    d.play("slow 60")
    d.start()
    d.wait(lambda: d.uploads(), "at the partner's")
    same(d.stop(), 0, "stop")
    same([e["state"] for e in d.exchanges("--flow", "all")], ["queued"], "queued again")
    d.start()
    d.wait(lambda: [e["state"] for e in d.exchanges("--flow", "all")] == ["done"], "done")
    d.stop()
    same((d.persons(), len(d.did("there"))), (["N1"], 1), "once")


def reloaded():
    """A reload waits for what travels, and what was open is tried at once."""
    d = Depot("reloaded", [fetched()], [connector(most=3600, breaker=1)])
    d.play("fail login transfer.login")
    d.put(1)
    d.start()
    d.wait(lambda: d.events("connector.open"), "open")
    d.configure([fetched()], connectors=[connector()])
    d.run("reload")
    d.wait(lambda: not d.names("out") and d.exchanges(), "tried at once")
    d.stop()


def released():
    """What a person found out settles a file in doubt, held or not."""
    for play, word, state, delivery, times in (("cut", "--sent", "done", "sent", 1), ("cut", "--again", "done", "sent", 2),
                                               ("blind", "--sent", "done", "sent", 1), ("blind", "--again", "done", "sent", 2),
                                               ("fail write transfer.name_taken", "--again", "done", "sent", 1)):
        d = Depot("released", [flow_in("people", "ndjson"), sent()])
        d.drop("people", "1", person(1))
        d.play(play)
        d.once()
        out = str(d.exchanges("--flow", "all")[0]["id"])
        d.run("release", out, word)
        d.once()
        e = d.exchanges("--flow", "all")[0]
        same((e["state"], e["reason"] in (None, "exchange.released")), (state, True), f"{play} {word}: {e['reason']}")
        same(delivery in d.run("show", out).stdout.split("deliveries")[1], True, f"{play} {word}")
        same(len(d.uploads()), times, f"{play} {word}: uploads")
        d.run("release", out, word, expect=2)


def at_work(d):
    return [x for x in json.loads(d.run("status", "--json").stdout)["daemon"]["connectors"] if x["at_work"]]


def asked_amid(d):
    """Who asks while a transfer is on its way hears of the one that is begun for it."""
    d.play("wait .go", "fail login transfer.login")
    with subprocess.Popen(d.command("fetch", "people"), stdout=subprocess.DEVNULL):
        d.wait(lambda: d.did("fetch people wait"), "on its way")
        with subprocess.Popen(d.command("fetch", "people"), stdout=subprocess.PIPE, text=True) as second:
            time.sleep(0.5)  # time to ask: where that is not enough, it is the next transfer anyway
            d.write("server/.go", "")
            same(("transfer.login" in second.communicate(timeout=60)[0], second.returncode), (True, 4), "the one behind")


def verbs():
    """Now, by the daemon or alone; dry runs change nothing."""
    d = Depot("verbs", [fetched(), sent(), flow_in("x", "ndjson")])
    d.put(1, 2)
    said = d.run("fetch", "people", "--dry-run").stdout
    same(("1.ndjson" in said, "2.ndjson" in said, d.names("out"), d.did("delete")), (True, True, ["1.ndjson", "2.ndjson"], []),
         said)
    d.run("fetch", "people")
    same((d.names("out"), [e["state"] for e in d.exchanges()]), ([], ["queued", "queued"]), "alone: taken, not applied")
    d.once()
    same(d.persons(), ["N1", "N2"], "applied and sent")
    for words in (["fetch", "x"], ["fetch", "all"], ["send", "people"], ["fetch"], ["fetch", "nothing"]):
        d.run(*words, expect=2)
    d.play("fail login transfer.login")
    d.run("fetch", "people", expect=4)
    d.configure([fetched('schedule = "cron 0 0 1 1 *";'), sent(), flow_in("x", "ndjson")], connectors=[connector()])
    looked = len(d.did("fetch people"))
    d.start()
    d.wait(lambda: len(d.did("fetch people")) > looked, "the first look")
    time.sleep(0.5)
    d.put(3)
    time.sleep(1.5)
    same(d.names("out"), ["3.ndjson"], "not due")
    same(json.loads(d.run("fetch", "people", "--json").stdout)["code"], None, "by the daemon")
    d.wait(lambda: not d.names("out") and not at_work(d), "taken, and no transfer on its way that would play it")
    d.play("fail login transfer.login")
    same("transfer.login" in d.run("fetch", "people", expect=4).stdout, True, "why not")
    asked_amid(d)
    d.stop()


def checked():
    """Step by step, and why not."""
    d = Depot("checked", [fetched(), sent()])
    said = [json.loads(x) for x in d.run("check", "--connect", "--json").stdout.splitlines()]
    same([(x["flow"], x["step"]) for x in said if "step" in x and "ok" in x][:3],
         [("people", "resolve"), ("people", "connect"), ("people", "host_key")], "steps")
    same({x["flow"] for x in said}, {"people", "all"}, "each flow")
    d.play("fail host_key transfer.host_key")
    done = d.run("check", "--connect", "people", expect=4)
    same("transfer.host_key" in done.stdout, True, done.stdout)
    d.run("check", "--connect", "nothing", expect=2)
    d.transfers = ["--transfers", d.path("nowhere")]
    same("transfer.program" in d.run("check", "--connect", expect=4).stdout, True, "no program")


def measured():
    port = 20000 + os.getpid() % 20000
    d = Depot("measured", [fetched(), sent()], [connector(breaker=1, most=3600, more="tell_after = 0;")])
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", f'metrics = "127.0.0.1:{port}";\n' + text)
    d.put(1)
    d.start()
    d.wait(lambda: d.persons() == ["N1"] and not d.taken(), "both ways")
    d.play("retry connect transfer.connect")
    d.wait(lambda: d.events("connector.open"), "open")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    d.stop()
    for line in ('passerelle_connector_open{connector="depot"} 1', 'passerelle_transfers_total{flow="all",result="ok"} 1',
                 f'passerelle_transfer_bytes_total{{flow="people"}} {len(person(1))}'):
        same(line in lines, True, line)
    same([x for x in lines if 'kind="connector"' in x], [], "nobody is to be told of it")


if __name__ == "__main__":
    main([both_ways, one_file, endings_out, again_after_a_death, endings_in, hangs, breaker, noticed, asked_to_wait, requests_keep_their_distance, quiet, no_program,
          flows_do_not_wait_for_each_other, stopped_while_sending, reloaded, released, verbs, checked,
          measured, killed_at_each_step])
