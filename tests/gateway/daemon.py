# SPDX-License-Identifier: EUPL-1.2
"""A gateway of its own in a scratch folder: configuration, folders, the executable."""
import json
import os
import shutil
import subprocess
import time

SOURCE, BUILD, SCRATCH = (os.environ[k] for k in ("SOURCE", "BUILD", "SCRATCH"))
PROGRAM = os.path.join(BUILD, "passerelle")

HEAD = """state = "state"; readers = 2; poll = "1 s";
limits = {{ memory = "256 MB"; cpu = "60 s"; wall = "60 s"; record_wall = "{record_wall} s"; }};
partners = ( {{ name = "giver"; }}, {{ name = "taker"; }} );
"""
FLOW_IN = """{{ name = "{name}"; partner = "giver"; direction = "in"; format = "{format}"; folder = "in/{name}";
  stable = 0; purpose = "test"; legal_basis = "test"; {more} }}"""
FLOW_OUT = """{{ name = "{name}"; partner = "taker"; direction = "out"; format = "{format}"; folder = "out/{name}";
  fields = ( {fields} ); purpose = "test"; legal_basis = "test"; {more} }}"""

PERSON = '"personne.*"'


class Daemon:
    """One state folder. `plugins` and `schemas` are the project's own unless a test brings others."""

    def __init__(self, name, flows, record_wall=3, plugins=None, schemas=None):
        self.folder = os.path.join(SCRATCH, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.homes = ["--plugins", plugins or os.path.join(BUILD, "plugins"),
                      "--schemas", schemas or os.path.join(SOURCE, "schemas")]
        self.transfers = []
        self.configure(flows, record_wall)
        self.process = None

    def configure(self, flows, record_wall=3, connectors=()):
        self.write("gateway.conf", HEAD.format(record_wall=record_wall) + "flows = (\n" + ",\n".join(flows) + "\n);\n" +
                   ("connectors = (\n" + ",\n".join(connectors) + "\n);\n" if connectors else ""))

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())

    def drop(self, flow, name, content):
        """As a partner does: under another name, then renamed."""
        self.write(f"in/{flow}/.{name}.part", content)
        os.rename(self.path(f"in/{flow}/.{name}.part"), self.path(f"in/{flow}/{name}"))

    def command(self, verb, *words):
        transfers = self.transfers if verb in ("run", "fetch", "send", "check") else []
        return [PROGRAM, verb, *self.homes, *transfers, "-c", self.path("gateway.conf"), "--lang", "en", *words]

    def run(self, verb, *words, expect=0, env=None):
        done = subprocess.run(self.command(verb, *words), capture_output=True, text=True, timeout=300, check=False,
                              env=dict(os.environ, **(env or {})))
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{verb} {words}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
        return done

    def once(self, expect=0):
        return self.run("run", "--once", expect=expect)

    def start(self):
        log = open(self.path("log"), "ab")
        self.process = subprocess.Popen(self.command("run"), stdout=log, stderr=log)
        self.wait(lambda: "gateway.started" in self.log(), "started")
        return self.process

    def stop(self, seconds=10):
        self.process.terminate()
        code = self.process.wait(timeout=seconds)
        self.process = None
        return code

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait(self, ready, what, seconds=60):
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for: {what}\n" + self.log()[-3000:])
            time.sleep(0.05)

    def exchanges(self, *words):
        return [json.loads(line) for line in self.run("exchanges", "--json", *words).stdout.splitlines()]

    def rejects(self, *words):
        return [json.loads(line) for line in self.run("rejects", "--json", *words).stdout.splitlines()]

    def files_out(self, flow):
        folder = self.path("out", flow)
        return sorted(os.path.join(folder, f) for f in os.listdir(folder)) if os.path.isdir(folder) else []

    def lines_out(self, flow):
        lines = []
        for path in self.files_out(flow):
            with open(path, encoding="utf-8") as f:
                lines += [json.loads(line) for line in f]
        return lines

    def everything(self):
        """All bytes of the state folder, file by file."""
        for folder, _, files in os.walk(self.path("state")):
            for path in filter(os.path.isfile, (os.path.join(folder, name) for name in files)):
                with open(path, "rb") as f:
                    yield path, f.read()


def kept(more):
    return more if "retention" in more else "retention = 90; " + more


def flow_in(name, kind, more=""):
    return FLOW_IN.format(name=name, format=kind, more=kept(more))


def flow_out(name, kind, fields=PERSON, more=""):
    return FLOW_OUT.format(name=name, format=kind, fields=fields, more=kept(more))


def at_connector(flow, connector, more=""):
    """The flow with a connector in place of its folder."""
    head, rest = flow.split(' folder = "', 1)
    return head + f' connector = "{connector}"; {more}' + rest.split('";', 1)[1]


def sample(kind, name):
    with open(os.path.join(SOURCE, "schemas", "formats", kind, "samples", name), "rb") as f:
        return f.read()


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: {found!r}, not {expected!r}")


def law(exchange):
    same(exchange["read"], exchange["accepted"] + exchange["filtered"] + exchange["rejected"], f"records of {exchange}")
    if exchange["direction"] == "in":
        same(exchange["produced"], exchange["created"] + exchange["updated"] + exchange["unchanged"] + exchange["held"],
             f"resources of {exchange}")


def main(tests):
    """Each function is a test; the last line counts."""
    failed = 0
    for test in tests:
        try:
            test()
            print(f"ok   {test.__name__}", flush=True)
        except Exception as fault:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL {test.__name__}: {fault}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    raise SystemExit(failed > 0)
