# SPDX-License-Identifier: EUPL-1.2
"""The pivot in columns: the first three are the resource's own, whatever its fields are called; what is written is read."""
from pathlib import Path

from gateway import Run, check, convert, finish, folder

# Type, NDJSON, its header from the fourth column on (the order is the schema's), its row likewise.
TYPES = [
    ("etat_mensuel", '{"type":"etat_mensuel","id":"e-1","record":1,"fields":{"date_debut":"2026-01-01","type":"001","montant":"12.50"}}\n',
     "id_asp;annexe;mois;version;etat;valide_le;personne;etape;date_debut;date_fin;fields.type;heures;heures_facturees;missions;part_etp;accompagne;fin_reelle;motif_sortie;montant",
     "etat_mensuel;e-1;1;;;;;;;;;2026-01-01;;001;;;;;;;;12.50"),
    ("structure", '{"type":"structure","id":"s-1","record":1,"fields":{"siret":"78360196601442","nom":"ACI \\"du; Parc\\""}}\n', None, None),
]


def try_type(resource, line, header, row, temporary):
    file = Path(temporary) / f"{resource}.ndjson"
    file.write_text(line)
    run = convert("ndjson", "pivot-csv", file, "--resource", resource)
    written = run.out.decode().splitlines()
    check(run.code == 0 and len(written) == 2, f"{resource}: one header, one row", run.err[:400])
    check(written[0].startswith("type;id;record;"), f"{resource}: the first columns", written[0])
    check(len(set(written[0].split(";"))) == len(written[0].split(";")), f"{resource}: no column twice", written[0])
    if header:
        check(written == [f"type;id;record;{header}", row], f"{resource}: as documented", written)
    columns = Path(temporary) / f"{resource}.csv"
    columns.write_bytes(run.out)
    back = convert("pivot-csv", "ndjson", columns)
    check(back.code == 0 and back.out.decode() == line, f"{resource}: read as it was", back.err[:400])


def try_own_name(temporary):
    """`fields.` may stand before any field; a field that is not there is said."""
    file = Path(temporary) / "own.csv"
    file.write_text("type;id;record;fields.siret;nom\nstructure;s-1;1;78360196601442;ACI\n")
    run = convert("pivot-csv", "ndjson", file)
    check(run.code == 0 and b'"siret":"78360196601442"' in run.out, "fields.siret is siret", run.err[:400])
    file.write_text("type;id;record;fields.inconnu\nstructure;s-1;1;x\n")
    run = convert("pivot-csv", "ndjson", file)
    check([d["code"] for d in run.errors()] == ["pivot.field"], "a field unknown to the pivot", run.err[:400])


def fields_of_a_format():
    """`formats NAME --fields`: a line says one path, what it feeds, and what it loses."""
    said = Run("formats", "sepa-pain001", "--fields", "--lang", "en").out.decode().splitlines()
    lines = [line.split() for line in said if line.startswith("  ")]
    check(["CdtrAcct/Id/IBAN", "versement.iban_beneficiaire", "normalises"] in lines, "a field of the pivot", lines)
    check(["Amt/InstdAmt/@Ccy", "const(EUR)", "exact"] in lines, "what is theirs alone", lines)
    check(len(lines) == len(said) - said.index(next(s for s in said if s.startswith("  "))), "nothing but lines", said)


def main():
    fields_of_a_format()
    with folder() as temporary:
        for row in TYPES:
            try_type(*row, temporary)
        try_own_name(temporary)
    finish()


main()
