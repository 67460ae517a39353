# SPDX-License-Identifier: EUPL-1.2
"""Debian's proftpd in a scratch folder, which lists by MLSD; one account, `partner`, in a list of its own. Needs root, as it
changes to another account for whoever logs in."""
import os
import pwd
import shutil
import subprocess

from authority import free_port
from nginx import wait_for

# Debian 12 has all but the first built in.
PARTS = ("tls", "xfer", "ls", "delay")
PROGRAM, MODULES = "/usr/sbin/proftpd", "/usr/lib/proftpd"
CONF = """ModulePath {modules}
{loads}
ServerType standalone
DefaultAddress 127.0.0.1
SocketBindTight on
Port {port}
User daemon
Group daemon
UseReverseDNS off
WtmpLog off
AuthOrder mod_auth_file.c
AuthUserFile {folder}/passwd
RequireValidShell off
DefaultRoot {root}
AllowOverwrite on
AllowStoreRestart on
DelayEngine off
PidFile {folder}/pid
ScoreboardFile {folder}/scoreboard
SystemLog {folder}/system.log
ExtendedLog {folder}/commands.log ALL
TLSEngine on
TLSProtocol TLSv1.2 TLSv1.3
TLSRequired on
TLSRSACertificateFile {certificate}
TLSRSACertificateKeyFile {key}
TLSVerifyClient off
TLSLog {folder}/tls.log
{more}
"""


def allowed():
    return os.geteuid() == 0 and os.path.exists(PROGRAM) and os.path.exists(f"{MODULES}/mod_tls.so")


class Proftpd:
    """The server's files are in `depot`, below `root`."""

    def __init__(self, folder, pair, more=""):
        self.folder, self.root = folder, os.path.join(folder, "root")
        self.depot = os.path.join(self.root, "depot")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.join(self.depot, "done"))
        self.owner = pwd.getpwnam("daemon")
        for path in (self.depot, os.path.join(self.depot, "done")):
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        word = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input="word", text=True, check=True, capture_output=True)
        self.write("passwd", f"partner:{word.stdout.strip()}:{self.owner.pw_uid}:{self.owner.pw_gid}::{self.root}:/bin/false\n")
        self.port = free_port()
        loads = "\n".join(f"LoadModule mod_{part}.c" for part in PARTS if os.path.exists(f"{MODULES}/mod_{part}.so"))
        self.write("conf", CONF.format(loads=loads, port=self.port, folder=folder, root=self.root, modules=MODULES, more=more,
                                       certificate=pair[0], key=pair[1]))
        with open(os.path.join(folder, "log"), "wb") as log:
            self.process = subprocess.Popen([PROGRAM, "--nodaemon", "--config", os.path.join(folder, "conf")], stdout=log,
                                            stderr=log)
        wait_for(self.port, self.process)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(f.name, 0o600)

    def put(self, name, content, mtime=None):
        path = os.path.join(self.depot, name)
        with open(path, "wb") as f:
            f.write(content)
        os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        if mtime:
            os.utime(path, (mtime, mtime))

    def here(self, folder=""):
        found = {}
        for entry in os.scandir(os.path.join(self.depot, folder)):
            if entry.is_file():
                with open(entry.path, "rb") as f:
                    found[entry.name] = f.read()
        return found

    def commands(self):
        with open(os.path.join(self.folder, "commands.log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
