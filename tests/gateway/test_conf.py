# SPDX-License-Identifier: EUPL-1.2
"""check finds each mistake of a configuration with its line, in both languages."""
import json
import subprocess

from daemon import Daemon, at_connector, flow_in, flow_out, main, same

GOOD = flow_in("people", "ndjson")

# what is wrong: (text to replace, by what, the code, the line counted from the flow's)
MISTAKES = [
    ('direction = "in"', 'direction = "inn"', "conf.value"),
    ('format = "ndjson"', 'format = "ndjsn"', "conf.format"),
    ('partner = "giver"', 'partner = "givr"', "conf.partner"),
    ("purpose =", "purpos =", "conf.key"),
    ('purpose = "test";', "", "conf.missing"),
    ('legal_basis = "test";', "", "conf.missing"),
    ("retention = 90;", "", "conf.missing"),
    ("retention = 90;", "retention = { files = 1; rejects = 2; versions = 3; sources = 4; };", "conf.missing"),
    ("retention = 90;", 'retention = { all = "90 d"; file = 1; };', "conf.key"),
    ("retention = 90;", 'retention = { all = "long"; };', "conf.value"),
    ("stable = 0", 'stable = "soon"', "conf.value"),
    ("stable = 0", "stable = -1", "conf.value"),
    ('name = "people"', 'name = "Pe ople"', "conf.name"),
    ("stable = 0;", 'duplicates = "never";', "conf.value"),
    ("stable = 0;", "rejects_max = 101;", "conf.value"),
    ("stable = 0;", 'from = ( "nobody" );', "conf.flow"),
    ("stable = 0;", 'profile = "none";', "conf.format_faulty"),
    ("stable = 0;", 'schedule = "hourly";', "conf.value"),
    ("stable = 0;", 'schedule = "cron 61 * * * *";', "conf.value"),
    ("stable = 0;", 'schedule = "cron 0 0 30 2 *";', "conf.never"),
    ("stable = 0;", 'expected = "08:00 sundays";', "conf.value"),
    ("stable = 0;", 'expected = "cron 0 8 1 5 * working";', "conf.never"),
    ("stable = 0;", "stable = = 0;", "conf.syntax"),
]


def each_mistake():
    d = Daemon("mistakes", [GOOD])
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        good = f.read()
    d.run("check")
    for find, by, code in MISTAKES:
        same(find in good, True, f"{find} stands there")
        d.write("gateway.conf", good.replace(find, by, 1))
        said = [json.loads(x) for x in d.run("check", "--json", expect=2).stderr.splitlines() if x.startswith("{")]
        found = [x for x in said if x["code"] == code]
        same(bool(found), True, f"{find} -> {by}: {[x['code'] for x in said]}")
        same(bool(found[0]["line"]) and bool(found[0]["advice"]), True, f"{code}: line and advice")
        same("{" in found[0]["message"] + found[0]["advice"].replace("{ ...", ""), False, f"{code}: {found[0]}")


def all_at_once():
    d = Daemon("many", [GOOD.replace('format = "ndjson"', 'format = "ndjsn"'), GOOD.replace("giver", "givr"),
                        flow_out("all", "ndjson", '"persone.*", "personne.nom_usag"')])
    said = d.run("check", "--json", expect=2).stderr
    codes = [json.loads(x)["code"] for x in said.splitlines() if x.startswith("{")]
    for code in ("conf.format", "conf.partner", "conf.twice", "conf.type", "conf.field"):
        same(code in codes, True, f"{code} among {codes}")


def spelling():
    d = Daemon("spelling", [GOOD.replace("purpose", "purpse")])
    same("purpose" in d.run("check", expect=2).stderr, True, "the nearest key")


def languages():
    """The same faults, whatever the language."""
    d = Daemon("languages", [GOOD.replace("giver", "givr")])
    said = {}
    for lang in ("fr", "en"):
        command = [x if x != "en" else lang for x in d.command("check", "--json")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said[lang] = [json.loads(x) for x in done.stderr.splitlines() if x.startswith("{")]
    strip = lambda items: [{k: v for k, v in x.items() if k not in ("message", "advice")} for x in items]
    same(strip(said["fr"]), strip(said["en"]), "all but texts")
    same(said["fr"][0]["message"] != said["en"][0]["message"], True, "texts")


def parts():
    """conf.d beside it, each file by itself."""
    d = Daemon("parts", [GOOD])
    d.write("conf.d/more.conf", "flows = ( " + flow_out("all", "ndjson") + " );\n")
    same("all:" in d.run("check").stdout, True, "the flow of conf.d")
    d.write("conf.d/more.conf", "flows = (\n" + flow_out("all", "ndjsn") + " );\n")
    same("more.conf:2: error: conf.format" in d.run("check", expect=2).stderr, True, "its file and line")


def sentences():
    d = Daemon("sentences", [GOOD, flow_out("all", "ndjson")])
    text = d.run("check").stdout
    same([line.split(":")[0] for line in text.splitlines()], ["people", "all"], "a sentence a flow")
    same(["no file speaks of" in line for line in text.splitlines()], [True, False], "what it means for the present state")


def kept_between_files():
    """Once a year is more seldom than what is kept; said for the kind, or said longer, it is not."""
    yearly = 'expected = "cron 0 6 2 1 *"; retention = '
    for time, seldom in (("90;", True), ("{ all = 90; resources = \"2 years\"; };", False), ("400;", False)):
        d = Daemon("yearly", [flow_in("people", "ndjson", yearly + time)])
        done = d.run("check")
        same("warning: conf.retention" in done.stderr, seldom, done.stderr)
    same("kept: files 90" in Daemon("longer", [flow_in("people", "ndjson", "retention = { all = 90; resources = 36501; };")])
         .run("check").stdout, True, "kind by kind")


def no_file():
    d = Daemon("none", [GOOD])
    command = d.command("check")
    command[command.index("-c") + 1] = d.path("nothing.conf")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    same((done.returncode, "conf.file" in done.stderr), (2, True), done.stderr)


HOST_KEY = "SHA256:" + "A" * 43
SSH = (f'{{ name = "depot"; partner = "giver"; url = "sftp://depot.example:22"; user = "us"; key = "file:id"; '
       f'host_keys = ( "{HOST_KEY}" ); }}')
WEB = '{ name = "api"; url = "https://api.example"; auth = "bearer"; token = "env:TOKEN"; }'
MAIL = '{ name = "mail"; url = "smtps://mail.example"; }'
FETCHED = at_connector(flow_in("fetched", "ndjson"), "depot", 'path = "retrait"; schedule = "every 5 min";')
SENT = at_connector(flow_out("sent", "ndjson"), "depot", 'path = "depot"; blind = true;')
ASKED = at_connector(flow_in("asked", "ndjson"), "api", 'path = "/v1/people";')

# (text to replace, by what, the code, a text of the line that is named)
CONNECTOR_MISTAKES = [
    ('connector = "depot"; path = "retrait"', 'connector = "depo"; path = "retrait"', "conf.connector", '"fetched"'),
    ('url = "sftp://depot', 'url = "sftp://us:hunter2@depot', "conf.url_user", 'name = "depot"'),
    ('url = "sftp://', 'url = "gopher://', "conf.url", 'name = "depot"'),
    ('key = "file:id"', 'password = "hunter2"', "conf.secret", 'name = "depot"'),
    ('key = "file:id"', 'key = "file:"', "conf.secret", 'name = "depot"'),
    ('key = "file:id"', 'agent = false', "conf.connector_missing", 'name = "depot"'),
    ('user = "us";', "", "conf.connector_missing", 'name = "depot"'),
    (f'host_keys = ( "{HOST_KEY}" );', "", "conf.host_keys", 'name = "depot"'),
    (HOST_KEY, "MD5:aa:bb", "conf.host_key", 'name = "depot"'),
    ('user = "us"', 'user = "us"; algorithms = ( "ssh-rsa" )', "conf.algorithms", 'name = "depot"'),
    ('user = "us"', 'user = "us"; algorithms = ( "ssh-rsa" ); algorithms_until = "31/12/2040"', "conf.algorithms_date",
     'name = "depot"'),
    ('user = "us"', 'user = "us"; algorithms = ( "ssh-rsa" ); algorithms_until = "2020-01-01"', "conf.algorithms_ended",
     'name = "depot"'),
    ('user = "us"', 'user = "us"; quiet = ( "22h-6h" )', "conf.quiet", 'name = "depot"'),
    ('user = "us"', 'user = "us"; quiet = ( "24:00-06:00" )', "conf.quiet", 'name = "depot"'),
    ('user = "us"', 'user = "us"; pause = "2 h"', "conf.pause", 'name = "depot"'),
    ('user = "us"', 'user = "us"; usr = "us"', "conf.key", 'name = "depot"'),
    ('user = "us"', 'user = "us"; timeout = "soon"', "conf.value", 'name = "depot"'),
    ('partner = "giver"; url', 'partner = "givr"; url', "conf.partner", 'name = "depot"'),
    ('name = "api"', 'name = "depot"', "conf.twice", '"bearer"'),
    ('auth = "bearer"', 'auth = "beerer"', "conf.value", '"beerer"'),
    ('token = "env:TOKEN";', "", "conf.connector_missing", '"bearer"'),
    ('"bearer"; token = "env:TOKEN"', '"oauth2"; client_id = "a"; client_secret = "env:S"', "conf.connector_missing",
     '"oauth2"'),
    ('"bearer"; token = "env:TOKEN"', '"oauth2"; client_id = "a"; client_secret = "env:S"; token_url = "ftp://x"',
     "conf.url", '"oauth2"'),
    ('"bearer"; token = "env:TOKEN"', '"basic"; user = "a"', "conf.connector_missing", '"basic"'),
    ('token = "env:TOKEN"', 'token = "env:TOKEN"; ca = "none.pem"', "conf.connector_file", '"bearer"'),
    ('path = "retrait";', 'path = "retrait"; folder = "in/x";', "conf.both", '"retrait"'),
    ('path = "retrait";', 'path = "retrait"; marker = ".ok";', "conf.both", '"retrait"'),
    ('blind = true;', 'blind = true; api = true;', "conf.outbox", '"sent"'),
    ('path = "retrait";', 'path = "retrait"; after = "move";', "conf.missing", '"fetched"'),
    ('path = "/v1/people";', 'paging = "next";', "conf.missing", '"asked"'),
    ('connector = "api"', 'connector = "mail"', "conf.mail_in", '"asked"'),
    ('connector = "api"', 'connector = "api"; one_file = true', "conf.errand_web", '"asked"'),
    ('connector = "api"', 'connector = "api"; files_max = 10', "conf.errand_web", '"asked"'),
    ('connector = "depot"; path = "depot"', 'connector = "mail"', "conf.missing", '"sent"'),
    ('connector = "depot"; path = "depot"', 'folder = "out"; path = "depot"', "conf.errand", '"out"'),
    ('connector = "api"; path = "/v1/people"', 'folder = "in/asked"; after = "leave"', "conf.value", '"leave"'),
]


def connectors():
    """Each mistake is found at the line where it stands; no value that may be a secret is said."""
    d = Daemon("connectors", [GOOD])
    d.configure([FETCHED, SENT, ASKED], connectors=[SSH, WEB, MAIL])
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        good = f.read()
    d.run("check")
    for find, by, code, at in CONNECTOR_MISTAKES:
        same(good.count(find), 1, f"{find} stands there once")
        text = good.replace(find, by)
        d.write("gateway.conf", text)
        done = d.run("check", "--json", expect=2)
        said = [json.loads(x) for x in done.stderr.splitlines() if x.startswith("{")]
        found = [x for x in said if x["code"] == code]
        same(bool(found), True, f"{find} -> {by}: {[x['code'] for x in said]}")
        line = text[:text.index(at)].count("\n") + 1
        same(abs(found[0]["line"] - line) <= 1, True, f"{code}: line {found[0]['line']}, not {line}")
        same(bool(found[0]["advice"]), True, f"{code}: advice")
        same("hunter2" in done.stdout + done.stderr, False, f"{by}: a secret is not shown")


def connector_sentences():
    """Where from and to, when, what is promised; exceptions with their end."""
    d = Daemon("promises", [GOOD])
    weak = SSH.replace('user = "us"', 'user = "us"; algorithms = ( "ssh-rsa" ); algorithms_until = "2090-06-30"')
    d.configure([FETCHED, SENT, ASKED], connectors=[weak, WEB])
    said = d.run("check").stdout.splitlines()
    same([line.split(":")[0] for line in said], ["exception", "fetched", "sent", "asked"], "lines")
    for line, words in zip(said, [("ssh-rsa", "2090-06-30"), ("sftp://depot.example:22/retrait", "every 5 min", "deleted there"),
                                  ("/depot", "in doubt"), ("https://api.example", "900 s", "left there")]):
        for word in words:
            same(word in line, True, f"{word} in {line}")


def in_clear():
    d = Daemon("clear", [GOOD])
    d.configure([ASKED], connectors=[WEB.replace("https", "http")])
    same("conf.clear" in d.run("check").stderr, True, "a warning")


if __name__ == "__main__":
    main([each_mistake, all_at_once, spelling, languages, parts, sentences, no_file, connectors, connector_sentences, in_clear,
          kept_between_files])
