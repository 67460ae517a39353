#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Compares the converters with the reference interpreter's rd() and wr(): reference.py PROBE SOURCE_DIR.
Leaves with 77 (skipped) when the interpreter is not there."""
import os
import random
import re
import subprocess
import sys

PROBE, SOURCE = sys.argv[1:3]
FOLDER = os.path.join(SOURCE, "..", "shared", "mapping", "reference")
if not os.path.exists(os.path.join(FOLDER, "interpreter.py")):
    print("skipped: no reference interpreter beside the source tree")
    sys.exit(77)
sys.dont_write_bytecode = True
sys.path.insert(0, FOLDER)
import interpreter as ref  # noqa: E402

SPELLINGS = ["text", "text(5)", "pad(10,0)", "pad(6,0)", "pad(15,0,right,3)", "pad(4,' ',right)", "pad(0,0,left,7)",
             "int", "pad(3,0) > int", "decimal", "decimal(2)", "decimal(0)", "decimal(2,comma)",
             "pad(10,0) > decimal(2)", "date", "date(DD/MM/YYYY)", "date(DDMMYYYY)", "date(DD/MM/YYYY|YYYY-MM-DD|excel)",
             "datetime", "datetime(DDMMYYYY_HHmmss)", "month", "month(YYYY-MM-01)", "month(01MMYYYY)",
             "time(HH:mm)", "time(HH:mm:ss)", "time(HH:mm:ss.ffff)", "bool", "bool(1|true,0|false)", "bool(oui,non)",
             "fold(ascii)", "fold(ascii,upper)", "fold(upper)", "cut(5)", "drop('()')", "fits('a-zA-Z0-9@ ',8)",
             "find([0-9a-f]{3})", "find([0-9]+)", "text(8) > drop('()') > fold(ascii)"]
TEXTS = ["a", "abc", "abcdef", "Hélène", "œuvre (x)", "0", "00", "007", "1675", "0001675.00", "0000000.00", "-5",
         "12.5", "12.50", "12.345", "12,5", "1e3", "0x1", "true", "false", "1", "oui", "non", "2026-07-09",
         "09/07/2026", "09072026", "31/02/2026", "2026-02-30", "45658", "2026-07", "2026-07-01", "01072026", "10:11",
         "10:11:12", "10:11:12.0000", "2026-07-09T10:11:12", "07022022_063004", "123450000000000", "12345670", "CG",
         "CG  ", "x12ab", "ffe", "A;B", "JEAN PAUL", "abc@d", "@@@@@@@@@", "99", "0.1", "100.00", "1234567.89"]


NUMBER = r"(0|[1-9]\d*|-[1-9]\d*)"
CANONICAL = {"int": NUMBER, "decimal": r"(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9]\d*)", "bool": "true|false",
             "date": r"2026-07-09", "datetime": r"2026-07-09T10:11:12", "month": r"\d{4}-\d\d",
             "time": r"10:11:12"}


def inside(spelling, way, text):
    """Writing begins with a value of the type; find is read only."""
    last = spelling.split(" > ")[-1].split("(")[0]
    if way == "r" or last not in CANONICAL:
        return way == "r" or last != "find"
    return re.fullmatch(CANONICAL[last], text) is not None


def known(spelling, way, text, theirs, ours):
    """Where mapping.md and the interpreter part, mapping.md wins."""
    if way == "w" and spelling.split(" > ")[-1].startswith("pad") and ours == "(refused)":
        return True  # what would not come back is refused (L1)
    if "pad" in spelling and text.startswith("-"):
        return True  # zeros stand behind the sign
    if way == "r" and spelling.startswith("pad(15") and len(text) < 3:
        return True  # never under min characters
    if way == "w" and spelling == "time(HH:mm)" and ours == "(refused)":
        return True  # seconds would be lost
    if way == "r" and ("int" in spelling or "decimal" in spelling) and "(" not in theirs + ours:
        return float(theirs) == float(ours)  # it leaves leading zeros to the type
    if way == "r" and "comma" in spelling and "." in text and ours == "(refused)":
        return True  # with a decimal comma a point may mark thousands: never guessed
    return way == "w" and theirs.rstrip() == ours  # blanks at the edge do not come back


def reference(spelling, way, text):
    chain = ref.parse_as(spelling)
    value = text
    try:
        for conv in (chain if way == "r" else reversed(chain)):
            value = (ref.rd if way == "r" else ref.wr)(conv, value, None)
    except Exception:  # the interpreter refuses by any exception
        return "(refused)"
    return "(absent)" if value in (None, "") else value


def main():
    chooser = random.Random(1)
    texts = TEXTS + ["".join(chooser.choice("0019-.,/:abé ()") for _ in range(chooser.randint(1, 10)))
                     for _ in range(400)]
    asked = [(s, w, t) for s in SPELLINGS for w in "rw" for t in texts
             if t.strip() == t and inside(s, w, t)]
    table = os.path.join(SOURCE, "schemas", "nomenclatures", "fold-ascii.csv")
    out = subprocess.run([PROBE, table], input="".join(f"{w}\t{s}\t{t}\n" for s, w, t in asked), text=True,
                         capture_output=True, check=True, encoding="utf-8").stdout.split("\n")
    differ = 0
    for (spelling, way, text), ours in zip(asked, out):
        theirs = reference(spelling, way, text)
        if theirs != ours and not known(spelling, way, text, theirs, ours):
            differ += 1
            if differ <= 40:
                print(f"{way} {spelling} {text!r}: reference {theirs!r}, ours {ours!r}")
    print(f"{len(asked)} conversions, {differ} differ")
    return 1 if differ else 0


sys.exit(main())
