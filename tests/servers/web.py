# SPDX-License-Identifier: EUPL-1.2
"""A web server whose answers a test writes: what nginx does not do by itself (tokens, pages, cuts)."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        self.server.seen.append(request)
        answer = self.server.routes.get(self.path.split("?")[0], lambda r: (404, {}, b""))(request)
        self.close_connection = True
        if answer is None:  # cut before a word
            return
        status, headers, body = answer
        self.send_response(status)
        headers = {"Connection": "close", **headers}
        if status != 204 and not {"Content-Length", "Transfer-Encoding"} & set(headers):
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = answer


class Web:
    """`routes`: path -> function of a Request that gives (status, headers, body), or None to cut."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.seen, self.server.routes = [], {}
        self.routes, self.seen = self.server.routes, self.server.seen
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
