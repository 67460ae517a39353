# SPDX-License-Identifier: EUPL-1.2
"""The executable as a test sees it: run it on a file, keep what it wrote and what it said.

Every test here is `test_X.py EXECUTABLE SOURCE_DIR`; 77 says that all of it was skipped, and why was printed.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

EXECUTABLE = Path(sys.argv[1]).resolve()
SOURCE = Path(sys.argv[2]).resolve()
FORMATS = SOURCE / "schemas/formats"
SHARED = SOURCE.parent / "shared"

failures = []
skipped = []
passed = 0


def check(holds, what, detail=""):
    global passed
    if holds:
        passed += 1
    else:
        failures.append(what)
        print(f"FAILED {what}" + (f"\n    {detail}" if detail else ""))
    return holds


def skip(why):
    skipped.append(why)
    print(f"skipped: {why}")


def finish():
    print(f"{passed} passed, {len(failures)} failed, {len(skipped)} skipped")
    if failures:
        sys.exit(1)
    sys.exit(77 if skipped and not passed else 0)


class Run:
    """One call of the executable. `said`: its diagnostics, as objects."""

    def __init__(self, *args, stdin=None):
        done = subprocess.run([EXECUTABLE, *map(str, args)], input=stdin, capture_output=True, check=False)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr.decode()
        self.said = [d for line in self.err.splitlines() if line.startswith("{") for d in [json.loads(line)] if "code" in d]

    def errors(self):
        return [d for d in self.said if d["severity"] == "error"]


def convert(from_format, to_format, file, *options):
    return Run("convert", "--json", "--from", from_format, "--to", to_format, *options, file)


def resources(run):
    return [json.loads(line) for line in run.out.decode().splitlines()]


def folder():
    return tempfile.TemporaryDirectory(prefix="passerelle-formats-")


def samples(name):
    """The sample files of a format, without the pivot that stands beside each."""
    found = sorted((FORMATS / name / "samples").glob("*"))
    return [f for f in found if ".pivot." not in f.name and f.suffix != ".md"]


def profile_of(name, sample):
    """The profile a sample is called by, as `passerelle test` takes it; none: the default one."""
    conf = (FORMATS / name / "format.conf").read_text()
    parent = re.search(r'^extends\s*=\s*"([^"]+)"', conf, re.M)
    if parent and "profiles" not in conf:
        return profile_of(parent[1], sample)
    named = [p for p in re.findall(r'\{\s*name\s*=\s*"([^"]+)"', conf.partition("profiles")[2]) if p in sample.name]
    return max(named, key=len, default=None)


def pivot_of(sample):
    return sample.with_name(sample.stem + ".pivot.ndjson")
