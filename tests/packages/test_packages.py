# SPDX-License-Identifier: EUPL-1.2
"""The packages of this build: what is in them, what they ask for, the unit, and the daemon started as it would be."""
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

BUILD, SOURCE, SCRATCH, VERSION = (os.environ[k] for k in ("BUILD", "SOURCE", "SCRATCH", "VERSION"))
ROOT = os.path.join(SCRATCH, "root")
LIBRARIES = "/usr/lib/passerelle"

# package: (files in it, what of its dependencies must be there, and must not)
PACKAGES = {
    "passerelle": (["/usr/bin/passerelle", "/usr/libexec/passerelle/passerelle-sftp", "/usr/libexec/passerelle/passerelle-http",
                    "/etc/passerelle/gateway.conf", "/usr/lib/systemd/system/passerelle.service",
                    "/usr/lib/systemd/system/passerelle@.service", "/usr/lib/sysusers.d/passerelle.conf",
                    "/usr/lib/tmpfiles.d/passerelle.conf", "/usr/share/bash-completion/completions/passerelle"] +
                   [f"/usr/share/man/{p}.gz" for p in ("man1/passerelle.1", "fr/man1/passerelle.1", "man5/gateway.conf.5",
                                                       "fr/man5/gateway.conf.5")] +
                   [f"{LIBRARIES}/plugins/{p}.so" for p in ("csv", "dsn", "iae", "json", "xml")],
                   ["passerelle-schemas (= ", "libsqlite3-0", "libssh-4", "libcurl4", "systemd"], ["librnp", "passerelle-plugin"]),
    "passerelle-schemas": (["/usr/share/passerelle/schemas/diagnostics.csv",
                            "/usr/share/passerelle/schemas/formats/ndjson/format.conf"], [], ["libc6"]),
    "passerelle-dev": (["/usr/include/gw/plugin.h", "/usr/share/pkgconfig/passerelle-plugin.pc"], [], ["libc6"]),
    "passerelle-plugin-xlsx": ([LIBRARIES + "/plugins/xlsx.so"], ["passerelle (= ", "libxml2"], []),
    "passerelle-plugin-ods": ([LIBRARIES + "/plugins/ods.so"], ["passerelle (= ", "libxml2"], []),
    "passerelle-plugin-exec": ([LIBRARIES + "/plugins/exec.so"], ["passerelle (= "], []),
    "passerelle-openpgp": (["/usr/libexec/passerelle/passerelle-openpgp"], ["passerelle (= ", "librnp0"], []),
}
# Nothing of the tests, of the sources' folders, or that is changed where it is installed.
NOT_SHIPPED = re.compile(r"test_|\.a$|/debian/|\.partial$|^/usr/(etc|var)/|^/var/")


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def same(got, wanted, what):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, not {wanted!r}")


def package_of(name):
    found = glob.glob(os.path.join(BUILD, "packages", f"{name}_{VERSION}-*.deb"))
    same(len(found), 1, f"packages called {name}")
    return found[0]


def pack():
    shutil.rmtree(os.path.join(BUILD, "packages"), ignore_errors=True)
    run("cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), cwd=BUILD)
    same(len(glob.glob(os.path.join(BUILD, "packages", "*.deb"))), len(PACKAGES), "packages")


def contents():
    shutil.rmtree(ROOT, ignore_errors=True)
    for name, (files, asked, unasked) in PACKAGES.items():
        path = package_of(name)
        listed = re.findall(r"^-\S+ root/root .* \.(/\S+)$", run("dpkg-deb", "--contents", path), re.M)
        same([f for f in files if f not in listed], [], f"missing in {name}")
        same([f for f in listed if NOT_SHIPPED.search(f)], [], f"too much in {name}")
        same(f"/usr/share/doc/{name}/copyright" in listed, True, f"{name}: copyright")
        depends = run("dpkg-deb", "--field", path, "Depends")
        same([d for d in asked if d not in depends], [], f"{name} does not depend on")
        same([d for d in unasked if d in depends], [], f"{name} depends on")
        run("dpkg-deb", "--extract", path, ROOT)


def library_of_13():
    """Debian 12 has no yyjson: there it is in the package, and no dependency; elsewhere it is one."""
    own = os.path.exists(ROOT + LIBRARIES + "/libyyjson.so.0")
    same("libyyjson" in run("dpkg-deb", "--field", package_of("passerelle"), "Depends"), not own, "libyyjson is asked for")


def configuration():
    """It is a conffile, good as it is, and says nothing of the folder of the sources."""
    control = os.path.join(SCRATCH, "control")
    shutil.rmtree(control, ignore_errors=True)
    run("dpkg-deb", "--control", package_of("passerelle"), control)
    with open(os.path.join(control, "conffiles"), encoding="utf-8") as f:
        same(f.read(), "/etc/passerelle/gateway.conf\n", "conffiles")
    for script in ("postinst", "prerm", "postrm"):
        run("sh", "-n", os.path.join(control, script))
        same(os.access(os.path.join(control, script), os.X_OK), True, script)
    with open(ROOT + "/etc/passerelle/gateway.conf", encoding="utf-8") as f:
        text = f.read()
    same(re.findall(r'^\s*(?:state|folder)\s*= "(?!/var/lib/passerelle/).*', text, re.M), [], "paths elsewhere")
    with open(ROOT + "/usr/lib/tmpfiles.d/passerelle.conf", encoding="utf-8") as f:
        made = f.read()
    for folder in re.findall(r'folder\s*= "(/var/lib/passerelle/in/[^"]*)"', text):
        same(folder in made, True, f"{folder} is made")


def materials():
    """SPDX: all of ours, and each library that a program is linked with, by the package it is from."""
    with open(ROOT + "/usr/share/doc/passerelle/passerelle.spdx.json", encoding="utf-8") as f:
        said = json.load(f)
    same((said["spdxVersion"], said["dataLicense"], said["SPDXID"]), ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"), "head")
    same(bool(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", said["creationInfo"]["created"])), True, "created")
    known = {p["SPDXID"]: p for p in said["packages"]}
    same(len(known), len(said["packages"]), "identifiers, each once")
    for relation in said["relationships"]:
        same(relation["relatedSpdxElement"] in known, True, str(relation))
    linked = {r["relatedSpdxElement"] for r in said["relationships"]
              if r["spdxElementId"] == "SPDXRef-passerelle" and r["relationshipType"] == "DYNAMIC_LINK"}
    for library in ("libsqlite3-0", "libyyjson0", "libc6"):
        same("SPDXRef-" + library in linked, True, library)
    same({p["name"] for p in said["packages"] if p["licenseDeclared"] == "EUPL-1.2"}, set(PACKAGES), "ours")
    for name, p in known.items():
        same(bool(p["versionInfo"] and p["externalRefs"][0]["referenceLocator"].startswith("pkg:")), True, name)


def manual():
    """Every verb with its options is in the page, in both languages, and man has nothing to say against it."""
    verbs = re.findall(r"^  (\S+) ", run(ROOT + "/usr/bin/passerelle", "--help"), re.M)
    same(len(verbs) > 20, True, f"verbs: {verbs}")
    for folder, section in (("man1", "VERBS"), ("fr/man1", "VERBES")):
        page = f"{ROOT}/usr/share/man/{folder}/passerelle.1.gz"
        said = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True, check=True,
                              env=dict(os.environ, MANWIDTH="200", LC_ALL="C.UTF-8"))
        same(said.stderr, "", page)
        same(section in said.stdout, True, page)
        for verb in verbs:
            same(re.search(rf"^ +passerelle {verb}\b", said.stdout, re.M) is not None, True, f"{page}: {verb}")
    for page in ("man5", "fr/man5"):
        said = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", f"{ROOT}/usr/share/man/{page}/gateway.conf.5.gz"],
                              capture_output=True, text=True, check=True, env=dict(os.environ, LC_ALL="C.UTF-8"))
        same(said.stderr, "", page)


def completed():
    """What bash offers after some words."""
    for words, wanted in (("passerelle ex", ["exchanges"]), ("passerelle convert --fr", ["--from"]),
                          ("passerelle convert --lang ", ["fr", "en"]), ("passerelle work", [])):
        script = (f"source {ROOT}/usr/share/bash-completion/completions/passerelle; COMP_WORDS=({words.rstrip()}"
                  f"{' ' + chr(39) * 2 if words.endswith(' ') else ''}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _passerelle; "
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        same(run("bash", "-ec", script).split(), wanted, words)


def units():
    """Of both: systemd finds no fault, and what it says of their exposure is at most 2.0."""
    folder = os.path.join(SCRATCH, "units")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for unit, installed in (("passerelle.service", "passerelle.service"), ("passerelle@cd59.service", "passerelle@.service")):
        with open(f"{ROOT}/usr/lib/systemd/system/{installed}", encoding="utf-8") as f:
            text = f.read()
        same("@HARDENED@" in text, False, unit)
        path = os.path.join(folder, unit)
        with open(path, "w", encoding="utf-8") as f: # the program and the pages are not installed here
            f.write(re.sub(r"^Documentation=.*\n", "", text.replace("/usr/bin/passerelle", "/bin/true"), flags=re.M))
        said = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
        same((said.returncode, unit in said.stderr), (0, False), said.stderr)
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", path], capture_output=True,
                              text=True, check=False)
        same(said.returncode, 0, said.stdout[-200:] + said.stderr)


class Told:
    """What systemd would hear, taken at once: the daemon does not wait for who listens."""

    def __init__(self):
        self.words = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0passerelle-%d" % os.getpid())
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            self.words.append(self.socket.recv(64).decode())

    def environment(self):
        return dict(os.environ, NOTIFY_SOCKET="@passerelle-%d" % os.getpid())


def wait(ready, what):
    end = time.monotonic() + 60
    while not ready():
        same(time.monotonic() < end, True, "waited for " + what)
        time.sleep(0.05)


def as_the_unit():
    """READY=1 when it is, WATCHDOG=1 while it works, STOPPING=1; a file that is dropped comes out of the packed tree."""
    work = os.path.join(SCRATCH, "var")
    shutil.rmtree(work, ignore_errors=True)
    with open(ROOT + "/etc/passerelle/gateway.conf", encoding="utf-8") as f:
        text = f.read().replace("/var/lib/passerelle/", work + "/")
    os.makedirs(work + "/in/caf")
    conf = os.path.join(work, "gateway.conf")
    with open(conf, "w", encoding="utf-8") as f:
        f.write(text)
    name = "CG054.RSABEM20260905.xml"
    shutil.copyfile(f"{ROOT}/usr/share/passerelle/schemas/formats/cnaf-rsa/samples/{name}", f"{work}/in/caf/{name}")
    os.utime(f"{work}/in/caf/{name}", (1, 1))
    program, told = ROOT + "/usr/bin/passerelle", Told()
    with open(work + "/log", "wb") as log:
        daemon = subprocess.Popen([program, "run", "-c", conf], stdout=log, stderr=log, env=told.environment())
        try:
            wait(lambda: glob.glob(work + "/out/entrepot/tout-*"), "what goes out")
            run(program, "reload", "-c", conf)
        finally:
            daemon.terminate()
            same(daemon.wait(timeout=30), 0, "stopped")
    wait(lambda: told.words[-1] == "STOPPING=1", "the last word to systemd")
    same(told.words[:2], ["READY=1", "WATCHDOG=1"], "the first words to systemd")
    states = [json.loads(x)["state"] for x in run(program, "exchanges", "--json", "-c", conf).splitlines()]
    same(sorted(set(states)), ["done"], "exchanges")


DPKG_OF_13 = """#!/bin/sh
case $1 in
--search) printf 'diversion by libc6 from: /lib64/l.so.2\\ndiversion by libc6 to: /lib64/l.so.2.usr-is-merged\\nlibc6:amd64: /usr/lib64/l.so.2\\n' ;;
--show) case "$*" in *diversion*) exit 1 ;; esac; printf 'libc6:amd64\\tlibc6\\t2.41-12\\tglibc\\n' ;;
esac
"""


def diverted():
    """Debian 13 answers for the loader by its diversion first, which names no package."""
    place = os.path.join(SCRATCH, "dpkg-13")
    os.makedirs(place, exist_ok=True)
    with open(place + "/dpkg-query", "w", encoding="utf-8") as f:
        f.write(DPKG_OF_13)
    os.chmod(place + "/dpkg-query", 0o755)
    said = run("python3", "-B", "-c", "import sbom; print(sbom.owners(['/lib64/l.so.2']))", cwd=SOURCE + "/packaging",
               env={**os.environ, "PATH": place + ":" + os.environ["PATH"]})
    same(said.strip(), "{'/lib64/l.so.2': ('libc6', '2.41-12', 'glibc')}", "who has it")


def found_installed():
    """Installed below another prefix than /usr, its configuration is looked for there too."""
    said = subprocess.run([ROOT + "/usr/bin/passerelle", "check", "--lang", "en"], capture_output=True, text=True, check=False,
                          cwd=SCRATCH)
    same(f"{ROOT}/usr/etc/passerelle/gateway.conf" in said.stderr, True, said.stderr)


if __name__ == "__main__":
    for part in (pack, contents, library_of_13, configuration, materials, diverted, manual, completed, units, as_the_unit, found_installed):
        begin = time.monotonic()
        part()
        print(f"{part.__name__}: good, {time.monotonic() - begin:.1f} s")
