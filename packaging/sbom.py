#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What the packages are made of and run with, as SPDX 2.3.

    sbom.py VERSION ROOT... > passerelle.spdx.json

ROOT: the staged files of a package, its folder named by the component. Libraries are found as the loader finds them
(ldd), whose they are and of which version is dpkg's to say. The same files on the same machine give the same bytes;
the moment is SOURCE_DATE_EPOCH.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import time


OURS = {"passerelle": "passerelle", **{p: "passerelle-plugin-" + p for p in ("exec", "ods", "xlsx")}}


def elves(root):
    for folder, folders, files in os.walk(root):
        folders.sort()
        for path in (os.path.join(folder, name) for name in sorted(files)):
            if not os.path.islink(path):
                with open(path, "rb") as f:
                    if f.read(4) == b"\x7fELF":
                        yield path


def linked(path):
    said = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(?:=> |^\s+)(/\S+) \(", said, re.M))


def loaded_late(path, direct):
    """What it loads by name when it is needed, as core/base/late.h does."""
    there = {os.path.basename(p) for p in direct}
    with open(path, "rb") as f:
        named = {n.decode() for n in re.findall(rb"\0(lib[a-z0-9]+\.so\.[0-9]+)\0", f.read())}
    said = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    known = dict(reversed(re.findall(r"^\s+(\S+) \(.*\) => (/\S+)$", said, re.M)))  # the first is the machine's own
    return {known[n] for n in named - there if n in known}


def libraries(path):
    direct = linked(path)
    late = loaded_late(path, direct)
    return sorted(direct | late | {below for one in late for below in linked(one)})


def names(path):
    """What dpkg may know a file as: /lib is /usr/lib today."""
    real = os.path.realpath(path)
    return [n for p in (path, real) for n in (p, "/usr" + p, p.removeprefix("/usr"))]


def owners(paths):
    """path: (package, version, source package). Two questions to dpkg, whatever their number: it reads all it knows each time."""
    said = subprocess.run(["dpkg-query", "--search", *sorted({n for p in paths for n in names(p)})], capture_output=True,
                          text=True, check=False).stdout
    having = {line.split(": ", 1)[1]: line.split(": ", 1)[0].split(",")[0] for line in said.splitlines()
              if ": /" in line and not line.startswith("diversion ")}  # Debian 13 says that /lib64 was diverted by libc6
    found = {p: next((having[n] for n in names(p) if n in having), None) for p in paths}
    for path in sorted(p for p in paths if not found[p]):
        sys.exit(f"sbom: no package has {path}")
    said = subprocess.run(["dpkg-query", "--show", "-f", "${binary:Package}\t${Package}\t${Version}\t${source:Package}\n",
                           *sorted(set(found.values()))], capture_output=True, text=True, check=True).stdout
    known = {cells[0].split(":")[0]: tuple(cells[1:]) for cells in (line.split("\t") for line in said.splitlines())}
    return {p: known[found[p].split(":")[0]] for p in paths}


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package(name, version, supplier, purl):
    return {"SPDXID": spdx_id(name), "name": name, "versionInfo": version, "supplier": supplier, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION",
            "licenseDeclared": "EUPL-1.2" if purl.startswith("pkg:generic") else "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]}


def document(version, roots):
    packages, links = {}, set()
    used = {root: sorted({path for elf in elves(root) for path in libraries(elf)}) for root in roots}
    of = owners({path for paths in used.values() for path in paths})
    for root in roots:
        own = os.path.basename(os.path.normpath(root))
        name = OURS.get(own, "passerelle-" + own)
        packages[name] = package(name, version, "NOASSERTION", f"pkg:generic/{name}@{version}")
        for binary, its, source in (of[path] for path in used[root]):
            purl = f"pkg:deb/debian/{binary}@{its.replace('+', '%2B').replace(':', '%3A')}?upstream={source}"
            packages[binary] = package(binary, its, "Organization: Debian", purl)
            links.add((name, binary))
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))
    ours = sorted(n for n in packages if n.startswith("passerelle"))
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": spdx_id(n)}
                 for n in ours]
    relations += [{"spdxElementId": spdx_id(a), "relationshipType": "DYNAMIC_LINK", "relatedSpdxElement": spdx_id(b)}
                  for a, b in sorted(links)]
    body = [packages[n] for n in sorted(packages)]
    digest = hashlib.sha256(json.dumps([body, relations]).encode()).hexdigest()
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"passerelle-{version}",
            "documentNamespace": f"urn:sha256:{digest}", "creationInfo": {"created": moment, "creators": ["Tool: passerelle-sbom"]},
            "packages": body, "relationships": relations}


if __name__ == "__main__":
    json.dump(document(sys.argv[1], sys.argv[2:]), sys.stdout, indent=1)
    print()
