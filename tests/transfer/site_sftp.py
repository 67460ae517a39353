# SPDX-License-Identifier: EUPL-1.2
"""A server of SFTP and our side of it."""
import inspect
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "servers"), os.path.join(HERE, "..", "gateway")]

from daemon import same  # noqa: E402
from process import digest, run  # noqa: E402
from sshd import Sshd, make_key  # noqa: E402

PROGRAM = "passerelle-sftp"
MEGA = 1 << 20
OLD = 1700000000


class Site:
    """A server and our side of it. Keyword arguments are those of Sshd."""

    def __init__(self, kind="ed25519", **server):
        self.server = Sshd(**server)
        self.folder = tempfile.mkdtemp(prefix="sftp-")
        self.local = os.path.join(self.folder, "local")
        self.key = make_key(os.path.join(self.folder, "key"), kind, "2048" if kind == "rsa" else None)
        self.server.allow(self.key)
        for name in ("depot", "archive"):
            os.mkdir(self.at(name))
        self.server.own()

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        if fault[0]:
            print(self.server.log()[-1500:])
        self.server.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    def at(self, *parts):
        return os.path.join(self.server.files, *parts)

    def here(self, *parts):
        return os.path.join(self.local, *parts)

    def put(self, name, content=b"content\n", mtime=OLD, folder="depot"):
        """As the partner does. Returns its SHA-256."""
        path = os.path.join(os.fsencode(self.at(folder)), os.fsencode(name))
        with open(path, "wb") as f:
            f.write(content)
        os.utime(path, (mtime, mtime))
        self.server.own()
        return digest(path)

    def clear(self):
        for name in self.there():
            os.remove(self.at("depot", name))

    def duty(self, verb, errand=None, connector=None, **duty):
        return {"duty": {"verb": verb, "flow": "flow", "local": self.local, **duty},
                "connector": {"name": "asp", "partner": "giver", "url": f"sftp://127.0.0.1:{self.server.port}",
                              "user": self.server.user, "key": "file:" + self.key,
                              "connect_timeout": 10, "timeout": 10,
                              "host_keys": [self.server.fingerprint(k) for k in self.server.host_keys],
                              **(connector or {})},
                "errand": {"path": "depot", **(errand or {})}}

    def fetch(self, errand=None, connector=None, env=None, **duty):
        return run(PROGRAM, self.folder, self.duty("fetch", errand, connector, **duty), env=env)

    def probe(self, errand=None, connector=None, **duty):
        return run(PROGRAM, self.folder, self.duty("probe", errand, connector, **duty))

    def source(self, content):
        path = os.path.join(self.folder, "source")
        with open(path, "wb") as f:
            f.write(content)
        return path

    def send(self, content=b"content\n", errand=None, connector=None, name="out.json", **duty):
        return run(PROGRAM, self.folder, self.duty("send", errand, connector, name=name, size=len(content), **duty),
                   self.source(content))

    def take(self, name):
        """As the gateway does when the exchange is durable."""
        os.rename(self.here(name), self.here("taken", name))

    def names(self):
        return sorted(n for n in os.listdir(self.local) if n not in ("taken", "memory.json"))

    def there(self, folder="depot"):
        return sorted(os.listdir(self.at(folder)))


def ends(said, end, code=None, step=None, **args):
    same((said.end["end"], said.end.get("code")), (end, code), f"end of\n{said}")
    if step:
        same(said.end["step"], step, f"step of\n{said}")
    for name, value in args.items():
        same(said.end["args"].get(name), value, f"{name} of\n{said}")


def chosen(names):
    """The tests of a file, or those of its arguments."""
    tests = [f for f in names.values() if inspect.isfunction(f) and f.__module__ == "__main__"
             and not inspect.signature(f).parameters]
    return [t for t in tests if not sys.argv[1:] or t.__name__ in sys.argv[1:]]
