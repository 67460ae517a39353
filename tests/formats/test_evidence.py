# SPDX-License-Identifier: EUPL-1.2
"""Each format says itself, in its own format.conf, what its facts were seen in; and the list of formats repeats it."""
import json
import re

from gateway import FORMATS, Run, check, finish

EVIDENCE = {"schema", "sample", "derived", "code"}
KEY = r'^{}\s*='

listed = {f["name"]: f for line in Run("formats", "--json").out.decode().splitlines() for f in [json.loads(line)]}
shipped = sorted(f.parent.name for f in FORMATS.glob("*/format.conf"))
check(sorted(listed) == shipped, "every format is listed", f"{sorted(listed)} {shipped}")
for name in shipped:
    own = (FORMATS / name / "format.conf").read_text(encoding="utf-8")
    for key in ("evidence", "source"):
        check(re.search(KEY.format(key), own, re.M), f"{name}: format.conf says its {key}, it is not inherited")
    found = listed.get(name, {})
    check(found.get("evidence") in EVIDENCE, f"{name}: evidence is listed", found)
    check(found.get("source"), f"{name}: source is listed", found)

english = {f["name"]: f["source"] for line in Run("formats", "--json", "--lang", "en").out.decode().splitlines()
           for f in [json.loads(line)]}
check("published with carnet-de-bord" in english["cnaf-rsa"], "the source in English", english["cnaf-rsa"])
shown = Run("formats", "cnaf-rsa", "--lang", "fr").out.decode()
check("vu dans : schéma (vrsb0801.xsd" in shown, "a format shows its evidence", shown)
finish()
