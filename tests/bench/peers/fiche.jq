# SPDX-License-Identifier: EUPL-1.2
# The flat projection of tests/bench/formats/fiche-plat: jq -r -f fiche.jq FILE
def day: .[6:] + "-" + .[3:5] + "-" + .[:2];
def truth: if . == true then "oui" elif . == false then "non" else "" end;
{"01": "MISSION_LOCALE", "02": "CAP_EMPLOI", "03": "FRANCE_TRAVAIL", "04": "PLIE"} as $sender |
{"40": "BAC"} as $level |
"siret;mesure;pass;id;civilite;nom;prenom;naissance;lieu;debut;fin;nir;numero;voie;nom_voie;commune;code_postal;orienteur;formation;sans_ressource;rqth",
(.lignesTelechargement[] | .personnePhysique as $p | .adresse as $a | .situationSalarie as $s |
 [.siret, (.mesure | split("_")[0]), $p.passIae, $p.idItou, $p.civilite, $p.nomUsage, $p.prenom,
  ($p.dateNaissance | day), ($p.codeComInsee.codeComInsee // ""), ($p.passDateDeb | day), ($p.passDateFin | day),
  $p.salarieNIR, ($a.adrNumeroVoie // ""), $a.codetypevoie, $a.adrLibelleVoie, $a.codeinseecom, $a.codepostalcedex,
  $sender[$s.orienteur], $level[$s.niveauFormation], ($s.salarieSansRessource | truth), ($s.salarieRQTH | truth)]
 | join(";"))
