# SPDX-License-Identifier: EUPL-1.2
"""Workbooks in workers, which may open nothing: read, set aside, written."""
import re
import zipfile

from daemon import BUILD, Daemon, flow_in, flow_out, law, main, same, sample

FIELDS = '"versement.*", "versement.ext", "structure.*", "structure.ext"'
FORMATS = [("helios-extrait", "helios-subventions-2026.ods", "content.xml", 3),
           ("chorus-extrait", "chorus-paiements-2026.xlsx", "xl/worksheets/sheet1.xml", 4)]


def there_and_back():
    for kind, name, part, rows in FORMATS:
        d = Daemon(kind, [flow_in("paid", kind), flow_out("told", kind, FIELDS)])
        d.drop("paid", name, sample(kind, name))
        d.once()
        found = d.exchanges()
        same([(e["direction"], e["state"], e["read"]) for e in found], [("in", "done", rows), ("out", "done", rows)], kind)
        for e in found:
            law(e)
        files = d.files_out("told")
        same(len(files), 1, "files out")
        with zipfile.ZipFile(files[0]) as z:
            same(z.testzip(), None, "sums of its parts")
            same(z.read(part).count(b"<table:table-row>") + z.read(part).count(b"<row "), rows + 1, "rows of it")


def cut_and_bad():
    """A workbook that was cut is given up; a bad row is set aside as JSON."""
    kind, name, _, _ = FORMATS[0]
    whole = sample(kind, name)
    d = Daemon("bad", [flow_in("paid", kind)])
    d.drop("paid", "a.ods", whole[:len(whole) // 2])
    d.once()
    same([e["state"] for e in d.exchanges()], ["failed"], "half of it")
    kind, name, part, _ = FORMATS[1]
    d = Daemon("bad-row", [flow_in("paid", kind)])
    d.write("good.xlsx", sample(kind, name))
    with zipfile.ZipFile(d.path("good.xlsx")) as z, zipfile.ZipFile(d.path("bad.xlsx"), "w") as to:
        for item in z.namelist():
            to.writestr(item, re.sub(rb's="5"><v>\d+</v>', b't="str"><v>2026-13-12</v>', z.read(item), count=1))
    with open(d.path("bad.xlsx"), "rb") as f:
        d.drop("paid", "bad.xlsx", f.read())
    d.once()
    same([(e["state"], e["rejected"]) for e in d.exchanges()], [("done_rejects", 1)], "a bad row")
    same([(r["line"], r["code"]) for r in d.rejects()], [(2, "mapping.date")], "what is said of it")
    d.run("rejects", "--export", d.path("rejects.xlsx"))
    with zipfile.ZipFile(d.path("rejects.xlsx")) as z:
        text = z.read("xl/worksheets/sheet1.xml").decode()
        same((text.count("<row "), "mapping.date" in text, "2026-13-12" in text), (2, True, True), "the export, as a workbook")
    d.run("rejects", "--export", d.path("rejects.csv"))
    with open(d.path("rejects.csv"), encoding="utf-8-sig") as f:
        same(len(f.read().splitlines()), 2, "the export, as text")


if __name__ == "__main__":
    assert BUILD
    main([there_and_back, cut_and_bad])
