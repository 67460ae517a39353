# SPDX-License-Identifier: EUPL-1.2
"""Receipts and letters by mail, through the real program to a server that keeps what it is given."""
import csv
import email
import email.policy
import os
import re
import sys

from daemon import BUILD, SOURCE, Daemon, flow_in, main, same

sys.path.insert(0, os.path.join(SOURCE, "tests", "servers"))
try:
    from mail import Mail
except ImportError:
    print("skipped: aiosmtpd (python3-aiosmtpd) is not here")
    sys.exit(77)

GOOD = '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1","nom_usage":"Quatrebarbes"}}\n'
BAD = '{"type":"personne","id":"q","record":2,"fields":{"id_departement":"2","naissance_date":"=soon"}}\n'
DESK = ('notices = ( { name = "desk"; connector = "post"; from = "passerelle@example.org"; to = ( "dsi@example.org", "caf@example.org" ); '
        'subject = "Flux en retard ou incomplets"; pause = 0; } );\n')


class Office(Daemon):
    """A gateway that sends what it has to say by mail."""

    def __init__(self, name, receipt, server):
        super().__init__(name, [])
        self.transfers = ["--transfers", BUILD]
        self.server = server
        rule = f'receipt = {{ connector = "post"; from = "passerelle@example.org"; to = ( "expediteur@example.org" ); {receipt} }};'
        self.configure([flow_in("people", "ndjson", 'expected = "00:00"; ' + rule)], record_wall=30,
                       connectors=[f'{{ name = "post"; partner = "giver"; url = "smtp://127.0.0.1:{server.port}"; pause = "1 s"; }}'])
        with open(self.path("gateway.conf"), encoding="utf-8") as f:
            text = f.read()
        self.write("gateway.conf", DESK + text)

    def mails(self):
        return [email.message_from_bytes(m.content, policy=email.policy.default) for m in list(self.server.mails)]

    def mail(self, subject):
        """The one with that subject, waited for."""
        self.wait(lambda: any(m["Subject"] == subject for m in self.mails()), subject)
        return next(m for m in self.mails() if m["Subject"] == subject)


def served(test):
    def run():
        server = Mail()
        try:
            test(server)
        finally:
            server.stop()
    run.__name__ = test.__name__
    return run


def headers(mail, to):
    same((mail["From"], mail["To"], mail["Auto-Submitted"]), ("passerelle@example.org", to, "auto-generated"), "headers")
    same(mail["Date"].datetime is not None and mail["Message-ID"].endswith("@example.org>"), True, "when, and which")


@served
def receipt(server):
    """From the daemon: subject and text in French, the receipt as an attachment of its kind; sent once."""
    d = Office("receipt", 'format = "csv"; lang = "fr";', server)
    d.start()
    try:
        d.drop("people", "bénéficiaires 1.ndjson", GOOD + BAD)
        mail = d.mail("Accusé de réception : bénéficiaires 1.ndjson")
        headers(mail, "expediteur@example.org")
        text, file = mail.iter_parts()
        same("bénéficiaires 1.ndjson" in text.get_content() and "pièce jointe" in text.get_content(), True, "text")
        same((file.get_filename(), file.get_content_type(), file.get_content_disposition()),
             ("bénéficiaires 1.ndjson.accuse.csv", "text/csv", "attachment"), "the attachment")
        rows = dict(row[:2] for row in csv.reader(file.get_payload(decode=True).decode("utf-8-sig").splitlines(), delimiter=";") if row)
        same((rows["fichier"], rows["acceptés"], rows["rejetés"]), ("bénéficiaires 1.ndjson", "1", "1"), "what it says")
        d.wait(lambda: not os.listdir(d.path("state/receipts/people")), "it was sent")
    finally:
        d.stop()
    same(len(server.mails), 1, "mails")


@served
def workbook(server):
    d = Office("workbook", 'format = "xlsx"; lang = "en"; subject = "What we took";', server)
    d.drop("people", "a.ndjson", GOOD)
    d.once()
    mail = d.mails()[0]
    same(mail["Subject"], "What we took", "as it was said")
    text, file = mail.iter_parts()
    same((file.get_filename(), file.get_content_type(), file.get_payload(decode=True)[:2]),
         ("a.ndjson.accuse.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"), "the attachment")
    same(text.get_content().strip(), "What became of the file a.ndjson is in the attachment.", "text")


@served
def notice(server):
    """Raised, then cleared: a mail each, whose text says it."""
    d = Office("notice", 'format = "csv"; when = "rejects";', server)
    d.start()
    try:
        d.drop("people", "a.ndjson", "\n")
        mail = d.mail("Flux en retard ou incomplets")
        headers(mail, "dsi@example.org, caf@example.org")
        text, file = mail.iter_parts()
        content = text.get_content().replace("\r\n", "\n")
        same(content.startswith("ALERTE  people : le dernier fichier de giver"), True, f"text: {content}")
        same((file.get_content_type(), file.get_payload(decode=True).decode()), ("text/plain", content), "the same to keep")
        d.drop("people", "b.ndjson", GOOD)
        d.wait(lambda: len(server.mails) > 1, "the second")
        same(next(d.mails()[1].iter_parts()).get_content().startswith("RÉGLÉ   people"), True, "settled")
    finally:
        d.stop()
    same(len(server.mails), 2, "mails")


@served
def backup(server):
    """What the gateway as a whole did not do goes to the same."""
    d = Office("backup", 'format = "csv"; when = "rejects";', server)
    d.run("backup", "--new-key", d.path("backup.key"))
    with open(d.path("gateway.conf"), "a", encoding="utf-8") as f:
        f.write('backup = { folder = "backups"; schedule = "every 1 h"; key = "backup.key"; };\n')
    d.write("backups", "no folder")
    d.start()
    try:
        content = next(d.mail("Flux en retard ou incomplets").iter_parts()).get_content().replace("\r\n", "\n")
    finally:
        d.stop()
    same(re.fullmatch(r"ALERTE  depuis le [-: \d]{16} la sauvegarde prévue n'a pas pu être faite\n +Chercher backup\.failed .*\n", content) is not None,
         True, content)


def refused():
    """A server that takes nothing now is asked again; nothing is lost, nothing said twice."""
    server = Mail(refuse={"expediteur@example.org": "451 later"})
    try:
        d = Office("refused", 'format = "csv";', server)
        d.drop("people", "a.ndjson", GOOD)
        d.once()
        same((len(server.mails), os.listdir(d.path("state/receipts/people"))), (0, ["a.ndjson.accuse.csv"]), "it waits")
        server.keeper.refuse.clear()
        d.once()
        same((len(server.mails), os.listdir(d.path("state/receipts/people"))), (1, []), "it was sent")
    finally:
        server.stop()


main([receipt, workbook, notice, backup, refused])
