# SPDX-License-Identifier: EUPL-1.2
"""A secret of each kind, in each place that it can come from, while flows run by it: found nowhere but in its own place."""
import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from daemon import BUILD, SOURCE, Daemon, at_connector, flow_in, flow_out, main, same

sys.path.insert(0, os.path.join(SOURCE, "tests", "servers"))
PERSON = b'{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1","nom_usage":"N","prenom":"A"}}\n'
PLACES = ("file", "env", "credential")
ACCESS = "access-" + secrets.token_hex(16)  # what a token server gives is a secret too


class Site(Daemon):
    """A flow for each kind and place. `needles`: text by which a secret would be found again, and whose it is."""

    def __init__(self, name, ssh, there):
        super().__init__(name, [])
        self.transfers = ["--transfers", BUILD]
        self.asking, self.nginx, self.mails = None, nginx.Nginx(self.path("nginx")), []
        self.ca = authority.Authority(self.path("ca"))
        self.folders = []  # of flows without a connector
        self.ssh, self.there, self.needles, self.env, self.lines = ssh, there, {ACCESS: "access token"}, {}, []
        self.connectors, self.flows = [], []
        os.makedirs(self.path("credentials"))
        self.env["CREDENTIALS_DIRECTORY"] = self.path("credentials")

    def secret(self, kind, place, value, needle=None):
        """Its reference."""
        name = f"{kind}-{place}"
        self.needles[needle or value] = name
        if place == "env":
            self.env[name.replace("-", "_").upper()] = value
            return "env:" + name.replace("-", "_").upper()
        folder = "secrets" if place == "file" else "credentials"
        self.write(f"{folder}/{name}", value + "\n")
        os.chmod(self.path(folder, name), 0o600)
        return f"file:secrets/{name}" if place == "file" else f"credential:{name}"

    def word(self, kind, place):
        return self.secret(kind, place, f"{kind}-{secrets.token_hex(16)}")

    def connector(self, name, keys):
        said = "".join(f'{k} = {v if v.startswith("(") else chr(34) + v + chr(34)}; ' for k, v in keys.items())
        self.connectors.append(f'{{ name = "{name}"; partner = "giver"; {said} }}')

    def flow(self, name, path, keys):
        self.connector(name, keys)
        self.flows.append(at_connector(flow_in(name, "ndjson"), name, f'path = "{path}"; after = "leave"; every = "1 h"; '))

    def ssh_key(self, kind, place):
        """The key itself, or the password of one."""
        password = f"{kind}-{secrets.token_hex(16)}" if kind == "key_password" else ""
        path = sshd.make_key(self.path(f"made-{kind}-{place}"), "ed25519", password=password)
        keys = {"url": f"sftp://127.0.0.1:{self.ssh.port}", "user": self.ssh.user,
                "host_keys": f'( "{self.ssh.fingerprint()}" )'}
        with open(path + ".pub", encoding="utf-8") as f:
            self.lines.append(f.read())
        with open(path, encoding="utf-8") as f:
            text = f.read()
        if password:
            os.makedirs(self.path("sealed"), exist_ok=True)
            os.rename(path, self.path("sealed", place))
            keys |= {"key": f"file:sealed/{place}", "key_password": self.secret(kind, place, password)}
        else:
            os.remove(path)
            keys["key"] = self.secret(kind, place, text, text.splitlines()[3])
        self.flow(f"{kind}-{place}", "in", keys)

    def web(self, kind, place):
        reference = self.word(kind, place)
        keys = {"password": {"auth": "basic", "user": "us", "password": reference},
                "token": {"auth": "bearer" if place == "env" else "api_key", "token": reference},
                "client_secret": {"auth": "oauth2", "client_id": "us", "client_secret": reference,
                                  "token_url": self.there.url + "/token"},
                "refused": {"auth": "bearer", "token": reference}}[kind]
        self.there.routes[f"/{kind}-{place}.ndjson"] = lambda r: self.answer(r, kind, place)
        self.flow(f"{kind}-{place}", f"/{kind}-{place}.ndjson", {"url": self.there.url, **keys})

    def answer(self, request, kind, place):
        """Only who has the secret is given the file; who is refused hears his own secret again."""
        known = ACCESS if kind == "client_secret" else next(n for n, whose in self.needles.items() if whose == f"{kind}-{place}")
        given = " ".join(request.headers.values())
        words = given + "".join(base64.b64decode(x[6:]).decode() for x in request.headers.values() if x.startswith("Basic "))
        if kind == "refused":
            return 500, {"Content-Type": "application/json"}, json.dumps({"detail": "no: " + known}).encode()
        return (200, {}, PERSON) if known in words else (401, {}, b"")

    def ssh_passwords(self):
        """Of accounts of a server that asks for them, by PAM: for root, where mounts may be its own."""
        words = {place: f"ssh-{secrets.token_hex(16)}" for place in PLACES}
        self.asking = sshd.Sshd(passwords=[(place, word) for place, word in words.items()])
        os.mkdir(os.path.join(self.asking.files, "in"))
        with open(os.path.join(self.asking.files, "in", "a.ndjson"), "wb") as f:
            f.write(PERSON)
        for place, word in words.items():
            self.flow(f"ssh_password-{place}", "in", {
                "url": f"sftp://127.0.0.1:{self.asking.port}", "user": place, "host_keys": f'( "{self.asking.fingerprint()}" )',
                "password": self.secret("ssh_password", place, word)})

    def certificate(self, place):
        """Mutual TLS: nginx gives the file to who has the key of the certificate."""
        certificate, key = self.ca.issue(f"client-{place}")
        with open(key, encoding="utf-8") as f:
            text = f.read()
        os.remove(key)
        self.flow(f"certificate_key-{place}", "/a.ndjson", {
            "url": f"https://127.0.0.1:{self.nginx.port}", "ca": self.ca.certificate, "certificate": certificate,
            "certificate_key": self.secret("certificate_key", place, text, text.splitlines()[1])})

    def web_server(self):
        self.nginx.add(self.ca.issue("server"), f"ssl_client_certificate {self.ca.certificate}; ssl_verify_client on;")
        self.nginx.write("a.ndjson", PERSON)
        self.nginx.start()

    def mail(self, place):
        name, word = f"mail-{place}", f"mail-{secrets.token_hex(16)}"
        server = mail.Mail(self.ca.issue(name), implicit=True, user=("us", word))
        self.mails.append(server)
        self.connector(name, {"url": f"smtps://127.0.0.1:{server.port}", "user": "us", "ca": self.ca.certificate,
                              "password": self.secret("mail", place, word)})
        self.flows.append(at_connector(flow_out(name, "ndjson"), name,
                                       'sender = "us@example.org"; to = ( "them@example.org" ); subject = "file"; '))

    def openpgp(self, place):
        """A flow whose files only a key with a password opens."""
        word, home = f"openpgp-{secrets.token_hex(16)}", tempfile.mkdtemp(prefix="gpg")
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--no-tty", "--trust-model", "always", "--pinentry-mode",
               "loopback", "--passphrase-file", os.path.join(home, "word")]
        with open(gpg[-1], "w", encoding="utf-8") as f:
            f.write(word)
        try:
            for more, out in ((["--quick-generate-key", "us", "default", "default", "never"], None),
                              (["--export-secret-keys", "us"], f"{place}.pgp")):
                done = subprocess.run(gpg + more, capture_output=True, check=True)
                if out:
                    self.write(out, done.stdout)
                    os.chmod(self.path(out), 0o600)
            sealed = subprocess.run(gpg + ["-r", "us", "--encrypt"], input=PERSON, capture_output=True, check=True).stdout
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
            shutil.rmtree(home, ignore_errors=True)
        self.folders.append(flow_in(f"openpgp-{place}", "ndjson", f'openpgp = {{ decrypt = "file:{place}.pgp"; '
                                    f'password = "{self.secret("openpgp", place, word)}"; }};'))
        self.drop(f"openpgp-{place}", "a.gpg", sealed)

    def all(self):
        self.web_server()
        if alone.may("mount"):
            self.ssh_passwords()
        for place in PLACES:
            for kind in ("key", "key_password"):
                self.ssh_key(kind, place)
            for kind in ("password", "token", "client_secret", "refused"):
                self.web(kind, place)
            for kind in (self.certificate, self.mail, self.openpgp):
                kind(place)
        self.ssh.write("authorized_keys", "".join(self.lines))
        self.api()
        self.configure(self.flows + self.folders, connectors=self.connectors)
        with open(self.path("gateway.conf"), encoding="utf-8") as f:
            text = f.read()
        self.write("gateway.conf", f'api = {{ address = "127.0.0.1:{sshd.free_port()}"; certificate = "api.pem"; '
                                   f'key = "{self.key}"; }};\n' + text)

    def over(self):
        self.nginx.stop()
        for server in self.mails:
            server.stop()
        if self.asking:
            self.asking.kill()
            shutil.rmtree(self.asking.folder, ignore_errors=True)

    def api(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", "/CN=api", "-keyout", self.path("key.pem"), "-out", self.path("api.pem")],
                       check=True, capture_output=True)
        with open(self.path("key.pem"), encoding="utf-8") as f:
            text = f.read()
        os.remove(self.path("key.pem"))
        self.key = self.secret("api", "credential", text, text.splitlines()[1])

    def found(self, text):
        """Whose secrets stand in it, as they are or as they would travel."""
        text = text if isinstance(text, bytes) else text.encode()
        return [whose for needle, whose in self.needles.items()
                if needle.encode() in text or base64.b64encode(b"us:" + needle.encode()) in text]


class Watch(threading.Thread):
    """The command lines of all processes, again and again."""

    def __init__(self, site):
        super().__init__(daemon=True)
        self.site, self.over, self.told, self.seen = site, False, set(), set()

    def run(self):
        while not self.over:
            for process in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{process}/cmdline", "rb") as f:
                        line = f.read()
                except OSError:
                    continue
                self.told |= set(self.site.found(line))
                self.seen |= {name for name in (b"passerelle-http", b"passerelle-sftp") if name in line}
            time.sleep(0.002)


def token(request):
    return 200, {"Content-Type": "application/json"}, json.dumps(
        {"access_token": ACCESS, "token_type": "Bearer", "expires_in": 600}).encode()


def status(site):
    return json.loads(site.run("status", "--json").stdout)["daemon"]


def found_nowhere():
    there = web.Web()
    there.routes["/token"] = token
    with sshd.Sshd() as ssh:
        os.mkdir(os.path.join(ssh.files, "in"))
        with open(os.path.join(ssh.files, "in", "a.ndjson"), "wb") as f:
            f.write(PERSON)
        site = Site("secrets", ssh, there)
        site.all()
        ssh.own()
        os.environ.update(site.env)
        same(sorted(site.found("\n".join(site.needles))), sorted(site.needles.values()), "the search finds them")
        same("\n".join(site.env.values()).count("-") > 3, True, "some in the environment")
        watch = Watch(site)
        watch.start()
        site.start()
        good = {x.split('"')[1] for x in site.flows if "refused" not in x.split('"')[1]}
        site.wait(lambda: {x["flow"] for x in status(site)["flows"] if x.get("last_success")} == good, "each flow by its secret", 90)
        site.wait(lambda: all(x.get("turns", 1) for x in status(site)["flows"]), "refused ones")
        site.wait(lambda: all(server.mails for server in site.mails), "mails")
        same(len([e for e in site.exchanges() if e["flow"].startswith("openpgp-")]), len(PLACES), "sealed files")
        site.wait(lambda: {e["state"] for e in site.exchanges()} == {"done"}, "done")
        said = {"check": site.run("check"), "connect": site.run("check", "--connect", expect=None),
                "connect json": site.run("check", "--connect", "--json", expect=None), "status": site.run("status"),
                "status json": site.run("status", "--json"), "exchanges": site.run("exchanges", "--json"),
                "fetch": site.run("fetch", "--dry-run", "key-file"),
                **{f"show {e['id']}": site.run("show", str(e["id"])) for e in site.exchanges()}}
        asked = [r.path for r in there.seen if r.method == "GET" and "refused" not in r.path]
        same(sorted(asked), sorted(set(asked)), "an address that stays is asked once an hour")
        site.run("backup", "--new-key", site.path("key"))
        site.run("backup", "--key", site.path("key"), "--to", site.path("state", "all.backup"))
        site.stop()
        watch.over = True
        watch.join()
        there.stop()
        site.over()
        same({what: site.found(x.stdout + x.stderr) for what, x in said.items() if site.found(x.stdout + x.stderr)}, {}, "said")
        same(("refused-file" in said["connect"].stdout, "transfer.http" in site.log()), (True, True), "the refused ones are told")
        same(site.found(site.log()), [], "journal")
        same([(path, site.found(content)) for path, content in site.everything() if site.found(content)], [], "STATE and backup")
        same((watch.told, watch.seen), (set(), {b"passerelle-http", b"passerelle-sftp"}), "command lines")


def literal_is_refused():
    """Where a reference belongs: said, with its line, and not repeated."""
    for kind in ("password", "key", "key_password", "token", "client_secret", "certificate_key"):
        value = "literal-" + secrets.token_hex(8)
        d = Daemon("literal", [])
        d.configure([flow_in("x", "ndjson")], connectors=[
            f'{{ name = "c"; partner = "giver"; url = "https://example.org"; {kind} = "{value}"; }}'])
        for verb, words in (("check", ()), ("check", ("--json",)), ("check", ("--connect",)), ("run", ("--once",))):
            done = d.run(verb, *words, expect=None)
            same((done.returncode, "conf.secret" in done.stdout + done.stderr, value in done.stdout + done.stderr),
                 (2, True, False), f"{kind}: {verb} {words}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    try:
        import alone
        import authority
        import mail
        import nginx
        import sshd
        import web
    except ImportError:
        sshd = None
    if not sshd or not os.path.exists(sshd.SSHD):
        print("skipped: sshd of Debian (openssh-server) is not here")
        sys.exit(77)
    main([literal_is_refused, found_nowhere])
