# SPDX-License-Identifier: EUPL-1.2
"""passerelle-openpgp against two others that speak OpenPGP: gpg and rnp, in both directions, and what each refuses."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE, BUILD, SCRATCH = (os.environ[k] for k in ("SOURCE", "BUILD", "SCRATCH"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "gateway"))
from daemon import main, same  # noqa: E402  pylint: disable=wrong-import-position

PROGRAM = os.path.join(BUILD, "passerelle-openpgp")
SANITIZED = os.environ.get("SANITIZED") == "1"
TEXT = "nom;prénom\nQuatrebarbes;Élodie\n".encode() * 500
US, PARTNER, STRANGER = ("us@passerelle.test", "partner@giver.test", "stranger@nowhere.test")


def call(*command, data=None, env=None, check=True):
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=120, env=dict(os.environ, **(env or {})))
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


class Gpg:
    """A key ring of gpg's; its folder is short, since it makes a socket in it."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="gpg")

    def __call__(self, *words, data=None):
        return call("gpg", "--homedir", self.home, "--batch", "--quiet", "--no-tty", "--yes", "--trust-model", "always",
                    "--pinentry-mode", "loopback", *words, data=data)

    def make(self, user, kind="rsa2048", password="", more=()):
        self(*more, "--passphrase", password, "--quick-generate-key", user, kind, "sign", "never")
        print_of = self.print_of(user)
        self(*more, "--passphrase", password, "--quick-add-key", print_of, "rsa2048" if kind.startswith("rsa") else "cv25519",
             "encrypt", "never")

    def print_of(self, user):
        lines = self("--with-colons", "--list-keys", user).decode().splitlines()
        return next(line.split(":")[9] for line in lines if line.startswith("fpr"))

    def stop(self):
        call("gpgconf", "--homedir", self.home, "--kill", "all", check=False)
        shutil.rmtree(self.home, ignore_errors=True)


def place(name, content, mode=0o600):
    path = os.path.join(SCRATCH, name)
    with open(path, "wb") as f:
        f.write(content)
    os.chmod(path, mode)
    return path


def export(gpg, user, name, secret=False, password="", armor=True):
    words = ["--export-secret-keys", "--passphrase", password] if secret else ["--export"]
    return place(name, gpg(*(["--armor"] if armor else []), *words, user))


def run(rules, content, out=False, most=0):
    """(bytes, code, arguments); bytes are None unless it was good."""
    source = content if isinstance(content, str) else place("input", content)
    target, answers = (os.path.join(SCRATCH, n) for n in ("output", "answers"))
    duty = {"duty": {"out": out, "flow": "fiches", "partner": "giver", "most": most}, "openpgp": rules}
    done = subprocess.run(["sh", "-c", 'exec "$0" 3> "$1" 4< "$2" 5> "$3"', PROGRAM, answers, source, target],
                          input=json.dumps(duty).encode(), capture_output=True, check=False, timeout=300)
    with open(answers, encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    if done.returncode or done.stdout or (done.stderr and not SANITIZED) or len(lines) != 1:
        raise AssertionError(f"exit {done.returncode}, {lines}, {done.stderr.decode(errors='replace')}")
    end = lines[0]
    if end["end"] != "ok":
        return None, end["code"], end["args"]
    with open(target, "rb") as f:
        return f.read(), None, end["args"]


def refused(rules, content, code, out=False, **args):
    made, found, said = run(rules, content, out)
    same((made, found), (None, code), f"{said}")
    same((said["partner"], said["flow"]), ("giver", "fiches"), "who and where")
    for name, part in args.items():
        if part not in said.get(name, ""):
            raise AssertionError(f"{code}: {name} is {said.get(name)!r}, without {part!r}")
    return said


class World:
    """Three who have keys, with gpg; and the files of keys."""

    def __init__(self):
        shutil.rmtree(SCRATCH, ignore_errors=True)
        os.makedirs(SCRATCH)
        self.gpg = Gpg()
        self.gpg.make(US, password="ours")
        self.gpg.make(PARTNER)
        self.gpg.make(STRANGER)
        self.ours = export(self.gpg, US, "ours.asc", secret=True, password="ours")
        self.theirs = export(self.gpg, PARTNER, "theirs.asc", secret=True)
        self.us, self.partner, self.stranger = (export(self.gpg, u, n + ".pub.asc") for u, n in
                                                ((US, "us"), (PARTNER, "partner"), (STRANGER, "stranger")))
        self.password = "file:" + place("password", b"ours\n")
        self.open = {"decrypt": "file:" + self.ours, "password": self.password, "verify": self.partner}
        self.make = {"encrypt": [self.partner], "sign": "file:" + self.ours, "sign_password": self.password}

    def sealed(self, *more, by=PARTNER, to=US, data=TEXT):
        """As the partner does it."""
        return self.gpg("-u", by, "-r", to, *more, "--sign", "--encrypt", data=data)

    def encrypted(self, *more, to=US, data=TEXT):
        return self.gpg("-r", to, *more, "--encrypt", data=data)


W = None


def good(rules, content, expected=TEXT, out=False):
    made, code, args = run(rules, content, out)
    same((code, made == expected), (None, True), f"{args}")
    return made


def gpg_to_us():
    good(W.open, W.sealed())
    good(W.open, W.sealed("--armor"))
    good(W.open, W.sealed("--compress-algo", "zlib"))
    good(W.open, W.sealed("--compress-algo", "bzip2"))
    good(W.open, W.sealed("-r", STRANGER))
    good(W.open, W.sealed(data=b""), b"")
    good({"verify": W.partner}, W.gpg("-u", PARTNER, "--sign", data=TEXT))
    good({"decrypt": "file:" + W.ours, "password": W.password}, W.encrypted())
    good({**W.open, "require_signature": False}, W.encrypted())


def keys_as_bytes():
    ours = export(W.gpg, US, "ours.gpg", secret=True, password="ours", armor=False)
    partner = export(W.gpg, PARTNER, "partner.gpg", armor=False)
    good({**W.open, "decrypt": "file:" + ours, "verify": partner}, W.sealed())


def modern_keys():
    W.gpg.make("curve@giver.test", "ed25519")
    key = export(W.gpg, "curve@giver.test", "curve.asc", secret=True)
    public = export(W.gpg, "curve@giver.test", "curve.pub.asc")
    good({"decrypt": "file:" + key, "verify": public}, W.sealed(by="curve@giver.test", to="curve@giver.test"))
    made, code, args = run({"encrypt": [public], "sign": "file:" + key}, TEXT, out=True)
    same(code, None, f"{args}")
    same(W.gpg("--decrypt", data=made) == TEXT, True, "gpg reads it")


def status(data):
    """What gpg says of it, and what it makes of it."""
    path, target = place("for_gpg", data), os.path.join(SCRATCH, "from_gpg")
    said = W.gpg("--passphrase", "", "--status-fd", "1", "--output", target, "--decrypt", path).decode()
    with open(target, "rb") as f:
        return said, f.read()


def us_to_gpg():
    made, code, args = run(W.make, TEXT, out=True)
    same(code, None, f"{args}")
    said, text = status(made)
    same(text == TEXT, True, "the text")
    same(("GOODSIG" in said, "DECRYPTION_OKAY" in said, "GOODMDC" in said), (True, True, True), said)
    same(TEXT[:20] in made, False, "it is not in clear")
    made = run({**W.make, "armor": True}, TEXT, out=True)[0]
    same((made[:27], status(made)[1] == TEXT), (b"-----BEGIN PGP MESSAGE-----", True), "armored")
    made = run({"encrypt": [W.partner, W.stranger]}, TEXT, out=True)[0]
    said, text = status(made)
    same((said.count("ENC_TO"), text == TEXT, "GOODSIG" in said), (2, True, False), said)
    made = run({"sign": "file:" + W.ours, "sign_password": W.password}, TEXT, out=True)[0]
    said, text = status(made)
    same(("GOODSIG" in said, "ENC_TO" in said, text == TEXT), (True, False, True), said)


def rnp_both_ways():
    home = os.path.join(SCRATCH, "rnp")
    os.makedirs(home)
    for key in (W.us, W.theirs):
        call("rnpkeys", "--homedir", home, "--import-keys", key)
    source, target = place("for_rnp", TEXT), os.path.join(SCRATCH, "from_rnp")
    for more in ([], ["--aead=OCB"]):
        call("rnp", "--homedir", home, "--password", "", "--overwrite", "--output", target, "-r", US, "-u", PARTNER, *more,
             "--encrypt", "--sign", source)
        with open(target, "rb") as f:
            good(W.open, f.read())
    made = run(W.make, TEXT, out=True)[0]
    same(call("rnp", "--homedir", home, "--password", "", "--decrypt", "--output", "-", place("for_rnp", made)) == TEXT, True,
         "rnp reads it")


def other_keys():
    refused(W.open, W.encrypted(to=STRANGER), "openpgp.no_key")
    refused(W.open, W.sealed(by=STRANGER), "openpgp.signer", found=W.gpg.print_of(STRANGER)[-16:], expected="partner.pub.asc")
    refused({"verify": W.partner}, W.gpg("-u", STRANGER, "--sign", data=TEXT), "openpgp.signer")
    refused({**W.open, "require_signature": False}, W.sealed(by=STRANGER), "openpgp.signer")
    own = W.gpg("--passphrase", "ours", "-u", US, "-r", US, "--sign", "--encrypt", data=TEXT)
    refused(W.open, own, "openpgp.signer", found="us@passerelle.test")
    good(W.open, W.sealed("-u", STRANGER))


def unsigned():
    refused(W.open, W.encrypted(), "openpgp.unsigned")
    refused({"verify": W.partner}, W.gpg("--store", data=TEXT), "openpgp.unsigned")


def in_clear():
    refused(W.open, W.gpg("-u", PARTNER, "--sign", data=TEXT), "openpgp.clear")
    refused(W.open, TEXT, "openpgp.format")
    refused(W.open, b"", "openpgp.format")
    refused({"verify": W.partner}, TEXT, "openpgp.format")
    refused(W.open, W.gpg("--passphrase", "x", "--symmetric", data=TEXT), "openpgp.by_password")


def packets(data):
    """(tag, whole packet) of a message in old or new form with definite lengths."""
    at = 0
    while at < len(data):
        begin, head = at, data[at]
        if head & 0x40:
            tag, first = head & 0x3f, data[at + 1]
            if first < 192:
                at, size = at + 2, first
            elif first < 224:
                at, size = at + 3, ((first - 192) << 8) + data[at + 2] + 192
            elif first == 255:
                at, size = at + 6, int.from_bytes(data[at + 2:at + 6], "big")
            else:
                return
        else:
            tag, width = (head >> 2) & 15, (1, 2, 4, 0)[head & 3]
            size = int.from_bytes(data[at + 1:at + 1 + width], "big") if width else len(data) - at - 1
            at += 1 + width
        at += size
        yield tag, data[begin:at]


def without_integrity(message):
    """The same session key and text in a packet of tag 9, as RFC 4880 5.7 has it: CFB with its resynchronisation."""
    said = subprocess.run(["gpg", "--homedir", W.gpg.home, "--batch", "--pinentry-mode", "loopback", "--passphrase", "ours",
                           "--show-session-key", "--decrypt"], input=message, capture_output=True, check=True)
    key = said.stderr.decode().split("session key: '9:")[1].split("'")[0]
    literal = b"\xcb\xff" + (len(TEXT) + 6).to_bytes(4, "big") + b"b\0" + bytes(4) + TEXT

    def cfb(iv, data):
        return call("openssl", "enc", "-aes-256-cfb", "-K", key, "-iv", iv.hex(), data=data)

    noise = b"0123456789abcdef"
    first = cfb(bytes(16), noise + noise[-2:])
    body = first + cfb(first[2:18], literal)
    session = next(p for tag, p in packets(message) if tag == 1)
    return session + b"\xc9\xff" + len(body).to_bytes(4, "big") + body


def weak():
    for cipher in ("CAST5", "3DES", "BLOWFISH"):
        refused(W.open, W.sealed("--compliance", "rfc4880", "--cipher-algo", cipher), "openpgp.cipher")
    refused(W.open, W.sealed("--digest-algo", "SHA1"), "openpgp.hash", expected="SHA1", found=PARTNER)
    refused({"verify": W.partner}, W.gpg("-u", PARTNER, "--digest-algo", "SHA1", "--sign", data=TEXT), "openpgp.hash")
    refused(W.open, W.gpg("--allow-weak-digest-algos", "-u", PARTNER, "-r", US, "--digest-algo", "MD5", "--sign", "--encrypt",
                          data=TEXT), "openpgp.hash")
    bare = without_integrity(W.encrypted("--cipher-algo", "AES256"))
    refused({**W.open, "require_signature": False}, bare, "openpgp.integrity")


def damaged():
    whole = W.sealed("--compress-algo", "none")
    at = len(whole) - len(TEXT) // 2
    refused(W.open, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:], "openpgp.damaged")
    for cut in (len(whole) - 1, len(whole) - 22, len(whole) - 40, len(whole) // 2, 600):
        refused(W.open, whole[:cut], "openpgp.damaged")
    for cut in (1, 20, 200):
        same(run(W.open, whole[:cut])[1] in ("openpgp.format", "openpgp.damaged", "openpgp.no_key"), True, f"cut at {cut}")
    armored = W.sealed("--armor", "--compress-algo", "none")
    same(run(W.open, armored[:len(armored) // 2])[1], "openpgp.damaged", "armor cut")
    signed = W.gpg("-u", PARTNER, "--compress-algo", "none", "--sign", data=TEXT)
    refused({"verify": W.partner}, signed.replace(b"Quatrebarbes", b"Quatrebarbez", 1), "openpgp.signature", found=PARTNER)
    for cut in (len(signed) - 1, len(signed) - 100, len(signed) // 2):
        refused({"verify": W.partner}, signed[:cut], "openpgp.damaged")


def days():
    gpg = W.gpg
    gpg.make("short@giver.test", more=["--faked-system-time", "20230101T000000"])
    gpg.make("old@passerelle.test", password="ours", more=["--faked-system-time", "20230101T000000"])
    old = {**W.open, "decrypt": "file:" + export(gpg, "old@passerelle.test", "old.asc", secret=True, password="ours")}
    late = gpg("--faked-system-time", "20240601T000000", "-u", "short@giver.test", "-r", "old@passerelle.test",
               "--sign", "--encrypt", data=TEXT)
    early = gpg("--faked-system-time", "20230601T000000", "-u", "short@giver.test", "--sign", data=TEXT)
    public = export(gpg, "short@giver.test", "short.pub.asc")
    print_of = gpg.print_of("short@giver.test")
    gpg("--faked-system-time", "20230701T000000", "--quick-set-expire", print_of, "2024-01-01")
    ended = export(gpg, "short@giver.test", "ended.pub.asc")
    own = export(gpg, "short@giver.test", "ended.asc", secret=True)
    gone = place("revoked.pub.asc", revoked(print_of))
    good({**old, "verify": public}, late)
    good({"verify": ended}, early)
    refused({**old, "verify": ended}, late, "openpgp.key_expired", found="short@giver.test")
    refused({"encrypt": [ended]}, TEXT, "openpgp.key_expired", out=True, found="short@giver.test")
    refused({"sign": "file:" + own}, TEXT, "openpgp.key_expired", out=True)
    refused({"encrypt": [gone]}, TEXT, "openpgp.key_revoked", out=True)
    refused({**old, "verify": gone}, late, "openpgp.key_revoked")


def revoked(print_of):
    with open(os.path.join(W.gpg.home, "openpgp-revocs.d", print_of + ".rev"), encoding="utf-8") as f:
        text = f.read().replace(":-----BEGIN", "-----BEGIN")
    W.gpg("--import", data=text.encode())
    return W.gpg("--export", print_of)


def our_keys():
    refused({**W.open, "password": "file:" + place("wrong", b"wrong\n")}, W.sealed(), "openpgp.password", found=US)
    refused({"decrypt": "file:" + W.ours, "verify": W.partner}, W.sealed(), "openpgp.password")
    refused({**W.make, "sign_password": "file:" + place("wrong", b"wrong\n")}, TEXT, "openpgp.password", out=True)
    refused({**W.open, "decrypt": "file:" + os.path.join(SCRATCH, "nowhere")}, W.sealed(), "secret.absent", found="nowhere")
    refused({**W.open, "decrypt": "file:" + place("text", b"no key\n")}, W.sealed(), "openpgp.key_form", found="text")
    refused({**W.open, "decrypt": "file:" + W.us}, W.sealed(), "openpgp.key_form", found="us.pub.asc")
    refused({**W.open, "verify": os.path.join(SCRATCH, "nowhere")}, W.sealed(), "openpgp.key_file", found="nowhere")
    refused({"encrypt": [place("text", b"no key\n")]}, TEXT, "openpgp.key_form", out=True)
    W.gpg("--passphrase", "", "--quick-generate-key", "signs@giver.test", "rsa2048", "sign", "never")
    signs = export(W.gpg, "signs@giver.test", "signs.pub.asc")
    refused({"encrypt": [signs]}, TEXT, "openpgp.key_usage", out=True, found="signs@giver.test")


def bounded():
    """A small file that unpacks to much is stopped; one of 100 MB takes no more memory than a small one."""
    big = W.sealed(data=bytes(20_000_000))
    made, code, args = run(W.open, big, most=1_000_000)
    same((made, code, args["found"], len(big) < 100_000), (None, "openpgp.too_large", "1000000", True), "a bomb")
    if SANITIZED:
        return
    source, sealed = (os.path.join(SCRATCH, n) for n in ("big", "big.gpg"))
    with open(source, "wb") as f:
        for n in range(100):
            f.write(n.to_bytes(4, "big") * 250_000)
    small = peak(W.make, place("small", TEXT), sealed, True)
    large = peak(W.make, source, sealed, True)
    same(large < small + 3000, True, f"encrypting: {small} kB, then {large} kB")
    W.gpg("-u", PARTNER, "-r", US, "--compress-algo", "none", "--output", sealed, "--sign", "--encrypt", source)
    large = peak(W.open, sealed, os.path.join(SCRATCH, "opened"), False)
    same(large < small + 3000, True, f"decrypting: {small} kB, then {large} kB")
    same(call("cmp", source, os.path.join(SCRATCH, "opened")), b"", "the same")


def peak(rules, source, target, out):
    """Largest resident size, kB."""
    duty = {"duty": {"out": out, "flow": "f", "partner": "p"}, "openpgp": rules}
    watch = ("import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdin=sys.stdin, check=True, pass_fds=(3, 4, 5)); "
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    answers = os.path.join(SCRATCH, "answers")
    said = call("sh", "-c", 'exec "$0" -c "$1" "$2" 3> "$3" 4< "$4" 5> "$5"', sys.executable, watch, PROGRAM, answers, source,
                target, data=json.dumps(duty).encode())
    with open(answers, encoding="utf-8") as f:
        same(json.load(f)["end"], "ok", "it did it")
    return int(said)


def no_duty():
    made, code, _ = run({}, TEXT)
    same((made, code), (None, "openpgp.duty"), "nothing to do")
    made, code, _ = run({"decryt": "x"}, TEXT)
    same((made, code), (None, "openpgp.duty"), "a key nobody knows")


if __name__ == "__main__":
    missing = [p for p in ("gpg", "rnp", "rnpkeys", "openssl") if not shutil.which(p)]
    if missing:
        print("skipped: not installed:", ", ".join(missing))
        raise SystemExit(77)
    W = World()
    try:
        main([gpg_to_us, keys_as_bytes, modern_keys, us_to_gpg, rnp_both_ways, other_keys, unsigned, in_clear, weak, damaged, days,
              our_keys, bounded, no_duty])
    finally:
        W.gpg.stop()
