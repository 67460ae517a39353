# SPDX-License-Identifier: EUPL-1.2
"""new flow: by options, by answers on a terminal, and what it makes of wrong ones."""
import os
import pty
import re
import subprocess

from daemon import BUILD, SOURCE, Daemon, flow_in, main, same

FORMATS = os.path.join(SOURCE, "schemas", "formats")
WHY = ["--purpose", "suivi", "--legal-basis", "mission d'intérêt public"]
FINGERPRINT = "SHA256:" + "A" * 43
RSA = os.path.join(FORMATS, "cnaf-rsa", "samples", "CG054.RSABEM20260905.xml")


def bare(name):
    d = Daemon(name, [])
    d.write("gateway.conf", 'state = "state";\n')
    return d


def made(d):
    """All that is in conf.d and beside it."""
    return sorted(os.path.relpath(os.path.join(folder, f), d.folder)
                  for folder, _, files in os.walk(d.folder) for f in files)


def new(d, *words, expect=0, env=None):
    return d.run("new", "flow", *words, expect=expect, env=env)


def samples(kind):
    """Without what they must become."""
    folder = os.path.join(FORMATS, kind, "samples")
    return [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if not n.endswith(".pivot.ndjson")]


def shipped():
    """A sample, one command, `run --once`: each file comes in whole, and its counts are those that were told."""
    count = 0
    for kind in ("cnaf-rsa", "asp-fiche-salarie", "asp-annexe-financiere", "scdl-subventions", "cdb-structures",
                 "dsn-contrats", "sepa-camt053"):
        for path in samples(kind):
            d = bare("shipped")
            said = new(d, "--sample", path, "--format", kind, "--name", "f", "--partner", "p", "--folder", "here",
                       *WHY, expect=None)
            same(said.returncode in (0, 1), True, f"{path}: {said.stdout}{said.stderr}")
            read, good, filtered, rejected = map(int, re.search(
                r"read (\d+) = good (\d+) \+ filtered (\d+) \+ rejected (\d+)", said.stderr).groups())
            same(read, good + filtered + rejected, "the law")
            same(said.returncode, int(rejected > 0), f"{path}: its rejects are told by the exit code")
            d.run("check")
            with open(path, "rb") as f:
                d.write("here/" + os.path.basename(path), f.read())
            os.utime(d.path("here", os.path.basename(path)), (1, 1))
            d.once(expect=None)
            x, = d.exchanges()
            same((x["state"], x["read"], x["rejected"]), ("done", read, rejected), f"{path}: {x}")
            count += 1
    same(count >= 7, True, "samples")


def recognised():
    """Without a format the sample says it, and a known partner is not described again."""
    d = bare("recognised")
    d.write("gateway.conf", 'state = "state";\npartners = ( { name = "caf"; label = "x"; } );\n')
    said = new(d, "--sample", RSA, "--partner", "caf", *WHY)
    same("cnaf-rsa, certain" in said.stdout, True, said.stdout)
    same("conf.d/cnaf-rsa.conf" in made(d), True, "named after its format")
    with open(d.path("conf.d/cnaf-rsa.conf"), encoding="utf-8") as f:
        same("partners" in f.read(), False, "the partner is known")
    same("passerelle reload" in said.stdout, True, "what is next")
    new(d, "--sample", RSA, "--partner", "caf", *WHY)
    same("conf.d/cnaf-rsa-2.conf" in made(d), True, "the next has a name and a folder of its own")


def texts():
    """What a text holds comes back from `check` as it was said."""
    d = bare("texts")
    odd = 'a "b" \\ c\td # // /* é €\n@include "x"'
    new(d, "--format", "ndjson", "--name", "f", "--partner", "p", "--label", odd, "--purpose", odd, "--legal-basis",
        'x"; y = "')
    said = d.run("check").stdout
    same(odd in said and 'x"; y = "' in said, True, said)


def server():
    d = bare("server")
    ssh = ["--format", "ndjson", "--name", "f", "--partner", "p", "--url", "sftp://host.example:2222", "--user", "u", "--key",
           "file:key", "--host-keys", FINGERPRINT + ", SHA256:" + "B" * 43, "--path", "depot"]
    new(d, *ssh, *WHY)
    said = d.run("check").stdout
    same("sftp://host.example:2222/depot (connector f)" in said, True, said)
    new(d, "--format", "ndjson", "--name", "g", "--partner", "p", "--connector", "f", "--after", "move", "--after-path",
        "vu", *WHY)
    same("moved there" in d.run("check").stdout, True, "the second flow of the same connector")
    new(d, "--format", "ndjson", "--direction", "out", "--name", "h", "--partner", "p", "--connector", "f", "--fields",
        "personne.*,structure.*", *WHY)
    same("writes what changed to sftp://host.example:2222" in d.run("check").stdout, True, "out")
    new(d, "--format", "ndjson", "--name", "w", "--partner", "p", "--url", "https://host.example/api", "--token",
        "env:TOKEN", *WHY)
    with open(d.path("conf.d/w.conf"), encoding="utf-8") as f:
        text = f.read()
    same('"env:TOKEN"' in text and '"bearer"' in text, True, text)


def told():
    """When a file is looked for and expected, and who is told when it does not come."""
    d = bare("told")
    base = ["--format", "ndjson", "--partner", "p", *WHY]
    new(d, "--name", "f", *base, "--schedule", "working 06:30", "--expected", "08:00 working", "--mail-to",
        "dsi@example.org, caf@example.org", "--mail-by", "smtp://127.0.0.1:1", "--mail-from", "passerelle@example.org")
    said = d.run("check").stdout
    same('looks: "working 06:30"' in said and 'expected before: "08:00 working"' in said, True, said)
    new(d, "--name", "g", *base, "--mail-to", "other@example.org", "--mail-from", "passerelle@example.org")
    with open(d.path("conf.d/g.conf"), encoding="utf-8") as f:
        text = f.read()
    same(re.search(r'connector +=\s"f-mail"', text) is not None and "connectors" not in text, True, f"the connector that is there: {text}")
    d.run("check")


WRONG = [
    (["--schedule", "at noon"], "a schedule is expected"),
    (["--expected", "25:00"], "a schedule is expected"),
    (["--direction", "out", "--fields", "personne.*", "--expected", "08:00"], "does not go with the others: expected"),
    (["--mail-to", "nobody", "--mail-by", "smtp://h", "--mail-from", "a@b"], "address expected: NAME@DOMAIN"),
    (["--mail-to", "a@b", "--mail-by", "https://h", "--mail-from", "a@b"], "a connector of mail is expected"),
    (["--mail-to", "a@b", "--mail-from", "a@b"], "missing: --mail-by"),
    (["--mail-to", "a@b", "--mail-by", "smtp://h"], "missing: --mail-from"),
    (["--mail-from", "a@b"], "does not go with the others: mail-from"),
    (["--url", "https://h", "--token-url", "h"], "address expected: https://HOST"),
    (["--url", "https://h", "--token-url", "https://h/t"], "missing: --client-id"),
    (["--url", "https://h", "--token-url", "https://h/t", "--client-id", "us"], "missing: --client-secret"),
    (["--url", "https://h", "--token-url", "https://h/t", "--client-id", "us", "--client-secret", "geheim"], "say where the secret is"),
    (["--url", "https://h", "--token", "file:t", "--token-url", "https://h/t"], "does not go with the others: token-url"),
    (["--url", "https://h", "--certificate", "us.pem"], "missing: --certificate-key"),
    (["--url", "https://h", "--certificate", "us.pem", "--certificate-key", "file:k"], "conf.connector_file"),
    (["--url", "sftp://h", "--user", "u", "--key", "file:k", "--host-keys", FINGERPRINT, "--certificate", "us.pem"],
     "does not go with the others: certificate"),
    (["--name", "Été"], "a name has only a-z"),
    (["--name", "../x"], "a name has only a-z"),
    (["--name", "old"], "has this name already"),
    (["--name", "taken"], "has this name already"),
    (["--partner", "P P"], "a name has only a-z"),
    (["--direction", "up"], "one of these words is expected: in out"),
    (["--format", "ndjsn"], "the nearest is: ndjson"),
    (["--format", "zzzzzzzzzzzz"], "passerelle formats lists them"),
    (["--profile", "nobody"], "conf.format_faulty"),
    (["--purpose", " "], "an answer is needed"),
    (["--purpose", b"\xff"], "no UTF-8"),
    (["--retention", "long"], "90 d, 6 months, 5 years"),
    (["--retention", "0 d"], "90 d, 6 months, 5 years"),
    (["--sample", "absent.csv"], "does not exist or cannot be read"),
    (["--fields", "personne.*"], "does not go with the others: fields"),
    (["--direction", "out"], "missing: --fields"),
    (["--direction", "out", "--fields", "persone.*"], "conf.type"),
    (["--direction", "out", "--fields", "personne.nomm"], "conf.field"),
    (["--connector", "nobody"], "say its address too"),
    (["--folder", "x", "--url", "sftp://h"], "does not go with the others: folder"),
    (["--url", "gopher://h"], "address expected"),
    (["--url", "host"], "address expected"),
    (["--url", "sftp://u:geheim@h"], "an address has no user"),
    (["--url", "sftp://h"], "missing: --user"),
    (["--url", "sftp://h", "--user", "u"], "missing: --key"),
    (["--url", "sftp://h", "--user", "u", "--key", "geheim"], "say where the secret is"),
    (["--url", "sftp://h", "--user", "u", "--key", "file:k"], "missing: --host-keys"),
    (["--url", "sftp://h", "--user", "u", "--key", "file:k", "--host-keys", "MD5:12"], "fingerprint expected"),
    (["--url", "https://h", "--token", "geheim"], "say where the secret is"),
    (["--folder", "in/old"], "conf.same_folder"),
    (["--after", "move"], "does not go with the others: after"),
]


def wrong():
    """One sentence with what to do, exit 2, nothing left, and never the secret."""
    d = Daemon("wrong", [flow_in("old", "ndjson")])
    d.write("conf.d/taken.conf", "# mine\n")
    os.makedirs(d.path("tmp"))
    before = made(d)
    for words, expected in WRONG:
        given = {"--name": "f", "--partner": "p", "--format": "ndjson", "--purpose": "x", "--legal-basis": "y"}
        given.update(zip(words[::2], words[1::2]))
        said = new(d, *[w for pair in given.items() for w in pair], expect=2, env={"TMPDIR": d.path("tmp")})
        same(expected in said.stderr, True, f"{words}: {said.stderr}")
        same("geheim" in said.stdout + said.stderr, False, f"{words}: a secret is shown")
        same(made(d), before, f"{words}: what is left")
        same(os.listdir(d.path("tmp")), [], f"{words}: what is left of the check")
    for key in ("--partner", "--format", "--purpose", "--legal-basis"):
        given = {"--name": "f", "--partner": "p", "--format": "ndjson", "--purpose": "x", "--legal-basis": "y"}
        del given[key]
        said = new(d, *[w for pair in given.items() for w in pair], expect=2)
        same(f"missing: {key}" in said.stderr, True, said.stderr)
    said = d.run("new", "thing", expect=2)
    same("passerelle new flow" in said.stderr, True, said.stderr)
    d.write("conf.d/bad.conf", "flows = ( {\n")
    said = new(d, "--name", "f", "--partner", "p", "--format", "ndjson", *WHY, expect=2)
    same("correct this configuration first" in said.stderr, True, said.stderr)


def unknown():
    """A file of no format: one is proposed beside conf.d, and no flow is made of it. Of a state that cannot be
    read, nothing at all."""
    d = bare("unknown")
    d.write("odd.csv", "zig;zag;prénom\n" + "".join(f"{i};q{i};Anne\n" for i in range(40)))
    said = new(d, "--sample", d.path("odd.csv"), "--name", "odd", "--partner", "p", *WHY, expect=3)
    same(made(d), ["formats/odd/fields.csv", "formats/odd/format.conf", "gateway.conf", "odd.csv"], "the proposal")
    same("no flow was written" in said.stdout and "--format odd" in said.stdout, True, said.stdout)
    schemas = d.path("schemas")
    subprocess.run(["cp", "-r", os.path.join(SOURCE, "schemas"), schemas], check=True)
    subprocess.run(["cp", "-r", d.path("formats", "odd"), os.path.join(schemas, "formats")], check=True)
    d.homes = ["--plugins", os.path.join(BUILD, "plugins"), "--schemas", schemas]
    new(d, "--sample", d.path("odd.csv"), "--format", "odd", "--name", "odd", "--partner", "p", *WHY)
    d.write("entry", b"\x00\x01\x02\x03" * 100)
    said = new(d, "--sample", d.path("entry"), "--name", "x", "--partner", "p", *WHY, expect=3)
    same("conf.d/x.conf" in made(d), False, "nothing of a file of no syntax")


def talk(d, answers, lang="fr"):
    """On a terminal: each answer is given when its question stands there."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(d.command("new")[0], d.command("new", "flow", "--lang", lang))
    said, at = "", 0
    try:
        for question, answer in answers:
            while not (question in said[at:] and said.endswith(" : ")):
                said += os.read(fd, 4096).decode("utf-8", "replace")
            at = len(said)
            os.write(fd, (answer + "\n").encode() if answer is not None else b"\x04")
        while True:
            said += os.read(fd, 4096).decode("utf-8", "replace")
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def answers():
    d = bare("answers")
    code, said = talk(d, [("exemple", "rien.xml"), ("exemple", RSA), ("sens", "vers"), ("sens", ""),
                          ("format", ""), ("nom du flux", "RSA"), ("nom du flux", "rsa"), ("partenaire", "caf"),
                          ("nom entier", "Caisse d'allocations familiales"), ("dossier", ""), ("attendu avant", "midi"),
                          ("attendu avant", ""), ("finalité", ""),
                          ("finalité", "suivi"), ("base légale", "CASF L.262-40"), ("gardés", ""), ("écrire ?", "o")])
    same(code, 0, said)
    for word in ("n'existe pas ou n'est pas lisible", "cnaf-rsa, sûr", "un de ces mots est attendu", "un nom n'a que",
                 "une réponse est nécessaire", "lus 2 = bons 2", "passerelle reload"):
        same(word in said, True, f"{word}: {said}")
    d.write("entrees/rsa/a.xml", open(RSA, "rb").read())
    os.utime(d.path("entrees/rsa/a.xml"), (1, 1))
    d.once()
    same([e["state"] for e in d.exchanges()], ["done"], "the flow works")
    before = made(d)
    code, said = talk(d, [("sample", ""), ("direction", ""), ("format", "ndjson"), ("name of the flow", ""),
                          ("partner", "caf"), ("folder", "sftp://h"), ("connector", ""), ("user", ""), ("user", "me"),
                          ("key", "secret words"), ("key", "file:k"), ("fingerprint", "x"), ("fingerprint", FINGERPRINT),
                          ("there", ""), ("once it is here", ""), ("expected before", "08:00"), ("purpose", "x"), ("legal basis", "y"),
                          ("kept", ""), ("write it?", "n")], "en")
    same((code, made(d)), (0, before), f"not confirmed: {said}")
    same("nothing was written" in said and FINGERPRINT in said, True, said)
    code, said = talk(d, [("sample", ""), ("direction", None)], "en")
    same((code, made(d)), (2, before), f"no more answers: {said}")
    same("no answer: nothing was written" in said, True, said)


if __name__ == "__main__":
    main([shipped, recognised, texts, server, told, wrong, unknown, answers])
