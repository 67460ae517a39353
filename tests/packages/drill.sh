#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# On a booted machine with the previous packages installed, as tests/packages/run makes it: start, work, upgrade, remove,
# reinstall, purge; what was acknowledged is there each time. The last line says how it went.
exec > /drill/log 2>&1
set -uo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
in=/var/lib/passerelle/in/caf
samples=/usr/share/passerelle/schemas/formats/cnaf-rsa/samples

fail() {
    echo "drill: $*"
    journalctl -u passerelle --no-pager | tail -40
    exit 1
}

check() { "${@:2}" || fail "not so: $1"; }
own() { runuser -u passerelle -- passerelle "$@"; }
exchanges() { own exchanges --json | grep -c '"state":"done"'; }

# What an exchange was, in each version's words: one line each.
kept() {
    local line
    own exchanges --json | while read -r line; do
        grep -oE '"(id|flow|name|digest|size|state|received_at)":("[^"]*"|[0-9]+)' <<< "$line" | sort | tr '\n' ' '
        echo
    done | sort
}

# The version that is written in the store; nobody has it open.
schema() { od -An -tu4 --endian=big -j60 -N4 /var/lib/passerelle/state/store.db | tr -d ' '; }

# until COUNT exchanges are done
until_done() {
    local i
    for i in $(seq 600); do
        [ "$(exchanges)" -lt "$1" ] || return 0
        sleep 0.1
    done
    fail "$1 exchanges were not done: $(own exchanges)"
}

drop() { install -o passerelle -g passerelle -m 640 "$1" "$in/$2" || fail "cannot drop $1"; }
versions() { dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' 'passerelle*'; }

check "the unit is good" systemd-analyze verify --man=no passerelle.service
check "nothing was started at installation" test "$(systemctl is-active passerelle)" = inactive
check "start" systemctl start passerelle
drop $samples/CG054.RSABEM20260905.xml CG054.RSABEM20260905.xml
until_done 2
check "stop" systemctl stop passerelle
was=$(schema)
check "start after a stop" systemctl start passerelle
before=$(kept)
check "there are exchanges to keep" grep -q digest <<< "$before"
key=$(sha256sum /var/lib/passerelle/state/key)
echo '# ours' >> /etc/passerelle/gateway.conf
versions

check "upgrade" apt-get -y -q -o Dpkg::Options::=--force-confold install /drill/new/passerelle*.deb
versions
check "the daemon runs on" systemctl is-active passerelle
check "the change of the configuration stayed" grep -q '^# ours' /etc/passerelle/gateway.conf
check "the exchanges are there after the upgrade" test "$(kept)" = "$before"
check "the key too" test "$(sha256sum /var/lib/passerelle/state/key)" = "$key"
check "reload" systemctl reload passerelle
until_done 2
check "fsck" own fsck
check "the audit trail goes on" own audit verify

check "remove" apt-get -y -q remove passerelle
check "it stopped" test "$(systemctl is-active passerelle)" = inactive
check "the store is of this version" test "$(schema)" = "$(cat /drill/schema)"
echo "the store: version $was, now $(schema)"
check "the store stayed" test -s /var/lib/passerelle/state/store.db
check "the configuration stayed" test -e /etc/passerelle/gateway.conf
check "reinstall" apt-get -y -q install /drill/new/passerelle*.deb
check "start again" systemctl start passerelle
check "the exchanges are there" test "$(kept)" = "$before"

check "an instance" systemd-sysusers --inline 'u passerelle-cd59 - "Passerelle cd59" /var/lib/passerelle-cd59'
install -d /etc/passerelle-cd59
sed 's|/var/lib/passerelle/|/var/lib/passerelle-cd59/|' /etc/passerelle/gateway.conf > /etc/passerelle-cd59/gateway.conf
check "the instance starts" systemctl start passerelle@cd59
check "with a store of its own" test -s /var/lib/passerelle-cd59/state/store.db
systemctl stop passerelle@cd59

check "purge" apt-get -y -q purge 'passerelle*'
check "the configuration went" test ! -e /etc/passerelle/gateway.conf
check "the store did not" test -s /var/lib/passerelle/state/store.db
echo "drill: good"
