# SPDX-License-Identifier: EUPL-1.2
# A new partner's table is read and written by a folder of data alone.

check "the folder holds no program" test -z "$(find schemas/formats/newcomer -type f ! -name '*.csv' ! -name '*.conf')"

{
    printf 'N° CONTRAT;Civilité;Nom;Prenom;Né(e) le;Début;Fin\r\n'
    printf '0012;Madame;"Le Goff; épouse Roy";Maëlle;02/03/1994;01/09/2026;28/02/2027\r\n'
    printf '0013;Monsieur;Œuvrard;Jean;17/11/1971;15/10/2026;\r\n'
} | iconv -f UTF-8 -t WINDOWS-1252 > newcomer.csv

expect 0 tiny convert --from newcomer --to ndjson -o pivot.ndjson newcomer.csv
check "a line is two resources" test "$(wc -l < pivot.ndjson)" = 4
check "contracts" grep -q '"type":"etape".*"refs":{"personne":"personne-1-1"}.*"numero":"0012".*"date_debut":"2026-09-01"' pivot.ndjson
check "people" grep -q '"type":"personne".*"civilite":"MME","nom_usage":"Le Goff; épouse Roy","prenom":"Maëlle"' pivot.ndjson
expect 0 tiny convert --from ndjson --to newcomer -o back.csv pivot.ndjson
check "written, their spelling of the header comes from the table" \
    cmp -s <(tail -n +2 newcomer.csv) <(tail -n +2 back.csv)
check "the header" test "$(head -1 back.csv | iconv -f WINDOWS-1252 -t UTF-8)" = \
    "$(printf 'N° contrat;Civilité;Nom;Prénom;Né(e) le;Début;Fin\r')"

sed 's/^0012.*/0012;Mme;Roy;M;02\/03\/1994;01-09-2026;/' newcomer.csv > wrong.csv
expect 1 tiny validate --format newcomer wrong.csv
check "an unknown code is a warning" grep -q '^wrong.csv:2:6: warning: mapping.code: ' out.txt
check "a date that is required an error" grep -q '^wrong.csv:2:[0-9]*: error: mapping.convert: ' out.txt
