# SPDX-License-Identifier: EUPL-1.2
# Exit codes, the highest wins, warnings never count: 0 done, 1 rejects, 2 usage, 3 the stream, 4 the world.

grep -v '^A2' people.csv > good.csv
head -1 people.csv > empty.csv
sed '1s/nom;/nm;/' people.csv > header.csv
gzip -c good.csv > whole.gz
head -c $(($(stat -c %s whole.gz) - 12)) whole.gz > cut.gz

expect 0 tiny convert --from people --to people good.csv
check "a warning is said" says "$err" "mapping.date"
check "what could not be read goes out as it came in" same out.txt good.csv
expect 0 tiny validate --format people good.csv
expect 0 tiny convert --from people --to ndjson empty.csv
expect 0 tiny convert --from people --to people whole.gz
check "gzip is unpacked" same out.txt good.csv

expect 1 tiny convert --from people --to ndjson people.csv
check "the law is on stderr" says "$err" "read 4 = written 3 + filtered 0 + rejected 1"
expect 1 tiny validate --format people people.csv
check "place, severity, code" says "$out" "people.csv:3:1: error: mapping.missing: "

expect 2 "$gw"
expect 2 "$gw" convrt
check "a verb is suggested" says "$err" "convert"
expect 2 tiny convert
expect 2 tiny convert --from people good.csv
check "which option is missing" says "$err" "--to"
check "with an example" says "$err" "passerelle convert --from"
expect 2 tiny convert --from people --to ndjson --rejets x good.csv
check "an option is suggested" says "$err" "--rejects"
expect 2 tiny convert --from people --to
expect 2 tiny convert --from people --to ndjson good.csv another.csv
expect 2 tiny convert --from people --to ndjson --date 31/12/2026 good.csv
expect 2 tiny convert --from people --to ndjson -o nowhere/ good.csv
expect 2 tiny validate --lang de --format people good.csv
expect 2 tiny convert --from broken --to ndjson good.csv
check "a faulty table is named with its line" says "$err" "fields.csv:6"
expect 2 "$gw" validate --schemas nowhere --format people good.csv

expect 3 tiny convert --from peopel --to ndjson good.csv
check "an unknown format is named" says "$err" "peopel"
check "the nearest is suggested" says "$err" "people"
expect 3 tiny validate --format nothing good.csv
expect 3 tiny convert --from people --to ndjson header.csv
check "the missing column is named" says "$err" "nom"
expect 3 tiny convert --from people --to ndjson cut.gz

expect 4 tiny convert --from people --to ndjson nowhere.csv
expect 4 tiny convert --from people --to ndjson -o good.csv/out good.csv
expect 4 tiny convert --from people --to ndjson --rejects good.csv/rejects good.csv
if [ -w /dev/full ]; then
    expect 4 bash -c '"$0" convert --schemas schemas --from people --to ndjson good.csv > /dev/full' "$gw"
    expect 4 bash -c '"$0" validate --schemas schemas --format people people.csv > /dev/full' "$gw"
fi

for verb in convert validate formats plugins test; do
    for lang in fr en; do
        expect 0 "$gw" $verb --help --lang $lang
        check "help of $verb has an example" says "$out" "passerelle $verb "
        check "help of $verb tells the language" says "$out" "--lang"
    done
done
expect 0 "$gw" --help
for verb in convert validate formats plugins test; do
    check "$verb is listed" says "$out" "$verb"
done
expect 0 "$gw" --version
