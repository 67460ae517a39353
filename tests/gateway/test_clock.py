# SPDX-License-Identifier: EUPL-1.2
"""Machines whose clock is wrong, or is set right while we run (libfaketime of Debian's package faketime)."""
import fcntl
import glob
import os
import shutil
import sys
import time

from daemon import BUILD, SOURCE, Daemon, at_connector, flow_in, flow_out, main, same

sys.path.insert(0, os.path.join(SOURCE, "tests", "servers"))
LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
PERSON = '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%d","nom_usage":"N"}}\n'


def shifted(by=None, file=None):
    """The environment of a process whose wall clock is off by that, or by what the file says at each moment."""
    return {"LD_PRELOAD": LIBRARY[0], "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
            **({"FAKETIME": by} if by else {"FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1"})}


def set_right_while_we_run():
    """It ran a year ahead when we started: what is due next year is due now."""
    d = Daemon("right", [flow_in("people", "ndjson", 'schedule = "every 1 h";'),
                         flow_out("all", "ndjson", more='schedule = "every 3 s";')])
    d.write("clock", "+365d\n")
    os.environ.update(shifted(file=d.path("clock")))
    d.drop("people", "1", PERSON % 1)
    d.start()
    for name in shifted(file="x"):
        del os.environ[name]
    d.wait(lambda: [e["state"] for e in d.exchanges("--flow", "all")] == ["done"], "the first, in and out")
    d.write("clock.new", "+0d\n")
    os.rename(d.path("clock.new"), d.path("clock"))
    d.drop("people", "2", PERSON % 2)
    d.wait(lambda: [e["state"] for e in d.exchanges("--flow", "all")] == ["done"] * 2, "the second, in and out", 20)
    d.stop()
    ids = sorted(line["fields"]["id_departement"] for line in d.lines_out("all") if line["type"] == "personne")
    same(ids, ["1", "2"], "once each")


def a_backup_that_hangs():
    """It did not fail, and is not made: that is told when the next one is due, and settled when it comes after all."""
    d = Daemon("hangs", [flow_in("people", "ndjson")])
    with open(d.path("gateway.conf"), "a", encoding="utf-8") as f:
        f.write('backup = { folder = "backups"; schedule = "every 6 h"; key = "backup.key"; };\n')
    d.run("backup", "--new-key", d.path("backup.key"))
    d.once()
    d.write("clock", "+0d\n")
    os.environ.update(shifted(file=d.path("clock")))
    with open(d.path("state/backup.lock"), "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        d.start()
        for name in shifted(file="x"):
            del os.environ[name]
        for ahead in ("+5h", "+7h"):
            same("notice.raised" in d.log(), False, f"before {ahead}: {d.log()}")
            d.write("clock.new", ahead + "\n")
            os.rename(d.path("clock.new"), d.path("clock"))
            time.sleep(5)
        d.wait(lambda: '"event":"notice.raised","kind":"backup"' in d.log(), "it is time for the next")
    d.wait(lambda: '"event":"notice.cleared","kind":"backup"' in d.log(), "it was made after all")
    same('"event":"backup.made"' in d.log() and "backup.failed" not in d.log(), True, d.log())
    d.stop()


class Secured(Daemon):
    """A flow whose server has a certificate of a year."""

    def __init__(self, ca, port, until="2027-06-30"):
        super().__init__("secured", [])
        self.transfers = ["--transfers", BUILD]
        self.configure([at_connector(flow_in("files", "ndjson"), "web", 'path = "/a.ndjson";')], connectors=[
            f'{{ name = "web"; partner = "giver"; url = "https://127.0.0.1:{port}"; ca = "{ca}"; }}',
            f'{{ name = "old"; partner = "giver"; url = "sftp://127.0.0.1"; user = "u"; agent = true; host_keys = ( "SHA256:{"A" * 43}" ); algorithms = ( "ssh-rsa" ); '
            f'algorithms_until = "{until}"; }}'])


def certificates_and_exceptions_of_another_day():
    """The certificate is good, and the clock is not: told so, with where to look, before and by the transfer."""
    place = os.path.join(os.environ["SCRATCH"], "clock-servers")
    shutil.rmtree(place, ignore_errors=True)
    ca = authority.Authority(place + "/ca")
    server = nginx.Nginx(place + "/nginx")
    port = server.add(ca.issue("good"))
    server.write("a.ndjson", (PERSON % 1).encode())
    server.start()
    try:
        d = Secured(ca.certificate, port, "2099-12-31")
        d.run("check", "--connect", "web")
        for by, code in (("+400d", "transfer.certificate_expired"), ("-10d", "transfer.certificate_early")):
            for lang, where in (("fr", "heure de cette machine"), ("en", "clock of this machine")):
                said = d.run("check", "--connect", "web", "--lang", lang, env=shifted(by), expect=4).stdout
                same((said.count(code + ": web (giver, "), where in said), (1, True), f"{by}: {said}")
            done = d.run("fetch", "files", env=shifted(by), expect=4)
            same(code in done.stdout + done.stderr, True, f"by the transfer: {done.stdout}{done.stderr}")
        d.run("fetch", "files")
        same("2099-12-31" in d.run("check").stdout, True, "the exception is told with its end")
        same("2099-12-31" in d.run("check", env=shifted("+80y"), expect=2).stderr, True, "and refused beyond it")
    finally:
        server.stop()


if __name__ == "__main__":
    import authority
    import nginx
    if not LIBRARY or os.environ.get("SANITIZED") == "1" or not os.path.exists("/usr/sbin/nginx"):
        print("skipped: faketime or nginx of Debian is not here, or sanitizers are, which bear no library before them")
        sys.exit(77)
    main([set_right_while_we_run, a_backup_that_hangs, certificates_and_exceptions_of_another_day])
