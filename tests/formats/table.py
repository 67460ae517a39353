# SPDX-License-Identifier: EUPL-1.2
"""The effective table of a format, as a test needs it: which native places a line names, and which lines a pivot field is named by.

A place is the path of names from the file's root, without predicates and indexes; a field is "type:label.field" as the
table writes it, list items with their key."""
import csv
import functools
import io
import re

from gateway import FORMATS, Run

FIELD = r"(?:\.\w+(?:\[[^\]]*\])*)*"
REFERENCE = re.compile(rf"[a-z_]+:[a-z_]+{FIELD}|@\w+|[a-z_]\w*{FIELD}")


def code_rows(file):
    """Of a list of the format's own; the shared ones have no conditions on what these tests change."""
    return list(csv.DictReader(io.StringIO(file.read_text()), delimiter=";")) if file.exists() else []


class Line:
    def __init__(self, cells):
        self.resource, self.field, self.path, self.convs, use, self.when, self.note, self.origin = cells
        self.use = set(use.split())
        self.type = self.resource.split(":")[0]

    def writes(self):
        if "read" in self.use or not self.path or self.path == "*" or "$name" in self.path:
            return False
        return not re.match(r"(nil|const|test|line|count|sum|now|tree|rest|ref)\b", self.convs)

    def list_name(self):
        return self.field if self.field.endswith("[]") or re.search(r"\[\]\[[^\]]*\]$", self.field) else None


class Table:
    def __init__(self, form, record):
        text = Run("formats", form, "--effective").out.decode()
        self.lines = [Line(cells) for cells in csv.reader(io.StringIO(text), delimiter=";") if len(cells) == 8 and cells[0] != "resource"]
        self.record = record  # path of a record, "Racine/InfosFoyerRSA"
        self.above = record.rsplit("/", 1)[0] if "/" in record else ""
        self.form = form
        self.lets = {l.field: l.when for l in self.lines if l.resource == "let"}
        self.scopes = {}
        for line in self.lines:
            if line.resource not in ("let", "") and line.path and (not line.field or self.is_list(line)):
                self.scopes[self.key(line)] = self.scope_place(line)

    @staticmethod
    def key(line):
        return line.resource + ("." + line.field if line.field else "")

    def is_list(self, line):
        return line.list_name() and not re.match(r"(list|member|split|join)\b", line.convs)

    def steps(self, base, path):
        path = re.sub(r"\?|\[[^\]]*\]", "", path).split("|")[0].strip().replace("'", "")
        if path.startswith("//"):
            return "/".join(p for p in (self.above, path[2:]) if p)
        if path.startswith("/"):
            base, path = self.record, path[1:]
        return base if path == "." else f"{base}/{path}" if base else path

    def holder(self, line):
        """The place of the list scope a field line stands in, else of its resource."""
        best, place = "", self.scopes.get(line.resource, self.record)
        for key, where in self.scopes.items():
            resource, dot, name = key.partition(".")
            if resource == line.resource and dot and line.field.startswith(name + ".") and len(name) > len(best):
                best, place = name, where
        return place

    def scope_place(self, line):
        within = re.match(r"in (\S+)", line.convs)
        if within:
            base = self.scopes[within[1]]
        elif line.field:
            base = self.holder(line)
        else:
            base = self.record
        return self.steps(base, line.path)

    @functools.cache
    def places(self, line):
        base = self.record if not line.resource else self.holder(line)
        return tuple(self.steps(base, p) for p in line.path.split(" + "))

    def conditions_of_lists(self, line):
        return [row["when"] for name in re.findall(r"code\(([\w-]+)", line.convs)
                for row in code_rows(FORMATS / self.form / f"codes/{name}.csv")]

    @functools.cache
    def names_in(self, line):
        """What a line's conditions name: fields ("droit.nature" of its own, or with their scope) and scopes."""
        found, todo = set(), [line.when] + self.conditions_of_lists(line) + re.findall(r"test\((.*)\)", line.convs) + re.findall(r"at=([\w.]+)", line.convs)
        while todo:
            for name in REFERENCE.findall(todo.pop()):
                if name.startswith("@"):
                    todo.append(self.lets.get(name[1:], ""))
                else:
                    found.add(name)
                    found.add(f"{line.resource}.{name}")
        return found
