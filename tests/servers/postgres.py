# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL of the test's own, in a folder that goes away with it, on loopback, never as root."""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from authority import free_port

# Commits wait for no disk: what a test asks for is that the server has it, unless it says durable.
QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}

# Leases end by the server's clock: this one is found before its own, by who connects with ahead().
CLOCK = """CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
'SELECT pg_catalog.clock_timestamp() + make_interval(secs => current_setting(''proof.ahead'')::int)'"""


def ahead(seconds):
    """Of libpq's environment, in a database that has CLOCK."""
    return {"PGOPTIONS": f"-c proof.ahead={seconds} -c search_path=public,pg_catalog"}


def programs():
    """The folder of the newest one that is here, 15 at least; None."""
    found = [(int(os.path.basename(os.path.dirname(p))), p) for p in glob.glob("/usr/lib/postgresql/[0-9]*/bin")
             if os.path.exists(os.path.join(p, "initdb"))]
    version, path = max(found, default=(0, None))
    return path if version >= 15 else None


def unprivileged():
    """Who runs it when we are root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("nobody to run a server as")


class Server:
    """settings: of postgresql.conf. A second one is the standby of its primary."""

    def __init__(self, settings=None, primary=None, name="gateway"):
        self.programs, self.owner, self.port, self.name = programs(), unprivileged(), free_port(), name
        self.folder = tempfile.mkdtemp(prefix="gw-postgres-")
        if self.owner:
            os.chown(self.folder, self.owner["user"], self.owner["group"])
        self.data = os.path.join(self.folder, "data")
        self.process = None
        if primary:
            self.tool("pg_basebackup", "-D", self.data, "-h", "127.0.0.1", "-p", str(primary.port), "-U", "gateway",
                      "-c", "fast", "-X", "stream", "-R", "-d", f"application_name={name}")
        else:
            # Words in the order of a language: what is ours must not depend on it.
            self.tool("initdb", "-D", self.data, "-U", "gateway", "-A", "trust", "-E", "UTF8", "--no-sync",
                      "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=fr")
        self.settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **QUICK, **(settings or {})}
        self.start()

    def run(self, *words):
        return subprocess.run([os.path.join(self.programs, words[0]), *words[1:]], capture_output=True, text=True,
                              check=False, cwd="/", **self.owner)

    def tool(self, *words):
        done = self.run(*words)
        if done.returncode != 0:
            raise RuntimeError(f"{words[0]}: {done.stderr}")
        return done.stdout

    def start(self):
        words = [w for k, v in {**self.settings, "port": str(self.port)}.items() for w in ("-c", f"{k}={v}")]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([os.path.join(self.programs, "postgres"), "-D", self.data, *words],
                                            stdout=log, stderr=log, cwd="/", start_new_session=True, **self.owner)
        end = time.monotonic() + 60
        while self.run("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the server does not start: " + self.log())
            time.sleep(0.05)

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()[-3000:]

    def sql(self, text, database="postgres"):
        return self.tool("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
                         "-U", "gateway", "-d", database, "-c", text).strip()

    def url(self, database="postgres", user="gateway"):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def kill(self):
        """As by a loss of power, but for the disk: all its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        for pid in subprocess.run(["pgrep", "-f", f"postgres.*{self.data}|postgres: .*{self.port}"], capture_output=True,
                                  text=True, check=False).stdout.split():
            try:
                if os.readlink(f"/proc/{pid}/cwd") == self.data:
                    os.kill(int(pid), signal.SIGKILL)
            except (OSError, ProcessLookupError):
                pass
        self.process.wait()

    def promote(self):
        self.tool("pg_ctl", "promote", "-D", self.data, "-w")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.stop()
