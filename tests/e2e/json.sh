# SPDX-License-Identifier: EUPL-1.2
# What machines read: the keys and their order are a promise, the language touches only texts.

text='("([^"\\]|\\.)*"|null)'
number='([0-9]+|null)'
shape="^\\{\"file\":$text,\"line\":$number,\"column\":$number,\"byte\":$number,\"record\":$number"
shape+=",\"severity\":\"(info|warning|error)\",\"code\":\"[a-z]+\\.[a-z_]+\",\"path\":$text,\"value\":$text"
shape+=",\"message\":$text,\"advice\":$text\\}\$"

expect 1 tiny validate --json --format people people.csv
cp out.txt lines.jsonl
check "there are diagnostics" test "$(wc -l < lines.jsonl)" = 2
check "each line has the shape" test "$(grep -cvE "$shape" lines.jsonl)" = 0
check "line, record, code, path" grep -qE '"line":3,.*"record":2,"severity":"error","code":"mapping.missing","path":"nom"' lines.jsonl
check "only diagnostics on stdout, the law on stderr" grep -qE '^\{"read":4,"written":3,"filtered":0,"rejected":1,' err.txt

texts='s/"(message|advice)":"([^"\\]|\\.)*"/"\1":""/g'
expect 1 tiny validate --json --lang fr --format people people.csv
cp out.txt fr.jsonl
expect 1 tiny validate --json --lang en --format people people.csv
cp out.txt en.jsonl
check "the languages differ" bash -c '! cmp -s fr.jsonl en.jsonl'
check "in texts only" cmp -s <(sed -E "$texts" fr.jsonl) <(sed -E "$texts" en.jsonl)
LC_ALL=fr_FR.UTF-8 expect 1 tiny validate --json --format people people.csv
check "the locale chooses the language" same out.txt fr.jsonl

expect 1 tiny convert --json --from people --to ndjson people.csv
check "diagnostics of convert are on stderr" test "$(grep -cE "$shape" err.txt)" = 2
expect 1 tiny convert --from people --to ndjson --rejects rejects.fr --lang fr people.csv
expect 1 tiny convert --from people --to ndjson --rejects rejects.en --lang en people.csv
check "rejects too" cmp -s <(sed -E "$texts" rejects.fr) <(sed -E "$texts" rejects.en)

expect 1 tiny validate --lang fr --format people people.csv
cut -d: -f1-3 out.txt | grep '^people' > places.fr
expect 1 tiny validate --lang en --format people people.csv
cut -d: -f1-3 out.txt | grep '^people' > places.en
check "the same places in text" same places.fr places.en
check "an identity does not show" says_not "$out" "31/02/1990"

expect 0 tiny formats --json
check "formats: an object a line" test "$(grep -cvE '^\{"name":"[^"]+",.*\}$' out.txt)" = 0
expect 0 tiny formats --json people
check "formats NAME: counts" says "$out" '"pivot":4,"extension":0'
expect 0 "$gw" plugins --json
check "plugins: an object a line" test "$(grep -cvE '^\{"name":"[^"]+",.*"loaded":true\}$' out.txt)" = 0
