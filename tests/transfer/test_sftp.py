# SPDX-License-Identifier: EUPL-1.2
"""passerelle-sftp against Debian's sshd: what it does, and each fault. ssh-keygen and sha256sum say what is right."""
import contextlib
import os
import shutil
import subprocess
import threading
import time

from site_sftp import MEGA, OLD, PROGRAM, Site, chosen, ends

from daemon import main, same
from process import digest, noise, run
from sshd import free_port, make_key


# ---- fetching ----

def it_fetches_and_dismisses_what_is_taken():
    for after, left, archived in (("delete", [], []), ("move", [], ["a.csv", "é b.csv"]),
                                  ("leave", ["a.csv", "é b.csv"], [])):
        with Site() as s:
            sums = {"a.csv": s.put("a.csv", noise(100000)), "é b.csv": s.put("é b.csv", b"", OLD + 1)}
            errand = {"after": after, "after_path": "archive"}
            said = s.fetch(errand)
            ends(said, "ok")
            same(said.files, {"a.csv": 100000, "é b.csv": 0}, "fetched")
            same({n: digest(s.here(n)) for n in s.names()}, sums, "content")
            same(int(os.stat(s.here("a.csv")).st_mtime), OLD, "time of the server")
            same(s.there(), ["a.csv", "é b.csv"], "nothing goes before it is taken")
            ends(s.fetch(errand), "ok")
            s.take("a.csv")
            s.take("é b.csv")
            said = s.fetch(errand)
            ends(said, "ok")
            same((said.dismissed, said.files), (["a.csv", "é b.csv"], {}), f"dismissed {after}")
            same((s.there(), s.there("archive")), (left, archived), f"server after {after}")
            same(s.names() + os.listdir(s.here("taken")), [], "here")
            same(s.fetch(errand).files, {}, "nothing comes twice")


def what_changed_on_the_server_is_another_file():
    with Site() as s:
        for after in ("delete", "leave"):
            s.put("a.csv", b"first")
            ends(s.fetch({"after": after}), "ok")
            s.take("a.csv")
            second = s.put("a.csv", b"other", OLD + 60)
            said = s.fetch({"after": after})
            same(said.files, {"a.csv": 5}, "fetched")
            same(digest(s.here("a.csv")), second, "content")
            same(s.there(), ["a.csv"], "the new one is not dismissed")
            s.take("a.csv")
            ends(s.fetch({"after": after}), "ok")


def a_name_in_the_archive_is_numbered():
    with Site() as s:
        s.put("a.csv", b"old", folder="archive")
        for name in ("a.csv.1", "a.csv.2"):
            s.put("a.csv")
            s.fetch()
            s.take("a.csv")
            ends(s.fetch({"after": "move", "after_path": "archive"}), "ok")
            same(name in s.there("archive"), True, name)
        with open(s.at("archive", "a.csv"), "rb") as f:
            same(f.read(), b"old", "what was there")


def what_is_left_is_forgotten_when_it_goes():
    with Site() as s:
        s.put("a.csv")
        s.fetch({"after": "leave"})
        s.take("a.csv")
        s.fetch({"after": "leave"})
        with open(s.here("memory.json"), encoding="utf-8") as f:
            same("a.csv" in f.read(), True, "remembered")
        os.remove(s.at("depot", "a.csv"))
        s.fetch({"after": "leave"})
        with open(s.here("memory.json"), encoding="utf-8") as f:
            same("a.csv" in f.read(), False, "remembered")


def names_are_chosen():
    with Site() as s:
        for name in (b"a.xml", b"b.xml", b"c.csv", b".d.xml", b"e.xml.tmp", "été.xml".encode(), b"-f.xml",
                     b"nl\n.xml", b"\xe9t\xe9.xml", b"g.xml.aside", b"taken", b"memory.json", b"..x.xml", b"a b;c.xml",
                     b"x" * 242 + b".xml"):
            s.put(name)
        os.mkdir(s.at("depot", "folder.xml"))
        os.symlink("/etc/passwd", s.at("depot", "link.xml"))
        said = s.fetch({"pattern": "*.xml*", "unready": ".tmp"})
        ends(said, "ok")
        same(sorted(said.files), ["-f.xml", "a b;c.xml", "a.xml", "b.xml", "été.xml"], "fetched")
        same(s.names(), sorted(said.files), "here")
        said = s.fetch({"pattern": "*"})
        same(sorted(said.files), ["c.csv", "e.xml.tmp"], "fetched with *")


def bounds_of_a_run():
    with Site() as s:
        for n, name in enumerate("cabd"):
            s.put(name, noise(1000 * (n + 1)), OLD + n)
        same(list(s.fetch({"one_file": True}).files), ["c"], "the oldest")
        same(list(s.fetch({"files_max": 2}).files), ["a", "b"], "two more")
        said = s.fetch({"size_max": 3999})
        ends(said, "fail", "transfer.size", found="d", size="4000", limit="3999")
        same(said.files, {}, "too large")
        s.put("e", b"1", OLD + 9)
        same(s.fetch({"size_max": 3999}).files, {"e": 1}, "others pass")
        same(s.fetch({"size_max": 4000}).files, {"d": 4000}, "just so")


def dry_changes_nothing():
    with Site() as s:
        s.put("a")
        s.fetch()
        s.take("a")
        s.put("b")
        said = s.fetch(dry=True)
        ends(said, "ok")
        same((said.files, said.dismissed), ({"b": 8}, []), "said")
        same((s.names(), s.there()), ([], ["a", "b"]), "files")
        ends(s.send(dry=True), "ok")
        same(s.there(), ["a", "b"], "files")


def what_is_still_written_waits():
    with Site() as s:
        s.put("a", b"1")
        same(s.fetch({"stable": 11}).files, {}, "first seen, and too long to wait for")
        s.put("a", b"12")
        with growing(s, "a"):
            same(s.fetch({"stable": 1}).files, {}, "still growing")
        s.put("a", b"123")
        same(s.fetch({"stable": 1}).files, {"a": 3}, "unchanged for a second")


@contextlib.contextmanager
def growing(s, name):
    """Somebody writes to the file all the while."""
    over = threading.Event()

    def write():
        while not over.wait(0.05):
            with open(os.path.join(s.at("depot"), name), "ab") as f:
                f.write(b"+")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def folders_that_fail():
    with Site(sftp="-P opendir") as s:
        s.put("a")
        ends(s.fetch(), "fail", "transfer.folder", "list", found="depot")
        ends(s.send(), "ok")
    with Site() as s:
        ends(s.fetch({"path": "nowhere"}), "fail", "transfer.folder", "list", found="nowhere")
        ends(s.send(errand={"path": "nowhere"}), "fail", "transfer.folder", "write")
        os.chmod(s.at("depot"), 0o333)
        ends(s.fetch(), "fail", "transfer.folder", "list", error="Permission denied")
        os.chmod(s.at("depot"), 0o555)
        ends(s.send(), "fail", "transfer.rights", "write", found="depot/out.json.part")
        os.chmod(s.at("depot"), 0o755)
        s.put("a")
        s.put("b")
        os.chmod(s.at("depot", "a"), 0)
        said = s.fetch()
        ends(said, "fail", "transfer.rights", "read", found="depot/a")
        same(said.files, {"b": 8}, "others come")
        s.take("b")
        os.chmod(s.at("depot"), 0o555)
        ends(s.fetch(), "fail", "transfer.rights", "delete", found="depot/b")
        os.chmod(s.at("depot"), 0o755)
        lost = s.fetch({"after": "move", "after_path": "nowhere"})
        ends(lost, "fail", "transfer.folder", "rename", found="nowhere")
        same(os.listdir(s.here("taken")), ["b"], "still to be dismissed")


# ---- who is who ----

def host_keys():
    with Site() as s:
        other = make_key(os.path.join(s.folder, "other"), "ed25519")
        seen = s.server.fingerprint("ed25519")
        wrong = "SHA256:" + "A" * 43
        ends(s.fetch(connector={"host_keys": []}), "fail", "transfer.host_key_absent", "host_key", found=seen)
        ends(s.fetch(connector={"host_keys": [wrong]}), "fail", "transfer.host_key", "host_key", found=seen,
             expected=wrong)
        ends(s.fetch(connector={"host_keys": [wrong, seen]}), "ok")
        ends(s.fetch(connector={"host_keys": [s.server.fingerprint("rsa")]}), "ok")
        s.server.kill()
        for end in ("", ".pub"):
            shutil.copyfile(other + end, s.server.host_keys["ed25519"] + end)
        s.server.own()
        s.server.start()
        ends(s.fetch(connector={"host_keys": [seen]}), "fail", "transfer.host_key", "host_key", expected=seen,
             found=s.server.fingerprint("ed25519"))


def keys_that_log_in():
    for kind in ("rsa", "ecdsa", "ed25519"):
        with Site(kind=kind) as s:
            ends(s.fetch(), "ok")
    with Site() as s:
        key = make_key(os.path.join(s.folder, "locked"), "ed25519", password="a password")
        s.server.allow(key)
        with open(os.path.join(s.folder, "word"), "w", encoding="utf-8") as f:
            f.write("a password\n")
        os.chmod(f.name, 0o600)
        ends(s.fetch(connector={"key": "file:" + key, "key_password": "file:" + f.name}), "ok")
        ends(s.fetch(connector={"key": "file:" + key}), "fail", "transfer.key", "login")
        ends(s.fetch(connector={"key": "file:" + key, "key_password": "file:" + s.key}), "fail", "transfer.key")
        os.chmod(key + ".pub", 0o600)
        ends(s.fetch(connector={"key": f"file:{key}.pub"}), "fail", "transfer.key", "login")


def an_agent_signs():
    with Site() as s:
        agent = {"SSH_AUTH_SOCK": os.path.join(s.folder, "agent")}
        process = subprocess.Popen(["ssh-agent", "-D", "-a", agent["SSH_AUTH_SOCK"]], stdout=subprocess.DEVNULL)
        try:
            while not os.path.exists(agent["SSH_AUTH_SOCK"]):
                time.sleep(0.02)
            ends(s.fetch(connector={"key": "", "agent": True}, env=agent), "fail", "transfer.login", by="agent")
            subprocess.run(["ssh-add", "-q", s.key], env={**os.environ, **agent}, check=True)
            ends(s.fetch(connector={"key": "", "agent": True}, env=agent), "ok")
            ends(s.fetch(connector={"key": ""}, env=agent), "fail", "transfer.login", by="none")
        finally:
            process.kill()
            process.wait()


def logins_that_fail():
    with Site() as s:
        stranger = make_key(os.path.join(s.folder, "stranger"), "ed25519")
        ends(s.fetch(connector={"key": "file:" + stranger}), "fail", "transfer.login", "login", by="publickey",
             user=s.server.user)
        ends(s.fetch(connector={"user": "nobody-at-all"}), "fail", "transfer.login", "login")
        ends(s.fetch(connector={"key": ""}), "fail", "transfer.login", "login", by="none")
        os.chmod(s.key, 0o644)
        ends(s.fetch(), "fail", "secret.readable", "login", found="file:" + s.key)
        os.remove(s.key)
        ends(s.fetch(), "fail", "secret.absent", "login")


def old_algorithms():
    ways = ("HostKeyAlgorithms ssh-rsa\nPubkeyAcceptedAlgorithms ssh-rsa", "ssh-rsa"), \
           ("KexAlgorithms diffie-hellman-group14-sha1", "diffie-hellman-group14-sha1"), \
           ("Ciphers aes256-cbc", "aes256-cbc"), ("MACs hmac-sha1\nCiphers aes128-ctr", "hmac-sha1")
    for more, exception in ways:
        with Site(kind="rsa", more=more) as s:
            ends(s.fetch(), "fail", "transfer.algorithms", exception=exception)
            exempt = {"algorithms": [exception], "algorithms_until": "2999-12-31"}
            ends(s.fetch(connector=exempt), "ok")
            exempt["algorithms_until"] = time.strftime("%Y-%m-%d")
            ends(s.fetch(connector=exempt), "fail", "transfer.algorithms_ended", found=exempt["algorithms_until"])
            ends(s.fetch(connector={"algorithms": ["rot13"]}), "fail", "transfer.algorithm_unknown", found="rot13")
    with Site(kind="rsa", more="PubkeyAcceptedAlgorithms ssh-rsa") as s:  # before 9.9 it says that it takes newer ones
        said = s.fetch()
        same(said.end["code"] in ("transfer.login", "transfer.algorithms"), True, f"{said}")
        ends(said, "fail", said.end["code"], "login", exception="ssh-rsa")
        ends(s.fetch(connector={"algorithms": ["ssh-rsa"]}), "ok")


def the_account_s_own_settings_do_not_count():
    with Site() as s:
        home = os.path.join(s.folder, "home")
        os.makedirs(os.path.join(home, ".ssh"))
        shutil.copy(s.key, os.path.join(home, ".ssh", "id_ed25519"))
        with open(os.path.join(home, ".ssh", "config"), "w", encoding="utf-8") as f:
            f.write("Host *\n  User somebody\n  Ciphers aes256-cbc\n")
        ends(s.fetch(env={"HOME": home}), "ok")
        ends(s.fetch(connector={"key": ""}, env={"HOME": home}), "fail", "transfer.login", by="none")


def servers_that_are_not_there():
    with Site() as s:
        for url, code in ((f"sftp://127.0.0.1:{free_port()}", "transfer.connect"),
                          ("sftp://nowhere.invalid", "transfer.resolve")):
            ends(s.fetch(connector={"url": url}), "retry", code)
        for url in ("sftp://", "sftp://h:0", "sftp://h:x", "sftp://h:99999"):
            ends(s.fetch(connector={"url": url}), "fail", "transfer.url")
        ends(s.fetch(connector={"url": "gopher://h"}), "fail", "transfer.duty")
    with Site(sftp="\nSubsystem other /bin/true") as s:
        config = s.server.path("sshd_config")
        with open(config, encoding="utf-8") as f:
            lines = [line for line in f.readlines() if "internal-sftp" not in line]
        s.server.kill()
        s.server.write("sshd_config", "".join(lines))
        s.server.start()
        ends(s.fetch(), "fail", "transfer.subsystem")


# ---- sending ----

def it_sends():
    for size in (0, 1, 32768, 32769, 3 * MEGA + 7):
        with Site() as s:
            content = noise(size)
            ends(s.send(content, name="é b.json"), "ok")
            same(s.there(), ["é b.json"], "there")
            same(digest(s.at("depot", "é b.json")), digest(s.source(content)), "content")


def a_name_that_is_taken():
    with Site() as s:
        for errand in ({}, {"aside": ""}, {"blind": True}, {"blind": True, "aside": ""}):
            s.put("out.json", b"of others")
            ends(s.send(b"ours", errand), "fail", "transfer.name_taken", found="depot/out.json")
            with open(s.at("depot", "out.json"), "rb") as f:
                same(f.read(), b"of others", "what was there")
            same(s.there(), ["out.json"], "nothing is left aside")
        ends(s.send(b"of othe", again=True), "fail", "transfer.name_taken")
        ends(s.send(b"of others", again=True), "ok")
        ends(s.send(b"of others"), "fail", "transfer.name_taken")


def a_drop_box_confirms_nothing():
    with Site(sftp="-P opendir,readdir,stat,lstat,fstat") as s:
        for aside in (".part", ""):
            said = s.send(errand={"blind": True, "aside": aside}, name="x" + aside)
            ends(said, "doubt", "transfer.unconfirmed", complete="yes")
            same(said.failed, [], "no step failed")
        same(s.there(), ["x", "x.part"], "there")
    with Site(sftp="-P opendir,readdir,stat,lstat,fstat,rename") as s:
        ends(s.send(errand={"blind": True}), "fail", "transfer.rights", "rename")
        same(s.there(), [], "nothing is left aside")


def a_full_server():
    with Site(size_max=MEGA) as s:
        for aside in (".part", ""):
            ends(s.send(noise(3 * MEGA), {"aside": aside}), "retry", "transfer.full", "write")
            same(s.there(), [], "nothing is left")
        ends(s.send(noise(MEGA)), "ok")


def a_file_that_is_not_the_one_announced():
    with Site() as s:
        duty = s.duty("send", name="a", size=9)
        ends(run(PROGRAM, s.folder, duty, s.source(b"1234567")), "fail", "transfer.duty")
        for name in ("../a", "a/b", "", ".a", "taken"):
            ends(run(PROGRAM, s.folder, s.duty("send", name=name, size=1), s.source(b"1")), "fail", "transfer.duty")


# ---- probing ----

def probes():
    with Site() as s:
        s.put("a")
        said = s.probe({"after": "move", "after_path": "archive"})
        ends(said, "ok")
        same(said.steps, ["resolve", "connect", "host_key", "login", "list", "read", "rename"], "in")
        same(said.files, {"a": 8}, "seen")
        ends(s.probe({"after": "move", "after_path": "nowhere"}), "fail", "transfer.folder", "rename")
        said = s.probe(out=True)
        ends(said, "ok")
        same(said.steps, ["resolve", "connect", "host_key", "login", "list", "write", "rename", "delete"], "out")
        same((s.there(), s.there("archive")), (["a"], []), "as before")
        same(s.probe({"blind": True}, out=True).steps, ["resolve", "connect", "host_key", "login"], "blind")
        os.chmod(s.at("depot"), 0o555)
        said = s.probe(out=True)
        ends(said, "fail", "transfer.rights", "write")
        same(said.failed, ["write"], "failed")
        os.chmod(s.at("depot"), 0o755)
        said = s.probe(connector={"host_keys": []})
        ends(said, "fail", "transfer.host_key_absent", "host_key")
        same(said.failed, ["host_key"], "failed")
        same(os.path.exists(s.local), False, "a probe writes nothing here")


if __name__ == "__main__":
    main(chosen(globals()))
