# SPDX-License-Identifier: EUPL-1.2
"""A certification authority of the test's own, made by openssl when the test begins."""
import datetime
import os
import socket
import subprocess

CONF = """[ca]
default_ca = own
[own]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
unique_subject = no
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
"""


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def instant(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Authority:
    def __init__(self, folder, name="Test authority"):
        self.folder = folder
        os.makedirs(folder)
        self.conf = os.path.join(folder, "conf")
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(CONF.format(folder=folder))
        open(os.path.join(folder, "index"), "w", encoding="utf-8").close()
        with open(os.path.join(folder, "serial"), "w", encoding="utf-8") as f:
            f.write("01\n")
        self.certificate, self.key = os.path.join(folder, "ca.pem"), os.path.join(folder, "ca.key")
        openssl("req", "-x509", "-config", self.conf, "-extensions", "authority", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj", f"/CN={name}", "-keyout", self.key,
                "-out", self.certificate)

    def issue(self, name, alternative="IP:127.0.0.1,DNS:localhost", start=-1, end=365):
        """Days from now of its first and last moment; (certificate, key)."""
        path = os.path.join(self.folder, name)
        openssl("req", "-new", "-config", self.conf, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}", "-keyout", path + ".key", "-out",
                path + ".csr")
        openssl("ca", "-batch", "-notext", "-config", self.conf, "-cert", self.certificate, "-keyfile", self.key,
                "-in", path + ".csr", "-startdate", instant(start), "-enddate", instant(end), "-out", path + ".pem")
        os.chmod(path + ".key", 0o600)
        return path + ".pem", path + ".key"
