# SPDX-License-Identifier: EUPL-1.2
"""passerelle-http against a mail server: a file is an attachment."""
import email
import email.policy
import os
import shutil
import unittest

from authority import Authority
from mail import Mail
from program import SCRATCH, Flow

FOLDER = os.path.join(SCRATCH, "servers")
ERRAND = {"sender": "gateway@example.org", "to": ["one@example.org", "two@example.org"],
          "subject": "Accusé de réception n° 1", "body": "Voici le fichier.\n", "content_type": "text/csv"}


def setUpModule():
    global authority, pair
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    authority = Authority(FOLDER + "/ca")
    pair = authority.issue("good")


class Case(unittest.TestCase):
    def serve(self, **how):
        self.server = Mail(**how)
        self.addCleanup(self.server.stop)
        self.url = f"smtp{'s' if how.get('implicit') else ''}://127.0.0.1:{self.server.port}"

    def flow(self, errand=None, password=None, **connector):
        flow = Flow("passerelle-http", self.id().rsplit(".", 1)[-1], {"url": self.url, "ca": authority.certificate,
                    **connector}, {**ERRAND, **(errand or {})})
        if password:
            flow.connector.update({"user": "user", "password": flow.secret("password", password)})
        return flow

    def end(self, said, end, code=None):
        self.assertEqual(said.result, (end, code), said.text)

    def mail(self, at=0):
        return email.message_from_bytes(self.server.mails[at].content, policy=email.policy.default)


class Send(Case):
    def test_a_file(self):
        self.serve()
        content = os.urandom(100000)
        for _ in range(2):
            self.end(self.flow().send(content, name="reçu 1.csv"), "ok")
        self.end(self.flow().send(b"other", name="reçu 1.csv"), "ok")
        envelope, mail = self.server.mails[0], self.mail()
        self.assertEqual((envelope.mail_from, envelope.rcpt_tos), (ERRAND["sender"], ERRAND["to"]))
        self.assertEqual((mail["Subject"], mail["From"], mail["To"]),
                         (ERRAND["subject"], "gateway@example.org", "one@example.org, two@example.org"))
        text, file = mail.iter_parts()
        self.assertEqual(text.get_content().replace("\r\n", "\n"), ERRAND["body"])
        self.assertEqual((file.get_filename(), file.get_content_type(), file.get_payload(decode=True) == content),
                         ("reçu 1.csv", "text/csv", True))
        self.assertIsNotNone(mail["Date"].datetime)
        ids = [self.mail(i)["Message-ID"] for i in range(3)]
        self.assertEqual((ids[0] == ids[1], ids[0] == ids[2]), (True, False))
        self.assertRegex(ids[0], r"^<[0-9a-f]{32}@example\.org>$")
        self.assertLessEqual(max(len(line) for line in envelope.content.split(b"\r\n")), 998)

    def test_secured(self):
        for implicit in (False, True):
            with self.subTest(implicit=implicit):
                self.serve(pair=pair, implicit=implicit, user=("user", "word"))
                self.end(self.flow(password="word").send(b"x"), "ok")
                self.assertEqual(len(self.server.mails), 1)
                self.end(self.flow(password="wrong").send(b"x"), "fail", "transfer.login")
                other = Authority(os.path.join(FOLDER, f"other{implicit}")).certificate
                self.end(self.flow(password="word", ca=other).send(b"x"), "fail", "transfer.certificate_issuer")
                self.assertEqual(len(self.server.mails), 1)

    def test_empty_file(self):
        self.serve()
        self.end(self.flow().send(b""), "ok")
        self.assertEqual(list(self.mail().iter_parts())[1].get_payload(decode=True), b"")


class Faults(Case):
    def test_no_header_is_put_in(self):
        self.serve()
        for errand in ({"subject": "a\r\nBcc: x@example.org"}, {"sender": "a@b\nX: y"},
                       {"to": ["a@b>\r\nRCPT TO:<x@example.org"]}, {"to": ["a@b", "b c@d"]}, {"to": []}, {"sender": ""}, {"content_type": "text/csv\r\nX: y"}):
            with self.subTest(errand):
                self.end(self.flow(errand).send(b"x"), "fail", "transfer.errand")
        self.assertEqual(self.server.mails, [])

    def test_refusals(self):
        for refuse, end in (({"two@example.org": "550 nobody here"}, "fail"),
                            ({"two@example.org": "451 later"}, "retry"),
                            ({"DATA": "552 too large"}, "fail"), ({"DATA": "452 full"}, "retry")):
            with self.subTest(refuse):
                self.serve(refuse=refuse)
                said = self.flow().send(b"x")
                self.end(said, end, "transfer.mail")
                self.assertEqual(said.end["args"]["status"], next(iter(refuse.values()))[:3])

    def test_cut_at_the_end(self):
        self.serve(refuse={"DATA": None})
        said = self.flow().send(b"x" * 100000)
        self.end(said, "doubt", "transfer.doubt")
        self.assertEqual(said.end["args"]["complete"], "no")

    def test_nobody_there(self):
        self.serve()
        self.server.stop()
        self.end(self.flow().send(b"x"), "retry", "transfer.connect")

    def test_nothing_is_fetched(self):
        self.serve()
        self.end(self.flow().fetch(), "fail", "transfer.errand")

    def test_probe_sends_nothing(self):
        self.serve(pair=pair, user=("user", "word"))
        said = self.flow(password="word").probe(out=True)
        self.end(said, "ok")
        self.assertEqual([line["step"] for line in said.lines if "ok" in line],
                         ["resolve", "connect", "tls", "certificate", "login"])
        self.end(self.flow(password="word").send(b"x", dry=True), "ok")
        self.end(self.flow(password="wrong").probe(out=True), "fail", "transfer.login")
        self.assertEqual(self.server.mails, [])


if __name__ == "__main__":
    unittest.main(warnings="ignore")
