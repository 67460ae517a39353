# SPDX-License-Identifier: EUPL-1.2
"""Debian's sshd on a free loopback port, in a temporary folder, with keys of its own; it ends with the test."""
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SSHD = "/usr/sbin/sshd"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_key(path, kind, bits=None, password=""):
    size = ["-b", bits] if bits else []
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *size, "-N", password, "-C", "test", "-f", path], check=True)
    return path


def fingerprint(path):
    """As the partner's administrator would read it out."""
    said = subprocess.run(["ssh-keygen", "-lf", path + ".pub"], check=True, capture_output=True, text=True)
    return said.stdout.split()[1]


def wait_for(port, process):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError("the server does not answer")


def patience():
    """Since 9.8 a client that fails, as tests do, is shut out for a while."""
    said = subprocess.run(["ssh", "-V"], check=True, capture_output=True, text=True).stderr
    version = tuple(int(n) for n in re.search(r"OpenSSH_(\d+)\.(\d+)", said).groups())
    return "PerSourcePenalties no" if version >= (9, 8) else ""


class Sshd:
    """Logs in the account it runs as: of root it is nobody, so that rights of files mean something.

    `files` is the folder that a login starts in. more: lines of sshd_config. sftp: words of internal-sftp.
    size_max: bytes that no file there can pass, as on a disk that is full.
    """

    def __init__(self, host_keys=("ed25519", "rsa"), more="", sftp="", size_max=None, port=None):
        self.folder = tempfile.mkdtemp(prefix="sshd-")
        self.files = os.path.join(self.folder, "files")
        os.mkdir(self.files)
        self.account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.user = self.account.pw_name
        self.port = port or free_port()
        self.size_max = size_max
        self.host_keys = {k: make_key(self.path(f"host_{k}"), k, "2048" if k == "rsa" else None) for k in host_keys}
        self.write("authorized_keys", "")
        self.write("sshd_config", f"""ListenAddress 127.0.0.1
Port {self.port}
{"".join(f"HostKey {k}{chr(10)}" for k in self.host_keys.values())}PidFile none
UsePAM {"yes" if os.getuid() == 0 else "no"}
StrictModes no
MaxStartups 1000
PasswordAuthentication no
AuthorizedKeysFile {self.path("authorized_keys")}
Subsystem sftp internal-sftp -d {self.files} {sftp}
{patience()}
{more}
""")
        self.process = None
        self.own()
        self.start()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(content)

    def own(self):
        """All of it belongs to the account, as after a partner's own work."""
        if os.getuid() == 0:
            for folder, _, files in os.walk(self.folder):
                for name in [folder, *(os.path.join(folder, f) for f in files)]:
                    os.chown(name, self.account.pw_uid, self.account.pw_gid)

    def fingerprint(self, kind="ed25519"):
        return fingerprint(self.host_keys[kind])

    def allow(self, key):
        with open(key + ".pub", encoding="utf-8") as f:
            self.write("authorized_keys", f.read())

    def start(self):
        command = [SSHD, "-D", "-e", "-f", self.path("sshd_config")]
        if self.size_max:
            command = ["prlimit", f"--fsize={self.size_max}", *command]
        who = {"user": self.user, "group": self.account.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        with open(self.path("log"), "ab") as log:
            # Python ignores SIGXFSZ; left so, a file that is too large is an error of write().
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            start_new_session=True, restore_signals=False, **who)
        wait_for(self.port, self.process)

    def kill(self):
        """With all its children, at once."""
        if self.process:
            for process in (*self.sessions(), self.process.pid):
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait()
            self.process = None

    def sessions(self):
        """Its children start sessions of their own."""
        said = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True)
        found = said.stdout.split()[2:]
        pairs = [(int(p), int(q)) for p, q in zip(found[::2], found[1::2])]
        family = {self.process.pid}
        for _ in range(4):
            family |= {p for p, q in pairs if q in family}
        return family - {self.process.pid}

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
