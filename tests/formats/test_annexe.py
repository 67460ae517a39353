# SPDX-License-Identifier: EUPL-1.2
"""asp-annexe-financiere: the arithmetic of the total, with line and column; the number in three columns; the trailer."""
import gzip
from pathlib import Path

from gateway import FORMATS, check, convert, finish, folder, resources

FORM = "asp-annexe-financiere"
PLAIN = FORMATS / FORM / "samples/fluxIAE_AnnexeFinanciere_10032026_063004.csv"
CLOSED = FORMATS / FORM / "samples/fluxIAE_AnnexeFinanciere_17032026_063102.csv"


class Dump:
    def __init__(self, file):
        self.lines = file.read_text().split("\n")
        self.header = self.lines[1].split("|")

    def cells(self, line):
        return self.lines[line - 1].split("|")

    def column(self, line, name):
        """Where the cell begins, from 1, in characters."""
        return sum(len(cell) + 1 for cell in self.cells(line)[:self.header.index(name)]) + 1

    def put(self, line, name, text):
        cells = self.cells(line)
        cells[self.header.index(name)] = text
        self.lines[line - 1] = "|".join(cells)

    def write(self, file):
        file.write_text("\n".join(self.lines))
        return file


# line of the file, column, new text, right or wrong. 168232.30 = 20642.00 x 8.15; 109402.64 = 8 x 13675.33.
TOTALS = [
    (3, "af_montant_total_annuel", "168232.31", False),
    (3, "af_montant_total_annuel", "168232.29", False),
    (3, "af_etp_postes_insertion", "8.16", False),
    (3, "af_montant_unitaire_annuel_valeur", "20642.01", False),
    (3, "af_date_fin_effet", "30/11/2025", False),
    (4, "af_montant_total_annuel", "109402.60", False),  # 8 x 20642.00 x 7.95 / 12, rounded at the end: not the ASP's way
    (4, "af_date_debut_effet", "31/05/2025", True),  # months are counted whole
    (4, "af_date_debut_effet", "01/06/2025", False),
    (5, "af_etp_postes_insertion", "1.00", True),  # FDI: no amounts, not judged
]


def totals(temporary):
    for line, name, text, right in TOTALS:
        dump = Dump(PLAIN)
        dump.put(line, name, text)
        file = dump.write(Path(temporary) / PLAIN.name)
        run = convert(FORM, FORM, file)
        said = run.errors()
        what = f"line {line}, {name} {text}"
        if right:
            check(run.code == 0 and not said and run.out == file.read_bytes(), f"{what}: right", said)
            continue
        check(run.code == 1 and len(said) == 1 and said[0]["code"] == "iae.annexe_amount", f"{what}: told", run.said)
        place = {k: said[0][k] for k in ("line", "column", "path")} if said else {}
        wanted = {"line": line, "column": dump.column(line, "af_montant_total_annuel"), "path": "af_montant_total_annuel"}
        check(place == wanted, f"{what}: line and column of the total", f"{place} for {wanted}")
        check(run.out.count(b"\n") == PLAIN.read_text().count("\n") - 1, f"{what}: the other rows are written")


# Cells that break, the code.
BROKEN = [
    ("af_numero_annexe_financiere", "ACI05425001", "iae.annexe_shape"),
    ("af_mesure_dispositif_code", "XYZ_DC", "schema.code"),
    ("af_etat_annexe_financiere_code", "VALIDEE", "mapping.code"),
    ("af_date_debut_effet", "2025-01-01", "mapping.convert"),
    ("af_date_fin_effet", "31/02/2025", "mapping.date"),
    ("af_indicateur_suspension", "non", "mapping.convert"),
    ("af_id_structure", "", "mapping.missing"),
]


def cells(temporary):
    for name, text, code in BROKEN:
        dump = Dump(PLAIN)
        dump.put(5, name, text)
        run = convert(FORM, "ndjson", dump.write(Path(temporary) / PLAIN.name))
        hit = [d for d in run.errors() if d["code"] == code and d["path"] == name and d["line"] == 5]
        check(run.code == 1 and hit and hit[0]["column"] == dump.column(5, name), f"{name} {text!r}: {code}, line and column", run.said)


def trailer(temporary):
    check(b"FIN" not in convert(FORM, FORM, PLAIN).out, "no FIN is written where there was none")
    check(b"\nFIN3|" in convert(FORM, FORM, CLOSED).out, "FIN is written where it was")
    wrong = Path(temporary) / CLOSED.name
    wrong.write_text(CLOSED.read_text().replace("\nFIN3|", "\nFIN4|"))
    run = convert(FORM, FORM, wrong)
    check(run.code == 0 and [d["code"] for d in run.said if d["code"] == "mapping.total"], "a wrong count is a warning", run.said)
    check(b"\nFIN3|" in run.out, "the count written is that of the rows")


def packed(temporary):
    file = Path(temporary) / (PLAIN.name + ".gz")
    file.write_bytes(gzip.compress(PLAIN.read_bytes()))
    check(convert(FORM, FORM, file).out == PLAIN.read_bytes(), "gzip is unpacked")
    bom = Path(temporary) / PLAIN.name
    bom.write_bytes(b"\xef\xbb\xbf" + PLAIN.read_bytes())
    check(convert(FORM, FORM, bom).out == PLAIN.read_bytes(), "a BOM is taken off")


def joined_lines(temporary):
    """A raw line end at the end of a cell: the next line begins with |. The cell's edge is trimmed like any other."""
    dump = Dump(PLAIN)
    dump.put(5, "af_description_action", "deux lignes\n")
    file = dump.write(Path(temporary) / PLAIN.name)
    run = convert(FORM, FORM, file)
    check(run.code == 0 and run.out == file.read_bytes().replace(b"deux lignes\n|", b"deux lignes|"),
          "a line that begins with | goes on with the one before", run.err[:300])


def composed():
    first = next(r for r in resources(convert(FORM, "ndjson", PLAIN)) if r["type"] == "annexe_financiere")["fields"]
    check(first["numero"] == "ACI054250001A0M1", "the number is made of three columns", first["numero"])
    check([c["financeur"] for c in first["cofinancements"]] == ["COMMUNE", "INTERCOMMUNALITE", "DEPARTEMENT", "REGION", "ETAT", "FSE", "PLIE",
                                                                "AGEFIPH", "AUTRE_PUBLIC", "FONDATION"], "co-funders are a list")


def main():
    with folder() as temporary:
        totals(temporary)
        cells(temporary)
        trailer(temporary)
        packed(temporary)
        joined_lines(temporary)
        composed()
    finish()


main()
