# SPDX-License-Identifier: EUPL-1.2
"""Who may do what: operators of other users ask the daemon, which goes by the kernel's word of who they are."""
import contextlib
import json
import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile

from daemon import Daemon, flow_in, flow_out, main, same

# Numbers of nobody here; the kernel does not mind.
LECTEUR, GESTIONNAIRE, ADMINISTRATEUR, DPO, BY_GROUP, STRANGER, GROUP = 61001, 61002, 61003, 61004, 61005, 61006, 61100

OPERATORS = f"""operators = (
    {{ user = "{LECTEUR}"; roles = ( "lecteur" ); }},
    {{ user = "{GESTIONNAIRE}"; roles = ( "gestionnaire" ); }},
    {{ user = "{ADMINISTRATEUR}"; roles = ( "administrateur" ); }},
    {{ user = "{DPO}"; roles = ( "dpo" ); }},
    {{ group = "{GROUP}"; roles = ( "lecteur" ); }}
);
"""

# verb and words: who may
TABLE = [
    (("status",), "lgad"), (("exchanges",), "lgad"), (("show", "1"), "lgad"), (("rejects",), "lgad"), (("diff", "1"), "ga"),
    (("replay", "1"), "ga"), (("release", "1", "--sent"), "ga"), (("fetch", "people"), "ga"), (("send", "all"), "ga"),
    (("audit",), "ad"), (("fsck",), "a"), (("key", "rotate"), "a"), (("reload",), "a"),
]
LETTERS = {"l": LECTEUR, "g": GESTIONNAIRE, "a": ADMINISTRATEUR, "d": DPO}


def person(n, name="A"):
    return '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"%s","nom_usage":"%s"}}\n' % (n, name)


class Site(Daemon):
    """A daemon whose socket others reach, and which cannot be entered by them otherwise."""

    def __init__(self, name, more=OPERATORS):
        super().__init__(name, [flow_in("people", "ndjson"), flow_out("all", "ndjson")], record_wall=60)
        self.place = tempfile.mkdtemp(prefix="roles-")  # a path of a socket is short
        os.chmod(self.place, 0o755)
        with open(self.path("gateway.conf"), "a", encoding="utf-8") as f:
            f.write(f'control = "{self.place}/control";\n' + more)

    def asks(self, uid, verb, *words, groups=(), stdin=None, expect=0):
        """As that user, who reaches the program and the configuration, as /etc and /usr are for everybody."""
        done = subprocess.run(self.command(verb, *words), capture_output=True, text=True, check=False, timeout=120,
                              input=stdin, user=uid, group=uid, extra_groups=groups, cwd="/")
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{uid} {verb} {words}: exit {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
        return done

    def says(self, uid, word):
        """A word to the socket itself."""
        return json.loads(self.sends(uid, [word.encode()]))

    def sends(self, uid, parts, descriptors=()):
        """The answer to these bytes from a process of that user."""
        read, write = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(self.place + "/control")
                    with contextlib.suppress(BrokenPipeError):  # refused before it was read
                        socket.send_fds(s, parts, descriptors)
                    with contextlib.suppress(ConnectionResetError):
                        while part := s.recv(4096):
                            os.write(write, part)
            finally:
                os._exit(0)
        os.close(write)
        os.waitpid(pid, 0)
        with open(read, "rb") as f:
            return f.read().decode()

    def actors(self, action):
        return [r["actor"] for r in map(json.loads, self.run("audit", "--json").stdout.splitlines()) if r["action"] == action]

    def close(self):
        if self.process:
            self.stop()
        shutil.rmtree(self.place)


def reachable(path):
    """May others enter each folder above it? In a home that is closed they reach no program of ours."""
    while path != "/":
        if not os.stat(path).st_mode & 0o001:
            return False
        path = os.path.dirname(path)
    return True


def started(name, more=OPERATORS):
    d = Site(name, more)
    d.drop("people", "1.ndjson", person(1))
    d.start()
    d.wait(lambda: '"event":"exchange.delivered"' in d.log(), "the first file went through")
    return d


def each_by_its_role():
    d = started("table")
    same(os.stat(d.path("state")).st_mode & 0o777, 0o700, "the state is closed to others")
    for words, letters in TABLE:
        for letter, uid in LETTERS.items():
            said = d.asks(uid, *words, expect=None)
            refused = "role.refused" in said.stderr
            same(refused, letter not in letters, f"{letter} {words}: {said.returncode} {said.stderr}")
            if refused:
                same((said.returncode, said.stdout), (2, ""), f"nothing but the refusal: {words}")
                same(str(uid) in said.stderr and words[0] in said.stderr, True, f"who and what: {said.stderr}")
    d.close()


def what_it_says():
    d = started("words")
    said = d.asks(LECTEUR, "replay", "1", expect=2).stderr
    same("61001 may not do \"replay\": it needs the role gestionnaire, administrateur" in said, True, said)
    same("operators" in said, True, f"what to do: {said}")
    said = d.asks(LECTEUR, "replay", "1", "--lang", "fr", expect=2).stderr
    same("61001 ne peut pas faire « replay » : il faut le rôle gestionnaire, administrateur" in said, True, said)
    trail = [json.loads(x) for x in d.run("audit", "--json", "replay").stdout.splitlines()]
    same([(x["actor"], x["action"]) for x in trail], 2 * [(f"uid {LECTEUR}", "role.refused")], "who was refused what")
    d.run("key", "rotate")
    same(d.actors("key.rotate"), [pwd.getpwuid(os.getuid()).pw_name], "an account by its name")
    said = d.asks(STRANGER, "status", expect=2)
    same("role.refused" in said.stderr, True, f"a stranger: {said.stderr}")
    d.asks(BY_GROUP, "status", expect=2)
    same("people" in d.asks(BY_GROUP, "exchanges", groups=[GROUP]).stdout, True, "a role by a group")
    d.close()


def the_same_answers():
    """What an operator is shown is what the owner is shown; what is asked is done, under the name of who asked."""
    d = started("answers")
    for words in (("exchanges", "--json"), ("show", "1"), ("exchanges", "--lang", "fr", "--flow", "people")):
        same(d.asks(LECTEUR, *words).stdout, d.run(*words).stdout, str(words))
    same(d.asks(LECTEUR, "show", "99", expect=2).stderr, d.run("show", "99", expect=2).stderr, "errors and codes too")
    d.drop("people", "2.ndjson", person(2) + "{}\n")
    d.wait(lambda: len(d.rejects()) == 1, "a reject")
    said = d.asks(LECTEUR, "rejects", "--export", "-", "--lang", "fr").stdout
    same(said.count("\n"), 2, f"a table by their own output: {said}")
    fixed = person(2) + person(3)
    number = [e["id"] for e in d.exchanges("--flow", "people") if e["state"] == "done_rejects"][0]
    d.asks(GESTIONNAIRE, "replay", str(number), "--with", "-", stdin=fixed)
    d.wait(lambda: not d.rejects(), "corrected by their own input")
    same(f"uid {GESTIONNAIRE}" in d.actors("exchange.move"), True, "in the trail")
    d.asks(ADMINISTRATEUR, "key", "rotate")
    same(d.actors("key.rotate"), [f"uid {ADMINISTRATEUR}"], "in the trail")
    d.close()


def no_path_is_opened():
    """The daemon's user could read and write what the operator may not."""
    d = started("paths")
    for words in (("rejects", "--export", d.path("state", "key")), ("replay", "1", "--with", d.path("state", "key"))):
        said = d.asks(GESTIONNAIRE, *words, expect=2)
        same("opens no file" in said.stderr, True, f"{words}: {said.stderr}")
    same(os.path.getsize(d.path("state", "key")), 32, "the key is as it was")
    for verb in ("worker", "run", "convert"):
        words = verb.encode() + b"\0--plugins\0/tmp\0"
        said = d.sends(ADMINISTRATEUR, [b"verb" + bytes(4) + struct.pack("I", len(words)) + words], [0, 1, 2])
        same(said, "exit 2", f"{verb} is not run for others")
    d.close()


def values_for_a_reason():
    d = started("unmask")
    d.drop("people", "2.ndjson", person(2, "Zoé") + '{"mal":"Zoé"}\n')
    d.wait(lambda: len(d.rejects()) == 1, "a reject")
    number = str(d.rejects()[0]["exchange"])
    shown = [(("show", "--resource", "1"), "nom_usage", "resource.raw", "resource 1"),
             (("show", number + ":2"), "mal", "reject.raw", f"reject {number}:2"),
             (("show", number, "--raw"), "nom_usage", "exchange.raw", f"exchange {number}")]
    for words, value, action, subject in shown:
        for uid in (LECTEUR, GESTIONNAIRE, ADMINISTRATEUR):
            said = d.asks(uid, *words, "--unmask", "ticket", expect=2)
            same("role.refused" in said.stderr and value not in said.stdout, True, f"{uid} {words}: {said.stdout}")
        for reason in ("", "  x ", "x" * 161):
            said = d.asks(DPO, *words, "--unmask", reason, expect=2)
            same("role.reason" in said.stderr and value not in said.stdout, True, f"{words}: {reason}")
        same(value in d.asks(DPO, *words, "--unmask", "plainte 12 de 160014221803188").stdout, True, f"shown: {words}")
        rows = [json.loads(x) for x in d.run("audit", "--json", subject).stdout.splitlines()]
        same([(r["actor"], r["detail"]) for r in rows if r["action"] == action], [(f"uid {DPO}", "plainte 12 de …")],
             "who, why, what; numbers do not enter")
    same("Zoé" in d.asks(LECTEUR, "show", "--resource", "2").stdout, False, "nothing without it")
    d.asks(DPO, "show", number, "--unmask", "ticket", expect=2)
    d.asks(DPO, "show", number + ":1", "--unmask", "ticket", expect=2)
    with open(d.path("gateway.conf"), "a", encoding="utf-8") as f:
        f.write('unmask = ( "gestionnaire" );\n')
    d.asks(ADMINISTRATEUR, "reload")
    same("nom_usage" in d.asks(GESTIONNAIRE, *shown[0][0], "--unmask", "ticket").stdout, True, "by configuration")
    d.asks(DPO, *shown[0][0], "--unmask", "ticket", expect=2)
    d.close()


def words_of_the_socket():
    d = started("socket")
    same(d.says(LECTEUR, "status")["flows"][0]["flow"], "people", "who may look, looks")
    for uid, word in ((LECTEUR, "reload"), (GESTIONNAIRE, "stop"), (DPO, "wake"), (LECTEUR, "fetch people"),
                      (STRANGER, "status")):
        said = d.says(uid, word)
        same((said["error"], said["operator"]), ("role.refused", str(uid)), word)
    d.says(LECTEUR, "Zoé 1")
    trail = [json.loads(x) for x in d.run("audit", "--json").stdout.splitlines()]
    same([(x["actor"], x["subject"]) for x in trail if x["action"] == "role.refused"],
         [(f"uid {LECTEUR}", "reload"), (f"uid {GESTIONNAIRE}", "stop"), (f"uid {DPO}", "wake"), (f"uid {LECTEUR}", "fetch"),
          (f"uid {LECTEUR}", "word")], "refusals in the trail; of those without a role none, and no word of theirs")
    same(d.says(GESTIONNAIRE, "wake"), {"done": True}, "who may wake it")
    d.says(ADMINISTRATEUR, "stop")
    same(d.process.wait(timeout=20), 0, "stopped by who may")
    d.process = None
    said = d.asks(LECTEUR, "status", expect=4)
    same("control.absent" in said.stderr, True, f"nobody answers: {said.stderr}")
    d.close()


def hang_up_ends_it():
    d = started("hangup")
    read, write = os.pipe()
    asking = subprocess.Popen(d.command("status", "--watch"), stdout=write, user=LECTEUR, group=LECTEUR, extra_groups=[],
                              cwd="/")
    os.close(write)
    same(os.read(read, 16) != b"", True, "it runs")
    behalf = [p for p in children(d.process.pid) if b"behalf" in command(p)]
    same(len(behalf), 1, "one process for it")
    asking.kill()
    asking.wait()
    d.wait(lambda: not [p for p in children(d.process.pid) if b"behalf" in command(p)], "and none when it hung up")
    os.close(read)
    d.close()


def command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f.read()
    except OSError:
        return b""


def children(of):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
                if int(f.read().rsplit(")", 1)[1].split()[1]) == of:
                    yield int(pid)
        except OSError:
            pass


def owner_by_configuration():
    """Root and the owner are administrateur; an entry of theirs says otherwise; without entries they are everything."""
    d = Site("owner")
    d.once()
    d.run("fsck")
    d = Site("owner", 'operators = ( { user = "root"; roles = ( "lecteur" ); } );\n')
    d.once()
    d.run("exchanges")
    said = d.run("fsck", expect=2)
    same("role.refused" in said.stderr and "root" in said.stderr, True, said.stderr)


def faults_with_their_line():
    for text, code in (('operators = (\n { user = "a"; roles = ( "lecteurs" ); }\n);\n', "conf.role"),
                       ('operators = (\n { user = "a"; group = "b"; roles = ( "dpo" ); }\n);\n', "conf.operator"),
                       ('operators = (\n { roles = ( "dpo" ); }\n);\n', "conf.operator"),
                       ('operators = (\n { user = "a"; }\n);\n', "conf.missing"),
                       ('\nunmask = ( "chef" );\n', "conf.role")):
        d = Site("faults", text)
        with open(d.path("gateway.conf"), encoding="utf-8") as f:
            line = f.read()[:-len(text)].count("\n") + 2
        said = d.run("check", expect=2).stderr
        same(f"gateway.conf:{line}:" in said and code in said, True, f"line {line}, {code}: {said}")
        shutil.rmtree(d.place)


if os.getuid() != 0 or not reachable(os.path.dirname(os.path.abspath(__file__))) or not reachable(os.environ["BUILD"]):
    raise SystemExit(77)  # only root can be somebody else
main([each_by_its_role, what_it_says, the_same_answers, no_path_is_opened, values_for_a_reason, words_of_the_socket, hang_up_ends_it,
      owner_by_configuration, faults_with_their_line])
