# SPDX-License-Identifier: EUPL-1.2
# A regular OUT is whole or not there; what a failed run leaves is called .partial.

grep -v '^A2' people.csv > good.csv
seq 1 40000 | sed 's/.*/B&;Nom&;Prénom;01\/02\/1990/' | cat <(head -1 people.csv) - > many.csv
gzip -c many.csv > many.gz
head -c $(($(stat -c %s many.gz) / 2)) many.gz > cut.gz

expect 0 tiny convert --from people --to people -o out.csv good.csv
check "OUT is written" same out.csv good.csv
check "no .partial stays" absent out.csv.partial
check "nothing on stdout" test ! -s out.txt

echo before > out.csv
expect 3 tiny convert --from people --to people -o out.csv cut.gz
check "OUT stays as it was" test "$(cat out.csv)" = before
check "what there was is .partial" test -s out.csv.partial
check "good records before the damage are kept" cmp -s <(head -1000 many.csv) <(head -1000 out.csv.partial)
check "the damage is said" says "$err" "input."

expect 1 tiny convert --from people --to people -o out.csv people.csv
check "rejects do not keep the rest back" same out.csv good.csv

expect 0 bash -c '"$0" convert --schemas schemas --from people --to people - < good.csv' "$gw"
check "- is stdin; stdout is the default" same out.txt good.csv
expect 0 bash -c '"$0" convert --schemas schemas --from people --to people -o - < good.csv' "$gw"
check "stdin is the default; - is stdout" same out.txt good.csv
expect 0 bash -c '"$0" convert --schemas schemas --from people --to people < many.gz | cmp - many.csv' "$gw"
expect 0 bash -c 'cat many.csv | "$0" convert --schemas schemas --from people --to ndjson - |
                  "$0" convert --schemas schemas --from ndjson --to people - | cmp - many.csv' "$gw"

mkdir folder
expect 0 tiny convert --from people --to people -o folder/ good.csv
check "a folder gets one file" test "$(find folder -type f | wc -l)" = 1
check "with the records" same "$(find folder -type f)" good.csv

expect 1 tiny convert --from people --to ndjson --rejects rejects.jsonl people.csv
check "a line a reject" test "$(wc -l < rejects.jsonl)" = 1
shape='^\{"record":2,"raw":"A2;;Paul;03/04/1985\\n","diagnostics":\[\{"file":"people.csv","line":3,'
check "record, raw, diagnostics" grep -qE "$shape" rejects.jsonl

printf 'identifiant;nom;prenom;naissance\nC1;;Andr\351;\nC2;Bon;;\n' > latin.csv
expect 1 tiny convert --from people --to ndjson --encoding windows-1252 --rejects rejects.jsonl latin.csv
check "other bytes are base64" grep -q "\"raw_base64\":\"$(printf 'C1;;Andr\351;\n' | base64)\"" rejects.jsonl

expect 0 tiny convert --from people --to ndjson --rejects rejects.jsonl good.csv
check "no reject, an empty file" test ! -s rejects.jsonl

mkdir -p elsewhere
expect 0 bash -c 'cd elsewhere && "$0" formats' "$gw"
check "plugins and schemas are found from anywhere" says "$out" "ndjson"
ln -sf "$gw" elsewhere/link
expect 0 elsewhere/link formats
