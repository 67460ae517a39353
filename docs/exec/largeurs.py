#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A syntax of one's own in 40 lines: columns of fixed width, one record a line, the last line says how many.

    NOIROT         LEA       1994-03-02
    FIN 1
"""
import json
import sys

COLUMNS = [("nom", 15), ("prenom", 10), ("naissance", 10)]


def say(**line):
    print(json.dumps(line, ensure_ascii=False), flush=True)


def read():
    count = 0
    for number, line in enumerate(sys.stdin, 1):
        line = line.rstrip("\n")
        if line.startswith("FIN "):
            return say(end=True) if line == f"FIN {count}" else say(fail=f"{line}, mais {count} lus", line=number)
        count += 1
        if len(line) != sum(width for _, width in COLUMNS):
            say(reject=f"{len(line)} caractères", line=number)
            continue
        record, at = {}, 0
        for name, width in COLUMNS:
            record[name], at = line[at:at + width].rstrip(), at + width
        say(record=record, line=number)
    say(fail="le fichier est coupé : pas de ligne FIN")


def write():
    count = 0
    for told in map(json.loads, sys.stdin):
        if "record" in told:
            count += 1
            print("".join((told["record"].get(name) or "").ljust(width)[:width] for name, width in COLUMNS))
    print(f"FIN {count}")


{"read": read, "write": write}[sys.argv[1]]()
