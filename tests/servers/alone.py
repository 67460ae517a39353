# SPDX-License-Identifier: EUPL-1.2
"""A namespace of the test's own: what it mounts or wires there nobody else sees, and it is gone when the test is."""
import os
import subprocess
import sys


def may(kind):
    return os.geteuid() == 0 and subprocess.run(["unshare", f"--{kind}", "true"], capture_output=True,
                                                check=False).returncode == 0


def alone(kind, why):
    """Goes on in a new namespace, `mount` or `net`; where none is to be had the test says so and is skipped."""
    if os.environ.get("ALONE") == kind:
        return
    if not may(kind):
        print(f"skipped: {why} needs root, and `unshare --{kind}` to be allowed")
        sys.exit(77)
    os.environ["ALONE"] = kind
    sys.stdout.flush()
    os.execvp("unshare", ["unshare", f"--{kind}", sys.executable, "-B", *sys.argv])
