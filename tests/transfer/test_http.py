# SPDX-License-Identifier: EUPL-1.2
"""passerelle-http against a web server: what is fetched, sent, and said of each fault."""
import hashlib
import json
import os
import time
import unittest

from cut import Line
from program import Flow
from web import Web

STRONG = {"ETag": '"one"', "Last-Modified": "Sun, 01 Mar 2026 06:30:00 GMT"}
MODIFIED = 1772346600  # 2026-03-01T06:30:00Z


class Case(unittest.TestCase):
    def setUp(self):
        self.web = Web()
        self.addCleanup(self.web.stop)

    def flow(self, errand=None, **connector):
        return Flow("passerelle-http", self.id().rsplit(".", 1)[-1], {"url": self.web.url, **connector}, errand)

    def give(self, path, *answers):
        """These answers, one a request, the last one for ever."""
        left = list(answers)
        self.web.routes[path] = lambda request: left.pop(0) if len(left) > 1 else left[0]

    def end(self, said, end, code=None):
        self.assertEqual(said.result, (end, code), said.text)


class Fetch(Case):
    def test_name_and_time(self):
        self.give("/export/list.json", (200, STRONG, b"[1]"))
        flow = self.flow({"path": "/export/list.json?a=b%20c"})
        said = flow.fetch()
        self.end(said, "ok")
        self.assertEqual(flow.here(), {"list.json": b"[1]"})
        self.assertEqual(os.stat(flow.local + "/list.json").st_mtime, MODIFIED)
        self.assertEqual(self.web.seen[0].path, "/export/list.json?a=b%20c")
        self.assertTrue(said.step("connect")["ok"])

    def test_names_of_the_server(self):
        for i, (disposition, name) in enumerate([
                ('attachment; filename="plain.csv"', "plain.csv"),
                ('attachment; filename="../../etc/passwd"', "passwd"),
                ('attachment; filename="C:\\\\folder\\\\list.csv"', "list.csv"),
                ("attachment; filename=token.csv; size=3", "token.csv"),
                ("attachment; filename=\"no.csv\"; filename*=UTF-8''d%C3%A9p%C3%B4t.csv", "dépôt.csv"),
                ("attachment; filename*=UTF-8''..%2F..%2Fx.csv", "x.csv"),
                ('attachment; filename=".hidden"', "hidden"),
                ('attachment; filename="a\\"b.csv"', 'a"b.csv'),
                ('attachment; filename="memory.json"', "file"),
                ('attachment; filename="taken"', "file"),
                ('attachment; filename=""', "source.bin"),
                ("attachment", "source.bin")]):
            with self.subTest(disposition):
                self.give("/source.bin", (200, {"Content-Disposition": disposition}, b"x"))
                flow = self.flow({"path": "source.bin"})
                self.end(flow.fetch(), "ok")
                self.assertEqual(flow.here(), {name: b"x"})

    def test_a_name_that_repeats(self):
        self.give("/list.json", (200, {}, b"1"), (200, {}, b"2"))
        flow = self.flow({"path": "/list.json"})
        flow.fetch()
        flow.take("list.json")
        said = flow.fetch()
        self.end(said, "ok")
        self.assertEqual(said.dismissed, ["list.json"])
        self.assertRegex(said.files[0], r"^list-\d{8}T\d{6}Z\.json$")
        self.assertEqual(flow.here(), {said.files[0]: b"2"})

    def test_not_modified(self):
        for header, wanted, value in (("ETag", "If-None-Match", '"one"'),
                                      ("Last-Modified", "If-Modified-Since", STRONG["Last-Modified"])):
            with self.subTest(header):
                self.web.seen.clear()
                self.give("/a", (200, {header: value}, b"x"), (304, {}, b""), (304, {}, b""))
                flow = self.flow({"path": "/a"})
                flow.fetch()
                for _ in range(2):
                    said = flow.fetch()
                    self.end(said, "ok")
                    self.assertEqual(said.files, [])
                self.assertEqual([r.headers[wanted] for r in self.web.seen], [None, value, value])

    def test_nothing(self):
        for status, headers in ((204, {}), (200, {})):
            self.give("/a", (status, headers, b""))
            flow = self.flow({"path": "/a"})
            self.end(flow.fetch(), "ok")
            self.assertEqual(flow.here(), {})

    def test_post(self):
        self.give("/query", (200, {}, b"x"))
        flow = self.flow({"path": "/query", "method": "POST", "body": '{"since":1}',
                          "content_type": "application/json", "headers": ["X-Since: 1"]})
        self.end(flow.fetch(), "ok")
        request = self.web.seen[0]
        self.assertEqual((request.method, request.body, request.headers["Content-Type"], request.headers["X-Since"]),
                         ("POST", b'{"since":1}', "application/json", "1"))

    def test_resume(self):
        whole = os.urandom(3 << 20)

        def serve(request):
            if request.headers["Range"] is None:
                return 200, {**STRONG, "Content-Length": str(len(whole))}, whole[:2 << 20]  # cut
            start = int(request.headers["Range"][6:-1])
            return 206, {**STRONG, "Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"}, whole[start:]
        self.web.routes["/big"] = serve
        flow = self.flow({"path": "/big"})
        self.end(flow.fetch(), "retry", "transfer.cut")
        said = flow.fetch()
        self.end(said, "ok")
        self.assertEqual(flow.here()["big"] == whole, True)
        self.assertEqual((self.web.seen[1].headers["Range"], self.web.seen[1].headers["If-Range"]),
                         (f"bytes={2 << 20}-", '"one"'))
        self.assertEqual(os.stat(flow.local + "/big").st_mtime, MODIFIED)

    def test_resume_after_a_refusal(self):
        whole = os.urandom(3 << 20)
        self.give("/big", (200, {**STRONG, "Content-Length": str(len(whole))}, whole[:2 << 20]), (503, {}, b""),
                  (206, {**STRONG, "Content-Range": f"bytes {2 << 20}-{len(whole) - 1}/{len(whole)}"},
                   whole[2 << 20:]))
        flow = self.flow({"path": "/big"})
        self.end(flow.fetch(), "retry", "transfer.cut")
        self.end(flow.fetch(), "retry", "transfer.http")
        self.end(flow.fetch(), "ok")
        self.assertEqual(flow.here()["big"] == whole, True)

    def test_resume_of_another(self):
        old, new = os.urandom(3 << 20), os.urandom(3 << 20)
        for more, name in (({}, "big"), ({"Content-Disposition": "attachment; filename=other"}, "other")):
            self.give("/big", (200, {**STRONG, "Content-Length": str(len(old))}, old[:2 << 20]),
                      (200, {**STRONG, "ETag": '"two"', **more}, new))
            flow = self.flow({"path": "/big"})
            self.end(flow.fetch(), "retry", "transfer.cut")
            self.end(flow.fetch(), "ok")
            self.assertEqual((list(flow.here()), flow.here()[name] == new), ([name], True))

    def test_too_large(self):
        for headers in ({}, {"Transfer-Encoding": "chunked"}):
            body = b"x" * 2000
            if headers:
                body = b"7d0\r\n" + body + b"\r\n0\r\n\r\n"
            self.give("/a", (200, headers, body))
            flow = self.flow({"path": "/a"})
            said = flow.fetch(size_max=1999)
            self.end(said, "fail", "transfer.size")
            self.assertEqual(os.listdir(flow.local + "/taken"), [])
            self.assertEqual(flow.here(), {})

    def test_dry(self):
        self.give("/a.csv", (200, {"Content-Length": "7"}, b""))
        flow = self.flow({"path": "/a.csv"})
        said = flow.run({"verb": "fetch", "dry": True})
        self.end(said, "ok")
        self.assertEqual([(line["file"], line["size"]) for line in said.lines if "file" in line], [("a.csv", 7)])
        self.assertEqual((flow.here(), self.web.seen[0].method), ({}, "HEAD"))


class Pages(Case):
    def test_link(self):
        self.give("/p1", (200, {"Link": '</p0>; rel="prev", </p2?x=1>; title="a, b"; rel="last next"'}, b"1"))
        self.give("/p2", (200, {}, b"2"))
        flow = self.flow({"path": "/p1", "paging": "link"})
        self.end(flow.fetch(), "ok")
        self.assertEqual(flow.here(), {"p1": b"1", "p2": b"2"})
        self.assertEqual(self.web.seen[1].path, "/p2?x=1")

    def test_next(self):
        for last in ({"links": {"next": None}}, {"links": {}}):
            pages = [{"links": {"next": "?page=2"}}, {"links": {"next": self.web.url + "/list.json?page=3"}}, last]
            self.give("/list.json", *[(200, {}, json.dumps(p).encode()) for p in pages])
            flow = self.flow({"path": "/list.json", "paging": "next", "page_key": "links.next"})
            said = flow.fetch()
            self.end(said, "ok")
            self.assertEqual(said.files[0], "list.json")
            self.assertRegex(said.files[1], r"^list-\d{8}T\d{6}Z-p2\.json$")
            self.assertRegex(said.files[2], r"^list-\d{8}T\d{6}Z-p3\.json$")
            self.assertEqual([json.loads(flow.here()[name]) for name in said.files], pages)

    def test_page(self):
        for end in ((200, {}, b'{"count": 2, "items": []}'), (200, {}, b" [ ] "), (200, {}, b""), (204, {}, b""),
                    (404, {}, b"")):
            self.web.seen.clear()
            self.give("/list", (200, {}, b'{"items": [1]}'), (200, {}, b'{"items": [2]}'), end)
            flow = self.flow({"path": "/list?page=4&a=1", "paging": "page", "page_key": "page"})
            said = flow.fetch()
            self.end(said, "ok")
            self.assertEqual(len(said.files), 2)
            self.assertEqual([r.path for r in self.web.seen],
                             ["/list?a=1&page=4", "/list?a=1&page=5", "/list?a=1&page=6"])

    def test_not_modified_page_has_a_next(self):
        self.give("/p1", (200, {"ETag": '"1"', "Link": "</p2>; rel=next"}, b"1"), (304, {}, b""))
        self.give("/p2", (200, {}, b"2"))
        flow = self.flow({"path": "/p1", "paging": "link"})
        flow.fetch()
        said = flow.fetch()
        self.end(said, "ok")
        self.assertEqual([r.path for r in self.web.seen], ["/p1", "/p2", "/p1", "/p2"])

    def test_faults(self):
        other = Web()
        self.addCleanup(other.stop)
        for paging, answer, code in (
                ("link", (200, {"Link": f"<{other.url}/x>; rel=next"}, b"1"), "transfer.redirect"),
                ("link", (200, {"Link": "<file:///etc/passwd>; rel=next"}, b"1"), "transfer.redirect"),
                ("link", (200, {"Link": f"<http://a:b@{self.web.url[7:]}/x>; rel=next"}, b"1"), "transfer.redirect"),
                ("link", (200, {"Link": "</a>; rel=next"}, b"1"), "transfer.page"),
                ("next", (200, {}, b"<html>"), "transfer.page"),
                ("next", (200, {}, b'{"next": 3}'), "transfer.page"),
                ("page", (200, {}, b"[1]"), "transfer.page")):
            with self.subTest(answer=answer):
                self.give("/a", answer)
                flow = self.flow({"path": "/a", "paging": paging, "page_key": "next"})
                self.end(flow.fetch(), "fail", code)
        self.assertEqual(other.seen, [])

    def test_too_many(self):
        numbers = iter(range(100))
        self.web.routes["/a"] = lambda _: (200, {"Link": f"</a?{next(numbers)}>; rel=next"}, b"%d" % next(numbers))
        flow = self.flow({"path": "/a", "paging": "link"})
        said = flow.fetch(pages_max=3)
        self.end(said, "fail", "transfer.pages")
        self.assertEqual((len(said.files), said.end["args"]["found"]), (3, "3"))


class Refused(Case):
    def test_statuses(self):
        for status, end, code in ((400, "fail", "transfer.http"), (401, "fail", "transfer.login"),
                                  (403, "fail", "transfer.rights"), (404, "fail", "transfer.http"),
                                  (408, "retry", "transfer.http"), (429, "retry", "transfer.http"),
                                  (500, "retry", "transfer.http"), (503, "retry", "transfer.http"),
                                  (507, "retry", "transfer.full")):
            for verb in ("fetch", "send") if status in (400, 503) else ("fetch",):
                with self.subTest(status=status, verb=verb):
                    self.give("/a", (status, {"Content-Type": "application/problem+json", "Retry-After": "120"},
                                     b'{"title": "No", "detail": "Not\\ntoday"}'))
                    flow = self.flow({"path": "/a"})
                    said = flow.fetch() if verb == "fetch" else flow.send(b"x")
                    self.end(said, end, code)
                    self.assertEqual(said.end["after"], 120)
                    self.assertEqual((said.end["args"]["status"], said.end["args"]["text"]),
                                     (str(status), "Not today"))
                    self.assertEqual(said.end["args"]["partner"], "partner")

    def test_reasons(self):
        for kind, body, text in (("text/plain; charset=utf-8", "Fermé  \n".encode(), "Fermé"),
                                 ("text/html", b"<html><title>400 Bad</title><p>", "400 Bad"),
                                 ("application/json", b'{"message": "m"}', "m"),
                                 ("application/json", b"{", ""),
                                 ("text/plain", b"x" * 5000, "x" * 196)):
            self.give("/a", (400, {"Content-Type": kind}, body))
            self.assertEqual(self.flow({"path": "/a"}).fetch().end["args"]["text"], text)

    def test_redirects(self):
        other = Web()
        self.addCleanup(other.stop)
        self.give("/there", (200, {}, b"x"))
        for status, to, end in ((301, "/there", ("ok", None)), (302, self.web.url + "/there", ("ok", None)),
                                (307, "there", ("ok", None)),
                                (302, other.url + "/there", ("fail", "transfer.redirect")),
                                (302, "/a", ("fail", "transfer.redirect")), (302, "", ("fail", "transfer.redirect")),
                                (302, "file:///etc/passwd", ("fail", "transfer.redirect"))):
            with self.subTest(status=status, to=to):
                self.give("/a", (status, {"Location": to}, b""))
                self.assertEqual(self.flow({"path": "/a"}).fetch().result, end)
        self.assertEqual(other.seen, [])

    def test_ways(self):
        quiet = Web()
        quiet.routes["/slow"] = lambda _: time.sleep(3)
        self.addCleanup(quiet.stop)
        for url, path, code in (("http://no-such-host.invalid", "/a", "transfer.resolve"),
                                ("http://127.0.0.1:1", "/a", "transfer.connect"),
                                (quiet.url, "/slow", "transfer.timeout")):
            with self.subTest(url=url):
                said = self.flow({"path": path}, url=url, timeout=1).fetch()
                self.end(said, "retry", code)
                self.assertEqual([line["ok"] for line in said.lines
                                  if line.get("step") == said.end["step"] and "ok" in line], [False])
        self.web.routes["/a"] = lambda _: None
        self.end(self.flow({"path": "/a"}).fetch(), "retry", "transfer.cut")

    def test_headers_cannot_be_split(self):
        self.give("/a", (200, {}, b"x"))
        said = self.flow({"path": "/a"}).fetch(headers=["X: 1\r\nY: 2"])
        self.end(said, "fail", "transfer.errand")
        self.assertEqual(self.web.seen, [])


class Send(Case):
    def test_post(self):
        self.give("/depot", (201, {}, b""))
        flow = self.flow({"path": "/depot", "content_type": "application/xml", "headers": ["X-A: b"]})
        content = os.urandom(3 << 20)
        for _ in range(2):
            self.end(flow.send(content), "ok")
        flow.send(content, name="b.xml")
        flow.send(b"other")
        first, again, other_name, other_file = self.web.seen
        self.assertEqual((first.method, first.body, first.headers["Content-Type"], first.headers["X-A"]),
                         ("POST", content, "application/xml", "b"))
        keys = [r.headers["Idempotency-Key"] for r in (first, again, other_name, other_file)]
        of_all = b"flow\0a.xml\0" + hashlib.sha256(content).digest()
        self.assertEqual(keys[0], hashlib.sha256(of_all).hexdigest()[:32])
        self.assertEqual(keys[0], keys[1])
        self.assertEqual(len(set(keys)), 3)

    def test_put_under_its_name(self):
        self.give("/depot/d%C3%A9p%C3%B4t%20%3F%2B.xml", (204, {}, b""))
        self.end(self.flow({"path": "/depot/{name}", "method": "PUT"}).send(b"x", name="dépôt ?+.xml"), "ok")
        self.assertEqual((self.web.seen[0].method, self.web.seen[0].body), ("PUT", b"x"))

    def test_taken(self):
        for status in (409, 412):
            self.give("/depot", (status, {}, b""))
            said = self.flow({"path": "/depot"}).send(b"x")
            self.end(said, "fail", "transfer.name_taken")
            self.assertEqual(said.end["args"]["found"], "a.xml")

    def test_cut_after_the_body(self):
        self.web.routes["/depot"] = lambda _: None
        said = self.flow({"path": "/depot"}).send(b"x")
        self.end(said, "doubt", "transfer.doubt")
        self.assertEqual(said.end["args"]["complete"], "no")
        self.end(self.flow({"path": "/depot", "method": "PUT"}).send(b"x"), "retry", "transfer.cut")

    def test_cut_in_the_body(self):
        self.give("/depot", (200, {}, b""))
        for method in ("POST", "PUT"):
            line = Line(int(self.web.url.rsplit(":", 1)[1]), cut_at=1 << 20)
            flow = self.flow({"path": "/depot", "method": method}, url=f"http://127.0.0.1:{line.port}")
            content = bytes(24 << 20)  # more than sockets hold: what they have may have arrived
            self.end(flow.send(content), "retry", "transfer.cut")
            self.end(flow.send(content), "ok")

    def test_not_connected_is_no_doubt(self):
        self.end(self.flow({"path": "/depot"}, url="http://127.0.0.1:1").send(b"x"), "retry", "transfer.connect")

    def test_redirect(self):
        self.give("/there", (200, {}, b""))
        self.give("/a", (308, {"Location": "/there"}, b""))
        self.give("/b", (302, {"Location": "/there"}, b""))
        self.end(self.flow({"path": "/a"}).send(b"content"), "ok")
        self.assertEqual(self.web.seen[-1].body, b"content")
        self.end(self.flow({"path": "/b"}).send(b"content"), "fail", "transfer.redirect")

    def test_dry(self):
        self.end(self.flow({"path": "/depot"}).send(b"x", dry=True), "ok")
        self.assertEqual([(r.method, r.body) for r in self.web.seen], [("HEAD", b"")])


class Credentials(Case):
    def test_kinds(self):
        self.give("/a", (200, {}, b""))
        for auth, more, header, value in (
                ("none", {}, "Authorization", None),
                ("basic", {"user": "é:", "password": "pass"}, "Authorization", "Basic w6k6OnBhc3M="),
                ("bearer", {"token": "pass"}, "Authorization", "Bearer pass"),
                ("api_key", {"token": "pass"}, "X-Api-Key", "pass"),
                ("api_key", {"token": "pass", "token_header": "X-Own"}, "X-Own", "pass")):
            with self.subTest(auth):
                self.web.seen.clear()
                flow = self.flow({"path": "/a"}, auth=auth)
                flow.connector.update({k: flow.secret(k, v) if v == "pass" else v for k, v in more.items()})
                self.end(flow.fetch(), "ok")
                self.assertEqual(self.web.seen[0].headers[header], value)

    def test_absent(self):
        for more, code in (({"token": "env:NOT_THERE"}, "secret.absent"), ({}, "transfer.secret")):
            self.end(self.flow({"path": "/a"}, auth="bearer", **more).fetch(), "fail", code)
        flow = self.flow({"path": "/a"}, auth="bearer")
        flow.connector["token"] = flow.secret("token", "a\r\nX: b\nc")
        self.end(flow.fetch(), "fail", "transfer.secret")
        self.assertEqual(self.web.seen, [])

    def test_not_in_clear(self):
        flow = self.flow({"path": "/a"}, auth="bearer", url="http://192.0.2.1")
        flow.connector["token"] = flow.secret("token", "secret")
        self.end(flow.fetch(), "fail", "transfer.clear")

    def test_an_echo_of_the_secret_is_not_repeated(self):
        self.give("/a", (401, {"Content-Type": "text/plain"}, b"bad token s3cr3t-value"))
        flow = self.flow({"path": "/a"}, auth="bearer")
        flow.connector["token"] = flow.secret("token", "s3cr3t-value")
        said = flow.fetch()
        self.end(said, "fail", "transfer.login")
        self.assertNotIn("s3cr3t", said.text)

    def test_environment_and_netrc_are_not_read(self):
        self.give("/a", (200, {}, b"x"))
        flow = self.flow({"path": "/a"})
        with open(flow.folder + "/.netrc", "w", encoding="utf-8") as f:
            f.write("default login a password b\n")
        env = {"HOME": flow.folder, "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
        self.end(flow.run({"verb": "fetch"}, env=env), "ok")
        self.assertIsNone(self.web.seen[0].headers["Authorization"])

    def test_proxy(self):
        self.give("http://far.invalid/a", (200, {}, b"x"))
        flow = self.flow({"path": "/a"}, url="http://far.invalid", proxy=self.web.url)
        self.end(flow.fetch(), "ok")
        self.assertEqual(flow.here(), {"a": b"x"})

    def test_pace(self):
        self.give("/list", (200, {}, b"[1]"), (200, {}, b"[2]"), (404, {}, b""))
        begun = time.monotonic()
        flow = self.flow({"path": "/list", "paging": "page", "page_key": "p"}, requests_per_minute=200)
        self.end(flow.fetch(), "ok")
        self.assertGreaterEqual(time.monotonic() - begun, 0.6)


class Tokens(Case):
    """RFC 6749, 4.4."""

    def setUp(self):
        super().setUp()
        self.valid = "t0"
        self.issued = []
        self.web.routes["/token"] = self.issue
        self.web.routes["/a"] = lambda r: \
            (200 if r.headers["Authorization"] == "Bearer " + self.valid else 401, {}, b"")

    def issue(self, request):
        self.valid = f"t{len(self.issued) + 1}"
        self.issued.append(request)
        return 200, {"Content-Type": "application/json"}, json.dumps(
            {"access_token": self.valid, "token_type": "Bearer", "expires_in": self.life}).encode()

    def client(self, secret="a secret"):
        flow = self.flow({"path": "/a"}, auth="oauth2", token_url=self.web.url + "/token", client_id="me:you",
                         scope="read write")
        flow.connector["client_secret"] = flow.secret("client", secret)
        return flow

    def test_asked_once_for_many_runs(self):
        self.life = 3600
        flow = self.client()
        for _ in range(3):
            self.end(flow.fetch(), "ok")
        self.assertIn(len(self.issued), (1, 3))  # 3: a machine whose keyring is closed to us
        request = self.issued[0]
        self.assertEqual((request.method, request.body),
                         ("POST", b"grant_type=client_credentials&scope=read%20write"))
        self.assertEqual(request.headers["Authorization"], "Basic bWUlM0F5b3U6YSUyMHNlY3JldA==")
        for _, _, files in os.walk(flow.folder):
            self.assertFalse({"token", ".token"} & set(files))

    def test_withdrawn(self):
        self.life = 3600
        flow = self.client()
        self.end(flow.fetch(), "ok")
        self.valid = "withdrawn"
        self.end(flow.fetch(), "ok")
        self.assertEqual(len(self.issued), 2)

    def test_refused_for_good(self):
        self.life = 3600
        self.web.routes["/a"] = lambda _: (401, {}, b"")
        flow = self.client()
        self.end(flow.fetch(), "fail", "transfer.login")
        self.assertEqual(len(self.issued), 1)
        self.end(flow.fetch(), "fail", "transfer.login")
        self.assertEqual(len(self.issued), 2)

    def test_short_lived(self):
        self.life = 20
        flow = self.client()
        for _ in range(2):
            self.end(flow.fetch(), "ok")
        self.assertEqual(len(self.issued), 2)

    def test_faults(self):
        for answer, end in (((400, {"Content-Type": "application/json"}, b'{"error": "invalid_scope"}'), "fail"),
                            ((401, {}, b"no a%20secret"), "fail"), ((503, {"Retry-After": "9"}, b""), "retry"),
                            ((200, {}, b"{}"), "fail"), ((200, {}, b'{"access_token": "a\\nb"}'), "fail")):
            with self.subTest(answer=answer):
                self.give("/token", answer)
                said = self.client().fetch()
                self.end(said, end, "transfer.token")
                self.assertEqual(said.end["step"], "token")
                self.assertEqual(said.end["after"], 9 if end == "retry" else 0)
                self.assertNotIn("secret", said.text)

    def test_never_in_clear(self):
        flow = self.client()
        flow.connector["token_url"] = "http://192.0.2.1/token"
        self.end(flow.fetch(), "fail", "transfer.clear")


class Probe(Case):
    def test_probe(self):
        for out, status, end in ((False, 200, ("ok", None)), (False, 405, ("ok", None)), (True, 404, ("ok", None)),
                                 (False, 404, ("fail", "transfer.http")), (True, 401, ("fail", "transfer.login")),
                                 (True, 503, ("retry", "transfer.http"))):
            with self.subTest(out=out, status=status):
                self.web.seen.clear()
                self.give("/a/", (status, {}, b""))
                said = self.flow({"path": "/a/{name}"}).probe(out=out)
                self.assertEqual(said.result, end)
                self.assertEqual([r.method for r in self.web.seen], ["HEAD"])
                good = end[0] == "ok"
                step = "login" if good or status == 401 else "write" if out else "read"
                self.assertEqual(said.step(step)["ok"], good)


if __name__ == "__main__":
    unittest.main()
