# SPDX-License-Identifier: EUPL-1.2
# A folder of plugins, some of them wrong: which, and why; the others are used.

expect 0 "$gw" plugins
for name in csv dsn json xml iae; do
    check "$name is there" grep -qE "^$name " out.txt
    check "$name exports one symbol" test "$(nm -D --defined-only "$BUILD/plugins/$name.so" | awk '$3 !~ /^__/ { print $3 }')" = gw_plugin
done
check "options have their help" says "$out" "delimiter"

mkdir mixed
cp "$BUILD/plugins/csv.so" "mixed/any name.so"
cp "$BUILD/plugins/json.so" mixed/
cp "$BUILD/plugins/json.so" mixed/zz_again.so
cp "$BUILD/tests/pipeline/folder/abi_major.so" "$BUILD/tests/pipeline/folder/abi_minor.so" \
    "$BUILD/tests/pipeline/folder/no_symbol.so" mixed/
echo "not a plugin" > mixed/text.so
echo "not even called one" > mixed/readme.txt
head -c 2000 "$BUILD/plugins/csv.so" > mixed/cut.so
: > mixed/empty.so

for lang in fr en; do
    expect 0 "$gw" plugins --plugins mixed --lang $lang
    check "good ones are there" grep -qE "^csv " out.txt
    check "whatever their file name" says "$out" "mixed/any name.so"
    for wrong in "text.so plugin.not_elf" "empty.so plugin.not_elf" "abi_major.so plugin.abi" "cut.so plugin." \
                 "abi_minor.so plugin.newer" "no_symbol.so plugin.symbol" "zz_again.so plugin.twice"; do
        check "$wrong ($lang)" grep -qE "mixed/${wrong/ /.*}" out.txt
    done
    check "other files are no matter ($lang)" says_not "$out" "readme.txt"
done
expect 0 "$gw" plugins --plugins mixed --json
check "a reason for each" test "$(grep -c '"loaded":false,"code":"plugin\.[a-z_]*","reason":"..*"' out.txt)" = 7
check "the rest is loaded" test "$(grep -c '"loaded":true' out.txt)" = 2

expect 1 "$gw" convert --plugins mixed --schemas schemas --from people --to ndjson people.csv
check "and works" says "$out" '"nom_usage":"Martin"'
