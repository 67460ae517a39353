# SPDX-License-Identifier: EUPL-1.2
"""A format that is a program of the operator's, in the daemon: both ways, and what it does wrong harms its file alone."""
import os
import shutil
import signal
import subprocess
import sys
import time

from daemon import SCRATCH, SOURCE, Daemon, flow_in, flow_out, law, main, same

SCHEMAS = os.path.join(SCRATCH, "schemas")
EXAMPLE = f"{sys.executable} {SOURCE}/docs/exec/largeurs.py"
GOOD = "NOIROT         LEA       1994-03-02\nÉTÉ            ZOÉ       1990-12-31\nFIN 2\n"
# Says what it was given beside its two ends, then does what its input says.
PROGRAM = """import json, os, signal, sys, time
word = sys.stdin.read().strip()
def say(x):
    print(json.dumps(x), flush=True)
held = sorted(int(n) for n in os.listdir("/proc/self/fd"))[:-1]
say({"record": {"nom": "FD" + "".join(map(str, held)), "prenom": os.environ.get("A_SECRET", "aucun")}})
if word == "crash":
    os.kill(os.getpid(), signal.SIGSEGV)
if word in ("silence", "stay"):
    open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(600)
if word == "line":
    print("bonjour", flush=True)
if word == "flood":
    sys.stdout.write("x" * (64 << 20))
say({"end": True})
"""


def formats(**commands):
    shutil.rmtree(SCHEMAS, ignore_errors=True)
    os.makedirs(os.path.join(SCHEMAS, "formats"))
    for name in os.listdir(os.path.join(SOURCE, "schemas")):
        if name != "formats":
            os.symlink(os.path.join(SOURCE, "schemas", name), os.path.join(SCHEMAS, name))
    os.symlink(os.path.join(SOURCE, "schemas/formats/ndjson"), os.path.join(SCHEMAS, "formats/ndjson"))
    for name, (command, timeout) in commands.items():
        home = os.path.join(SCHEMAS, "formats", name)
        os.makedirs(home)
        with open(os.path.join(home, "format.conf"), "w", encoding="utf-8") as f:
            f.write('label = { fr = "x"; en = "x"; };\nsummary = { fr = "x"; en = "x"; };\nplugin = "exec";\n'
                    f'options = {{ command = "{command}"; timeout = {timeout}; }};\nrecord = ".";\nabsent = "empty";\n')
        with open(os.path.join(home, "fields.csv"), "w", encoding="utf-8") as f:
            f.write("resource;field;path;as;use;when;note\npersonne;;.;;;;\npersonne;nom_usage;nom;text(15);required;;\n"
                    "personne;prenom;prenom;text(10);;;\npersonne;naissance_date;naissance;;;;\n")


def daemon(name, flows, programs):
    d = Daemon(name, flows, record_wall=20, schemas=SCHEMAS)
    if programs:
        d.write("conf.d/programs.conf", "programs = ( " + ", ".join(f'"{p}"' for p in programs) + " );\n")
    return d


def both_ways():
    formats(largeurs=(EXAMPLE, 30))
    d = daemon("both_ways", [flow_in("read", "largeurs"), flow_out("write", "largeurs"), flow_out("all", "ndjson")], ["largeurs"])
    d.run("check")
    d.drop("read", "a.txt", GOOD.replace("FIN 2", "AGE            ZOE  1990-12-31\nFIN 3"))
    d.once()
    e = d.exchanges("--flow", "read")[0]
    law(e)
    same((e["state"], e["read"], e["accepted"], e["rejected"]), ("done_rejects", 3, 2, 1), "the file")
    same([(r["record"], r["code"]) for r in d.rejects()], [(3, "exec.told")], "the bad record is the one the program named")
    same(sorted(x["fields"]["nom_usage"] for x in d.lines_out("all")), ["NOIROT", "ÉTÉ"], "who was read")
    with open(d.files_out("write")[0], encoding="utf-8") as f:
        same(sorted(f.read().splitlines()), sorted(GOOD.splitlines()), "what the program wrote")


def not_named():
    formats(largeurs=(EXAMPLE, 30))
    d = daemon("not_named", [flow_in("read", "largeurs")], [])
    told = d.run("check", expect=2)
    same(("conf.spawns" in told.stdout + told.stderr, 'programs = ( "largeurs" )' in told.stdout + told.stderr), (True, True),
         f"refused, with what to write: {told.stdout}{told.stderr}")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def mischief():
    """Its crash, silence, flood or bad line ends its file; the next one is read, by the same supervisor."""
    program, mark = os.path.join(SCRATCH, "p.py"), os.path.join(SCRATCH, "pid")
    with open(program, "w", encoding="utf-8") as f:
        f.write(PROGRAM)
    formats(wild=(f"{sys.executable} {program} {mark}", 2))
    d = daemon("mischief", [flow_in("read", "wild"), flow_out("all", "ndjson")], ["wild"])
    os.environ["A_SECRET"] = "secret"
    d.start()
    expected = {"crash": "exec.status", "line": "exec.line", "flood": "exec.long", "silence": "exec.silent"}
    for word in expected:
        d.drop("read", f"{word}.txt", word)
    d.drop("read", "good.txt", "good")
    d.wait(lambda: len([e for e in d.exchanges("--flow", "read") if e["state"] in ("done", "failed", "quarantined")]) == 5, "all ended", 90)
    found = {e["name"].removesuffix(".txt"): e for e in d.exchanges("--flow", "read")}
    same({w: found[w]["reason"] for w in expected}, expected, "why")
    same(found["good"]["state"], "done", "the good one")
    with open(mark, encoding="utf-8") as f:
        same(alive(int(f.read())), False, "the silent one was ended")
    d.wait(lambda: d.lines_out("all"), "it is sent", 30)
    same({x["fields"]["nom_usage"] for x in d.lines_out("all")}, {"FD012"}, "its two ends and standard error, nothing else is open")
    same({x["fields"]["prenom"] for x in d.lines_out("all")}, {"aucun"}, "nothing secret is in its environment")
    same(d.stop(), 0, "a clean stop")


def its_worker_dies():
    """A worker that is killed leaves no program behind."""
    mark = os.path.join(SCRATCH, "pid")
    if os.path.exists(mark):
        os.unlink(mark)
    formats(wild=(f"{sys.executable} {os.path.join(SCRATCH, 'p.py')} {mark}", 300))
    d = daemon("worker_dies", [flow_in("read", "wild")], ["wild"])
    d.start()
    d.drop("read", "a.txt", "stay")
    d.wait(lambda: os.path.exists(mark) and open(mark, encoding="utf-8").read(), "it runs", 60)
    with open(mark, encoding="utf-8") as f:
        pid = int(f.read())
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        worker = int(f.read().rsplit(")", 1)[1].split()[1])
    os.kill(worker, signal.SIGKILL)
    for _ in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    same(alive(pid), False, "the program went with its worker")
    d.process.kill()
    d.process.wait()
    subprocess.run(["pkill", "-f", mark], check=False)


if __name__ == "__main__":
    main([both_ways, not_named, mischief, its_worker_dies])
