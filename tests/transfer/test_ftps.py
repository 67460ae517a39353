# SPDX-License-Identifier: EUPL-1.2
"""passerelle-http against vsftpd: FTP over TLS from the first byte, and by AUTH TLS."""
import os
import shutil
import unittest

import vsftpd
from authority import Authority
from program import SCRATCH, Flow
from vsftpd import Vsftpd

FOLDER = os.path.join(SCRATCH, "servers")
THEN = 1772346600


def setUpModule():
    global authority, pair
    if not vsftpd.allowed():
        raise unittest.SkipTest("vsftpd is missing, or this is not root")
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    authority = Authority(FOLDER + "/ca")
    pair = authority.issue("good")


class Case(unittest.TestCase):
    def serve(self, **how):
        implicit = how.get("implicit", False)
        tls = how.pop("tls", True)
        self.server = Vsftpd(os.path.join(FOLDER, self.id()), pair if tls else None, **how)
        self.addCleanup(self.server.stop)
        self.url = f"ftp{'s' if implicit else ''}://127.0.0.1:{self.server.port}"

    def flow(self, errand=None, password="word", **connector):
        flow = Flow("passerelle-http", self.id().rsplit(".", 1)[-1], {"url": self.url, "user": "anonymous",
                    "ca": authority.certificate, **connector}, {"path": "depot", **(errand or {})})
        flow.connector["password"] = flow.secret("password", password)
        return flow

    def end(self, said, end, code=None):
        self.assertEqual(said.result, (end, code), said.text)


class Fetch(Case):
    def test_explicit_and_implicit(self):
        for implicit in (False, True):
            with self.subTest(implicit=implicit):
                shutil.rmtree(os.path.join(FOLDER, self.id()), ignore_errors=True)
                self.serve(implicit=implicit)
                self.server.put("a.xml", b"content", THEN)
                self.server.put("b.txt", b"other")
                self.server.put("c.xml.tmp", b"not ready")
                flow = self.flow({"pattern": "*.xml*", "unready": ".tmp"})
                said = flow.fetch()
                self.end(said, "ok")
                self.assertEqual(flow.here(), {"a.xml": b"content"})
                self.assertEqual(os.stat(flow.local + "/a.xml").st_mtime, THEN)
                self.assertEqual([line["step"] for line in said.lines if "ok" in line],
                                 ["resolve", "connect", "tls", "certificate", "list"])

    def test_dismissed_when_taken(self):
        self.serve()
        for after, there, done in (("delete", [], []), ("move", [], ["a.xml"]), ("leave", ["a.xml"], [])):
            with self.subTest(after):
                for name in self.server.here("done"):
                    os.remove(os.path.join(self.server.depot, "done", name))
                self.server.put("a.xml", b"content", THEN)
                flow = self.flow({"after": after, "after_path": "depot/done"})
                self.end(flow.fetch(), "ok")
                self.assertEqual(list(self.server.here()), ["a.xml"])
                flow.take("a.xml")
                said = flow.fetch()
                self.end(said, "ok")
                self.assertEqual(said.dismissed, ["a.xml"])
                self.assertEqual((list(self.server.here()), list(self.server.here("done"))), (there, done))
                self.assertEqual((flow.here(), flow.fetch().files), ({}, []))

    def test_moved_over_nothing(self):
        self.serve()
        flow = self.flow({"after": "move", "after_path": "depot/done"})
        for i in range(3):
            self.server.put("a.xml", b"%d" % i, THEN + i)
            self.end(flow.fetch(), "ok")
            flow.take("a.xml")
            self.end(flow.fetch(), "ok")
        self.assertEqual(self.server.here("done"), {"a.xml": b"0", "a.xml.1": b"1", "a.xml.2": b"2"})

    def test_what_may_not_be_deleted_keeps_nobody(self):
        self.serve(write=False)
        self.server.put("a.xml", b"a", THEN)
        flow = self.flow()
        flow.fetch()
        flow.take("a.xml")
        self.server.put("b.xml", b"b", THEN)
        said = flow.fetch()
        self.end(said, "fail", "transfer.rights")
        self.assertEqual((said.files, said.dismissed, said.end["args"]["found"]), (["b.xml"], [], "depot/a.xml"))

    def test_resumed_after_a_kill(self):
        self.serve()
        content = os.urandom(6 << 20)
        self.server.put("a.xml", content, THEN)
        flow = self.flow(rate=2 << 20)
        flow.start({"verb": "fetch"})
        part = flow.local + "/a.xml.aside"
        flow.wait(lambda: os.path.exists(part) and os.path.getsize(part) > 1 << 20)
        flow.kill()
        kept = os.path.getsize(part)
        flow.connector["rate"] = 0
        self.end(flow.fetch(), "ok")
        self.assertEqual((flow.here()["a.xml"] == content, os.stat(flow.local + "/a.xml").st_mtime), (True, THEN))
        with open(os.path.join(self.server.folder, "vsftpd.log"), encoding="utf-8", errors="replace") as f:
            self.assertIn(f'"REST {kept}"', f.read())

    def test_another_of_the_name_stays(self):
        self.serve()
        self.server.put("a.xml", b"content", THEN)
        flow = self.flow()
        flow.fetch()
        flow.take("a.xml")
        self.server.put("a.xml", b"another", THEN + 60)
        said = flow.fetch()
        self.end(said, "ok")
        self.assertEqual((said.files, flow.here(), self.server.here()),
                         (["a.xml"], {"a.xml": b"another"}, {"a.xml": b"another"}))

    def test_still_being_written(self):
        self.serve()
        self.server.put("a.xml", b"content", THEN)
        flow = self.flow({"stable": 11})
        self.assertEqual(flow.fetch().files, [])
        self.server.put("a.xml", b"content and more", THEN)
        self.assertEqual(flow.fetch().files, [])
        flow.errand["stable"] = 1
        self.assertEqual(flow.fetch().files, ["a.xml"])
        self.server.put("b.xml", b"content", THEN)
        self.assertEqual(flow.fetch().files, ["b.xml"])

    def test_limits(self):
        self.serve()
        self.server.put("a.xml", b"x" * 11)
        for name in ("b.xml", "c.xml", "d.xml"):
            self.server.put(name, b"x")
        flow = self.flow()
        self.assertEqual(len(flow.fetch(one_file=True).files), 1)
        self.assertEqual(len(flow.fetch(files_max=2, pattern="[bcd]*").files), 0)
        flow = self.flow()
        said = flow.fetch(size_max=10)
        self.end(said, "fail", "transfer.size")
        self.assertEqual((said.end["args"]["found"], said.end["args"]["size"], sorted(flow.here())),
                         ("a.xml", "11", ["b.xml", "c.xml", "d.xml"]))

    def test_nothing(self):
        self.serve()
        self.end(self.flow().fetch(), "ok")
        dry = self.flow().run({"verb": "fetch", "dry": True})
        self.end(dry, "ok")


class Send(Case):
    def test_whole_under_its_name(self):
        self.serve()
        content = os.urandom(3 << 20)
        self.end(self.flow().send(content), "ok")
        self.assertEqual(self.server.here() == {"a.xml": content}, True)
        self.end(self.flow().send(content, again=True), "ok")  # it is ours
        said = self.flow().send(content[:-1] + b"\0" if content[-1] else b"\1", again=True)
        self.end(said, "fail", "transfer.name_taken")
        self.end(self.flow().send(b"x"), "fail", "transfer.name_taken")
        self.assertEqual(self.server.here() == {"a.xml": content}, True)

    def test_blind(self):
        self.serve(dirlist=False)
        said = self.flow({"blind": True, "aside": ""}).send(b"content")
        self.end(said, "doubt", "transfer.unconfirmed")
        self.assertEqual((said.end["args"]["complete"], self.server.here()), ("yes", {"a.xml": b"content"}))

    def test_dry(self):
        self.serve()
        self.end(self.flow().send(b"x", dry=True), "ok")
        self.assertEqual(self.server.here(), {})


class Faults(Case):
    def test_login(self):
        self.serve()
        said = self.flow(password="wrong").fetch()
        self.end(said, "fail", "transfer.login")
        self.assertEqual(said.end["args"]["user"], "anonymous")

    def test_never_in_clear(self):
        self.serve(tls=False)
        said = self.flow().fetch()
        self.end(said, "fail", "transfer.clear")

    def test_unknown_authority(self):
        self.serve()
        self.end(self.flow(ca=Authority(FOLDER + "/" + self.id() + "/ca").certificate).fetch(), "fail",
                 "transfer.certificate_issuer")

    def test_folder_and_rights(self):
        self.serve()
        self.end(self.flow({"path": "nowhere"}).probe(), "fail", "transfer.folder")
        self.end(self.flow({"path": "/"}).send(b"x"), "fail", "transfer.rights")
        self.end(self.flow({"path": "/"}).probe(out=True), "fail", "transfer.rights")

    def test_nobody_there(self):
        self.serve()
        self.server.stop()
        self.end(self.flow().fetch(), "retry", "transfer.connect")

    def test_probe(self):
        self.serve()
        for out, steps in ((False, ["login", "list"]), (True, ["login", "write", "delete"])):
            said = self.flow().probe(out=out)
            self.end(said, "ok")
            self.assertEqual([line["step"] for line in said.lines if "ok" in line],
                             ["resolve", "connect", "tls", "certificate"] + steps)
            self.assertEqual(self.server.here(), {})


if __name__ == "__main__":
    unittest.main()
