# SPDX-License-Identifier: EUPL-1.2
"""The operators' pages: their configuration is good, their commands exist, with the options they name."""
import os
import re
import shlex
import subprocess

from daemon import PROGRAM, SOURCE, Daemon, flow_in, main, same, sample


def pages():
    with open(os.path.join(SOURCE, "docs", "fr", "exploitation.md"), encoding="utf-8") as f:
        return f.read()


def blocks(kind):
    return re.findall(r"^ *```%s\n(.*?)^ *```" % kind, pages(), re.M | re.S)


def first_flow():
    """The first part as it is written, with a sample of the format."""
    d = Daemon("docs", [flow_in("x", "ndjson")])
    d.write("gateway.conf", blocks("conf")[0])
    d.run("check")
    name = "CG054.RSABEM20260905.xml"
    os.makedirs(d.path("entrees/caf"))
    d.write("entrees/caf/" + name, sample("cnaf-rsa", name))
    os.utime(d.path("entrees/caf", name), (1, 1))
    d.start()
    d.wait(lambda: '"event":"exchange.delivered"' in d.log(), "what goes out")
    d.stop()
    same([e["state"] for e in d.exchanges()], ["done", "done"], "in and out")
    same(os.path.exists(d.path("entrees/caf/done", name)), True, "the source is in done")
    same(len(os.listdir(d.path("sorties/entrepot"))), 1, "a file for the other")


def commands():
    inline = re.findall(r"`(passerelle [^`]*)`", pages())
    lines = [x.strip() for b in blocks("sh") for x in b.splitlines()] + inline
    verbs = set()
    for line in lines:
        words = shlex.split(re.split(" [#>]", line)[0])
        if words[0] != "passerelle" or words[1] == "VERBE":
            continue
        verbs.add(words[1])
        said = subprocess.run([PROGRAM, words[1], "--help"], capture_output=True, text=True, check=True).stdout
        for word in words[2:]:
            same(not word.startswith("--") or word in said, True, f"{line}: {word}")
    same(len(verbs) > 12, True, f"the verbs of the pages: {sorted(verbs)}")


if __name__ == "__main__":
    main([first_flow, commands])
