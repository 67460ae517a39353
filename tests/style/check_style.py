#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What a machine can say about style, so that reviews need not.

    check_style.py [--report] [ROOT]

A rule is a function that takes the tree and gives (place, fault); RULES lists them. Exceptions stand below,
each with its reason. test_check_style.py plants a violation of each rule and wants to see it found.
"""
import csv
import os
import re
import statistics
import sys
from pathlib import Path

C_LINES, H_LINES, FUNCTION_LINES = 600, 250, 80

# A folder of core may include itself and those before it.
LAYERS = ["base", "store", "schema", "mapping", "pipeline", "detect", "infer", "law", "transfer", "gateway", "api", "cli"]

# header: the only folders that may include it
LIBRARIES = {
    "yyjson.h": ["plugins/json", "plugins/exec", "core/schema", "core/transfer", "core/gateway", "core/api", "core/cli"],
    "libxml/": ["plugins/xml", "plugins/table"],
    "jansson.h": ["core/api"],
    "archive.h": ["core/pipeline"],
    "archive_entry.h": ["core/pipeline"],
    "zlib.h": ["core/pipeline", "plugins/table", "plugins/xlsx"],
    "libconfig.h": ["core/mapping", "core/gateway"],
    "utf8proc.h": ["core/base", "core/schema", "core/mapping"],
    "seccomp.h": ["core/transfer"],
    "gnutls/": ["core/api"],
    "jose/": ["core/api"],
    "microhttpd.h": ["core/gateway", "core/api"],
    "sqlite3.h": ["core/store"],
    "libpq-fe.h": ["core/store"],
    "openssl/": ["core/store"],
    "sodium.h": ["core/store"],
    "libssh/": ["core/transfer"],
    "curl/": ["core/transfer"],
    "rnp/": ["core/transfer"],
    "cmocka.h": ["tests/support"],
}
# header: the only tests that may include it. The others would not pass with another backend.
TEST_LIBRARIES = {
    "sqlite3.h": ["tests/store/test_tamper.c", "tests/bench/store_loop.c"],
    "libpq-fe.h": [],
    "openssl/": [],
    "sodium.h": [],
}
# What tests of the store see of it: its interface, and what all backends share.
STORE_INTERFACE = {"store/store.h", "store/exchange.h", "store/resources.h", "store/rejects.h", "store/outbox.h",
                   "store/audit.h", "store/bytes.h", "store/seal.h", "store/coffer.h", "store/sign.h", "store/people.h", "store/sights.h",
                   "store/unseen.h"}
# Plugins that share plugins/table.
TABLES = {"csv", "ods", "table", "xlsx"}
SYSTEM = set("""
    assert ctype dirent dlfcn elf emmintrin endian errno fcntl fnmatch getopt grp inttypes langinfo libgen limits link linux/keyctl locale
    malloc math arpa/inet netdb netinet/in netinet/tcp poll pthread pwd sched setjmp signal spawn stdarg stdbool stddef stdint stdio stdlib string strings time
    unistd
    sys/file sys/mman sys/prctl sys/random sys/resource sys/signalfd sys/socket sys/stat sys/syscall sys/time sys/types sys/uio sys/un
    sys/wait""".split())

# (file, allocating call): reason
ALLOCATES = {
    ("core/base/arena.c", "malloc"): "the arena",
    ("core/base/arena.c", "calloc"): "the arena",
    ("core/base/arena.c", "free"): "the arena",
    ("core/base/buf.c", "realloc"): "the growing buffer",
    ("core/base/buf.c", "free"): "the growing buffer",
    ("core/schema/model.c", "free"): "gives back what scandir made",
    ("core/pipeline/registry.c", "free"): "gives back what scandir made",
    ("core/gateway/conf.c", "free"): "gives back what scandir and realpath made",
    ("core/law/samples.c", "free"): "gives back what scandir made",
}
ALLOCATING = "malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf getline open_memstream"
BANNED = "strcpy strcat strncpy strncat sprintf vsprintf sscanf atoi atol atof strtok gets alloca system popen"

# What the core may not know: the formats (added from schemas/formats), partners and rules of the field.
FIELD = ("cnaf|caf|msa|ccmsa|asp|urssaf|dsn|insee|onisep|dares|dgefp|siae|iae|aci|etti|eiti|spip|"
         "france travail|p[oô]le emploi|cap emploi|missions? locales?|"
         "nir|nia|ntt|siren|siret|rna|naf|iban|rome|pass iae|rsa|rqth|aah|ass|"
         "fiches? salari[eé]s?|annexes? financi[eè]res?|codes? insee|personne|foyer|droit|orientation|parcours|etape|"
         "convention|subvention|versement|etat_mensuel").replace(" ", "[ _-]")
# (file, word): reason
FIELD_ALLOWED = {
    ("core/schema/keyword.c", "nir"): "a value of x-sensitivity, a keyword of the pivot schemas",
    ("core/cli/person_export.c", "personne"): "the French word for a human being, in what people read",
    ("core/cli/person.c", "personne"): "the French word for a human being, in what people read",
    ("core/api/token.c", "rsa"): "a kind of key, as RFC 7518 calls it",
    ("core/cli/diff_compare.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/cli/diff_fields.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/apply.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/apply_batch.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/dossier.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/erasure.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/cli/person_export.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/kept.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/lines.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/lines.h", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/plans.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/plans.h", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/rebuild.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/gateway/select.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/store/people.c", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/store/people.h", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/store/resources.h", "nir"): "what has that sensitivity stands in a column of its own",
    ("core/store/resources.c", "nir"): "what has that sensitivity stands in a column of its own",
}
PIVOT_IN_COMMENTS = {"personne", "foyer", "droit"}  # words of an example

CATCH_ALL = {"util", "utils", "common", "helper", "helpers", "misc", "manager", "stuff"}
FILE_ENDS = {"csv", "conf", "db", "json", "so", "c", "h", "md", "partial", "ndjson", "xml", "txt", "zip"}
# code: why nothing in core/ says it
CODES_TO_COME = {}

SKIPPED = {".git", "build", "__pycache__", ".cache"}


class Tree:
    """The files of the project, each read once."""

    def __init__(self, root):
        self.root = Path(root)
        self.files = sorted(self._walk())
        self._texts, self._codes = {}, {}

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            folders[:] = [f for f in folders if f not in SKIPPED]
            for name in files:
                yield (Path(folder) / name).relative_to(self.root).as_posix()

    def below(self, folders, ends):
        return [f for f in self.files if f.startswith(folders) and f.endswith(ends)]

    def c(self, *folders):
        return self.below(folders or ("core/", "plugins/", "include/", "tests/"), (".c", ".h"))

    def text(self, file):
        if file not in self._texts:
            self._texts[file] = (self.root / file).read_bytes().decode("utf-8", "replace")
        return self._texts[file]

    def lines(self, file):
        return self.text(file).split("\n")

    def bare(self, file):
        """The text without comments and with empty strings; lines stay where they are."""
        if file not in self._codes:
            self._codes[file] = strip_c(self.text(file), strings=True)
        return self._codes[file]


C_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def strip_c(text, strings):
    def put(match):
        token = match.group()
        if token[0] == "/":
            return " " + "\n" * token.count("\n")
        return token[0] * 2 if strings else token

    return C_TOKEN.sub(put, text)


def calls(words):
    return re.compile(r"(?<![\w.>])(" + "|".join(words.split()) + r")\s*\(")


def found(tree, files, pattern, fault, text=None):
    for file in files:
        for number, line in enumerate((text or tree.bare)(file).split("\n"), 1):
            for match in pattern.finditer(line):
                yield f"{file}:{number}", fault.format(*match.groups() or [match.group()])


# ---- who may include whom ----

def may_include(file, name):
    """The fault of `#include "name"` in that file, or None."""
    part = file.split("/")
    if name.startswith("gw/"):
        return None
    if part[0] == "include":
        return "a public header includes only gw/ and the C library"
    if part[0] == "plugins":
        if "/" not in name or name.startswith("table/") and part[1] in TABLES:
            return None
        return "a plugin includes only gw/, the system, its own files and its own library"
    if part[0] == "tests" and name.startswith("store/") and name not in STORE_INTERFACE:
        return f"{name} is of one backend: tests see the interface"
    if part[0] != "core":
        return None
    if name.split("/")[0] not in LAYERS or part[1] not in LAYERS:
        return f'"{name}": no folder of core by that name'
    if LAYERS.index(name.split("/")[0]) > LAYERS.index(part[1]):
        return f"core/{part[1]} may not include {name}: dependencies point {' < '.join(LAYERS)}"
    return None


def may_use(file, name):
    folder = "/".join(file.split("/")[:2])
    for header, folders in LIBRARIES.items():
        if name == header or header.endswith("/") and name.startswith(header):
            test = file.startswith("tests/") and header != "cmocka.h"
            if test and header in TEST_LIBRARIES:
                test = file in TEST_LIBRARIES[header]
            return None if folder in folders or test else f"<{name}> belongs to {', '.join(folders)}"
    if name.removesuffix(".h") in SYSTEM or file.startswith("tests/"):
        return None
    return f"<{name}> is neither of the system nor a library of ours"


def includes(tree):
    pattern = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
    for file in tree.c():
        for number, line in enumerate(tree.lines(file), 1):
            match = pattern.match(line)
            if match:
                fault = (may_include if match[1] == '"' else may_use)(file, match[2])
                if fault:
                    yield f"{file}:{number}", fault


# ---- sizes ----

def functions(tree, file):
    """(line, name, lines) of each function: its braces stand in the first column."""
    lines = tree.bare(file).split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number
        elif line.startswith("}") and start:
            head = " ".join(lines[max(0, start - 5):start - 1])
            names = re.findall(r"(\w+)\s*\(", head.rsplit(";", 1)[-1].rsplit("}", 1)[-1])
            yield start, names[0] if names else "?", number - start + 1
            start = None


def sizes(tree):
    for file in tree.c():
        count, limit = tree.text(file).count("\n"), C_LINES if file.endswith(".c") else H_LINES
        if count > limit:
            yield f"{file}:{count}", f"{count} lines, at most {limit}"
        for line, name, length in functions(tree, file):
            if length > FUNCTION_LINES:
                yield f"{file}:{line}", f"{name} has {length} lines, at most {FUNCTION_LINES}"


# ---- names, words, calls ----

def file_names(tree):
    for file in tree.files:
        for word in re.split(r"[/_.\-]", file.lower()):
            if word in CATCH_ALL:
                yield file, f"'{word}' says nothing about what is inside"


def conditions(tree):
    """Headers may have #if (their guard, a compiler); a .c file that needs one lacks a header."""
    files = [f for f in tree.c("core/", "plugins/") if f.endswith(".c")]
    return found(tree, files, re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b"), "#{} outside a header")


def allocation(tree):
    unused = set(ALLOCATES)
    for place, call in found(tree, tree.c("core/", "plugins/"), calls(ALLOCATING), "{}"):
        unused.discard((place.split(":")[0], call))
        if (place.split(":")[0], call) not in ALLOCATES:
            yield place, f"{call}: memory comes from arena.h and buf.h"
    for file, call in sorted(unused):
        yield file, f"{call} is an exception that nothing needs any more"


def banned_calls(tree):
    return found(tree, tree.c("core/", "plugins/", "include/"), calls(BANNED), "{} is banned")


def unfinished(tree):
    files = [f for f in tree.files if not f.startswith(("tests/style/", "schemas/"))]
    return found(tree, [f for f in files if is_text(f)], re.compile(r"\b(TODO|FIXME|XXX)\b"), "{}", tree.text)


def is_text(file):
    return file.endswith((".c", ".h", ".py", ".md", ".txt", ".cmake", ".json", ".conf", ".sh")) or "." not in \
        file.rsplit("/", 1)[-1]


def spdx(tree):
    for file in tree.files:
        script = file.startswith(("scripts/", ".ci/")) and "." not in file.rsplit("/", 1)[-1]
        if not (file.endswith((".c", ".h", ".py", ".sh", ".cmake", "CMakeLists.txt")) or script):
            continue
        head = tree.lines(file)[:2]
        line = head[1] if head[0].startswith("#!") and len(head) > 1 else head[0]
        if "SPDX-License-Identifier: EUPL-1.2" not in line:
            yield f"{file}:1", "the first line is the licence: SPDX-License-Identifier: EUPL-1.2"


def machine_paths(tree):
    files = [f for f in tree.files if is_text(f) or f.endswith(".csv")]
    return found(tree, files, re.compile(r"(?<![\w.~{}])/(?:work|home|root|Users|mnt)/\w+"),
                 "{}: a path of one machine", tree.text)


def field_words(tree):
    """The core names no format, no partner and no rule of the field."""
    formats = {f.split("/")[2] for f in tree.files if f.startswith("schemas/formats/") and f.count("/") > 2}
    pattern = re.compile(r"(?<![\w-])(" + "|".join([FIELD] + sorted(formats)) + r")(?![\w-])", re.I)
    for file in tree.c("core/"):
        bare = strip_c(tree.text(file), strings=False).split("\n")
        for number, line in enumerate(tree.lines(file), 1):
            if file.startswith("core/cli/") and ".example =" in line:
                continue
            for match in pattern.finditer(line):
                word = match[1].lower()
                comment = not pattern.search(bare[number - 1])
                if (file, word) in FIELD_ALLOWED or comment and word in PIVOT_IN_COMMENTS:
                    continue
                yield f"{file}:{number}", f"'{match[1]}' is of the field or of a format; the core knows neither"


# ---- diagnostics: each code said has its words, in both languages ----

HOLE = re.compile(r"\{(\w+)\}")


def code_literals(text):
    bare = strip_c(text, strings=False)
    for match in re.finditer(r'"([a-z][a-z0-9]*\.[a-z0-9_]+)"', bare):
        yield bare.count("\n", 0, match.start()) + 1, match[1]


def words_fault(code, texts):
    if not all(texts):
        return f"{code}: text and advice in French and English, all four"
    if set(HOLE.findall(texts[0])) != set(HOLE.findall(texts[1])):
        return f"{code}: French and English do not name the same arguments"
    return None


def core_catalogue(tree):
    rows = list(csv.reader(tree.text("schemas/diagnostics.csv").splitlines(), delimiter=";"))
    file, known = "schemas/diagnostics.csv", {}
    if rows[0] != ["code", "fr", "en", "advice_fr", "advice_en"]:
        yield f"{file}:1", "the header is code;fr;en;advice_fr;advice_en"
    for number, row in enumerate(rows[1:], 2):
        fault = "five cells a line" if len(row) != 5 else words_fault(row[0], row[1:])
        if not fault and row[0] in known:
            fault = f"{row[0]} is there twice"
        if fault:
            yield f"{file}:{number}", fault
        known[row[0]] = number
    said = set()
    for source in tree.c("core/"):
        for line, code in code_literals(tree.text(source)):
            said.add(code)
            domain, what = code.split(".")
            if code not in known and domain in DOMAINS and what not in FILE_ENDS:
                yield f"{source}:{line}", f"{code} is not in {file}"
    for code in sorted(set(known) - said - set(CODES_TO_COME)):
        yield f"{file}:{known[code]}", f"{code} is said by nothing in core/"


DOMAINS = {"charset", "codes", "detect", "engine", "format", "input", "law", "mapping", "memory", "option", "output", "pivot",
           "plugin", "record", "schema", "store", "stream"}

STRING = r'"(?:\\.|[^"\\])*"'
MESSAGE = re.compile(r'\{\s*"([a-z0-9]+\.[a-z0-9_]+)"((?:\s*,\s*(?:%s\s*)+){4})\}' % STRING)


def shared_messages(tree, name):
    """The headers of plugins/table whose X_MESSAGES("NAME") the plugin has, with its name put in."""
    used = "".join(tree.text(f) for f in tree.c(f"plugins/{name}/"))
    headers = {f: tree.text(f) for f in tree.c("plugins/table/") if f.endswith(".h") and "_MESSAGES(plugin)" in tree.text(f)}
    wanted = {m for m in re.findall(r'(\w+_MESSAGES)\("%s"\)' % name, used)}
    wanted |= {m for f in headers.values() for d in re.findall(r"#define (\w+_MESSAGES)", f) if d in wanted
               for m in re.findall(r"(\w+_MESSAGES)\(plugin\)", f)}
    return {f: re.sub(r"\\\n", "\n", t).replace('plugin "', f'"{name}') for f, t in headers.items()
            if any(f"#define {m}(" in t for m in wanted)}


def plugin_catalogues(tree):
    for name in sorted({f.split("/")[1] for f in tree.files if f.startswith("plugins/") and f.count("/") > 1}):
        texts_of = {f: tree.text(f) for f in tree.c(f"plugins/{name}/")}
        if name != "table":
            texts_of |= shared_messages(tree, name)
        sources = {f: strip_c(t, strings=False) for f, t in texts_of.items()}
        told, said = {}, {}
        for file, text in sources.items():
            for match in MESSAGE.finditer(text):
                told[match[1]] = f"{file}:{text.count(chr(10), 0, match.start()) + 1}"
                texts = [re.sub(r'"\s*"', "", t).strip('" \n') for t in
                         re.findall(r',\s*((?:%s\s*)+)' % STRING, match[2])]
                fault = words_fault(match[1], texts)
                if fault:
                    yield told[match[1]], fault
            for line, code in code_literals(texts_of[file]):
                said.setdefault(code, []).append(f"{file}:{line}")
        for code, places in said.items():
            if code.startswith(name + ".") and code.split(".")[1] not in FILE_ENDS and code not in told:
                yield places[0], f"{code} is not in the messages of the plugin, with its four texts"
            if code in told and len(places) < 2:
                yield told[code], f"{code} is said by nothing in plugins/{name}"


# ---- documents ----

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def anchors(text):
    for heading in re.findall(r"^#+\s+(.*)$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def links(tree):
    for file in [f for f in tree.files if f.endswith(".md")]:
        for number, line in enumerate(tree.lines(file), 1):
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                to = (tree.root / file).parent / path if path else tree.root / file
                if not to.exists():
                    yield f"{file}:{number}", f"the link to {target} leads nowhere"
                elif anchor and to.suffix == ".md" and anchor not in anchors(to.read_text()):
                    yield f"{file}:{number}", f"no heading for #{anchor}"


def named_code(tree):
    """What the documents call by name is there."""
    words, files = set(), set()
    for file in tree.c("core/", "plugins/", "include/"):
        words.update(re.findall(r"\w+", tree.bare(file)))
        files.add(file.rsplit("/", 1)[-1])
    for file in [f for f in ("ARCHITECTURE.md", "core/README.md") if f in tree.files]:
        for number, line in enumerate(tree.lines(file), 1):
            for name in re.findall(r"`([a-z_]+(?:\.[ch])?)`", line):
                known = name in files if name.endswith((".c", ".h")) else "_" not in name or name in words
                if not known:
                    yield f"{file}:{number}", f"{name} is nowhere in the code"


def named_tests(tree):
    """Each control of the threat model names its test, and the test is there."""
    file = "docs/threat-model.md"
    for number, line in enumerate(tree.lines(file) if file in tree.files else (), 1):
        for test, name in re.findall(r"`(tests/[^`:]+)::([^`]+)`", line):
            if test not in tree.files or not re.search(r"(?<!\w)%s(?!\w)" % re.escape(name), tree.text(test)):
                yield f"{file}:{number}", f"{test} has no {name}"
        if line.startswith("| ") and line.count("|") == 4 and not line.startswith("| threat |") and "`tests/" not in line:
            yield f"{file}:{number}", "a row without a test"


RULES = [includes, sizes, file_names, conditions, allocation, banned_calls, unfinished, spdx, machine_paths,
         field_words, core_catalogue, plugin_catalogues, links,
         named_code, named_tests]


def report(tree):
    """How long files and functions are: for people, no rule."""
    for part in ("core/", "plugins/", "tests/"):
        files = tree.c(part)
        lengths = sorted(n for f in files for _, _, n in functions(tree, f))
        sources = sorted(tree.text(f).count("\n") for f in files if f.endswith(".c"))
        if lengths and sources:
            print(f"{part:9} {len(lengths)} functions: median {statistics.median(lengths):.0f}, "
                  f"p90 {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]} lines; "
                  f"{len(sources)} .c files: median {statistics.median(sources):.0f}, longest {sources[-1]}")


def main(args):
    root = [a for a in args if not a.startswith("--")]
    tree = Tree(root[0] if root else Path(__file__).parents[2])
    faults = [(rule.__name__, place, fault) for rule in RULES for place, fault in rule(tree)]
    for rule, place, fault in faults:
        print(f"{place}: {rule}: {fault}")
    report(tree)
    print(f"{len(tree.files)} files, {len(RULES)} rules, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
