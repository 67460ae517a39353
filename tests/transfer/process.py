# SPDX-License-Identifier: EUPL-1.2
"""A transfer process as its supervisor starts it: a duty on standard input, answers on 3, a file on 4."""
import hashlib
import json
import os
import subprocess

BUILD = os.environ["BUILD"]


class Said:
    """What it answered."""

    def __init__(self, text, code):
        self.lines = [json.loads(line) for line in text.splitlines()]
        self.end = self.lines[-1]
        self.exit = code
        self.files = {line["file"]: line["size"] for line in self.lines if "file" in line}
        self.dismissed = sorted(line["dismissed"] for line in self.lines if "dismissed" in line)
        self.steps = [line["step"] for line in self.lines if line.get("ok")]
        self.failed = [line["step"] for line in self.lines if line.get("ok") is False]

    def __str__(self):
        return "\n".join(json.dumps(line, ensure_ascii=False) for line in self.lines)


def start(program, folder, duty, file=None, env=None):
    """The process, its duty given; its answers go to folder/answers."""
    command = ["sh", "-c", 'exec "$0" 3> "$1" 4< "$2"', os.path.join(BUILD, program), os.path.join(folder, "answers"),
               file or "/dev/null"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env=dict(os.environ, **(env or {})))
    process.stdin.write(json.dumps(duty).encode())
    process.stdin.close()
    process.stdin = None
    return process


def run(program, folder, duty, file=None, env=None):
    process = start(program, folder, duty, file, env)
    noise = process.communicate(timeout=600)[1]
    with open(os.path.join(folder, "answers"), encoding="utf-8") as f:
        said = f.read()
    if noise or process.returncode or not said:
        raise AssertionError(f"exit {process.returncode}, answers {said!r}, {noise.decode(errors='replace')}")
    return Said(said, process.returncode)


def digest(path):
    done = subprocess.run(["sha256sum", path], capture_output=True, check=True)
    return done.stdout.split()[0].decode().lstrip("\\")


def noise(size, seed=b"x"):
    """Bytes that no run of zeros and no repetition can be mistaken for."""
    blocks = (hashlib.sha512(seed + n.to_bytes(8, "big")).digest() for n in range(size // 64 + 1))
    return b"".join(blocks)[:size]
