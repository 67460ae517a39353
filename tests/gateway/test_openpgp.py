# SPDX-License-Identifier: EUPL-1.2
"""Flows with OpenPGP from end to end: what comes is opened, what goes is sealed, and no clear text stays behind."""
import json
import os
import shutil
import subprocess
import tempfile

from daemon import Daemon, flow_in, flow_out, main, same

LINE = '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"Quatrebarbes"}}\n'
IN = 'openpgp = { decrypt = "file:us.key"; verify = "partner.pub"; };'
OUT = 'openpgp = { encrypt = ( "partner.pub" ); sign = "file:us.key"; };'
HOME = tempfile.mkdtemp(prefix="gpg")
KEYS, PRINTS = {}, {}
CLEAR = LINE.encode() % b"2"  # as it came: nothing hides that


def gpg(*words, data=None):
    done = subprocess.run(["gpg", "--homedir", HOME, "--batch", "--quiet", "--no-tty", "--yes", "--trust-model", "always",
                           "--pinentry-mode", "loopback", "--passphrase", "", *words], input=data, capture_output=True, check=True)
    return done.stdout


def make(user, *when):
    gpg(*when, "--quick-generate-key", user, "default", "default", "1y" if when else "never")
    KEYS[user] = gpg("--armor", "--export", user), gpg("--armor", "--export-secret-keys", user)
    PRINTS[user] = gpg("--with-colons", "--list-keys", user).decode().split("fpr:::::::::")[1].split(":")[0]


def daemon(name, flows):
    d = Daemon(name, flows)
    d.write("us.key", KEYS["us"][1])
    os.chmod(d.path("us.key"), 0o600)
    d.write("partner.pub", KEYS["partner"][0])
    return d


def sealed(number, by="partner", to="us"):
    return gpg("-u", by, "-r", to, "--sign", "--encrypt", data=(LINE % number).encode())


def nowhere_in_clear(d):
    same([path for path, content in d.everything() if b"Quatrebarbes" in content and content != CLEAR], [],
         "clear text in the state folder")


def what_comes_is_opened():
    d = daemon("opened", [flow_in("people", "ndjson", IN)])
    came = sealed(1)
    d.drop("people", "1.ndjson.gpg", came)
    d.drop("people", "2.ndjson.gpg", sealed(2))
    d.once()
    same([(e["state"], e["accepted"]) for e in d.exchanges()], [("done", 1), ("done", 1)], "both are applied")
    spool = [content for path, content in d.everything() if "/spool/in-" in path]
    same((len(spool), came in spool), (2, True), "the spool has what came")
    nowhere_in_clear(d)
    d.run("replay", "1")
    d.once()
    same(d.exchanges()[0]["state"], "done", "and it can be opened again")


def by_file_too():
    d = daemon("by_file", [flow_in("people", "ndjson", IN + ' apply = "file";')])
    d.drop("people", "1.ndjson.gpg", sealed(1))
    d.once()
    same([(e["state"], e["accepted"]) for e in d.exchanges()], [("done", 1)], "two passes of the same clear text")


def what_is_not_good_fails():
    cases = {"a-cut": (sealed(1)[:-30], "openpgp.damaged"), "b-clear": (CLEAR, "openpgp.format"),
             "c-stranger": (sealed(3, by="stranger"), "openpgp.signer"), "d-other": (sealed(4, to="stranger"), "openpgp.no_key"),
             "e-unsigned": (gpg("-r", "us", "--encrypt", data=(LINE % 5).encode()), "openpgp.unsigned")}
    d = daemon("faults", [flow_in("people", "ndjson", IN)])
    for name, (content, _) in cases.items():
        d.drop("people", name, content)
    d.once()
    same([(e["state"], e["reason"]) for e in d.exchanges()], [("failed", code) for _, code in cases.values()], "each is refused")
    nowhere_in_clear(d)


def what_goes_is_sealed():
    d = daemon("sealed", [flow_in("people", "ndjson"), flow_out("all", "ndjson", more=OUT)])
    d.drop("people", "1.ndjson", LINE % 1)
    d.once()
    files = d.files_out("all")
    same((len(files), files[0].endswith(".pgp")), (1, True), str(files))
    with open(files[0], "rb") as f:
        made = f.read()
    same(b"Quatrebarbes" in made, False, "it is not in clear")
    same(b"Quatrebarbes" in gpg("--decrypt", data=made), True, "the partner reads it")
    done = next(e for e in d.exchanges() if e["direction"] == "out")
    same((done["state"], done["size"] if "size" in done else len(made)), ("done", len(made)), "what is promised is what is sent")
    same([p for p, content in d.everything() if "/spool/out-" in p and b"Quatrebarbes" in content], [], "nor is the spool")


def no_key_to_seal_with():
    d = daemon("unsealed", [flow_in("people", "ndjson"), flow_out("all", "ndjson", more=OUT)])
    d.write("us.key", b"no key\n")
    d.drop("people", "1.ndjson", LINE % 1)
    said = d.run("run", "--once", expect=None)
    same("openpgp.key_form" in said.stdout + said.stderr, True, said.stdout + said.stderr)
    same(d.files_out("all"), [], "nothing goes out")
    d.write("us.key", KEYS["us"][1])
    d.once()
    same(len(d.files_out("all")), 1, "until the key is there")


def what_conf_says():
    cases = [(flow_in, "openpgp = { };", "says nothing to do"),
             (flow_in, OUT, '"encrypt" of the group `openpgp` is for a flow whose direction is "out"'),
             (flow_out, IN, '"decrypt" of the group `openpgp` is for a flow whose direction is "in"'),
             (flow_in, 'openpgp = { decrypt = "file:us.key"; require_signature = false; };', '"require_signature" of the group'),
             (flow_in, 'openpgp = { verify = "partner.pub"; password = "file:us.key"; };', 'a meaning with "decrypt" only'),
             (flow_in, 'openpgp = { verify = "nowhere.pub"; };', "nowhere.pub cannot be read"),
             (flow_in, 'openpgp = { decrypt = "secret itself"; };', "is no reference to a secret"),
             (flow_in, 'openpgp = { decrypts = "file:us.key"; verify = "partner.pub"; };', '"decrypts" is no key known here')]
    for make_flow, more, words in cases:
        d = daemon("conf", [make_flow("people", "ndjson", more=more)])
        said = d.run("check", expect=None)
        text = said.stdout + said.stderr
        same((said.returncode != 0, words in text, "gateway.conf:" in text), (True, True, True), f"{more}\n{text}")


def what_check_opens():
    """Without a file and without the network: the sentence names the keys, and a key that is none has its line."""
    def shown(user, more=""):
        return f"{PRINTS[user]} ({user}){more}"

    d = daemon("check", [flow_in("people", "ndjson", IN), flow_out("all", "ndjson", more=OUT),
                         flow_in("loose", "ndjson", 'openpgp = { verify = "partner.pub"; require_signature = false; };'),
                         flow_out("elsewhere", "ndjson", more='openpgp = { sign = "credential:key"; };')])
    for flow in ("people", "loose"):
        os.makedirs(d.path("in", flow))
    said = d.run("check")
    for words in (f"; decrypts by the key {shown('us')}; accepts only what is signed by {shown('partner')};",
                  f"; encrypts for {shown('partner')}; signs by the key {shown('us')};",
                  f"; verifies what is signed by {shown('partner')};", "; signs;"):
        same(words in said.stdout, True, f"{words!r} in {said.stdout}")
    same(said.stderr.count("secret.absent"), 1, "what only the service sees is a warning")
    same(f" ; déchiffre par la clé {shown('us')} ; n'accepte que signé par " in d.run("check", "--lang", "fr").stdout, True, "in French")
    cases = [(flow_in, IN, {"us.key": b"no key"}, "openpgp.key_form", "error"),
             (flow_in, IN, {"us.key": None}, "secret.absent", "error"),
             (flow_in, IN, {"us.key": KEYS["expired"][1]}, "openpgp.key_expired", "warning"),
             (flow_in, IN, {"partner.pub": KEYS["expired"][0]}, "openpgp.key_expired", "error"),
             (flow_in, IN, {"partner.pub": KEYS["expired"][0] + KEYS["partner"][0]}, "openpgp.key_expired", "warning"),
             (flow_out, OUT, {"partner.pub": KEYS["expired"][0]}, "openpgp.key_expired", "error"),
             (flow_out, OUT, {"us.key": KEYS["expired"][1]}, "openpgp.key_expired", "error"),
             (flow_out, OUT, {"us.key": KEYS["us"][0]}, "openpgp.key_form", "error")]
    for make_flow, more, files, code, severity in cases:
        d = daemon("check-fault", [make_flow("people", "ndjson", more=more)])
        for name, content in files.items():
            if content is None:
                os.remove(d.path(name))
            else:
                d.write(name, content)
        said = [json.loads(x) for x in d.run("check", "--json", expect=2 if severity == "error" else 0).stderr.splitlines()
                if x.startswith("{")]  # with sanitizers the library is heard too
        found = [(x["severity"], os.path.basename(x["file"]), bool(x["line"])) for x in said if x["code"] == code]
        same((severity, "gateway.conf", True) in found, True, f"{more} {files.keys()} {code}: {said}")
    d.transfers = ["--transfers", d.path("nowhere")]
    same("transfer.program" in d.run("check", expect=2).stderr, True, "no program")


def with_backups(name, *people):
    d = daemon(name, [flow_in("people", "ndjson")])
    group = "openpgp = { encrypt = ( %s ); };" % ", ".join(f'"{who}.pub"' for who in people) if people else ""
    with open(d.path("gateway.conf"), "a", encoding="utf-8") as f:
        f.write('backup = { key = "backup.key.pub"; folder = "kept"; %s };\n' % group)
    for who in people:
        d.write(f"{who}.pub", KEYS[who][0])
    os.makedirs(d.path("kept"))
    d.run("backup", "--new-key", d.path("backup.key"), "--pair")
    d.drop("people", "1.ndjson", LINE % 1)
    d.once()
    return d


def restored(d, backup, key, expect=0):
    words = d.command("restore", d.path(backup), "--to", d.path("again"), "--key", d.path(key))
    at = words.index("-c")
    del words[at:at + 2]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    same(done.returncode, expect, done.stdout + done.stderr)
    return done


def a_lost_key_is_no_lost_backup():
    """Who holds the private key of a recipient opens that backup, and that one alone, where the house lost its own."""
    d = with_backups("lost", "partner", "stranger")
    d.run("check")
    d.run("backup", "--to", d.path("all.backup"))
    d.run("backup", "--to", d.path("other.backup"))
    restored(d, "all.backup", "backup.key")
    shutil.rmtree(d.path("again"))
    for name in ("backup.key", "backup.key.pub", "state"):
        os.rename(d.path(name), d.path(f"lost-{name}"))
    alone = tempfile.mkdtemp(prefix="gpg")
    for who, can in (("us", False), ("stranger", True)):
        subprocess.run(["gpg", "--homedir", alone, "--batch", "--quiet", "--import"], input=KEYS[who][1], check=True, capture_output=True)
        letter = d.run("backup", "--letter", d.path("all.backup")).stdout
        same(letter.startswith("-----BEGIN PGP MESSAGE-----"), True, letter)
        said = subprocess.run(["gpg", "--homedir", alone, "--batch", "--quiet", "--decrypt"], input=letter.encode(),
                              capture_output=True, check=False)
        same(said.returncode == 0, can, f"{who}: {said.stderr}")
    subprocess.run(["gpgconf", "--homedir", alone, "--kill", "all"], check=False)
    shutil.rmtree(alone)
    same(said.stdout.startswith(b"passerelle-coffer-stream "), True, "a line of text")
    d.write("one.key", said.stdout)
    with open(d.path("all.backup"), "rb") as f:
        content = f.read()
    same([x for x in (said.stdout.split()[1], bytes.fromhex(said.stdout.split()[1].decode()), b"Quatrebarbes") if x in content], [],
         "in clear in the backup")
    d.run("backup", "--verify", d.path("all.backup"), "--key", d.path("one.key"))
    same("backup.key" in restored(d, "other.backup", "one.key", expect=3).stderr, True, "the key of one backup")
    same("makes none" in d.run("backup", "--key", d.path("one.key"), "--to", d.path("b"), expect=2).stderr, True, "it seals none")
    restored(d, "all.backup", "one.key")
    os.rename(d.path("again"), d.path("state"))
    same([(e["state"], e["accepted"]) for e in d.exchanges()], [("done", 1)], "all is there")
    d.run("fsck")
    details = [json.loads(x)["detail"] for x in d.run("audit", "--json").stdout.splitlines()]
    same(any(x.startswith("of ") for x in details), True, "restored")


def nobody_to_seal_a_backup_for():
    d = with_backups("expired", "partner", "expired")
    said = d.run("backup", expect=4)
    same(("openpgp.key_expired" in said.stderr, "backup.altered" in said.stderr), (True, False), said.stderr)
    same((os.listdir(d.path("kept")), os.path.exists(d.path("state", "backup"))), ([], False), "nothing is left half made")
    same("openpgp.key_expired" in d.run("check", expect=2).stderr, True, "check says so before")
    same("transfer.program" in d.run("backup", "--transfers", d.path("nowhere"), expect=4).stderr, True, "no program")
    d = with_backups("plain")
    d.run("backup", "--to", d.path("all.backup"))
    same("backup.letter" in d.run("backup", "--letter", d.path("all.backup"), expect=3).stderr, True, "nobody else opens it")
    same("backup.unknown" in d.run("backup", "--letter", d.path("gateway.conf"), expect=3).stderr, True, "no backup")
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        conf = f.read()
    d.write("gateway.conf", conf.replace('folder = "kept";', 'openpgp = { encrypt = ( "partner.pub" ); sign = "file:us.key"; };'))
    same("conf.openpgp_backup" in d.run("check", expect=2).stderr, True, "only for whom")


def by_the_daemon_too():
    d = with_backups("scheduled", "partner")
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        conf = f.read()
    d.write("gateway.conf", conf.replace('folder = "kept";', 'folder = "kept"; schedule = "every 1 h";'))
    d.start()
    d.wait(lambda: '"event":"backup.made"' in d.log(), "made")
    d.stop()
    name, = os.listdir(d.path("kept"))
    d.write("one.key", gpg("--decrypt", data=d.run("backup", "--letter", d.path("kept", name)).stdout.encode()))
    restored(d, f"kept/{name}", "one.key")


if __name__ == "__main__":
    if not shutil.which("gpg"):
        print("skipped: gpg is not installed")
        raise SystemExit(77)
    for who in ("us", "partner", "stranger"):
        make(who)
    make("expired", "--faked-system-time", "20200101T000000")
    try:
        main([what_comes_is_opened, by_file_too, what_is_not_good_fails, what_goes_is_sealed, no_key_to_seal_with, what_conf_says,
              what_check_opens, a_lost_key_is_no_lost_backup, nobody_to_seal_a_backup_for, by_the_daemon_too])
    finally:
        subprocess.run(["gpgconf", "--homedir", HOME, "--kill", "all"], check=False)
        shutil.rmtree(HOME, ignore_errors=True)
