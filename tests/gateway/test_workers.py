# SPDX-License-Identifier: EUPL-1.2
"""Plugins that crash, loop, eat memory or reach for files: one record is lost to each, nothing else."""
import os
import re
import shutil
import signal
import subprocess
import time

from daemon import BUILD, SCRATCH, SOURCE, Daemon, flow_in, flow_out, law, main, same, sample

# AddressSanitizer needs files and terabytes of address space: there the sandbox is open.
SANDBOXED = os.environ.get("SANITIZED") != "1"
PLUGINS = os.path.join(SCRATCH, "plugins")
SCHEMAS = os.path.join(SCRATCH, "schemas")


def homes():
    """The project's plugins and formats, and the fragile ones beside them."""
    for folder in (PLUGINS, SCHEMAS):
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(PLUGINS)
    os.makedirs(os.path.join(SCHEMAS, "formats"))
    fragile = os.path.join(BUILD, "tests", "gateway", "plugins")
    for source in (os.path.join(BUILD, "plugins"), fragile):
        for name in os.listdir(source):
            os.symlink(os.path.join(source, name), os.path.join(PLUGINS, name))
    for name in os.listdir(os.path.join(SOURCE, "schemas")):
        if name != "formats":
            os.symlink(os.path.join(SOURCE, "schemas", name), os.path.join(SCHEMAS, name))
    for source in (os.path.join(SOURCE, "schemas", "formats"), os.path.join(SOURCE, "tests", "gateway", "formats")):
        for name in os.listdir(source):
            os.symlink(os.path.join(source, name), os.path.join(SCHEMAS, "formats", name))


def fragile(name, lines, mode="record"):
    d = Daemon(name, [flow_in("lines", "fragile", f'apply = "{mode}";'), flow_out("all", "ndjson")], record_wall=2,
               plugins=PLUGINS, schemas=SCHEMAS)
    d.drop("lines", "a.txt", "".join(f"{line}\n" for line in lines))
    d.start()
    pid = d.process.pid
    d.wait(lambda: "exchange.delivered" in d.log() or "quarantined" in d.log(), "the end of the file", 90)
    same(d.process.poll(), None, "the supervisor lives")
    same(d.process.pid, pid, "the supervisor's pid")
    same(d.stop(), 0, "a clean stop")
    return d


def only_that_record(name, word, mode="record"):
    d = fragile(name, ["A=1", "B=2", f"{word}=3", "C=4", "D=5"], mode)
    exchange = d.exchanges("--flow", "lines")[0]
    same(exchange["state"], "done_rejects", "state")
    law(exchange)
    same([(r["record"], r["code"]) for r in d.rejects()], [(3, "worker.crash")], "rejects")
    same(sorted(x["fields"]["id_departement"] for x in d.lines_out("all")), ["A", "B", "C", "D"], "the others")


def crash():
    only_that_record("crash", "CRASH")


def crash_replayed():
    """A reject that is replayed by itself and kills its reader again: what was applied stands, it stays open."""
    d = fragile("crash_replayed", ["A=1", "CRASH=2", "B=3", "CRASH=4"])
    before = d.exchanges("--flow", "lines")[0]
    d.run("replay", "--reject", str(d.rejects()[1]["id"]))
    d.once()
    after = d.exchanges("--flow", "lines")[0]
    law(after)
    same((after["state"], after["reason"]), ("done_rejects", "worker.crash"), "state")
    same([after[k] for k in ("accepted", "rejected", "created")], [before[k] for k in ("accepted", "rejected", "created")],
         "counts")
    same([(r["record"], r["code"]) for r in d.rejects()], [(2, "worker.crash"), (4, "worker.crash")], "rejects")
    same(len(d.lines_out("all")), 2, "the others")


def crash_with_two_passes():
    only_that_record("crash_file", "CRASH", "file")


def loop():
    only_that_record("loop", "LOOP")


def eat():
    only_that_record("eat", "EAT")


def open_a_file():
    only_that_record("open", "OPEN")


def make_a_socket():
    only_that_record("socket", "SOCKET")


def first_and_last():
    d = fragile("ends", ["CRASH=1", "A=2", "CRASH=3"])
    same([r["record"] for r in d.rejects()], [1, 3], "rejects")
    same([x["fields"]["id_departement"] for x in d.lines_out("all")], ["A"], "the other")


def long_file():
    """Far behind the first batch: what was committed is not done again."""
    d = fragile("long", [f"N{n}={n}" for n in range(1, 6001)] + ["CRASH=1"] + [f"M{n}={n}" for n in range(1, 101)])
    exchange = d.exchanges("--flow", "lines")[0]
    same((exchange["accepted"], exchange["rejected"], exchange["created"]), (6100, 1, 6100), "counts")
    same(len({x["fields"]["id_departement"] for x in d.lines_out("all")}), 6100, "people out")


def syscalls():
    """Behind the sandbox a reader opens nothing and connects to nothing, an external entity or not."""
    if not shutil.which("strace"):
        print("skipped: strace is not installed")
        return
    d = Daemon("strace", [flow_in("rsa", "cnaf-rsa", 'apply = "record";'), flow_out("all", "ndjson")])
    text = sample("cnaf-rsa", "CG054.RSABEM20260905.xml")
    d.drop("rsa", "1.xml", text)
    head, rest = text.split(b"?>", 1)
    d.drop("rsa", "2.xml", head + b'?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rest)
    trace = d.path("trace")
    done = subprocess.run(["strace", "-f", "-ff", "-o", trace, *d.command("run", "--once")], capture_output=True,
                          text=True, check=False)
    same(done.returncode, 0, done.stderr[-500:])
    looked = 0
    for name in os.listdir(d.folder):
        if not name.startswith("trace."):
            continue
        with open(d.path(name), encoding="utf-8", errors="replace") as f:
            calls = f.read()
        if "seccomp(SECCOMP_SET_MODE_FILTER" not in calls and "PR_SET_SECCOMP" not in calls:
            continue
        after = re.split(r"seccomp\(SECCOMP_SET_MODE_FILTER[^\n]*|prctl\(PR_SET_SECCOMP[^\n]*", calls)[-1]
        same(re.findall(r"^(?:open|openat|socket|connect|execve|clone|fork)\w*\(.*$", after, re.M), [], name)
        looked += 1
    same(looked >= 1, True, "sandboxed workers seen")


def slow_reader():
    """A reader that takes its time keeps no transaction open: another flow's file is received meanwhile."""
    d = Daemon("slow", [flow_in("lines", "fragile"), flow_in("people", "ndjson"), flow_out("all", "ndjson")],
               record_wall=8, plugins=PLUGINS, schemas=SCHEMAS)
    d.drop("lines", "a.txt", "".join(f"N{n}={'x' * 100}\n" for n in range(3000)) + "SLOW=1\nSLOW=2\nSLOW=3\nSLOW=4\n")
    d.start()
    d.wait(lambda: "exchange.received" in d.log(), "the slow file")
    time.sleep(1.5)
    began = time.monotonic()
    d.drop("people", "p.ndjson", '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1"}}\n')
    d.wait(lambda: '"flow":"people"' in d.log(), "the other file", 20)
    took = time.monotonic() - began
    same('"event":"exchange.done","flow":"lines"' in d.log(), False, "the slow one is still at work")
    same(took < 3, True, f"received after {took:.1f} s")
    d.stop()


def stopped_in_the_middle():
    """A clean stop in the middle of a file: the next start goes on at once, without waiting for a lease."""
    d = Daemon("middle", [flow_in("lines", "fragile"), flow_out("all", "ndjson")], record_wall=8, plugins=PLUGINS,
               schemas=SCHEMAS)
    d.drop("lines", "a.txt", "".join(f"N{n}=1\n" for n in range(3000)) + "SLOW=1\nSLOW=2\nZ=3\n")
    d.start()
    d.wait(lambda: [e for e in d.exchanges("--flow", "lines") if e["state"] == "working"], "work")
    time.sleep(1)
    same(d.stop(5), 0, "a clean stop")
    same([e["state"] for e in d.exchanges("--flow", "lines")], ["queued"], "between")
    began = time.monotonic()
    d.start()
    d.wait(lambda: '"event":"exchange.done","flow":"lines"' in d.log(), "the rest", 30)
    same(time.monotonic() - began < 20, True, "seconds")
    d.stop()
    exchange = d.exchanges("--flow", "lines")[0]
    same((exchange["accepted"], exchange["created"], exchange["updated"]), (3003, 3002, 1), "each once: SLOW is one")


def appliers(d):
    """Those that the daemon has started."""
    found = subprocess.run(["ps", "--ppid", str(d.process.pid), "-o", "pid=,args="], capture_output=True, text=True, check=True)
    return [int(line.split()[0]) for line in found.stdout.splitlines() if " worker applier" in line]


def stand_still(d, then):
    """All its appliers, as before a server that takes its time, for longer than a record may take."""
    pids = appliers(d)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    then()
    for pid in set(pids) & set(appliers(d)):
        os.kill(pid, signal.SIGCONT)


def over_no_record():
    """Who waits for the applier is over no record, and does not die of it: the reader whose pipe is full, the writer."""
    d = Daemon("waits", [flow_in("lines", "fragile"), flow_out("all", "ndjson", more='schedule = "every 4 s";')],
               record_wall=4, plugins=PLUGINS, schemas=SCHEMAS)
    d.start()
    d.drop("lines", "a.txt", "A=1\n")
    d.wait(lambda: '"event":"exchange.done","flow":"lines"' in d.log(), "the first file")

    def large_file():
        d.drop("lines", "b.txt", "".join(f"N{n}={'x' * 100}\n" for n in range(10000)))
        d.wait(lambda: '"file":"b.txt"' in d.log(), "the large file")
        time.sleep(7)

    stand_still(d, large_file)
    d.wait(lambda: d.log().count('"event":"exchange.done","flow":"lines"') == 2, "it is applied")
    stand_still(d, lambda: time.sleep(11))
    d.wait(lambda: len(d.lines_out("all")) == 10001, "all of it is written")
    d.stop()
    same("worker.limit" in d.log(), False, "somebody was killed for waiting")


def not_disturbed():
    """While one flow's plugin loops, another flow goes on."""
    d = Daemon("beside", [flow_in("lines", "fragile"), flow_in("people", "ndjson"), flow_out("all", "ndjson")],
               record_wall=4, plugins=PLUGINS, schemas=SCHEMAS)
    d.start()
    d.drop("lines", "a.txt", "LOOP=1\n")
    time.sleep(1.5)
    began = time.monotonic()
    d.drop("people", "p.ndjson", '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1"}}\n')
    d.wait(lambda: '"event":"exchange.done","flow":"people"' in d.log(), "the other flow", 20)
    same(time.monotonic() - began < 15, True, "in time")
    d.stop()


if __name__ == "__main__":
    homes()
    tests = [crash, crash_replayed, crash_with_two_passes, loop, eat, first_and_last, long_file, slow_reader, stopped_in_the_middle,
             over_no_record, not_disturbed]
    if SANDBOXED:
        tests += [open_a_file, make_a_socket, syscalls]
    else:
        print("skipped: open_a_file, make_a_socket, syscalls: no sandbox with sanitizers")
    main(tests)
