# SPDX-License-Identifier: EUPL-1.2
"""The operators' pages: their configuration is good, their commands exist, with the options they name."""
import os
import re
import shlex
import subprocess

from daemon import BUILD, PROGRAM, SOURCE, Daemon, flow_in, main, same, sample


def pages(name="exploitation.md"):
    with open(os.path.join(SOURCE, "docs", "fr", name), encoding="utf-8") as f:
        return f.read()


def blocks(kind, name="exploitation.md"):
    return re.findall(r"^ *```%s\n(.*?)^ *```" % kind, pages(name), re.M | re.S)


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
    lines = []
    for name in ("exploitation.md", "connecteurs.md", "sauvegarder.md", "personnes.md", "installer.md", "durcissement.md",
                 "incidents.md", "rgpd.md"):
        lines += [x.strip() for b in blocks("sh", name) for x in b.splitlines()]
        lines += re.findall(r"`(passerelle [^`]*)`", pages(name))
    verbs = set()
    for line in lines:
        words = shlex.split(re.split(" [#>]", line.removeprefix("sudo -u passerelle "))[0])
        if len(words) < 2 or words[0] != "passerelle" or words[1] == "VERBE":
            continue
        verbs.add(words[1])
        said = subprocess.run([PROGRAM, words[1], "--help"], capture_output=True, text=True, check=True).stdout
        for word in words[2:]:
            same(not word.startswith("--") or word in said, True, f"{line}: {word}")
    same(len(verbs) > 12, True, f"the verbs of the pages: {sorted(verbs)}")


def connectors():
    """The examples of the page are good as they are written, all in one configuration."""
    d = Daemon("connectors", [flow_in("x", "ndjson")])
    for n, block in enumerate(blocks("conf", "connecteurs.md")):
        d.write(f"conf.d/{n}.conf", block.replace("2027-06-30", "2099-12-31"))
    for name in ("organisme.pem", "nous.pem"):
        d.write("tls/" + name, "")
    said = d.run("check").stdout
    same(all(x in said for x in ("envoi", "retour", "ssh-rsa", "2099-12-31")), True, said)


def own_flow():
    """The page of the first own flow, its commands one after the other in one shell, as somebody would type them."""
    d = Daemon("own", [])
    name = "CG054.RSABEM20260905.xml"
    d.write(name, sample("cnaf-rsa", name))
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", d.path("serveur")], check=True)
    commands_of = "set -e\n" + "".join(blocks("sh", "premier-flux.md"))
    said = subprocess.run(["bash", "-c", commands_of], cwd=d.folder, capture_output=True, text=True, check=False,
                          env=dict(os.environ, PATH=BUILD + ":" + os.environ["PATH"]))
    same(said.returncode, 0, said.stdout + said.stderr)
    same("cnaf-rsa, sûr" in said.stdout and "lus 2 = bons 2" in said.stderr, True, said.stdout + said.stderr)
    same(os.path.exists(d.path("essai/entrees/rsa/done", name)), True, "the file came in")
    same("sftp.partenaire.example:22/depot/rsa (connecteur caf-sftp)" in said.stdout, True, said.stdout)
    same("caf-sftp, rsa-sftp (caf, sftp://sftp.partenaire.example:22)" in said.stdout, True, said.stdout)
    same("caf-sftp (caf, sftp.partenaire.example:22)" in said.stdout, True, "why there is no such server: " + said.stdout)


if __name__ == "__main__":
    main([first_flow, commands, connectors, own_flow])
