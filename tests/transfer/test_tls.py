# SPDX-License-Identifier: EUPL-1.2
"""passerelle-http against nginx: certificates of all kinds, and the files of a real server."""
import os
import shutil
import unittest

from authority import Authority
from nginx import Nginx
from program import SCRATCH, Flow

FOLDER = os.path.join(SCRATCH, "servers")
OLD = "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;"


def setUpModule():
    global authority, stranger, nginx, ports, ours
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    authority, stranger = Authority(FOLDER + "/ca"), Authority(FOLDER + "/stranger", "Stranger")
    nginx = Nginx(FOLDER + "/nginx")
    ours = authority.issue("client", "DNS:client")
    good = authority.issue("good")
    ports = {
        "good": nginx.add(good),
        "expired": nginx.add(authority.issue("expired", start=-10, end=-1)),
        "early": nginx.add(authority.issue("early", start=1, end=10)),
        "soon": nginx.add(authority.issue("soon", end=10)),
        "name": nginx.add(authority.issue("name", "DNS:other.example")),
        "stranger": nginx.add(stranger.issue("good")),
        "old": nginx.add(good, OLD),
        "mutual": nginx.add(good, f"ssl_client_certificate {authority.certificate}; ssl_verify_client on;"),
    }
    nginx.users("user", "pass")
    nginx.write("guarded/a.xml", b"guarded")
    nginx.start()


def tearDownModule():
    nginx.stop()


class Case(unittest.TestCase):
    def flow(self, port, errand=None, **connector):
        return Flow("passerelle-http", self.id().rsplit(".", 1)[-1],
                    {"url": f"https://127.0.0.1:{ports[port]}", "ca": authority.certificate, **connector}, errand)

    def end(self, said, end, code=None):
        self.assertEqual(said.result, (end, code), said.text)


class Certificates(Case):
    def test_each_fault_has_its_code(self):
        for port, code, step in (("expired", "transfer.certificate_expired", "certificate"),
                                 ("early", "transfer.certificate_early", "certificate"),
                                 ("stranger", "transfer.certificate_issuer", "certificate"),
                                 ("name", "transfer.certificate_name", "certificate"),
                                 ("old", "transfer.tls", "tls")):
            with self.subTest(port):
                for said in (self.flow(port).probe(), self.flow(port, {"path": "/x"}).fetch(),
                             self.flow(port, {"path": "/x"}).send(b"x")):
                    self.end(said, "fail", code)
                    self.assertEqual(said.end["step"], step)
                    self.assertTrue(said.step("connect")["ok"])
                    self.assertFalse(said.step(step)["ok"])

    def test_good_one_is_told(self):
        said = self.flow("good", {"path": "/"}).probe(out=True)
        self.end(said, "ok")
        detail = said.step("certificate")["detail"]
        self.assertIn("CN = good", detail)
        self.assertIn("CN = Test authority", detail)
        self.assertRegex(detail, r"; \d{4}-\d\d-\d\d$")
        self.assertEqual(said.warnings, [])
        self.assertEqual([line["step"] for line in said.lines if "ok" in line],
                         ["resolve", "connect", "tls", "certificate", "login"])

    def test_one_that_ends_soon(self):
        said = self.flow("soon", {"path": "/"}).probe(out=True)
        self.end(said, "ok")
        self.assertEqual(said.warnings, ["transfer.certificate_soon"])

    def test_system_authorities_do_not_know_ours(self):
        flow = self.flow("good", {"path": "/"})
        del flow.connector["ca"]
        self.end(flow.probe(), "fail", "transfer.certificate_issuer")

    def test_own_files(self):
        self.end(self.flow("good", {"path": "/"}, ca="/nowhere/ca.pem").probe(), "fail", "transfer.certificate_file")

    def test_plain_port(self):
        flow = self.flow("good", {"path": "/"}, url=f"http://127.0.0.1:{ports['good']}")
        self.end(flow.fetch(), "fail", "transfer.http")


class Mutual(Case):
    def test_ours(self):
        nginx.write("m.xml", b"m")
        flow = self.flow("mutual", {"path": "/m.xml"}, certificate=ours[0], certificate_key="file:" + ours[1])
        self.end(flow.fetch(), "ok")
        self.assertEqual(flow.here(), {"m.xml": b"m"})

    def test_key_with_a_password(self):
        flow = self.flow("mutual", {"path": "/m.xml"}, certificate=ours[0])
        with open(ours[1], encoding="utf-8") as f:
            key = f.read()
        plain = flow.secret("plain", key)
        sealed = os.path.join(flow.folder, "sealed")
        os.system(f"openssl pkey -in {plain[5:]} -aes256 -passout pass:word -out {sealed}")
        os.chmod(sealed, 0o600)
        flow.connector.update({"certificate_key": "file:" + sealed, "key_password": flow.secret("password", "word")})
        nginx.write("m.xml", b"m")
        self.end(flow.fetch(), "ok")
        flow.connector["key_password"] = flow.secret("password", "another")
        self.end(flow.fetch(), "fail", "transfer.certificate_own")

    def test_faults(self):
        said = self.flow("mutual", {"path": "/m.xml"}).fetch()
        self.end(said, "fail", "transfer.http")
        self.assertIn("No required SSL certificate was sent", said.end["args"]["text"])
        other = authority.issue("other", "DNS:other")
        flow = self.flow("mutual", {"path": "/m.xml"}, certificate=ours[0], certificate_key="file:" + other[1])
        self.end(flow.fetch(), "fail", "transfer.certificate_own")
        said = self.flow("mutual", {"path": "/m.xml"}, certificate=ours[0], certificate_key="file:/nowhere").fetch()
        self.end(said, "fail", "secret.absent")


class Files(Case):
    def test_fetch_once(self):
        nginx.write("list.xml", b"<a/>")
        flow = self.flow("good", {"path": "/list.xml"})
        self.end(flow.fetch(), "ok")
        self.assertEqual(flow.here(), {"list.xml": b"<a/>"})
        self.assertEqual(os.stat(flow.local + "/list.xml").st_mtime,
                         int(os.stat(os.path.join(nginx.root, "list.xml")).st_mtime))
        self.assertEqual(flow.fetch().files, [])  # nginx knows its ETag
        nginx.write("list.xml", b"<b/>....")
        self.assertEqual(len(flow.fetch().files), 1)

    def test_put(self):
        content = os.urandom(5 << 20)
        flow = self.flow("good", {"path": "/depot/{name}", "method": "PUT"})
        self.end(flow.send(content, name="dépôt 1.xml"), "ok")
        with open(os.path.join(nginx.root, "depot", "dépôt 1.xml"), "rb") as f:
            self.assertEqual(f.read() == content, True)

    def test_resumed(self):
        """What an earlier run left is gone on with; nginx answers the range."""
        content = os.urandom(3 << 20)
        nginx.write("big", content)
        flow = self.flow("good", {"path": "/big"}, rate=4 << 20)
        flow.connector["timeout"] = 60
        self.end(flow.fetch(), "ok")
        self.assertEqual(flow.here()["big"] == content, True)

    def test_basic(self):
        for password, result in (("pass", ("ok", None)), ("wrong", ("fail", "transfer.login"))):
            flow = self.flow("good", {"path": "/guarded/a.xml"}, auth="basic", user="user")
            flow.connector["password"] = flow.secret("password", password)
            said = flow.fetch()
            self.assertEqual(said.result, result)
        self.assertEqual((said.end["args"]["user"], said.step("login")["ok"]), ("user", False))


if __name__ == "__main__":
    unittest.main()
