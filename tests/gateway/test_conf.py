# SPDX-License-Identifier: EUPL-1.2
"""check finds each mistake of a configuration with its line, in both languages."""
import json
import subprocess

from daemon import Daemon, flow_in, flow_out, main, same

GOOD = flow_in("people", "ndjson")

# what is wrong: (text to replace, by what, the code, the line counted from the flow's)
MISTAKES = [
    ('direction = "in"', 'direction = "inn"', "conf.value"),
    ('format = "ndjson"', 'format = "ndjsn"', "conf.format"),
    ('partner = "giver"', 'partner = "givr"', "conf.partner"),
    ("purpose =", "purpos =", "conf.key"),
    ('purpose = "test";', "", "conf.missing"),
    ('legal_basis = "test";', "", "conf.missing"),
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


def no_file():
    d = Daemon("none", [GOOD])
    command = d.command("check")
    command[command.index("-c") + 1] = d.path("nothing.conf")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    same((done.returncode, "conf.file" in done.stderr), (2, True), done.stderr)


if __name__ == "__main__":
    main([each_mistake, all_at_once, spelling, languages, parts, sentences, no_file])
