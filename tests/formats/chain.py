# SPDX-License-Identifier: EUPL-1.2
"""One person and one SIAE followed through the formats of those who deal with them: chain.py EXECUTABLE SOURCE_DIR [OUT].

A household comes from the CAF. At each step somebody adds what only they know (chain/STEP.ndjson: resources of the
pivot, or more fields of one that is there), and what all of them know together is written in the format of the next.
With OUT the files stay there.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOUSEHOLD = "cnaf-rsa/samples/CG054.RSABEM20260905.xml"
# who adds what, and the formats that are written then; the day is that of the message
STEPS = [
    ("orientation", "le département oriente", [
        ("france-travail-rechercher-usager", "json"), ("france-travail-orientation-creation", "json"), ("rdv-insertion-usagers", "csv")], "2026-09-14"),
    ("fiche", "la SIAE embauche", [("asp-fiche-salarie", "json")], "2026-10-05"),
    ("etat-mensuel", "la SIAE déclare le mois", [("asp-etat-mensuel", "csv")], "2026-11-05"),
    ("annexe", "l'État et la SIAE : les chiffres de l'annexe", [("asp-annexe-financiere", "csv")], "2026-11-10"),
    ("versement", "le payeur ordonne", [("sepa-pain001", "xml")], "2026-11-12"),
]


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def merge(world, more):
    """Resources join those that are known; one that is known learns more."""
    for resource in more:
        known = world.setdefault(resource["id"], {"type": resource["type"], "id": resource["id"], "record": resource["record"]})
        for part in ("refs", "fields", "ext"):
            if part in resource:
                known.setdefault(part, {}).update(resource[part])


class Chain:
    def __init__(self, executable, source, out):
        self.executable, self.formats, self.out, self.world = executable, Path(source) / "schemas/formats", Path(out), {}

    def convert(self, source, target, path, *options):
        done = subprocess.run([self.executable, "convert", "--json", "--from", source, "--to", target, *options, path],
                              capture_output=True, check=False)
        said = lines(done.stderr.decode())
        faults = [d for d in said if d.get("severity") == "error"]
        if done.returncode or faults:
            raise RuntimeError(f"{source} > {target}: exit {done.returncode} {faults or done.stderr.decode()[-500:]}")
        return done.stdout

    def start(self):
        everything = lines(self.convert("cnaf-rsa", "ndjson", self.formats / HOUSEHOLD).decode())
        merge(self.world, [r for r in everything if r["record"] == 1])

    def pivot(self):
        path = self.out / "pivot.ndjson"
        order = sorted(self.world.values(), key=lambda r: r["record"])
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in order), encoding="utf-8")
        return path

    def run(self):
        """For each format: who, its name, its file, and the resources that are read from that again."""
        self.start()
        for name, who, formats, day in STEPS:
            merge(self.world, lines((HERE / "chain" / f"{name}.ndjson").read_text(encoding="utf-8")))
            for target, ending in formats:
                path = self.out / f"{target}.{ending}"
                path.write_bytes(self.convert("ndjson", target, self.pivot(), "--date", day))
                yield who, target, path, lines(self.convert(target, "ndjson", path, "--date", day).decode())


def show(chain):
    for who, target, path, read in chain.run():
        people = [r["fields"] for r in read if r["type"] == "personne"]
        siae = [r["fields"].get("siret") or r["fields"].get("nom") or r["fields"].get("id_asp")
                for r in read if r["type"] == "structure"]
        names = [" ".join(filter(None, (p.get("prenom"), p.get("nom_usage"), p.get("nir") or p.get("id_asp")))) for p in people]
        print(f"{who} -> {target}: {path.stat().st_size} octets ; {', '.join(filter(None, names + siae))}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="passerelle-chain-") as scratch:
        show(Chain(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else scratch))
