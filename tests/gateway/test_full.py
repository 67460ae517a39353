# SPDX-License-Identifier: EUPL-1.2
"""Partners' disks that are really full: what is told, what lies there, and that the file goes once there is room."""
import os
import shutil
import subprocess
import sys

from daemon import BUILD, SOURCE, Daemon, at_connector, flow_in, flow_out, main, same

sys.path.insert(0, os.path.join(SOURCE, "tests", "servers"))
from alone import alone  # noqa: E402

SERVERS = os.path.join(os.environ["SCRATCH"], "full-servers")
PERSON = '{"type":"personne","id":"p%d","record":%d,"fields":{"id_departement":"%d","nom_usage":"N%s","prenom":"A"}}\n'
PEOPLE = "".join(PERSON % (n, n, n, "x" * 200) for n in range(1, 1501))  # 400 kB, on a disk of 256

ADVICE = {"transfer.full": {"fr": "libérer de la place", "en": "free room"},
          "transfer.short": {"fr": "la place et le quota", "en": "the room and the quota"},
          "transfer.http": {"fr": "sera repris", "en": "is tried again"}}


class Disk:
    """A small one, mounted where a server keeps its files."""

    def __init__(self, place):
        self.place = place
        st = os.stat(place)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=256k,mode=755,uid={st.st_uid},gid={st.st_gid}", "tmpfs",
                        place], check=True)

    def grow(self):
        subprocess.run(["mount", "-o", "remount,size=4m", self.place], check=True)

    def names(self):
        return sorted(os.listdir(self.place))


def servers():
    """For each way the connector's words, the disk and the path, and what to stop."""
    ssh = sshd.Sshd()
    os.mkdir(os.path.join(ssh.files, "in"))
    ssh.own()
    ca = authority.Authority(SERVERS + "/ca")
    pair = ca.issue("good")
    web = nginx.Nginx(SERVERS + "/nginx")
    port = web.add(pair)
    os.mkdir(web.root + "/in")
    web.start()
    found = {
        "by-sftp": (f'url = "sftp://127.0.0.1:{ssh.port}"; user = "{ssh.user}"; key = "file:id"; '
                    f'host_keys = ( "{ssh.fingerprint()}" );', os.path.join(ssh.files, "in"), 'path = "in";', "transfer.full"),
        "by-http": (f'url = "https://127.0.0.1:{port}"; ca = "{ca.certificate}";', web.root + "/in",
                    'path = "/in/{name}"; method = "PUT";', "transfer.http")}
    stops = [ssh.kill, web.stop]
    if vsftpd.allowed():
        ftp = vsftpd.Vsftpd(SERVERS + "/vsftpd", pair)
        found["by-ftp"] = (f'url = "ftp://127.0.0.1:{ftp.port}"; user = "anonymous"; password = "file:word"; '
                           f'ca = "{ca.certificate}";', ftp.depot, 'path = "depot";', "transfer.short")
        stops.append(ftp.stop)
    return ssh, found, stops


def told(d, way, code):
    """In each language one sentence that says whose server, what and why, and one that says what to do."""
    for lang in ("fr", "en"):
        lines = d.run("status", "--lang", lang).stdout.splitlines()
        at = [n for n, x in enumerate(lines) if f"{way} (taker, " in x]
        same(len(at), 1, f"{way}: one sentence: {lines}")
        same((code in lines[at[0]], "Success" in lines[at[0]], ADVICE[code][lang] in lines[at[0] + 1]), (True, False, True),
             f"{way}: {lines}")


def full_and_then_not():
    shutil.rmtree(SERVERS, ignore_errors=True)
    os.makedirs(SERVERS)
    ssh, ways, stops = servers()
    try:
        d = Daemon("full", [])
        d.transfers = ["--transfers", BUILD]
        ssh.allow(sshd.make_key(d.path("id"), "ed25519"))
        d.write("word", "word\n")
        os.chmod(d.path("word"), 0o600)
        d.configure([flow_in("people", "ndjson")] + [at_connector(flow_out(w, "ndjson"), w, ways[w][2]) for w in ways],
                    connectors=[f'{{ name = "{w}"; partner = "taker"; pause = "1 s"; pause_max = "2 s"; {ways[w][0]} }}'
                                for w in ways])
        disks = {w: Disk(ways[w][1]) for w in ways}
        d.drop("people", "1", PEOPLE)
        d.start()
        for w in ways:
            d.wait(lambda: [e["reason"] for e in d.exchanges("--flow", w)] == [ways[w][3]], f"{w}: why it waits")
            out = d.exchanges("--flow", w)[0]
            same((out["state"] in ("queued", "working"), out["name"] in disks[w].names()), (True, False),
                 f"{w}: waits, and nothing lies under its name")
            told(d, w, ways[w][3])
        for w in ways:
            disks[w].grow()
        for w in ways:
            d.wait(lambda: [e["state"] for e in d.exchanges("--flow", w)] == ["done"], f"{w}: sent when there is room")
            out = d.exchanges("--flow", w)[0]
            same([n for n in disks[w].names() if n.endswith(".part")], [], f"{w}: nothing aside")
            same(os.path.getsize(os.path.join(disks[w].place, out["name"])), out["size"], f"{w}: whole")
        d.stop()
    finally:
        for stop in stops:
            stop()


if __name__ == "__main__":
    alone("mount", "a small disk of the test's own")
    import authority
    import nginx
    import sshd
    import vsftpd
    if not os.path.exists(sshd.SSHD) or not os.path.exists("/usr/sbin/nginx"):
        print("skipped: openssh-server or nginx is not here")
        sys.exit(77)
    main([full_and_then_not])
