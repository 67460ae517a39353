# SPDX-License-Identifier: EUPL-1.2
"""The whole way with Debian's sshd: a drop box that nobody may list, a shelf to fetch from, a server that dies."""
import os
import re
import sys
import time

from daemon import BUILD, SOURCE, Daemon, at_connector, flow_in, flow_out, main, same

sys.path.insert(0, os.path.join(SOURCE, "tests", "servers"))
PROGRAMS = os.environ.get("TRANSFERS", BUILD)
OLD = "HostKeyAlgorithms ssh-rsa\nPubkeyAcceptedAlgorithms ssh-rsa\n"


def person(n, more=""):
    return ('{"type":"personne","id":"p%d","record":%d,"fields":{"id_departement":"%d","nom_usage":"N%d%s","prenom":"A"}}\n'
            % (n, n, n, n, more))


class Partner(Daemon):
    """A gateway and an sshd with the folders depot and retrait."""

    def __init__(self, name, server, flows, more="", key_type="ed25519"):
        super().__init__(name, flows)
        self.server = server
        self.transfers = ["--transfers", PROGRAMS]
        key = sshd.make_key(self.path("id"), key_type, "2048" if key_type == "rsa" else None)
        server.allow(key)
        for folder in ("depot", "retrait"):
            os.makedirs(os.path.join(server.files, folder))
        server.own()
        self.configure(flows, connectors=[
            f'{{ name = "depot"; partner = "taker"; url = "sftp://127.0.0.1:{server.port}"; user = "{server.user}"; '
            f'key = "file:id"; host_keys = ( "{server.fingerprint(key_type)}" ); pause = "1 s"; pause_max = "2 s"; {more} }}'])

    def there(self, folder):
        return sorted(os.listdir(os.path.join(self.server.files, folder)))

    def put(self, name, content):
        path = os.path.join(self.server.files, "retrait", name)
        with open(path + ".tmp", "w", encoding="utf-8") as f:
            f.write(content)
        if os.getuid() == 0:
            os.chown(path + ".tmp", self.server.account.pw_uid, self.server.account.pw_gid)
        os.rename(path + ".tmp", path)


BACK = at_connector(flow_in("back", "ndjson"), "depot", 'path = "retrait"; every = "1 s"; unready = ".tmp";')
OUT = at_connector(flow_out("out", "ndjson"), "depot", 'path = "depot";')
PEOPLE = flow_in("people", "ndjson")


def from_page(server):
    """The page's conf.d/depot.conf, with what each site writes into it for itself."""
    with open(os.path.join(SOURCE, "docs", "fr", "connecteurs.md"), encoding="utf-8") as f:
        text = re.search(r"`conf.d/depot.conf` :\n\n```conf\n(.*?)^```", f.read(), re.M | re.S).group(1)
    values = {"url": f"sftp://127.0.0.1:{server.port}", "user": server.user, "key": "file:id", "algorithms_until": "2099-12-31"}
    for key, value in values.items():
        text, n = re.subn(rf'^( *{key} *= )"[^"]*"', rf'\1"{value}"', text, flags=re.M)
        same(n, 1, f"{key} in the page")
    text, n = re.subn(r"SHA256:A+", server.fingerprint("rsa"), text)
    same(n, 1, "host key in the page")
    return re.sub(r" *quiet .*", "", text)


def drop_box():
    """The page's own case: ssh-rsa alone, no listing. What was dropped is in doubt; what was fetched goes there, once it
    is durable here."""
    with sshd.Sshd(host_keys=("rsa",), more=OLD) as server:
        d = Partner("box", server, [PEOPLE], key_type="rsa")
        d.configure([PEOPLE])
        d.write("conf.d/depot.conf", from_page(server))
        os.chmod(os.path.join(server.files, "depot"), 0o300)
        d.drop("people", "1", person(1))
        d.put("answer.ndjson", person(2))
        same("2099-12-31" in d.run("check").stdout, True, "the exception and its end")
        d.run("check", "--connect")
        d.once()
        out = d.exchanges("--flow", "envoi")
        same([(e["state"], e["reason"]) for e in out], [("done", "exchange.in_doubt")] * len(out), "dropped")
        same(sorted(d.there("depot")), sorted(e["name"] for e in out), "what lies in the box, and nothing half")
        same((d.there("retrait"), [e["state"] for e in d.exchanges("--flow", "retour")]), ([], ["done"]),
             "fetched and dismissed")
        d.run("release", str(out[0]["id"]), "--sent")
        same(d.exchanges("--flow", "envoi")[0]["reason"], None, "settled")


def refused():
    """Without the exception, and with another key than the one pinned, nothing is sent and the reason is told."""
    with sshd.Sshd(host_keys=("rsa",), more=OLD) as server:
        d = Partner("refused", server, [BACK], "", "rsa")
        same("transfer.algorithms" in d.run("check", "--connect", expect=4).stdout, True, "algorithms")
    with sshd.Sshd() as server:
        d = Partner("changed", server, [BACK], "")
        with open(d.path("gateway.conf"), encoding="utf-8") as f:
            text = f.read()
        d.write("gateway.conf", text.replace(server.fingerprint(), "SHA256:" + "A" * 43))
        said = d.run("check", "--connect", expect=4).stdout
        same(("transfer.host_key" in said, server.fingerprint() in said), (True, True), said)


def server_dies():
    """In the middle of a file, both ways: nothing half is taken for whole, and nothing is lost."""
    many = "".join(person(n, "x" * 200) for n in range(1, 3001))
    with sshd.Sshd() as server:
        d = Partner("dies", server, [PEOPLE, BACK, OUT.replace('path = "depot";', 'path = "depot"; from = ( "people" );')],
                    'rate = "400 kB";')
        d.put("large.ndjson", many.replace('"id_departement":"', '"id_departement":"b'))
        d.drop("people", "many", many)
        d.start()
        for _ in range(3):
            d.wait(server.sessions, "a transfer")
            time.sleep(0.7)
            server.kill()
            whole = [x for x in d.there("depot") if not x.endswith(".part")]
            for name in whole:
                exchange = [e for e in d.exchanges("--flow", "out") if e["name"] == name][0]
                same(os.path.getsize(os.path.join(server.files, "depot", name)), exchange["size"], "whole or under .part")
            same({e["size"] for e in d.exchanges("--flow", "back")} <= {len(many) + 3000}, True, "no half file taken")
            time.sleep(0.5)
            server.start()
        d.wait(lambda: not d.there("retrait") and d.exchanges("--flow", "back"), "fetched")
        d.wait(lambda: "done" in [e["state"] for e in d.exchanges("--flow", "out")]
               or "held" in [e["state"] for e in d.exchanges("--flow", "out")], "sent")
        d.wait(lambda: [e["state"] for e in d.exchanges("--flow", "back")] == ["done"], "applied")
        d.stop()
        out = d.exchanges("--flow", "out")
        same([(e["state"], e["read"]) for e in out], [("done", 3000)], "sent once")
        same(d.there("depot"), [out[0]["name"]], "one file, nothing half")


if __name__ == "__main__":
    try:
        import sshd
    except ImportError:
        sshd = None
    if not sshd or not os.path.exists(sshd.SSHD) or not os.path.exists(os.path.join(PROGRAMS, "passerelle-sftp")):
        print("skipped: sshd of Debian (openssh-server) or passerelle-sftp is not here")
        sys.exit(77)
    main([drop_box, refused, server_dies])
