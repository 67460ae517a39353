# SPDX-License-Identifier: EUPL-1.2
"""Debian's nginx, in a scratch folder, on free ports of this machine."""
import os
import socket
import subprocess
import time

from authority import free_port

HEAD = """{user}daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; default_type application/octet-stream; client_max_body_size 0;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
"""
SERVER = """  server {{ listen {address}:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; {more}
    root {root}; location / {{ autoindex on; dav_methods PUT; create_full_put_path on; }}
    location /guarded/ {{ auth_basic "x"; auth_basic_user_file {folder}/users; }}
  }}
"""


def reachable(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def wait_for(port, process):
    until = time.monotonic() + 10
    while not reachable(port):
        if time.monotonic() > until or process.poll() is not None:
            raise AssertionError(f"nothing listens on {port}")
        time.sleep(0.02)


class Nginx:
    def __init__(self, folder):
        self.folder, self.root = folder, os.path.join(folder, "www")
        os.makedirs(self.root)
        self.servers, self.process = [], None

    def add(self, pair, more="", address="127.0.0.1"):
        """A server with that (certificate, key); its port."""
        port = free_port()
        self.servers.append(SERVER.format(port=port, certificate=pair[0], key=pair[1], more=more, root=self.root,
                                          folder=self.folder, address=address))
        self.port = port
        return port

    def users(self, name, password):
        line = subprocess.run(["openssl", "passwd", "-apr1", "-stdin"], input=password, text=True, check=True,
                              capture_output=True).stdout
        with open(os.path.join(self.folder, "users"), "w", encoding="utf-8") as f:
            f.write(f"{name}:{line}")

    def start(self):
        conf = os.path.join(self.folder, "conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(HEAD.format(folder=self.folder, user="user root; " if os.geteuid() == 0 else ""))
            f.write("".join(self.servers) + "}\n")
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.folder, "-c", conf], stdout=log,
                                            stderr=log)
        wait_for(self.port, self.process)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=10)

    def write(self, name, content):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content)
