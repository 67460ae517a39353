#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A check that cannot fail checks nothing: one violation a rule is planted in a copy of the tree, and must be
reported where it was planted.

    test_check_style.py [ROOT]
"""
import shutil
import sys
import tempfile
from pathlib import Path

import check_style

C = "/* SPDX-License-Identifier: EUPL-1.2 */\n"

# rule, file, what is planted in it (None before: a new file), the line that is reported
PLANTED = [
    ("includes", "core/base/planted.c", C + '#include "cli/cli.h"\n', 2),
    ("includes", "core/mapping/planted.c", C + '#include "pipeline/session.h"\n', 2),
    ("includes", "core/pipeline/planted.c", C + "#include <libxml/parser.h>\n", 2),
    ("includes", "core/cli/planted.c", C + "#include <jansson.h>\n", 2),
    ("includes", "plugins/csv/planted.c", C + '#include "base/str.h"\n', 2),
    ("includes", "plugins/csv/planted.c", C + "#include <yyjson.h>\n", 2),
    ("includes", "plugins/json/planted.c", C + "#include <jansson.h>\n", 2),
    ("includes", "plugins/xml/planted.c", C + "#include <curl/curl.h>\n", 2),
    ("includes", "include/gw/planted.h", C + '#include "base/arena.h"\n', 2),
    ("includes", "tests/base/planted.c", C + "#include <cmocka.h>\n", 2),
    ("sizes", "core/base/planted.c", C + "\n" * 600, 601),
    ("sizes", "core/base/planted.h", C + "\n" * 250, 251),
    ("sizes", "core/base/planted.c", C + "int long_one(void)\n{\n" + "    f();\n" * 79 + "}\n", 3),
    ("file_names", "core/base/str_util.c", C, None),
    ("file_names", "core/common/str.c", C, None),
    ("conditions", "core/base/planted.c", C + "#ifdef __linux__\n#endif\n", 2),
    ("allocation", "core/mapping/planted.c", C + "\n    char *p = malloc(12);\n", 3),
    ("allocation", "plugins/xml/planted.c", C + "    free (p);\n", 2),
    ("banned_calls", "core/base/planted.c", C + "    sprintf(text, format);\n", 2),
    ("banned_calls", "plugins/iae/planted.c", C + "    return atoi(text);\n", 2),
    ("unfinished", "core/base/planted.c", C + "/* TO" "DO: later */\n", 2),
    ("unfinished", "scripts/planted", "#!/bin/sh\n# SPDX-License-Identifier: EUPL-1.2\n# FIX" "ME\n", 3),
    ("spdx", "core/base/planted.c", "int x;\n" + C, 1),
    ("spdx", "scripts/planted", "#!/bin/sh\necho\n", 1),
    ("machine_paths", "tests/base/planted.c", C + '#define WHERE "/ho' 'me/somebody/file"\n', 2),
    ("field_words", "core/mapping/planted.c", C + 'static const char *key = "SIRET";\n', 2),
    ("field_words", "core/mapping/planted.c", C + "/* as the CNAF sends it */\n", 2),
    ("field_words", "core/schema/planted.c", C + "    if (is_nir(x, \"nir\"))\n", 2),
    ("field_words", "core/pipeline/planted.c", C + '    open("asp-fiche-salarie");\n', 2),
    ("field_words", "core/cli/planted.c", C + '    say("annexe financière");\n', 2),
    ("core_catalogue", "core/base/planted.c", C + '    fault("mapping.never_heard_of");\n', 2),
    ("core_catalogue", "schemas/diagnostics.csv", "code;fr;en;advice_fr;advice_en\nmapping.x;a {found};b;c;d\n", 2),
    ("core_catalogue", "schemas/diagnostics.csv", "code;fr;en;advice_fr;advice_en\nmapping.x;a;;c;d\n", 2),
    ("core_catalogue", "schemas/diagnostics.csv", "code;fr;en;advice_fr;advice_en\nmapping.x;a;b;c;d\n", 2),
    ("plugin_catalogues", "plugins/csv/planted.c", C + '    report("csv.never_heard_of");\n', 2),
    ("plugin_catalogues", "plugins/csv/planted.c", C + '{"csv.planted", "a", "b", "c", ""},\n', 2),
    ("plugin_catalogues", "plugins/csv/planted.c", C + '{"csv.planted", "a", "b", "c",\n "d"},\n', 2),
    ("links", "README.md", "see [there](nowhere.md)\n", 1),
    ("links", "README.md", "# One\nsee [there](#two)\n", 2),
]


def copy_of(root, place):
    for part in ("core", "plugins", "include", "scripts", "schemas/formats"):
        shutil.copytree(root / part, place / part, ignore=shutil.ignore_patterns("samples", "__pycache__"))
    shutil.copy(root / "schemas/diagnostics.csv", place / "schemas/diagnostics.csv")


def reported(rule, place, file, line):
    where = file if line is None else f"{file}:{line}"
    return where in {at for at, _ in getattr(check_style, rule)(check_style.Tree(place))}


def try_one(place, rule, file, text, line):
    """What went wrong, or None."""
    path, before = place / file, None
    if path.exists():
        before = path.read_bytes()
    if reported(rule, place, file, line) and before is None:
        return "reported before it was planted"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    seen = reported(rule, place, file, line)
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)
    return None if seen else "not reported"


def main(root):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy_of(root, Path(folder))
        for rule, file, text, line in PLANTED:
            fault = try_one(Path(folder), rule, file, text, line)
            if fault:
                failed += 1
                print(f"{rule}: {file}: {fault}: {text[len(C):]!r}")
    untried = {r.__name__ for r in check_style.RULES} - {p[0] for p in PLANTED}
    for rule in sorted(untried):
        print(f"{rule}: no violation of it is planted")
    print(f"{len(PLANTED)} violations planted, {failed} faults")
    return 1 if failed or untried else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])))
