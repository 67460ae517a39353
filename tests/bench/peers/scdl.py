# SPDX-License-Identifier: EUPL-1.2
"""Rows of a CSV as lines of JSON, with csv and json: python3 scdl.py FILE."""
import csv
import json
import sys

with open(sys.argv[1], encoding="utf-8", newline="") as f, open(1, "w", encoding="utf-8", closefd=False) as out:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for row in csv.DictReader(f):
        out.write(encode(row))
        out.write("\n")
