#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The suite of the store, the same programs, on a PostgreSQL of its own: each case has a schema of its own.

    test_postgres.py PROGRAM...
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))
import postgres  # noqa: E402  pylint: disable=wrong-import-position

SCHEMAS = 24  # cases of one program, at most
SECRETS = ["Célestine Quatrebarbes", "269054958815780"]  # of fixture.h
KNOWN = "csv.columns"  # what filters ask is found, so that we look where it would be


def holds(server, text):
    """Is it in any file of the server?"""
    return any(text.encode() in open(os.path.join(folder, name), "rb").read()
               for folder, _, names in os.walk(server.data) for name in names
               if os.path.isfile(os.path.join(folder, name)))


def main(programs):
    if not postgres.programs():
        print("skipped: no PostgreSQL 15 or newer is installed")
        return 77
    failed = 0
    with postgres.Server({"max_connections": "20"}) as server:
        server.sql("".join(f"CREATE SCHEMA s{n}_{i};" for n in range(len(programs)) for i in range(1, SCHEMAS + 1)))
        for number, program in enumerate(programs):
            url = server.url() + f"?options=-csearch_path%3Ds{number}_"
            done = subprocess.run([program], check=False, env={**os.environ, "GW_STORE_SERVER": url})
            print(("ok   " if done.returncode == 0 else "FAIL ") + os.path.basename(program), flush=True)
            failed += done.returncode != 0
        server.sql("CHECKPOINT")
        if any(holds(server, s) for s in SECRETS) or not holds(server, KNOWN):
            print("FAIL what the files of the server hold")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
