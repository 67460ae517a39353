# SPDX-License-Identifier: EUPL-1.2
"""One duty given to a transfer program as the supervisor gives it: JSON on stdin, lines on 3, the file on 4."""
import json
import os
import shutil
import subprocess
import tempfile
import time

BUILD, SCRATCH = os.environ["BUILD"], os.environ["SCRATCH"]


class Said:
    """The lines of a run."""

    def __init__(self, text, code):
        self.text, self.code = text, code
        self.lines = [json.loads(line) for line in text.splitlines()]
        ends = [line for line in self.lines if "end" in line]
        if code != 0 or len(ends) != 1 or "end" not in self.lines[-1]:
            raise AssertionError(f"exit {code}, no single end at the end:\n{text}")
        self.end = ends[0]

    @property
    def files(self):
        return [line["file"] for line in self.lines if "file" in line]

    @property
    def dismissed(self):
        return [line["dismissed"] for line in self.lines if "dismissed" in line]

    @property
    def warnings(self):
        return [line["code"] for line in self.lines if line.get("ok") and "code" in line]

    def step(self, name):
        return next((line for line in self.lines if line.get("step") == name and "ok" in line), None)

    @property
    def result(self):
        return self.end["end"], self.end.get("code")


class Flow:
    """A flow's local folder and what its connector is told."""

    def __init__(self, program, name, connector, errand=None):
        self.program = os.path.join(BUILD, program)
        self.folder = os.path.join(SCRATCH, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.local = os.path.join(self.folder, "local")
        self.connector = {"name": "line", "partner": "partner", "connect_timeout": 5, "timeout": 5, **connector}
        self.errand = errand or {}

    def secret(self, name, value):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(value)
        os.chmod(path, 0o600)
        return "file:" + path

    def text(self, duty, errand):
        return json.dumps({"duty": {"flow": "flow", "local": self.local, **duty}, "connector": self.connector,
                           "errand": {**self.errand, **(errand or {})}}).encode()

    def run(self, duty, errand=None, content=None, env=None):
        with tempfile.TemporaryFile() as answers, tempfile.TemporaryFile() as file:
            file.write(content or b"")
            file.seek(0)
            ours = answers.fileno(), file.fileno()

            def place():
                spare = [os.dup(fd) for fd in ours]
                os.dup2(spare[0], 3)
                os.dup2(spare[1], 4)
            code = subprocess.run([self.program], input=self.text(duty, errand), preexec_fn=place, close_fds=False,
                                  check=False, timeout=60, env=dict(os.environ, **(env or {}))).returncode
            answers.seek(0)
            return Said(answers.read().decode(), code)

    def start(self, duty):
        """Of a run that will not come to its end."""
        self.running = subprocess.Popen([self.program], stdin=subprocess.PIPE, pass_fds=[], stdout=subprocess.DEVNULL)
        self.running.stdin.write(self.text(duty, None))
        self.running.stdin.close()

    def wait(self, what):
        until = time.monotonic() + 20
        while not what():
            if time.monotonic() > until:
                raise AssertionError("waited in vain")
            time.sleep(0.01)

    def kill(self):
        self.running.kill()
        self.running.wait()

    def fetch(self, **errand):
        return self.run({"verb": "fetch"}, errand)

    def send(self, content, name="a.xml", again=False, dry=False, **errand):
        return self.run({"verb": "send", "name": name, "size": len(content), "again": again, "dry": dry}, errand,
                        content)

    def probe(self, out=False, **errand):
        return self.run({"verb": "probe", "out": out}, errand)

    def here(self):
        """Names and contents of what was fetched."""
        found = {}
        for name in sorted(os.listdir(self.local)):
            path = os.path.join(self.local, name)
            if os.path.isfile(path) and name != "memory.json":
                with open(path, "rb") as f:
                    found[name] = f.read()
        return found

    def take(self, name):
        """As the intake does once the file is durable in the gateway."""
        os.rename(os.path.join(self.local, name), os.path.join(self.local, "taken", name))
