# SPDX-License-Identifier: EUPL-1.2
"""Debian's vsftpd in a scratch folder: one account, `anonymous`, whose password is in a list of its own. Needs root,
as it changes to another account for whoever logs in."""
import os
import pwd
import shutil
import subprocess

from authority import free_port
from nginx import wait_for

# Where it is installed, else where scripts/deps unpacks it: Debian lets only one FTP server be installed.
UNPACKED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/vsftpd/usr/sbin/vsftpd")
PROGRAM = shutil.which("vsftpd", path="/usr/sbin") or os.path.normpath(UNPACKED)
CONF = """listen=YES
listen_address={address}
listen_port={port}
background=NO
seccomp_sandbox=NO
local_enable=NO
anonymous_enable=YES
ftp_username=daemon
anon_root={root}
secure_email_list_enable=YES
email_password_file={folder}/passwords
write_enable={write}
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
dirlist_enable={dirlist}
secure_chroot_dir={empty}
pasv_address=127.0.0.1
use_localtime=NO
delay_failed_login=0
mdtm_write=NO
xferlog_enable=YES
log_ftp_protocol=YES
vsftpd_log_file={folder}/vsftpd.log
{more}
"""
TLS = """ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
ssl_tlsv1=YES
ssl_ciphers=HIGH
rsa_cert_file={certificate}
rsa_private_key_file={key}
"""


def allowed():
    return os.geteuid() == 0 and os.path.exists(PROGRAM)


class Vsftpd:
    """The server's files are in `depot`, below `root`."""

    def __init__(self, folder, pair, implicit=False, write=True, dirlist=True, address="127.0.0.1"):
        self.folder, self.root = folder, os.path.join(folder, "root")
        self.depot = os.path.join(self.root, "depot")
        os.makedirs(os.path.join(self.depot, "done"))
        os.makedirs(os.path.join(folder, "empty"))
        owner = pwd.getpwnam("daemon")
        for path in (self.depot, os.path.join(self.depot, "done")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        self.port = free_port()
        more = TLS.format(certificate=pair[0], key=pair[1]) if pair else ""
        more += "implicit_ssl=YES\n" if implicit else ""
        self.write_file("passwords", "word\n")
        self.write_file("conf", CONF.format(port=self.port, folder=folder, root=self.root, more=more,
                                            address=address, empty=os.path.join(folder, "empty"), write="YES" if write else "NO",
                                            dirlist="YES" if dirlist else "NO"))
        with open(os.path.join(folder, "log"), "wb") as log:
            self.process = subprocess.Popen([PROGRAM, os.path.join(folder, "conf")], stdout=log, stderr=log)
        wait_for(self.port, self.process)

    def write_file(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
            f.write(text)

    def put(self, name, content, mtime=None):
        path = os.path.join(self.depot, name)
        with open(path, "wb") as f:
            f.write(content)
        owner = pwd.getpwnam("daemon")
        os.chown(path, owner.pw_uid, owner.pw_gid)
        if mtime:
            os.utime(path, (mtime, mtime))

    def here(self, folder=""):
        found = {}
        for entry in os.scandir(os.path.join(self.depot, folder)):
            if entry.is_file():
                with open(entry.path, "rb") as f:
                    found[entry.name] = f.read()
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
