# SPDX-License-Identifier: EUPL-1.2
"""What tests of the API share: a gateway that serves it, and callers of several kinds."""
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess

from daemon import Daemon

KEYS = {"giver": "giver-test-key", "taker": "taker-test-key"}
GOOD = '{"type":"personne","id":"p%d","record":%d,"fields":{"id_departement":"%d","nom_usage":"Quatrebarbes"}}\n'
BAD = '{"type":"personne","id":"p","record":2,"fields":{"id_departement":"77","date_naissance":"soon"}}\n'

CONF = """state = "state"; readers = 2; poll = "1 s";
limits = {{ memory = "256 MB"; cpu = "60 s"; wall = "60 s"; record_wall = "3 s"; }};
api = {{ address = "127.0.0.1:{port}"; {api} }};
partners = ( {{ name = "giver"; {giver} }}, {{ name = "taker"; {taker} }} );
flows = (
  {{ name = "people"; partner = "giver"; direction = "in"; format = "ndjson"; api = true; purpose = "test";
    legal_basis = "test"; retention = 90; {more} }},
  {{ name = "others"; partner = "taker"; direction = "in"; format = "ndjson"; api = true; purpose = "test";
    legal_basis = "test"; retention = 90; }},
  {{ name = "closed"; partner = "giver"; direction = "in"; format = "ndjson"; folder = "in"; purpose = "test";
    legal_basis = "test"; retention = 90; }},
  {{ name = "all"; partner = "taker"; direction = "out"; format = "ndjson"; api = true; fields = ( "personne.*" );
    purpose = "test"; legal_basis = "test"; retention = 90; }} );
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def digest(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def person(n):
    return GOOD % (n, 1, n)


class Gateway(Daemon):
    def __init__(self, name, api="", more="", partners=None):
        super().__init__(name, [])
        self.port = free_port()
        more_of = {"giver": "", "taker": "", **(partners or {})}
        self.write("gateway.conf", CONF.format(port=self.port, api=api, more=more, **{
            who: f'api_keys = ( "{digest(KEYS[who])}" ); {more_of[who]}' for who in KEYS}))

    def start(self):
        before = self.log().count('"api.listening"') if os.path.exists(self.path("log")) else 0
        process = super().start()
        self.wait(lambda: self.log().count('"api.listening"') > before, "the API")
        return process

    def front(self):
        """The process that listens."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            for pid in f.read().split():
                with open(f"/proc/{pid}/cmdline", "rb") as line:
                    if line.read().startswith(b"passerelle-api\0"):
                        return int(pid)
        raise AssertionError("no process of the API")

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, method, path, body=None, who="giver", **headers):
        """Status, headers and body; JSON is read."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        heads = {k.replace("_", "-"): v for k, v in headers.items()}
        if who:
            heads["Authorization"] = "Bearer " + KEYS.get(who, who)
        c.request(method, path, body, heads)
        answer = c.getresponse()
        data = answer.read()
        c.close()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(data) if "json" in kind and data else data

    def post(self, body, name=None, key=None, flow="people", **more):
        heads = {"X_File_Name": name, "Idempotency_Key": key}
        return self.ask("POST", f"/v1/flows/{flow}/files", body, **{k: v for k, v in heads.items() if v}, **more)

    def curl(self, *words, who="giver"):
        done = subprocess.run(["curl", "-s", "-H", f"Authorization: Bearer {KEYS[who]}", *words], capture_output=True,
                              text=True, timeout=60, check=True)
        return done.stdout

    def raw(self, data, seconds=10):
        """What comes back for these bytes, until the other end closes or says no more."""
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            s.settimeout(seconds)
            s.sendall(data)
            got = b""
            try:
                while part := s.recv(65536):
                    got += part
            except (socket.timeout, ConnectionResetError):
                pass
            return got

    def settled(self, number):
        """The exchange once nothing more happens to it by itself."""
        found = {}

        def over():
            found.update(self.ask("GET", f"/v1/exchanges/{number}")[2])
            return found["state"] in ("done", "done_rejects", "failed", "held", "quarantined")

        self.wait(over, f"exchange {number}")
        return found


def statuses(got):
    return [int(n) for n in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]
