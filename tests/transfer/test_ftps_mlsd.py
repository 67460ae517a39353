# SPDX-License-Identifier: EUPL-1.2
"""passerelle-http against proftpd: a listing that says kinds, sizes and times (RFC 3659, MLSD), in TLS."""
import os
import shutil
import unittest

import proftpd
from authority import Authority
from program import SCRATCH, Flow

FOLDER = os.path.join(SCRATCH, "servers")
THEN = 1772346600


def setUpModule():
    global authority, server
    if not proftpd.allowed():
        raise unittest.SkipTest("proftpd is missing (proftpd-core, proftpd-mod-crypto), or this is not root")
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    authority = Authority(FOLDER + "/ca")
    server = proftpd.Proftpd(FOLDER + "/proftpd", authority.issue("good"))


def tearDownModule():
    server.stop()


class Listed(unittest.TestCase):
    def setUp(self):
        for folder in ("", "done"):
            for name in server.here(folder):
                os.remove(os.path.join(server.depot, folder, name))

    def flow(self, errand=None, **connector):
        flow = Flow("passerelle-http", self.id().rsplit(".", 1)[-1], {"url": f"ftp://127.0.0.1:{server.port}",
                    "user": "partner", "ca": authority.certificate, **connector}, {"path": "depot", **(errand or {})})
        flow.connector["password"] = flow.secret("password", "word")
        return flow

    def end(self, said, end, code=None):
        self.assertEqual(said.result, (end, code), said.text)

    def test_fetch(self):
        """Folders and links are no files; names with spaces, accents and semicolons are names."""
        names = {"a.xml": b"content", "é b;c = d.xml": b"", "c.xml.tmp": b"not ready"}
        for name, content in names.items():
            server.put(name, content, THEN)
        os.symlink("a.xml", os.path.join(server.depot, "link.xml"))
        self.addCleanup(os.remove, os.path.join(server.depot, "link.xml"))
        os.mkdir(os.path.join(server.depot, "folder.xml"))
        self.addCleanup(os.rmdir, os.path.join(server.depot, "folder.xml"))
        flow = self.flow({"pattern": "*.xml*", "unready": ".tmp"})
        self.end(flow.fetch(), "ok")
        here = flow.here()
        here.pop("link.xml", None)
        self.assertEqual(here, {"a.xml": b"content", "é b;c = d.xml": b""})
        self.assertEqual(os.stat(flow.local + "/a.xml").st_mtime, THEN)
        self.assertIn('"MLSD', server.commands())

    def test_dismissed_when_taken(self):
        for after, there, done in (("delete", [], []), ("move", [], ["a.xml"]), ("leave", ["a.xml"], [])):
            with self.subTest(after):
                self.setUp()
                server.put("a.xml", b"content", THEN)
                flow = self.flow({"after": after, "after_path": "depot/done"})
                self.end(flow.fetch(), "ok")
                flow.take("a.xml")
                said = flow.fetch()
                self.end(said, "ok")
                self.assertEqual(said.dismissed, ["a.xml"])
                self.assertEqual((list(server.here()), list(server.here("done"))), (there, done))

    def test_resumed_after_a_kill(self):
        content = os.urandom(4 << 20)
        server.put("a.xml", content, THEN)
        flow = self.flow(rate=2 << 20)
        flow.start({"verb": "fetch"})
        part = flow.local + "/a.xml.aside"
        flow.wait(lambda: os.path.exists(part) and os.path.getsize(part) > 1 << 20)
        flow.kill()
        kept = os.path.getsize(part)
        flow.connector["rate"] = 0
        self.end(flow.fetch(), "ok")
        self.assertEqual(flow.here()["a.xml"] == content, True)
        self.assertIn(f'"REST {kept}"', server.commands())

    def test_send(self):
        content = os.urandom(1 << 20)
        self.end(self.flow().send(content), "ok")
        self.assertEqual(server.here() == {"a.xml": content}, True)
        self.end(self.flow().send(content, again=True), "ok")
        self.end(self.flow().send(b"x"), "fail", "transfer.name_taken")

    def test_an_upload_begins_anew(self):
        """What an attempt left aside may be of another file: nothing is appended to it."""
        server.put("a.xml.part", b"of an earlier attempt, and longer than what comes now")
        self.end(self.flow().send(b"content"), "ok")
        self.assertEqual(server.here(), {"a.xml": b"content"})

    def test_faults(self):
        self.end(self.flow({"path": "nowhere"}).fetch(), "fail", "transfer.folder")
        flow = self.flow()
        flow.connector["password"] = flow.secret("password", "another")
        self.end(flow.fetch(), "fail", "transfer.login")
        for out in (False, True):
            self.end(self.flow().probe(out=out), "ok")


if __name__ == "__main__":
    unittest.main()
