# SPDX-License-Identifier: EUPL-1.2
"""check --connect finds beforehand what a transfer would meet: real servers, each fault told with partner, step, cause
and advice, in both languages; and the transfer meets the same."""
import csv
import json
import os
import shutil
import sys

from daemon import BUILD, SOURCE, Daemon, at_connector, flow_in, flow_out, main, same

sys.path.insert(0, os.path.join(SOURCE, "tests", "servers"))
NGINX = "/usr/sbin/nginx"
SSH, WEB = "sftp", "https"

# flow: server, what its connector says otherwise, path, out; step, code
CASES = {
    "unknown": (SSH, {"url": "sftp://nowhere.invalid"}, "in", False, "resolve", "transfer.resolve"),
    "shut": (SSH, {"url": "sftp://127.0.0.1:1"}, "in", False, "connect", "transfer.connect"),
    "changed": (SSH, {"host_keys": "SHA256:" + "A" * 43}, "in", False, "host_key", "transfer.host_key"),
    "stranger": (SSH, {"key": "file:other"}, "in", False, "login", "transfer.login"),
    "no-secret": (SSH, {"key": "file:gone"}, "in", False, "login", "secret.absent"),
    "open-secret": (SSH, {"key": "file:open"}, "in", False, "login", "secret.readable"),
    "no-key": (SSH, {"key": "file:public"}, "in", False, "login", "transfer.key"),
    "absent": (SSH, {}, "nowhere", False, "list", "transfer.folder"),
    "unlisted": (SSH, {}, "drop", False, "list", "transfer.folder"),
    "no-rights": (SSH, {}, "read", True, "write", "transfer.rights"),
    "web-shut": (WEB, {"url": "https://127.0.0.1:1"}, "/a.ndjson", False, "connect", "transfer.connect"),
    "expired": (WEB, {"port": "expired"}, "/a.ndjson", False, "certificate", "transfer.certificate_expired"),
    "early": (WEB, {"port": "early"}, "/a.ndjson", False, "certificate", "transfer.certificate_early"),
    "name": (WEB, {"port": "name"}, "/a.ndjson", False, "certificate", "transfer.certificate_name"),
    "issuer": (WEB, {"port": "stranger"}, "/a.ndjson", False, "certificate", "transfer.certificate_issuer"),
    "password": (WEB, {"auth": "basic", "user": "user", "password": "file:word"}, "/guarded/a.ndjson", False, "login",
                 "transfer.login"),
    "token": (WEB, {"auth": "oauth2", "client_id": "us", "client_secret": "file:word"}, "/a.ndjson", False, "token",
              "transfer.token"),
    "missing": (WEB, {}, "/gone.ndjson", False, "read", "transfer.http"),
}
PERSON = '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1","nom_usage":"N","prenom":"A"}}\n'


def catalogue():
    """code: the beginning of its advice in both languages, up to the first variable."""
    with open(os.path.join(SOURCE, "schemas", "diagnostics.csv"), encoding="utf-8") as f:
        rows = {r["code"]: r for r in csv.DictReader(f, delimiter=";")}
    return {code: {lang: start(r["advice_" + lang]) for lang in ("fr", "en")} for code, r in rows.items()}


def start(text):
    return text.split("{")[0].split("<<")[0].strip()[:40]


class Site(Daemon):
    """All faults side by side: a connector and a flow each."""

    def __init__(self, name, cases, ssh, web):
        super().__init__(name, [])
        self.transfers = ["--transfers", BUILD]
        self.cases, self.ssh, self.web = cases, ssh, web
        for key in ("id", "other"):
            sshd.make_key(self.path(key), "ed25519")
        ssh.allow(self.path("id"))
        for file, rights in (("word", 0o600), ("public", 0o600), ("open", 0o644)):
            self.write(file, "never\n")
            os.chmod(self.path(file), rights)
        flows, connectors = [flow_in("people", "ndjson")], []
        for flow, (kind, more, path, out, _, _) in cases.items():
            made = flow_out(flow, "ndjson") if out else flow_in(flow, "ndjson")
            flows.append(at_connector(made, flow, f'path = "{path}"; '))
            connectors.append(self.connector(flow, kind, dict(more)))
        self.configure(flows, connectors=connectors)

    def connector(self, name, kind, more):
        if kind == SSH:
            keys = {"url": f"sftp://127.0.0.1:{self.ssh.port}", "user": self.ssh.user, "key": "file:id",
                    "host_keys": self.ssh.fingerprint()}
        else:
            keys = {"url": f"https://127.0.0.1:{self.web.ports[more.pop('port', 'good')]}", "ca": self.web.ca}
            if more.get("auth") == "oauth2":
                keys["token_url"] = self.web.tokens
        said = "".join(f'{k} = ( "{v}" ); ' if k == "host_keys" else f'{k} = "{v}"; ' for k, v in {**keys, **more}.items())
        return f'{{ name = "{name}"; partner = "giver"; connect_timeout = "10 s"; {said} }}'

    def says(self, lang, flow, *words):
        return self.run("check", "--connect", flow, "--lang", lang, *words, expect=None)


class Web:
    """nginx with certificates of all kinds, and a token server that knows nobody."""

    def __init__(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        ours, stranger = authority.Authority(folder + "/ca"), authority.Authority(folder + "/stranger", "Stranger")
        self.ca, self.nginx, self.asked = ours.certificate, nginx.Nginx(folder + "/nginx"), web.Web()
        self.ports = {name: self.nginx.add(pair) for name, pair in {
            "good": ours.issue("good"), "expired": ours.issue("expired", start=-10, end=-1),
            "early": ours.issue("early", start=1, end=10), "soon": ours.issue("soon", end=10),
            "name": ours.issue("name", "DNS:other.example"), "stranger": stranger.issue("good")}.items()}
        self.nginx.users("user", "another")
        self.nginx.write("a.ndjson", PERSON.encode())
        self.nginx.write("guarded/a.ndjson", PERSON.encode())
        self.asked.routes["/token"] = lambda r: (401, {}, b'{"error":"invalid_client"}')
        self.tokens = self.asked.url + "/token"
        self.nginx.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.nginx.stop()
        self.asked.stop()


def text_of(site, flow, step, code, advices):
    for lang, failed in (("fr", "échec"), ("en", "failed")):
        done = site.says(lang, flow)
        told = [line for line in done.stdout.splitlines() if f" {code}: " in line]
        same((done.returncode, len(told)), (4, 1), f"{flow}: one sentence says it: {done.stdout}{done.stderr}")
        same([x.split()[1] for x in done.stdout.splitlines() if x.startswith("  " + failed)], [step], done.stdout)
        same((flow in told[0], f"{flow}, {flow} (giver, " in done.stdout), (True, True), f"whose it is: {told[0]}")
        same(advices[code][lang] in done.stdout, True, f"{flow}: what to do: {done.stdout}")


def json_of(site, flow, step, code):
    lines = [json.loads(x) for x in site.says("en", flow, "--json").stdout.splitlines()]
    end = lines[-1]
    same((end["connector"], end["flow"], end["step"], end["cause"]["code"], end["cause"]["severity"]),
         (flow, flow, step, code, "error"), f"{flow} as JSON")
    same(bool(end["cause"]["message"] and end["cause"]["advice"]), True, f"{flow}: {end}")


def each_fault():
    advices = catalogue()
    with sshd.Sshd() as ssh, Web(os.path.join(os.environ["SCRATCH"], "servers")) as there:
        for folder in ("in", "drop", "read"):
            os.mkdir(os.path.join(ssh.files, folder))
        site = Site("faults", CASES, ssh, there)
        ssh.own()
        os.chmod(os.path.join(ssh.files, "drop"), 0o300)
        os.chmod(os.path.join(ssh.files, "read"), 0o500)
        site.drop("people", "1", PERSON)
        same([x for x in CASES if CASES[x][5] not in advices], [], "codes of the catalogue")
        wrong = []
        for flow, (_, _, _, _, step, code) in CASES.items():
            try:
                text_of(site, flow, step, code, advices)
                json_of(site, flow, step, code)
            except AssertionError as fault:
                wrong.append(str(fault))
        same(wrong, [], "found beforehand")
        events = [json.loads(x) for x in site.once(expect=None).stderr.splitlines()]
        met = {x["flow"]: (x["step"], x["code"]) for x in events if x["event"] == "transfer.failed"}
        same(met, {flow: case[4:] for flow, case in CASES.items()}, "what the transfers met")


def certificate_soon():
    """All is well, and somebody should look: told by check --connect, once in the journal, in status."""
    with sshd.Sshd() as ssh, Web(os.path.join(os.environ["SCRATCH"], "soon-servers")) as there:
        site = Site("soon", {"soon": (WEB, {"port": "soon"}, "/a.ndjson", False, "", ""),
                             "good": (WEB, {}, "/a.ndjson", False, "", "")}, ssh, there)
        code = "transfer.certificate_soon"
        for lang, word in (("fr", "avertissement"), ("en", "warning")):
            done = site.says(lang, "soon")
            same((done.returncode, word in done.stdout, done.stdout.count(code)), (0, True, 1), done.stdout)
            same(code in site.says(lang, "good").stdout, False, "a good one")
        lines = [json.loads(x) for x in site.says("en", "soon", "--json").stdout.splitlines()]
        same([(x["step"], x["ok"], x["cause"]["code"], x["cause"]["severity"]) for x in lines if "cause" in x],
             [("certificate", True, code, "warning")], "as JSON")
        site.start()
        turns = lambda: {x["flow"]: x["turns"] for x in status(site)["flows"] if x["flow"] != "people"}
        for n in (1, 2):
            site.wait(lambda: min(turns().values()) >= n, "looked at")
            for flow in ("soon", "good"):
                site.run("fetch", flow)
        same({x["connector"]: x.get("warning") for x in status(site)["connectors"]}, {"soon": code, "good": None}, "status")
        same(site.run("status").stdout.count(code), 1, "status in words")
        site.stop()
        said = [json.loads(x) for x in site.log().splitlines() if '"transfer.warning"' in x]
        same([(x["connector"], x["code"]) for x in said], [("soon", code)], "once in the journal")


def made_by_new_flow():
    """A flow made by options alone: its certificate and its tokens are what the server asks for."""
    folder = os.path.join(os.environ["SCRATCH"], "new-servers")
    shutil.rmtree(folder, ignore_errors=True)
    ours, asked = authority.Authority(folder + "/ca"), web.Web()
    client, server = ours.issue("client"), nginx.Nginx(folder + "/nginx")
    mutual = server.add(ours.issue("good"), f"ssl_client_certificate {ours.certificate}; ssl_verify_client on;")
    server.write("a.ndjson", PERSON.encode())
    asked.routes["/token"] = lambda r: (200, {}, b'{"access_token":"abc","expires_in":60}')
    asked.routes["/a.ndjson"] = lambda r: (200, {}, PERSON.encode()) if r.headers.get("Authorization") == "Bearer abc" else (401, {}, b"")
    server.start()
    try:
        d = Daemon("new", [flow_in("people", "ndjson")], record_wall=30)
        d.transfers = ["--transfers", BUILD]
        d.write("word", "never\n")
        shutil.copy(client[1], d.path("client.key"))
        for name in ("word", "client.key"):
            os.chmod(d.path(name), 0o600)
        base = ["--partner", "giver", "--format", "ndjson", "--path", "/a.ndjson", "--purpose", "x", "--legal-basis", "y"]
        d.run("new", "flow", "--name", "mutual", *base, "--url", f"https://127.0.0.1:{mutual}", "--ca", ours.certificate,
              "--certificate", client[0], "--certificate-key", "file:client.key")
        d.run("new", "flow", "--name", "tokens", *base, "--url", asked.url, "--token-url", asked.url + "/token", "--client-id", "us",
              "--client-secret", "file:word", "--scope", "read")
        for flow in ("mutual", "tokens"):
            done = d.run("check", "--connect", flow)
            same("all is well" in done.stdout, True, f"{flow}: {done.stdout}")
        d.once()
        same([(e["partner"], e["state"]) for e in d.exchanges()], [("giver", "done")] * 2, "and both fetch")
    finally:
        server.stop()
        asked.stop()


def status(site):
    return json.loads(site.run("status", "--json").stdout)["daemon"]


if __name__ == "__main__":
    try:
        import authority
        import nginx
        import sshd
        import web
    except ImportError:
        sshd = None
    if not sshd or not os.path.exists(sshd.SSHD) or not os.path.exists(NGINX):
        print("skipped: sshd (openssh-server) or nginx (nginx-light) of Debian is not here")
        sys.exit(77)
    main([each_fault, certificate_soon, made_by_new_flow])
