# SPDX-License-Identifier: EUPL-1.2
"""The API as partners and their enemies meet it: curl, http.client, raw sockets, kills."""
import base64
import errno
import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time

import jsonschema

from daemon import BUILD, SOURCE, Daemon, law, main, same
from partner import BAD, KEYS, Gateway, digest, person, statuses

HEAD = f"Host: x\r\nAuthorization: Bearer {KEYS['giver']}\r\n"
POST = "POST /v1/flows/people/files HTTP/1.1\r\n" + HEAD


def submit_watch_read():
    """curl alone: submits, watches, reads why; another partner's key gets 404."""
    d = Gateway("submit")
    d.start()
    d.write("file.ndjson", person(1) + BAD)
    url = f"http://127.0.0.1:{d.port}"
    answer = json.loads(d.curl("--data-binary", "@" + d.path("file.ndjson"), "-H", "X-File-Name: été.ndjson",
                               url + "/v1/flows/people/files"))
    same(answer, {"id": 1, "exchange": "/v1/exchanges/1", "seen": False}, "the answer")
    e = d.settled(1)
    law(e)
    same({k: e[k] for k in ("flow", "name", "state", "read", "accepted", "rejected", "law")},
         {"flow": "people", "name": "été.ndjson", "state": "done_rejects", "read": 2, "accepted": 1, "rejected": 1,
          "law": True}, "the exchange")
    reject = e["rejects"][0]
    same((reject["record"], reject["line"], reject["path"]), (2, 2, "date_naissance"), "where")
    said = {lang: json.loads(d.curl("-H", f"Accept-Language: {lang}", url + "/v1/exchanges/1"))["rejects"][0]
            ["diagnostics"][0] for lang in ("fr", "en")}
    same([bool(said[x]["message"] and said[x]["advice"]) for x in said], [True, True], "what and what to do")
    same(said["fr"]["message"] != said["en"]["message"], True, "two languages")
    code = ["-o", os.devnull, "-w", "%{http_code}"]
    same(d.curl(*code, url + "/v1/exchanges/1", who="taker"), "404", "another's exchange")
    same(d.curl(*code, url + "/v1/exchanges/2"), "404", "no such exchange")
    same(d.curl(*code, "-d", "x", url + "/v1/flows/people/files", who="taker"), "404", "another's flow")
    same(d.curl(*code, "-d", "x", url + "/v1/flows/closed/files"), "404", "a flow that is not of the API")
    d.stop()


def one_key_one_exchange():
    """Ten times under one Idempotency-Key, one after the other, at once, and across a kill: one exchange."""
    d = Gateway("key")
    d.start()
    file = person(1).encode()
    same({d.post(file, "a.ndjson", "one")[2]["id"] for _ in range(10)}, {1}, "one after the other")
    got = []
    file = person(2).encode()
    threads = [threading.Thread(target=lambda: got.append(d.post(file, "b.ndjson", "two"))) for _ in range(10)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(({x[0] for x in got}, len({x[2]["id"] for x in got})), ({202}, 1), "at once")
    d.kill()
    d.start()
    same(d.post(file, "b.ndjson", "two")[2], {**got[0][2], "seen": True}, "after a kill")
    status, _, problem = d.post(person(3).encode(), "b.ndjson", "two")
    same((status, problem["type"]), (422, "urn:passerelle:problem:api.key_reused"), "another body under that key")
    same(d.post(file, "b.ndjson", "two", flow="others", who="taker")[2]["id"] not in (1, 2), True, "another's key")
    d.stop()
    same(len(d.exchanges("--flow", "people")), 2, "exchanges")


def acknowledged_is_durable():
    """Whoever is killed: each 202 has its exchange afterwards, with those bytes."""
    for victim in ("front", "supervisor"):
        d = Gateway("kill-" + victim)
        d.start()
        acknowledged, stop = {}, threading.Event()

        def send(base):
            for n in range(base, base + 10000):
                try:
                    status, _, answer = d.post(person(n).encode(), f"{n}.ndjson", str(n))
                except (OSError, http.client.HTTPException):
                    return
                if status == 202:
                    acknowledged[answer["id"]] = f"{n}.ndjson"
                if stop.is_set():
                    return

        threads = [threading.Thread(target=send, args=(10000 * k,)) for k in range(1, 9)]
        for t in threads:
            t.start()
        d.wait(lambda: len(acknowledged) > 50, "files")
        if victim == "front":
            os.kill(d.front(), 9)
        else:
            d.kill()
        stop.set()
        for t in threads:
            t.join()
        if victim == "supervisor":
            d.start()
        d.wait(lambda: d.log().count('"api.listening"') == 2, "the API again")
        d.stop()
        known = {e["id"]: e["name"] for e in d.exchanges("--flow", "people")}
        same({k: known.get(k) for k in acknowledged}, acknowledged, "what was acknowledged")
        d.run("fsck")


def outbox():
    d = Gateway("outbox")
    d.start()
    d.settled(d.post(person(1).encode())[2]["id"])
    d.wait(lambda: d.ask("GET", "/v1/flows/all/outbox", who="taker")[2]["files"], "a file out")
    file = d.ask("GET", "/v1/flows/all/outbox", who="taker")[2]["files"][0]
    path = f"/v1/flows/all/outbox/{file['id']}"
    status, heads, data = d.ask("GET", path, who="taker")
    same((status, len(data), digest(data.decode())), (200, file["size"], file["digest"]), "the bytes")
    same(json.loads(data)["fields"]["id_departement"], "1", "the record")
    same(heads["Content-Disposition"].endswith(file["name"]), True, "its name")
    for given, expected in {"bytes=5-": (206, data[5:]), "bytes=0-4": (206, data[:5]), "bytes=-4": (206, data[-4:]),
                            "bytes=2-2": (206, data[2:3]), "bytes=0-99999": (206, data), "lines=1-": (200, data),
                            f"bytes={len(data)}-": (416, None), "bytes=9-3": (200, data)}.items():
        status, heads, part = d.ask("GET", path, who="taker", Range=given)
        same((status, part if expected[1] is not None else None), expected, given)
    same([d.ask(m, p, who="giver")[0] for m, p in (("GET", "/v1/flows/all/outbox"), ("GET", path),
                                                   ("POST", path + "/ack"))], [404] * 3, "another's")
    same(d.ask("GET", path, who="taker")[0], 200, "it waits until it is acknowledged")
    same([d.ask("POST", path + "/ack", who="taker")[0] for _ in range(2)], [204, 204], "acknowledged, and once more")
    same(d.ask("GET", "/v1/flows/all/outbox", who="taker")[2], {"files": [], "next": None}, "the list")
    same(d.ask("GET", path, who="taker")[0], 404, "gone from there")
    d.stop()
    same([e["state"] for e in d.exchanges("--flow", "all")], ["done"], "the exchange")


def validate_and_formats():
    d = Gateway("validate")
    d.start()
    status, _, said = d.ask("POST", "/v1/validate/ndjson", person(1) + BAD)
    same((status, {k: said[k] for k in ("usable", "read", "accepted", "filtered", "rejected")}),
         (200, {"usable": True, "read": 2, "accepted": 1, "filtered": 0, "rejected": 1}), "counts")
    same([(r["record"], r["line"], r["path"]) for r in said["rejects"]], [(2, 2, "date_naissance")], "where")
    same(d.ask("POST", "/v1/validate/ndjson", "no json at all")[2]["accepted"], 0, "no such file")
    same(d.ask("GET", "/v1/exchanges/1")[0], 404, "nothing is kept")
    same(d.ask("GET", "/v1/formats/ndjson")[2]["name"], "ndjson", "a format")
    same([d.ask(*q)[0] for q in (("GET", "/v1/formats/cnaf-rsa"), ("POST", "/v1/validate/cnaf-rsa", "x"))], [404] * 2,
         "a format of no flow of ours")
    d.stop()
    same(d.exchanges(), [], "exchanges")


def problems():
    d = Gateway("problems", api='body_max = "1 kB";', more='pattern = "*.ndjson";')
    d.start()
    cases = {
        401: lambda: d.ask("GET", "/v1/exchanges/1", who="nobody's key"),
        404: lambda: d.ask("GET", "/v1/nothing"),
        405: lambda: d.ask("DELETE", "/v1/exchanges/1"),
        413: lambda: d.post(b"x" * 1001, "a.ndjson"),
        415: lambda: d.ask("POST", "/v1/flows/people/files", "x", Content_Type="multipart/form-data; boundary=x"),
        422: lambda: d.post(b"x", "a.csv"),
    }
    for status, call in cases.items():
        got, heads, problem = call()
        same((got, heads["Content-Type"], problem["status"]), (status, "application/problem+json", status), "a problem")
        same(sorted(problem), ["detail", "instance", "status", "title", "type"], f"{status}: members")
        same(heads["Content-Language"], "fr", "French when nothing is said")
    same(cases[401]()[1]["WWW-Authenticate"], 'Bearer realm="passerelle"', "401")
    same(cases[405]()[1]["Allow"], "GET, HEAD", "405")
    for accept, lang in {"en": "en", "en-GB,fr;q=0.5": "en", "fr,en": "fr", "de": "fr", "en;q=0.1,fr;q=0.9": "fr",
                         "*": "fr"}.items():
        same(d.ask("GET", "/v1/nothing", Accept_Language=accept)[1]["Content-Language"], lang, accept)
    same(d.ask("GET", "/v1/exchanges/1", who=None)[0], 401, "no key")
    same([d.ask("GET", "/health", who=None)[0], d.ask("GET", "/v1/openapi.json", who=None)[0]], [200, 200], "for all")
    for name in ("../x.ndjson", "/etc/x.ndjson", ".x.ndjson", "a\\b.ndjson", "a" * 250 + ".ndjson"):
        status, _, problem = d.post(b"x", name)
        same((status, problem["type"]), (422, "urn:passerelle:problem:api.name"), name)
    named = 'attachment; filename="a\\"b.ndjson"; filename*=UTF-8\'\'%C3%A9t%C3%A9.ndjson'
    number = d.ask("POST", "/v1/flows/people/files", person(4), Content_Disposition=named)[2]["id"]
    same(d.settled(number)["name"], "été.ndjson", "RFC 8187")
    d.stop()
    for secret in [*KEYS.values(), "nobody's key"]:
        same(secret in d.log(), False, "keys are not in the journal")


def two_requests_in_one():
    """What could be read as another request by somebody in front of us is refused, and the line is cut."""
    d = Gateway("smuggling")
    d.start()
    inner = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    refused = {
        "length and chunks": POST + f"Content-Length: {len(inner)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
        "two lengths": POST + f"Content-Length: 1\r\nContent-Length: {len(inner)}\r\n\r\n" + inner,
        "lengths in a list": POST + f"Content-Length: 1, 1\r\n\r\n" + inner,
        "signed length": POST + "Content-Length: +1\r\n\r\nx" + inner,
        "unknown coding": POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + inner,
        "folded length": POST + f"Content-Length:\r\n {len(inner)}\r\n\r\n" + inner,
        "lengthened length": POST + f"Content-Length: {len(inner)}\r\n 1\r\n\r\n" + inner,
        "folded length of no body": "GET /health HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 37\r\n\r\n" + inner,
        "no length": POST + "\r\n" + inner,
        "folded coding": POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + inner,
        "blank before the colon": POST + f"Content-Length : {len(inner)}\r\n\r\n" + inner,
        "two hosts": "GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + inner,
        "no host": "GET /health HTTP/1.1\r\n\r\n" + inner,
        "a body where none is due": "GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /" + inner,
        "NUL in a name": f"GET /health HTTP/1.1\r\nHost: x\r\nX\0Content-Length: {len(inner)}\r\n\r\n" + inner,
        "CR in a value": "GET /health HTTP/1.1\r\nHost: x\r\nX: y\rHost: z\r\n\r\n" + inner,
        "line end in a chunk's extension": POST + "Transfer-Encoding: chunked\r\n\r\n1;a=\"\n\"\r\nx\r\n0\r\n\r\n" + inner,
        "chunk without an end": POST + "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n" + inner,
        "two codings": POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + inner,
        "chunk size": POST + "Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n" + inner,
    }
    for what, text in refused.items():
        got = d.raw(text.encode(), seconds=3)
        found = statuses(got)
        same(set(found) <= {400, 501}, True, f"{what}: {found} {got[:80]!r}")
    same(statuses(d.raw((inner * 3).encode(), seconds=2)), [200] * 3, "a pipeline is no fault")
    same(statuses(d.raw(b"\x16\x03\x01\x02\x00\x01\x00" + b"\0" * 200, seconds=3)) in ([], [400]), True, "TLS")
    same(statuses(d.raw(("GET /health HTTP/1.1\r\nHost: x\r\n" + "X-A: " + "a" * 100000 + "\r\n\r\n").encode(), 3))
         in ([], [413], [431], [400]), True, "a large head")
    same(statuses(d.raw(("GET /health HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n" * 20000 + "\r\n").encode(), 3))
         in ([], [413], [431], [400]), True, "many headers")
    same(d.ask("GET", "/health%00x")[0], 404, "NUL in a path")
    same(d.ask("POST", "/v1/flows/people/files?name=a%00b", "x")[0], 422, "NUL in a name of a file")
    for what, text in {"LF": b"GET /health HTTP/1.1\nHost: x\n\n",
                       "NUL in a value": b"GET /health HTTP/1.1\r\nHost: x\0y\r\n\r\n"}.items():
        same(statuses(d.raw(text, 2)) in ([200], [400], []), True, f"{what}: the library's to say, and one request")
    same(d.ask("GET", "/health")[0], 200, "it lives")
    d.stop()
    same(d.exchanges(), [], "exchanges")


def limits():
    d = Gateway("limits", api='rate = 5; timeout = "2 s"; connections_per_ip = 10; body_max = "100 kB";')
    d.start()
    got = [d.ask("GET", "/v1/flows/people/outbox") for _ in range(8)]
    same([x[0] for x in got], [404] * 5 + [429] * 3, "requests a minute")
    same(1 <= int(got[-1][1]["Retry-After"]) <= 13, True, "Retry-After")
    same(d.ask("GET", "/v1/flows/people/outbox", who="taker")[0], 404, "another partner")
    begun = time.monotonic()
    silent = [socket.create_connection(("127.0.0.1", d.port)) for _ in range(6)]  # those of before may not be gone yet
    silent[0].sendall(b"GET /hea")
    silent[1].sendall(("POST /v1/flows/others/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEYS["taker"] +
                       "\r\nContent-Length: 90000\r\n\r\n").encode())
    same(d.ask("GET", "/health")[0], 200, "others are served")

    def drip():
        try:
            for s in range(60):
                silent[0].sendall(b"a")
                silent[1].sendall(b"a")
                time.sleep(0.2)
        except OSError:
            pass

    t = threading.Thread(target=drip)
    t.start()
    for s in silent:
        s.settimeout(20)
        try:
            while s.recv(4096):
                pass
        except ConnectionResetError:
            pass
    same(time.monotonic() - begun < 10, True, "who is too slow is cut")
    t.join()
    d.stop()
    same(d.exchanges(), [], "exchanges")


def wrong_keys():
    """Who tries keys is told to wait, and not looked at until then; others, and what is for all, are not held up."""
    d = Gateway("strangers", api='rate = 5;')
    d.start()
    tried = ["no", "a.b.c", "", None, KEYS["giver"] + "x"]
    same([d.ask("GET", "/v1/exchanges/1", who=who)[0] for who in tried], [401] * 5, "wrong keys")
    got = [d.ask("GET", "/v1/exchanges/1", who=who) for who in ("no", "a.b.c", "giver")]
    same([x[0] for x in got], [429] * 3, "of that address nothing is looked at any more")
    same(1 <= int(got[0][1]["Retry-After"]) <= 13, True, "Retry-After")
    same(got[0][2]["type"], "urn:passerelle:problem:api.rate", "why")
    same(d.ask("GET", "/health", who=None)[0], 200, "what is open")
    with socket.create_connection(("127.0.0.1", d.port), source_address=("127.0.0.2", 0)) as s:
        s.sendall(("GET /v1/exchanges/1 HTTP/1.1\r\nConnection: close\r\n" + HEAD + "\r\n").encode())
        same(statuses(s.recv(65536)), [404], "another address")
    time.sleep(int(got[0][1]["Retry-After"]) + 0.5)
    same(d.ask("GET", "/v1/exchanges/1")[0], 404, "the time that it said later")
    d.stop()
    d = Gateway("proxied", api='rate = 5; behind_proxy = true;')
    d.start()
    same({d.ask("GET", "/v1/exchanges/1", who="no")[0] for _ in range(8)}, {401}, "behind a proxy all have its address")
    d.stop()


def receipt():
    """The receipt over the API is the one that is left as a file."""
    d = Gateway("receipt", more='receipt = { folder = "receipts"; format = "json"; };')
    d.start()
    path = "/v1/exchanges/1/receipt"
    d.post(person(1) + BAD, "a.ndjson")
    d.settled(1)
    d.wait(lambda: os.path.exists(d.path("receipts/a.ndjson.accuse.json")), "the file")
    status, heads, said = d.ask("GET", path)
    same((status, heads["Content-Type"]), (200, "application/json"), "the receipt")
    with open(d.path("receipts/a.ndjson.accuse.json"), encoding="utf-8") as f:
        same(said, json.load(f), "the file")
    same((said["state"], said["read"], said["rejected"], [r["line"] for r in said["rejects"]]),
         ("done_rejects", 2, 1, [2]), "what it says")
    d.wait(lambda: d.ask("GET", "/v1/flows/all/outbox", who="taker")[2]["files"], "a file out")
    out = d.ask("GET", "/v1/flows/all/outbox", who="taker")[2]["files"][0]["id"]
    for what, who, where in (("another's", "taker", path), ("one out has none", "taker", f"/v1/exchanges/{out}/receipt"),
                             ("none of that number", "giver", "/v1/exchanges/9/receipt")):
        same(d.ask("GET", where, who=who)[0], 404, what)
    d.stop()


def memory_is_flat():
    """A large body goes through, and does not stay."""
    d = Gateway("large", api='body_max = "400 MB";')
    d.start()

    def most():
        with open(f"/proc/{d.front()}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))

    d.post(person(1).encode())
    before = most()
    line = person(7).encode() * 1000

    def chunks():
        for _ in range(2000):
            yield line

    same(d.ask("POST", "/v1/flows/people/files", chunks())[0], 202, "200 MB in chunks")
    same(most() - before < 8000, True, f"peak of {before} kB grew to {most()} kB")
    d.stop()


def shut_in():
    """Who listens can open no file, and has the store neither open nor mapped."""
    d = Gateway("shut_in")
    d.start()
    status = dict(line.rstrip("\n").split(":\t") for line in open(f"/proc/{d.front()}/status", encoding="ascii") if ":\t" in line)
    same(status["NoNewPrivs"], "1", "no new rights")
    same(status["Seccomp"], "0" if os.environ["SANITIZED"] == "1" else "2", "filtered")
    files = [os.readlink(f"/proc/{d.front()}/fd/{n}") for n in os.listdir(f"/proc/{d.front()}/fd")]
    same([f for f in files if "store.db" in f or f.endswith("/key")], [], "what it has open")
    d.stop()


def the_page():
    """docs/fr/api.md as it is written, with keys and a port of the test's own."""
    with open(os.path.join(SOURCE, "docs", "fr", "api.md"), encoding="utf-8") as f:
        page = f.read()
    blocks = {kind: re.findall(r"^```%s\n(.*?)^```" % kind, page, re.M | re.S) for kind in ("conf", "sh", "json")}
    d = Gateway("page")
    conf = blocks["conf"][0].replace("8480", str(d.port))
    for mark, who in (("0", "giver"), ("1", "taker")):
        conf = conf.replace("sha256:" + mark * 64, digest(KEYS[who]))
    d.write("gateway.conf", conf)
    d.write("fiches.ndjson", person(1) + BAD)
    d.run("check")
    d.start()
    env = {**os.environ, "CLE": KEYS["giver"], "CLE_AUTRE": KEYS["taker"]}

    def run(block):
        return subprocess.run(["bash", "-ec", block.replace("8480", str(d.port)).replace("curl ", "curl -sS ")], env=env,
                              cwd=d.folder, capture_output=True, text=True, check=True, timeout=60).stdout

    submit, watch, other, look, fetch = blocks["sh"]
    same(run(submit).strip(), blocks["json"][0].strip(), "202")
    d.settled(1)
    same([r["line"] for r in json.loads(run(watch))["rejects"]], [2], "why")
    same(run(other).startswith("HTTP/1.1 404 "), True, "another's key")
    same('"rejected":1' in run(look), True, "validated")
    d.wait(lambda: d.ask("GET", "/v1/flows/tout/outbox", who="taker")[2]["files"], "a file out")
    same(json.loads(run(fetch))["files"][0]["id"], 2, "the outbox")
    same(json.loads(open(d.path("recu.ndjson"), encoding="utf-8").read())["fields"]["id_departement"], "1", "the file")
    same(d.ask("GET", "/v1/flows/tout/outbox", who="taker")[2]["files"], [], "acknowledged")
    d.stop()


class Document:
    """The OpenAPI document, and what of it was seen to be true."""

    def __init__(self, d):
        self.document = d.ask("GET", "/v1/openapi.json", who=None)[2]
        self.gateway, self.seen = d, set()

    def check(self, operation, call):
        path, method, said = next((p, m, o) for p, ms in self.document["paths"].items() for m, o in ms.items()
                                  if o["operationId"] == operation)
        status, heads, body = call()
        answer = said["responses"].get(str(status))
        same(answer is not None, True, f"{method} {path}: {status} is not in the document: {body}")
        self.seen.add((operation, str(status)))
        content = answer.get("content")
        if not content:
            same(body, b"", f"{path} {status}")
            return
        kind = heads["Content-Type"]
        same(list(content), [kind], f"{path} {status}: media")
        if "json" in kind:
            jsonschema.Draft202012Validator({**content[kind]["schema"], "components": self.document["components"]}) \
                .validate(body)
        for header in answer.get("headers", {}):
            same(header in heads, True, header)


def document():
    """Every path and every answer of it happens, and is as the document says; 429, 503 and 507 apart, which need a
    gateway in trouble."""
    d = Gateway("document", api='body_max = "100 kB"; rate = 1000;', more='pattern = "*.ndjson";')
    d.start()
    doc = Document(d)
    files, out = "/v1/flows/people/files", "/v1/flows/all/outbox"
    long = {"Idempotency_Key": "k" * 300}
    doc.check("submit", lambda: d.post(person(1) + BAD, "a.ndjson", "k"))
    d.settled(1)
    d.wait(lambda: d.ask("GET", out, who="taker")[2]["files"], "a file out")
    one = f"{out}/{d.ask('GET', out, who='taker')[2]['files'][0]['id']}"
    two = {"Accept_Language": "fr", "accept-language": "en"}
    for operation, ask in {
            "submit": [("POST", files, "x", long), ("POST", files, "x", two), ("POST", files, "x", {"who": "no"}),
                       ("POST", "/v1/flows/none/files", "x", {}), ("POST", files, "x" * 100001, {}),
                       ("POST", files, "x", {"Content_Encoding": "gzip"})],
            "exchange": [("GET", "/v1/exchanges/1", None, {}), ("GET", "/v1/exchanges/1", None, {"who": "no"}),
                         ("GET", "/v1/exchanges/9", None, {}), ("GET", "/v1/exchanges/1?after=x", None, {})],
            "receipt": [("GET", "/v1/exchanges/1/receipt", None, {}), ("GET", "/v1/exchanges/9/receipt", None, {}),
                        ("GET", "/v1/exchanges/1/receipt", None, two),
                        ("GET", "/v1/exchanges/1/receipt", None, {"who": "no"})],
            "outbox": [("GET", out, None, {"who": "taker"}), ("GET", out, None, {"who": "no"}), ("GET", out, None, {}),
                       ("GET", out + "?after=-1", None, {"who": "taker"})],
            "fetch": [("GET", one, None, {"who": "taker"}), ("GET", one, None, {"who": "taker", "Range": "bytes=0-1"}),
                      ("GET", one, None, {"who": "taker", "Range": "bytes=99999-"}), ("GET", one, None, {}),
                      ("GET", one, None, {"who": "no"}), ("GET", one, None, two)],
            "acknowledge": [("POST", one + "/ack", None, {}), ("POST", one + "/ack", None, {"who": "no"}),
                            ("POST", one + "/ack", "x", {"who": "taker"}),
                            ("POST", one + "/ack", None, {"who": "taker"})],
            "format": [("GET", "/v1/formats/ndjson", None, {}), ("GET", "/v1/formats/ndjson", None, {"who": "no"}),
                       ("GET", "/v1/formats/none", None, {}), ("GET", "/v1/formats/ndjson", None, two)],
            "validate": [("POST", "/v1/validate/ndjson", person(1) + BAD, {}),
                         ("POST", "/v1/validate/ndjson", "x", {"who": "no"}), ("POST", "/v1/validate/none", "x", {}),
                         ("POST", "/v1/validate/ndjson", "x" * 100001, {}), ("POST", "/v1/validate/ndjson", "x", two),
                         ("POST", "/v1/validate/ndjson", "x", {"X_File_Name": "../x"}),
                         ("POST", "/v1/validate/ndjson", "x", {"Content_Type": "multipart/mixed"})],
            "openapi": [("GET", "/v1/openapi.json", None, {"who": None}), ("GET", "/v1/openapi.json", None, two)],
            "health": [("GET", "/health", None, {"who": None}), ("GET", "/health", None, two)]}.items():
        for method, path, body, more in ask:
            doc.check(operation, lambda: d.ask(method, path, body, **more))
    expected = {(o["operationId"], status) for ms in doc.document["paths"].values() for o in ms.values()
                for status in o["responses"]} - {(o, s) for o, _ in doc.seen for s in ("429", "503", "507")}
    same(sorted(expected - doc.seen), [], "answers that never came")
    d.stop()


def keys():
    """A key that `key api` makes is one that the API takes."""
    d = Gateway("keys")
    made = json.loads(d.run("key", "api", "--json").stdout)
    d.write("conf.d/more.conf", f'partners = ( {{ name = "third"; api_keys = ( "{made["digest"]}" ); }} );')
    d.start()
    same([d.ask("GET", "/v1/exchanges/1", who=who)[0] for who in (made["key"], made["digest"], made["key"][:-1])],
         [404, 401, 401], "the key, its digest, a part of it")
    said = d.run("key", "api", "third", "--json")
    other = json.loads(said.stdout)
    d.run("key", "api", "nobody", expect=2)
    d.write("conf.d/more.conf",
            f'partners = ( {{ name = "third"; api_keys = ( "{made["digest"]}", "{other["digest"]}" ); }} );')
    d.run("reload")

    def status(key):
        """None while the API starts again."""
        try:
            return d.ask("GET", "/v1/exchanges/1", who=key)[0]
        except OSError:
            return None

    d.wait(lambda: status(other["key"]) == 404, "a second one")
    for wrong in ("", made["digest"][7:14], "sha256:" + "0" * 64):
        d.run("key", "revoke", wrong, expect=2)
    d.run("key", "revoke", made["digest"][:20])
    d.wait(lambda: status(made["key"]) == 401, "revoked while it runs")
    d.wait(lambda: status(other["key"]) == 404, "the other is not")
    listed = {r["digest"]: r["revoked"] for r in map(json.loads, d.run("key", "list", "--json").stdout.splitlines())
              if r["partner"] == "third"}
    same(listed, {made["digest"]: True, other["digest"]: False}, "listed")
    rows = [json.loads(x) for x in d.run("audit", "--json", "partner", "third").stdout.splitlines()]
    same([(r["action"], r["detail"]) for r in rows],
         [("api_key.make", other["digest"][:23]), ("api_key.revoke", made["digest"][:23])], "in the trail")
    same(any(x["key"].encode() in content for x in (made, other) for _, content in d.everything()), False, "no key is kept")
    d.stop()
    for faulty, code in {'address = "0.0.0.0:8480";': "conf.api_open", 'address = "localhost:80";': "conf.api_address",
                         'connections = 1000;': "conf.api_limit", 'key = "-----BEGIN";': "conf.api_secret"}.items():
        d.write("conf.d/more.conf", f"api = {{ {faulty} }};")
        same(code in d.run("check", expect=2).stderr, True, faulty)


class Issuer:
    """Signs tokens; keys are made by openssl."""

    def __init__(self, folder):
        self.folder = folder
        for name, words in {"rsa": ["-algorithm", "RSA"], "other": ["-algorithm", "RSA"],
                            "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}.items():
            self.openssl("genpkey", *words, "-out", self.path(name))
        modulus = self.openssl("rsa", "-in", self.path("rsa"), "-noout", "-modulus").decode().strip().split("=")[1]
        point = self.openssl("pkey", "-in", self.path("ec"), "-pubout", "-outform", "DER")[-64:]
        self.modulus = base64url(bytes.fromhex(modulus))
        self.keys = {"keys": [{"kty": "RSA", "kid": "r", "use": "sig", "n": self.modulus, "e": "AQAB"},
                              {"kty": "EC", "kid": "e", "crv": "P-256", "x": base64url(point[:32]),
                               "y": base64url(point[32:])}]}

    def path(self, name):
        return os.path.join(self.folder, name + ".pem")

    @staticmethod
    def openssl(*words, data=None):
        return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout

    def sign(self, claims, alg="RS256", key="rsa", head=None, secret=None):
        text = ".".join(base64url(json.dumps(x).encode()) for x in ({"alg": alg, **(head or {})}, claims))
        if secret is not None:
            made = hmac.digest(secret, text.encode(), "sha256")
        elif alg == "none":
            made = b""
        else:
            made = self.openssl("dgst", "-sha256", "-sign", self.path(key), data=text.encode())
        if key == "ec":  # DER, of two numbers
            first = made[4:4 + made[3]]
            second = made[6 + made[3]:]
            made = first[-32:].rjust(32, b"\0") + second[-32:].rjust(32, b"\0")
        return text + "." + base64url(made)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def tokens():
    d = Gateway("tokens", api='jwks = "keys.json"; issuer = "https://issuer.test"; audience = "passerelle";',
                partners={"giver": 'api_subjects = ( "app-1" );'})
    issuer, now = Issuer(d.folder), int(time.time())
    d.write("keys.json", json.dumps(issuer.keys))
    d.start()
    good = {"iss": "https://issuer.test", "aud": "passerelle", "sub": "app-1", "exp": now + 600, "nbf": now - 600}

    def but(**more):
        return {k: v for k, v in {**good, **more}.items() if v is not None}

    signed = issuer.sign(good)
    head, body, sign = signed.split(".")
    another = base64url(json.dumps(but(sub="x")).encode())
    refused = {
        "expired": issuer.sign(but(exp=now - 60)), "not yet": issuer.sign(but(nbf=now + 600)),
        "without an end": issuer.sign(but(exp=None)), "an end that is a text": issuer.sign(but(exp=str(now + 600))),
        "another issuer": issuer.sign(but(iss="https://issuer.test.example")), "no issuer": issuer.sign(but(iss=None)),
        "for another": issuer.sign(but(aud="other")), "for nobody": issuer.sign(but(aud=None)),
        "another subject": issuer.sign(but(sub="app-2")), "no subject": issuer.sign(but(sub=None)),
        "another key": issuer.sign(good, key="other"), "none": issuer.sign(good, alg="none"),
        "none, by a capital": issuer.sign(good, alg="None"), "another algorithm": issuer.sign(good, alg="RS512"),
        "an algorithm of other keys": issuer.sign(good, alg="ES256"),
        "HMAC by the public key": issuer.sign(good, alg="HS256", secret=issuer.modulus.encode()),
        "another key's name": issuer.sign(good, head={"kid": "e"}),
        "its own key": issuer.sign(good, key="other", head={"jwk": issuer.keys["keys"][0]}),
        "what must be understood": issuer.sign(good, head={"crit": ["x"], "x": 1}),
        "another body": f"{head}.{another}.{sign}", "no signature": f"{head}.{body}.", "two parts": f"{head}.{body}",
        "four parts": signed + ".x", "dots": "..", "no token": "a.b.c",
    }
    for what, token in {"RS256": signed, "ES256": issuer.sign(good, alg="ES256", key="ec", head={"kid": "e"}),
                        "for several": issuer.sign(but(aud=["other", "passerelle"])),
                        "from always": issuer.sign(but(nbf=None))}.items():
        same(d.post(person(1).encode(), who=token)[0], 202, what)
    for what, token in refused.items():
        same(d.post(person(1).encode(), who=token)[0], 401, what)
    same(d.ask("GET", "/health")[0], 200, "it lives")
    same(signed in d.log(), False, "tokens are not in the journal")
    d.stop()


def mutual_tls():
    """TLS with a key, and with a certificate of the caller's that the configuration knows."""
    d = Gateway("tls")
    for name in ("server", "known", "unknown"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        d.path(name + ".key"), "-out", d.path(name + ".pem")], capture_output=True, check=True)
        os.chmod(d.path(name + ".key"), 0o600)
    der = subprocess.run(["openssl", "x509", "-in", d.path("known.pem"), "-outform", "DER"], capture_output=True,
                         check=True).stdout
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    text = text.replace("api = {", f'api = {{ certificate = "server.pem"; key = "file:{d.path("server.key")}"; ')
    text = text.replace('name = "giver";', 'name = "giver"; api_certificates = ( "sha256:' +
                        hashlib.sha256(der).hexdigest() + '" );')
    d.write("gateway.conf", text)
    d.start()

    def status(*words, scheme="https"):
        return subprocess.run(["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "--cacert", d.path("server.pem"),
                               *words, f"{scheme}://127.0.0.1:{d.port}/v1/exchanges/1"], capture_output=True, text=True,
                              check=False, timeout=30).stdout

    own = {name: ["--cert", d.path(name + ".pem"), "--key", d.path(name + ".key")] for name in ("known", "unknown")}
    key = ["-H", f"Authorization: Bearer {KEYS['giver']}"]
    same([status(*key), status(*own["known"]), status(*own["unknown"]), status(),
          status(*own["known"], "-H", "Authorization: Bearer no"), status(*key, scheme="http")],
         ["404", "404", "401", "401", "401", "000"], "who is known")
    d.stop()


def program_of_its_own():
    """Without it the gateway says so and does the rest; and who converts a file loads nothing of its libraries."""
    d = Gateway("program")
    d.transfers = ["--transfers", d.path("nowhere")]
    Daemon.start(d)
    d.wait(lambda: d.log().count('"front.failed"') > 1, "tried again")
    said = json.loads(next(line for line in d.log().splitlines() if '"front.failed"' in line))
    same((said["program"], said["reason"]), ("passerelle-api", os.strerror(errno.ENOENT)), "what it says")
    d.run("status")
    d.stop()
    loaded = [subprocess.run(["ldd", os.path.join(BUILD, program)], capture_output=True, text=True, check=True).stdout
              for program in ("passerelle", "passerelle-api")]
    same(["libjose" in text for text in loaded], [False, True], "who loads libjose")


if __name__ == "__main__":
    main([submit_watch_read, the_page, one_key_one_exchange, acknowledged_is_durable, outbox, validate_and_formats, problems, document, keys, tokens, mutual_tls,
          two_requests_in_one, limits, wrong_keys, receipt, memory_is_flat, program_of_its_own, shut_in])
