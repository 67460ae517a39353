# SPDX-License-Identifier: EUPL-1.2
"""What the proof runs, hits, and asks afterwards: a few files in, one flow out."""
import functools
import json
import mmap
import os
import shutil
import struct
import sys
import tempfile

BESIDE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(BESIDE))
if os.access("/dev/shm", os.W_OK): # nothing is really synced: memory will do
    os.environ["SCRATCH"] = tempfile.mkdtemp(prefix="passerelle-proof-", dir="/dev/shm")

from daemon import BUILD, SCRATCH, SOURCE, Daemon, flow_in, flow_out, law, main, same  # pylint: disable=wrong-import-position

SHIM = os.environ.get("SHIM") or os.path.join(BUILD, "tests", "gateway", "proof.so")
PEOPLE = 5 # of a file
MANY = 2500 # of a large one: more than go into one transaction
KINDS = ("supervisor", "applier", "reader", "writer")
CALLS = 8192
WHAT = {1: "write", 2: "sync", 3: "rename", 4: "unlink", 5: "truncate", 6: "send", 7: "receive"}
AGAIN = 5 # runs until all is quiet, at the most
FLOWS = [flow_in("people", "ndjson", 'apply = "record"; duplicates = "last";'),
         flow_in("whole", "ndjson", 'apply = "file"; receipt = { folder = "receipts"; };'),
         flow_out("all", "ndjson")]


class Files:
    """What was given to the gateway, and what must come of it."""

    def __init__(self):
        self.names, self.people, self.rejects = set(), {}, 0

    def copy(self):
        other = Files()
        other.names, other.people, other.rejects = self.names.copy(), self.people.copy(), self.rejects
        return other

    def text(self, name, bad=False, people=PEOPLE):
        lines = []
        for n in range(1, people + 1):
            key, said = f"{name}-{n}", f"N {name} {n}"
            self.people[key] = said
            lines.append({"type": "personne", "id": f"p{n}", "record": n,
                          "fields": {"id_departement": key, "nom_usage": said}})
        if bad:
            lines.append({"type": "personne", "id": "bad", "record": people + 1,
                          "fields": {"id_departement": "bad", "date_naissance": "never"}})
            self.rejects += 1
        self.names.add(name + ".ndjson")
        return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


class Page:
    """What the shim counts: calls of each kind of process, and whether it met the one it was to hit."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.write(bytes(8 + 12 * len(KINDS) + CALLS * len(KINDS)))

    def _bytes(self):
        with open(self.path, "rb") as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
            return m[:]

    def hit(self):
        return struct.unpack_from("<I", self._bytes(), 4)[0]

    def calls(self):
        """[(kind, number, what)]"""
        page = self._bytes()
        found = []
        for k, kind in enumerate(KINDS):
            count = struct.unpack_from("<I", page, 8 + 4 * k)[0]
            at = 8 + 12 * len(KINDS) + CALLS * k
            found += [(kind, n, WHAT[page[at + n]]) for n in range(1, min(count + 1, CALLS))]
        return found

    def _of(self, at):
        page = self._bytes()
        return [(kind, n) for k, kind in enumerate(KINDS[:2])
                for n in range(1, struct.unpack_from("<I", page, at + 4 * k)[0] + 1)]

    def statements(self):
        return self._of(8 + 4 * len(KINDS))

    def commits(self):
        return self._of(8 + 8 * len(KINDS))


class Workload:
    """One state folder, with the shim in front of it."""
    flows = FLOWS

    def __init__(self, name, files=None):
        self.daemon = Daemon(name, self.flows)
        self.files = files or Files()
        self.page = Page(self.daemon.folder + ".page")
        self.clock = 0

    def drop(self, flow, name, bad=False, people=PEOPLE):
        self.daemon.drop(flow, name + ".ndjson", self.files.text(name, bad, people))

    def drop_all(self):
        self.drop("people", "a")
        self.drop("people", "d")
        self.drop("whole", "b", bad=True)

    def drop_large(self):
        self.drop("people", "l", bad=True, people=MANY)
        self.drop("whole", "m", people=MANY)

    def run(self, expect=None, **env):
        env = {"LD_PRELOAD": SHIM, "PROOF_CLOCK": str(self.clock), "PROOF_PAGE": self.page.path, **env}
        return self.daemon.run("run", "--once", expect=expect, env=env)

    def recover(self):
        """As after a restart, with time passing until nothing is left to do. One file more shows it is alive."""
        self.drop("whole", "alive")
        for _ in range(AGAIN):
            self.clock += 120
            done = self.run()
            busy = [e for e in self.daemon.exchanges() if e["state"] in ("queued", "working", "received")]
            troubled = "flow.trouble" in done.stdout + done.stderr # of a loaded machine, too
            if done.returncode in (0, 1) and not busy and not troubled and not self.sources():
                return
        raise AssertionError(f"not quiet: {busy} {self.sources()}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")

    def sources(self):
        folders = [self.daemon.path("in", flow) for flow in os.listdir(self.daemon.path("in"))]
        return [f for folder in folders for f in os.listdir(folder) if f != "done"]

    def oracle(self):
        """Each record there once, its payload as it came; the law; nothing waiting, nothing forgotten."""
        d = self.daemon
        ours = [e for e in d.exchanges() if e["direction"] == "in"]
        same(sorted(e["name"] for e in ours), sorted(self.files.names), "exchanges for files")
        for e in d.exchanges():
            law(e)
            same(e["state"] in ("done", "done_rejects"), True, f"done: {e}")
        same(sum(e["created"] for e in ours), len(self.files.people), "people made")
        same(sum(e["updated"] + e["unchanged"] for e in ours), 0, "people made twice")
        same(sum(e["rejected"] for e in ours), self.files.rejects, "rejects counted")
        same(len(d.rejects()), self.files.rejects, "rejects written down")
        same([f for f in d.files_out("all") if f.endswith(".aside")], [], "files of nobody delivered")
        lines = [x["fields"] for x in d.lines_out("all") if x["type"] == "personne"]
        same(sorted(x["id_departement"] for x in lines), sorted(self.files.people), "people delivered once")
        same({x["id_departement"]: x["nom_usage"] for x in lines}, self.files.people, "payload")
        given = {}
        for name in os.listdir(d.path("receipts")):
            with open(d.path("receipts", name), encoding="utf-8") as f:
                given[name] = json.load(f)["exchange"]
        same(given, {e["name"] + ".accuse.json": e["id"] for e in ours if e["flow"] == "whole"}, "receipts, one each")
        d.run("fsck")

    def remove(self):
        shutil.rmtree(self.daemon.folder, ignore_errors=True)
        os.unlink(self.page.path)


TITLES = (("format.conf", 'plugin = "csv";\noptions = { delimiter = ";"; };\nrecord = ".";\n'),
          ("fields.csv", "resource;field;path;as;use;when;note\npersonne;;.;;;;\npersonne;id_departement;id;;required;;\n"
                         "personne;nom_usage;name;;required;;\npersonne;civilite;title;code(title);required;;\n"))
CODES = "native;pivot;label;from;to;use;when\nMr;M;;;;;\n"


@functools.cache
def schemas(codes):
    """The project's, and a format whose list of codes has these."""
    home = tempfile.mkdtemp(prefix="schemas-", dir=SCRATCH)
    folder = os.path.join(home, "formats", "titles")
    os.makedirs(os.path.join(folder, "codes"))
    for of, into in (("", home), ("formats", os.path.join(home, "formats"))):
        for name in os.listdir(os.path.join(SOURCE, "schemas", of)):
            if name != "formats":
                os.symlink(os.path.join(SOURCE, "schemas", of, name), os.path.join(into, name))
    for name, text in (*TITLES, ("codes/title.csv", codes)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    return home


class Replay(Workload):
    """One reject of two is read again by itself, since its code is in the list by now."""
    flows = [*FLOWS, flow_in("titles", "titles")]

    def __init__(self, name, files=None):
        super().__init__(name, files)
        self.daemon.homes[-1] = schemas(CODES)

    def drop_reject(self):
        d = self.daemon
        d.drop("titles", "t.csv", "id;name;title\n1;one;Mr\n2;two;Mrs\n3;three;King\n")
        self.files.names.add("t.csv")
        self.files.people.update({"1": "one", "2": "two"})
        self.files.rejects += 1
        self.run(0, LD_PRELOAD="")
        d.homes[-1] = schemas(CODES + "Mrs;MME;;;;;\n")
        d.run("replay", "--reject", str(d.rejects()[0]["id"]))


def clean():
    if SCRATCH.startswith("/dev/shm/passerelle-proof-"):
        shutil.rmtree(SCRATCH, ignore_errors=True)
