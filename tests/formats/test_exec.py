# SPDX-License-Identifier: EUPL-1.2
"""A program of the user's as a syntax: the example of the documents both ways, and all that a program can do wrong."""
import os
import sys
import tempfile
import time
from pathlib import Path

from gateway import FORMATS, SOURCE, Run, check, finish

TEXT = "NOIROT         LEA       1994-03-02\nÉTÉ            ZOÉ       1990-12-31\nFIN 2\n"
# what the program says when it reads (Python), what is told, how many records were good
WRONG = [
    ("crash", 'say(\'{"record":{"nom":"A"}}\'); sys.exit(3)', "exec.status", 1),
    ("signal", 'say(\'{"record":{"nom":"A"}}\'); os.kill(os.getpid(), 9)', "exec.status", 1),
    ("no end", 'say(\'{"record":{"nom":"A"}}\')', "exec.no_end", 1),
    ("silence", 'time.sleep(60)', "exec.silent", 0),
    ("flood", 'sys.stdout.write("x" * (8 << 20))', "exec.long", 0),
    ("bad line", 'say("bonjour")', "exec.line", 0),
    ("no object", 'say("[1]")', "exec.line", 0),
    ("behind the end", 'say(\'{"end":true}\'); say(\'{"record":{}}\')', "exec.line", 0),
    ("gives up", 'say(\'{"fail":"coupé","line":4}\')', "exec.gave_up", 0),
    ("too deep", 'say(\'{"record":\' + \'{"a":\' * 300 + "1" + "}" * 301)', "exec.line", 0),
]


def schemas(folder, command):
    for part in ("pivot", "nomenclatures", "diagnostics.csv"):
        os.symlink(SOURCE / "schemas" / part, folder / part)
    home = folder / "formats/largeurs"
    home.mkdir(parents=True)
    os.symlink(FORMATS / "ndjson", folder / "formats/ndjson")
    (home / "format.conf").write_text(
        'label = { fr = "x"; en = "x"; };\nsummary = { fr = "x"; en = "x"; };\nplugin = "exec";\n'
        f'options = {{ command = "{command}"; timeout = 2; }};\nrecord = ".";\nabsent = "empty";\n')
    (home / "fields.csv").write_text("resource;field;path;as;use;when;note\npersonne;;.;;;;\npersonne;nom_usage;nom;text(15);required;;\n"
                                     "personne;prenom;prenom;text(10);;;\npersonne;naissance_date;naissance;;;;\n")
    return folder


def convert(home, source, target, text, *options):
    return Run("convert", "--json", "--schemas", home, "--from", source, "--to", target, *options, "-", stdin=text.encode())


def the_example():
    with tempfile.TemporaryDirectory() as temporary:
        home = schemas(Path(temporary), f"{sys.executable} {SOURCE}/docs/exec/largeurs.py")
        read = convert(home, "largeurs", "ndjson", TEXT)
        check(read.code == 0 and read.out.decode().count('"nom_usage"') == 2 and "ZOÉ" in read.out.decode(), "the example reads", read.err[:400])
        back = convert(home, "ndjson", "largeurs", read.out.decode())
        check(back.code == 0 and back.out.decode() == TEXT, "and writes the same", back.err[:400])
        bad = convert(home, "largeurs", "ndjson", TEXT.replace("LEA  ", "LEA"))
        check([(d["code"], d["line"]) for d in bad.errors()] == [("exec.told", 1)] and bad.out.decode().count('"nom_usage"') == 1, "one record is bad", bad.err[:400])
        cut = convert(home, "largeurs", "ndjson", TEXT[:-6])
        check(cut.code == 3 and [d["code"] for d in cut.errors()] == ["exec.gave_up"], "a cut is told", cut.err[:400])


def what_goes_wrong():
    for name, doing, code, good in WRONG:
        with tempfile.TemporaryDirectory() as temporary:
            program = Path(temporary) / "p.py"
            program.write_text("import os, sys, time\ndef say(x):\n    print(x, flush=True)\nsys.stdin.read()\n" + doing + "\n")
            home = schemas(Path(temporary), f"{sys.executable} {program}")
            begin = time.monotonic()
            run = convert(home, "largeurs", "ndjson", TEXT)
            check(run.code == 3 and [d["code"] for d in run.errors()] == [code], f"{name}: {code}", (run.code, run.err[:400]))
            check(time.monotonic() - begin < 30, f"{name}: nobody waits for it")
    with tempfile.TemporaryDirectory() as temporary:
        home = schemas(Path(temporary), "/nowhere/at/all")
        run = convert(home, "largeurs", "ndjson", TEXT)
        check([d["code"] for d in run.errors()] == ["exec.start"], "a program that is not there", run.err[:400])
    with tempfile.TemporaryDirectory() as temporary:
        home = schemas(Path(temporary), "/bin/true")
        run = convert(home, "ndjson", "largeurs", '{"type":"personne","id":"p","record":1,"fields":{"nom_usage":"A"}}\n' * 2000)
        check(run.code == 3 and run.errors()[-1]["code"] in ("exec.left", "exec.no_end"), "one that does not listen", run.err[:400])


def the_daemon_says_no():
    """A format starts nothing in the daemon unless the configuration names it."""
    with tempfile.TemporaryDirectory() as temporary:
        home = schemas(Path(temporary), "/bin/cat")
        conf = Path(temporary) / "gateway.conf"
        for folder in ("in", "state"):
            (Path(temporary) / folder).mkdir()
        conf.write_text(f'state = "{temporary}/state";\npartners = ( {{ name = "p"; }} );\nflows = ( {{ name = "f"; partner = "p"; format = "largeurs"; in = "{temporary}/in"; }} );\n')
        run = Run("check", "--json", "--schemas", home, "-c", conf)
        check("conf.spawns" in [d["code"] for d in run.said], "the daemon's configuration refuses it", run.err[:600] + run.out.decode()[:600])


the_example()
what_goes_wrong()
the_daemon_says_no()
finish()
