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

# Where passwords are asked for: Debian's PAM, over accounts that exist in a mount namespace of the server's own. On the
# machine there is never such an account, whoever dies when.
PAM = "auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required pam_permit.so\n" \
      "password required pam_unix.so\n"
ROOM = """cd "$0" && mount --bind passwd /etc/passwd && mount --bind shadow /etc/shadow && mount --bind pam /etc/pam.d/sshd &&
mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && exec "$@" """


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
    passwords: (name, password) of accounts that log in by PAM, beside `more` that asks for it; for root alone. Each is the
    account above by another name; a name that begins with "late" has a password that ran out, and a new one is asked for.
    """

    def __init__(self, host_keys=("ed25519", "rsa"), more="", sftp="", size_max=None, port=None, passwords=()):
        self.folder = tempfile.mkdtemp(prefix="sshd-")
        self.files = os.path.join(self.folder, "files")
        os.mkdir(self.files)
        self.account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.user = self.account.pw_name
        self.port = port or free_port()
        self.size_max = size_max
        self.passwords = passwords
        self.host_keys = {k: make_key(self.path(f"host_{k}"), k, "2048" if k == "rsa" else None) for k in host_keys}
        self.write("authorized_keys", "")
        self.write("sshd_config", f"""ListenAddress 127.0.0.1
Port {self.port}
{"".join(f"HostKey {k}{chr(10)}" for k in self.host_keys.values())}PidFile none
UsePAM {"yes" if os.getuid() == 0 else "no"}
StrictModes no
MaxStartups 1000
{"" if passwords else "PasswordAuthentication no"}
AuthorizedKeysFile {self.path("authorized_keys")}
Subsystem sftp internal-sftp -d {self.files} {sftp}
{patience()}
{more}
""")
        self.process = None
        self.own()
        if passwords:
            self.make_accounts()
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

    def make_accounts(self):
        """Files of root, as those that they stand for."""
        users = "root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n"
        shadow = "root:*:20000::::::\nsshd:!:20000::::::\n"
        for name, password in self.passwords:
            users += f"{name}:x:{self.account.pw_uid}:{self.account.pw_gid}::/nonexistent:/bin/sh\n"
            said = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True, check=True,
                                  capture_output=True)
            shadow += f"{name}:{said.stdout.strip()}:{'0' if name.startswith('late') else '20000'}:0:99999:7:::\n"
        for name, content in (("passwd", users), ("shadow", shadow), ("pam", PAM)):
            self.write(name, content)
            os.chmod(self.path(name), 0o600 if name == "shadow" else 0o644)

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
        if self.passwords:
            command, who = ["unshare", "--mount", "sh", "-c", ROOM, self.folder, *command], {}
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
