# SPDX-License-Identifier: EUPL-1.2
"""Numbers for Prometheus: on loopback only, two pages, and the numbers of the store."""
import http.client
import json
import re
import socket

from daemon import Daemon, flow_in, flow_out, main, same

BAD = '{"type":"personne","id":"p","record":2,"fields":{"id_departement":"77","date_naissance":"soon"}}\n'
PERSON = '{"type":"personne","id":"p","record":1,"fields":{"id_departement":"1","nom_usage":"Quatrebarbes"}}\n'
OTHER = PERSON.replace("Quatrebarbes", "Cinqbarbes").replace('"record":1', '"record":3')


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def with_metrics(name, address):
    d = Daemon(name, [flow_in("people", "ndjson"), flow_out("all", "ndjson")])
    with open(d.path("gateway.conf"), encoding="utf-8") as f:
        text = f.read()
    d.write("gateway.conf", f'metrics = "{address}";\n' + text)
    return d


def ask(port, path, method="GET"):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request(method, path)
    answer = c.getresponse()
    body = answer.read().decode()
    c.close()
    return answer.status, body


def numbers():
    port = free_port()
    d = with_metrics("numbers", f"127.0.0.1:{port}")
    d.start()
    d.drop("people", "1.ndjson", PERSON + BAD + OTHER)
    d.wait(lambda: '"event":"exchange.delivered"' in d.log(), "the delivery")
    status, page = ask(port, "/metrics")
    same(status, 200, page)
    found = dict(re.findall(r"^passerelle_(\S+) (\d+)$", page, re.M))
    for name, value in {
            'exchanges{flow="people",direction="in",state="done_rejects"}': "1",
            'exchanges{flow="all",direction="out",state="done"}': "1",
            'records{flow="people",outcome="read"}': "3",
            'records{flow="people",outcome="accepted"}': "2",
            'records{flow="people",outcome="filtered"}': "0",
            'records{flow="people",outcome="rejected"}': "1",
            'resources{flow="people",outcome="created"}': "1",
            'exchanges_noted{flow="people"}': "1",
            'rejects_open{flow="people"}': "1",
            'deliveries_due{flow="all"}': "0",
            'flow_troubles{flow="people"}': "0",
            "worker_deaths_total": "0",
            "stored_units": "1"}.items():
        same(found.get(name), value, name)
    same(int(found['last_success_timestamp_seconds{flow="people"}']) > 1600000000, True, "last success")
    for line in page.splitlines():
        same(bool(re.fullmatch(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? \d+', line)), True, line)
    same("Quatrebarbes" in page, False, "nothing of a record")
    same(ask(port, "/health"), (200, "ok\n"), "health")
    same(ask(port, "/")[0], 404, "nothing else")
    same(ask(port, "/metrics/x")[0], 404, "nothing else")
    same([ask(port, "/metrics", m)[0] for m in ("POST", "DELETE", "PUT")], [405] * 3, "only GET")
    d.stop()


def silent_clients():
    """Somebody who connects and says nothing stops neither the others nor the work."""
    port = free_port()
    d = with_metrics("silent", f"127.0.0.1:{port}")
    d.start()
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    d.drop("people", "1.ndjson", PERSON)
    d.wait(lambda: '"event":"exchange.done"' in d.log(), "the file")
    same(ask(port, "/health")[0], 200, "health")
    for s in silent:
        s.close()
    d.stop()


def port_taken():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        d = with_metrics("taken", f"127.0.0.1:{s.getsockname()[1]}")
        d.start()
        same('"event":"metrics.failed"' in d.log(), True, "said")
        d.drop("people", "1.ndjson", PERSON)
        d.wait(lambda: '"event":"exchange.done"' in d.log(), "it works without")
        d.stop()


def loopback_only():
    for address in ("0.0.0.0:9464", "192.168.1.2:9464", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "[::]:9464"):
        d = with_metrics("loopback", address)
        said = [json.loads(x) for x in d.run("check", "--json", expect=2).stderr.splitlines() if x.startswith("{")]
        found = [x for x in said if x["code"] == "conf.metrics"]
        same((len(found), found[0]["line"]) if found else said, (1, 1), address)
        d.run("run", "--once", expect=2)
    with_metrics("loopback", "[::1]:9464").run("check")


if __name__ == "__main__":
    main([numbers, silent_clients, port_taken, loopback_only])
