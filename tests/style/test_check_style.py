#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A check that cannot fail checks nothing: violations of each rule are planted into the tree as it is read, and
must be reported where they were planted.

    test_check_style.py [ROOT]
"""
import sys
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
    ("includes", "core/cli/planted.c", C + "#include <sqlite3.h>\n", 2),
    ("includes", "core/store/planted.c", C + '#include "schema/canon.h"\n', 2),
    ("includes", "tests/store/planted.c", C + "#include <sqlite3.h>\n", 2),
    ("includes", "tests/store/planted.c", C + '#include "store/inside.h"\n', 2),
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
    ("named_code", "ARCHITECTURE.md", "then `gather_nothing_at_all` is called\n", 1),
    ("named_tests", "docs/threat-model.md", "| a | b | `tests/gateway/test_api.py::not_there` |\n", 1),
    ("named_tests", "docs/threat-model.md", "\n| a | b | tried by hand |\n", 2),
    ("named_code", "core/README.md", "\nbegin with `nowhere.h`\n", 2),
    ("links", "README.md", "# One\nsee [there](#two)\n", 2),
]


class Planted(check_style.Tree):
    """The tree with one file more, or another text in one."""

    def __init__(self, tree, file, text):
        self.root = tree.root
        self.files = sorted({*tree.files, file})
        self._texts = {**tree._texts, file: text}
        self._codes = {f: t for f, t in tree._codes.items() if f != file}


def reported(rule, tree, file, line):
    where = file if line is None else f"{file}:{line}"
    return where in {at for at, _ in getattr(check_style, rule)(tree)}


def try_one(tree, rule, file, text, line):
    """What went wrong, or None."""
    if file not in tree.files and reported(rule, tree, file, line):
        return "reported before it was planted"
    return None if reported(rule, Planted(tree, file, text), file, line) else "not reported"


def main(root):
    tree, failed = check_style.Tree(root), 0
    for rule, file, text, line in PLANTED:
        fault = try_one(tree, rule, file, text, line)
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
