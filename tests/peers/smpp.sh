#!/bin/sh
# A real SMPP centre on loopback for the suite: node-smpp, which is not ours.
#
#   tests/peers/smpp.sh DIR
#
# DIR is an empty folder for the certificates (its own authority is `ca.pem`). Prints "ready PLAIN TLS" with
# the ports, then one line of JSON for each thing that happened; takes its moods, one
# a line, from standard input, and ends when that closes: a test that dies leaves
# nothing behind.
#
# Needs node with npm, openssl, and from npm, once, smpp. Without them it exits with
# status 77 ("skipped", as automake says it).
set -eu
here=$(dirname "$(realpath "$0")")
dir=$1
modules=${CARGO_TARGET_DIR:-$here/../../target}/peers/smpp-0.5.1
command -v openssl >/dev/null && command -v node >/dev/null && command -v npm >/dev/null || exit 77
if ! [ -d "$modules/node_modules/smpp" ]; then
    # Tests run side by side: one makes it, in a folder of its own.
    new=$modules.$$
    mkdir -p "$new"
    echo '{"private": true}' > "$new/package.json"
    npm install --prefix "$new" --silent --no-audit --no-fund --ignore-scripts smpp@0.5.1 >&2 || {
        rm -rf "$new"
        echo "smpp cannot be installed" >&2
        exit 77
    }
    mv -T "$new" "$modules" 2>/dev/null || modules=$new
fi
quiet() { "$@" >/dev/null 2>&1; }
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 \
    -subj "/CN=operator authority" -keyout "$dir/ca.key" -out "$dir/ca.pem"
quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "/CN=localhost" -keyout "$dir/server.key" -out "$dir/server.csr"
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > "$dir/server.ext"
quiet openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
    -CAcreateserial -days 7 -extfile "$dir/server.ext" -out "$dir/server.pem"
NODE_PATH=$modules/node_modules exec node "$here/smpp.cjs" "$dir"
