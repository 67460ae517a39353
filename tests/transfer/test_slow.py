# SPDX-License-Identifier: EUPL-1.2
"""SFTP, HTTPS and FTPS over a long line, with the real servers: what is slow comes through whole, what is dead is given up
in time and gone on with later, and a limit of bandwidth holds."""
import os
import shutil
import sys
import tempfile
import threading
import time

from alone import alone
from process import digest, noise, run

K = 1000
SIZE = 200 * K
SFTP, HTTP = "passerelle-sftp", "passerelle-http"


class Way:
    """A partner's server beyond the line, and our side. `there`: where its files lie."""

    def __init__(self, name, program, connector, there, path):
        self.name, self.program, self.connector, self.there = name, program, connector, there
        self.path_in, self.path_out = path
        self.folder = tempfile.mkdtemp(prefix="slow-")
        self.local = os.path.join(self.folder, "local")

    def run(self, verb, more, content=b""):
        if not more.pop("keep", False):
            shutil.rmtree(self.local, ignore_errors=True)
        path = os.path.join(self.folder, "source")
        with open(path, "wb") as f:
            f.write(content)
        duty = {"verb": verb, "flow": "flow", "local": self.local}
        duty |= {"name": "out.json", "size": len(content)} if verb == "send" else {}
        errand = {"path": self.path_out, "method": "PUT"} if verb == "send" else {"path": self.path_in, "after": "leave"}
        begun = time.monotonic()
        said = run(self.program, self.folder, {
            "duty": duty, "errand": errand,
            "connector": {"name": "far", "partner": "giver", "connect_timeout": 5, "timeout": 5, **self.connector, **more}},
            path)
        said.took = time.monotonic() - begun
        return said

    def fetch(self, **more):
        self.clear()
        return self.run("fetch", more)

    def send(self, **more):
        self.clear()
        return self.run("send", more, noise(SIZE, b"out"))

    def clear(self):
        for name in ("out.json", "out.json.part"):
            if os.path.exists(os.path.join(self.there, name)):
                os.remove(os.path.join(self.there, name))

    def whole(self, verb):
        if verb == "send":
            same(digest(os.path.join(self.there, "out.json")), digest(os.path.join(self.folder, "source")), "what was sent")
        else:
            same(digest(os.path.join(self.local, "a.json")), digest(os.path.join(self.there, "a.json")), "what was fetched")


def ways(folder):
    """The three servers, each with the file a.json; what to stop, and the ways."""
    ssh = Sshd(more=f"ListenAddress {NEAR}")
    key = make_key(os.path.join(folder, "key"), "ed25519")
    ssh.allow(key)
    ca = Authority(os.path.join(folder, "ca"))
    pair = ca.issue("far", f"IP:{FAR}")
    web = Nginx(os.path.join(folder, "nginx"))
    port = web.add(pair, address="0.0.0.0")
    web.start()
    found = [Way("sftp", SFTP, {"url": f"sftp://{FAR}:{ssh.port}", "user": ssh.user, "key": "file:" + key,
                                "host_keys": [ssh.fingerprint()]}, ssh.files, (".", ".")),
             Way("https", HTTP, {"url": f"https://{FAR}:{port}", "ca": ca.certificate}, web.root, ("/a.json", "/{name}"))]
    stops = [ssh.kill, web.stop]
    if vsftpd.allowed():
        ftp = vsftpd.Vsftpd(os.path.join(folder, "vsftpd"), pair, address="0.0.0.0")
        word = os.path.join(folder, "word")
        with open(word, "w", encoding="utf-8") as f:
            f.write("word")
        os.chmod(word, 0o600)
        found.append(Way("ftps", HTTP, {"url": f"ftp://{FAR}:{ftp.port}", "user": "anonymous", "password": "file:" + word,
                                        "ca": ca.certificate}, ftp.depot, ("depot", "depot")))
        stops.append(ftp.stop)
    for way in found:
        with open(os.path.join(way.there, "a.json"), "wb") as f:
            f.write(noise(SIZE))
    return found, stops


def each(do):
    """All that is wrong, with its way and verb."""
    wrong = []
    for way in WAYS:
        for verb in ("fetch", "send"):
            try:
                do(way, verb)
            except AssertionError as fault:
                wrong.append(f"{way.name} {verb}: {fault}")
    same(wrong, [], "each way")


def ends(said, end, code=None):
    same((said.end["end"], said.end.get("code")), (end, code), f"end of\n{said}")


def it_is_long_and_loses():
    """A tenth of a second there and back, one packet in 40 lost, 400 kB a second."""
    def do(way, verb):
        LINE.set(delay=0.05, loss=40, rate=2 * SIZE)
        LINE.lost = 0
        said = getattr(way, verb)()
        ends(said, "ok")
        way.whole(verb)
        same((LINE.lost > 3, said.took > SIZE / LINE.rate), (True, True), f"the line is bad: {LINE.lost}, {said.took}")
    each(do)


def it_is_narrow():
    """The whole takes longer than `timeout`, which is of silence alone: what the kernel holds back is no silence."""
    LINE.set(rate=SIZE / 4)
    said = WAYS[1].send(timeout=3)
    ends(said, "ok")
    WAYS[1].whole("send")
    same(said.took > 3.3, True, f"longer than the patience: {said.took}")


def it_dies_on_the_way():
    """Nobody says a word of it: given up after `timeout`, said with the server's name, and gone on with."""
    for way, verb in ((WAYS[0], "send"), (WAYS[1], "fetch")):
        LINE.set(rate=SIZE / 2)
        watch = threading.Timer(1, lambda: setattr(LINE, "dead", True))
        watch.start()
        said = getattr(way, verb)(timeout=2)
        watch.cancel()
        ends(said, "retry", "transfer.timeout")
        same((FAR in said.end["args"]["server"], said.took < 12), (True, True), f"{said.took} s: {said}")
        same(os.path.exists(os.path.join(way.there, "out.json")), False, "no half file under its name")
        same(os.path.exists(os.path.join(way.local, "a.json")), False, "no half file here")
        LINE.set()
        ends(way.run(verb, {"keep": True}, noise(SIZE, b"out") if verb == "send" else b""), "ok")
        way.whole(verb)


def nobody_answers():
    """A connection that nothing comes back for: `connect_timeout`."""
    for way in WAYS:
        LINE.set()
        LINE.dead = True
        said = way.fetch(connect_timeout=1)
        ends(said, "retry", "transfer.timeout")
        same((said.end["step"], said.took < 6), ("connect", True), f"{way.name}: {said.took} s: {said}")


def a_limit_holds():
    """Of a connector with `rate`, on the whole: a first second's bytes may go at once."""
    for way, verb in ((WAYS[0], "fetch"), (WAYS[1], "send")):
        LINE.set(delay=0.02)
        said = getattr(way, verb)(rate=SIZE // 2)
        ends(said, "ok")
        way.whole(verb)
        same(said.took > 0.9, True, f"{way.name} {verb}: {said.took} s")


if __name__ == "__main__":
    alone("net", "a line of the test's own")
    import vsftpd
    from authority import Authority
    from nginx import Nginx
    from slow import FAR, NEAR, TUN, Line
    from sshd import SSHD, Sshd, make_key
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gateway"))
    os.environ.setdefault("SCRATCH", tempfile.gettempdir())
    from daemon import main, same
    if not all(map(os.path.exists, (SSHD, "/usr/sbin/nginx", TUN))):
        print("skipped: openssh-server, nginx or /dev/net/tun is not here")
        sys.exit(77)
    LINE = Line()
    ROOM = tempfile.mkdtemp(prefix="slow-")
    WAYS, STOPS = ways(ROOM)
    chosen = [it_is_long_and_loses, it_is_narrow, it_dies_on_the_way, nobody_answers, a_limit_holds]
    try:
        main([t for t in chosen if not sys.argv[1:] or t.__name__ in sys.argv[1:]])
    finally:
        for stop in STOPS:
            stop()
        for place in (ROOM, *(way.folder for way in WAYS)):
            shutil.rmtree(place, ignore_errors=True)
