# SPDX-License-Identifier: EUPL-1.2
# Installed, everything is found under the prefix, wherever that is moved to.

expect 0 cmake --install "$BUILD" --prefix "$SCRATCH/prefix"
mv prefix moved
check "the headers of the contract" test -f moved/include/gw/plugin.h
check "no test is installed" test -z "$(find moved -name '*test*' -o -name 'gw_*.a')"
cd / || exit 2
expect 0 "$SCRATCH/moved/bin/passerelle" plugins
check "plugins of the prefix" says "$out" "$SCRATCH/moved/"
expect 0 "$SCRATCH/moved/bin/passerelle" formats
check "formats" says "$out" "ndjson"
cd "$SCRATCH" || exit 2
expect 1 moved/bin/passerelle convert --schemas schemas --from people --to ndjson people.csv
check "converts" says "$out" '"nom_usage":"Martin"'
