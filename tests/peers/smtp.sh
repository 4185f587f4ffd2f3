#!/bin/sh
# A real SMTP server on loopback for the suite: aiosmtpd, which is not ours.
#
#   tests/peers/smtp.sh DIR
#
# DIR is an empty folder: certificates, the path of its Python in `python`, and
# each letter as NUMBER.eml and NUMBER.json end up there. Prints one line "ready
# IMPLICIT STARTTLS PLAIN" with the ports, then "letter NUMBER" for each letter it
# took. Ends when its standard input closes: a test that dies leaves nothing behind.
#
# Needs python3 with venv, openssl, and from PyPI, once, aiosmtpd (and, for the one
# test that plays a forger with it, sqlcipher3-binary). Without them it exits with
# status 77 ("skipped", as automake says it).
set -eu
here=$(dirname "$(realpath "$0")")
dir=$1
venv=${CARGO_TARGET_DIR:-$here/../../target}/peers/aiosmtpd-1.4.6
command -v openssl >/dev/null || exit 77
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import aiosmtpd' 2>/dev/null; then
    # Tests run side by side: one makes it, in a folder of its own.
    new=$venv.$$
    { python3 -m venv "$new" && "$new/bin/pip" install --quiet --disable-pip-version-check aiosmtpd==1.4.6; } >&2 || {
        rm -rf "$new"
        echo "aiosmtpd cannot be installed" >&2
        exit 77
    }
    "$new/bin/pip" install --quiet --disable-pip-version-check sqlcipher3-binary==0.5.4 >&2 || echo "no sqlcipher3" >&2
    mv -T "$new" "$venv" 2>/dev/null || venv=$new
fi

quiet() { "$@" >/dev/null 2>&1; }
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 \
    -subj "/CN=peer authority" -keyout "$dir/ca.key" -out "$dir/ca.pem"
quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "/CN=localhost" -keyout "$dir/server.key" -out "$dir/server.csr"
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > "$dir/server.ext"
quiet openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
    -CAcreateserial -days 7 -extfile "$dir/server.ext" -out "$dir/server.pem"
echo "$venv/bin/python" > "$dir/python"
exec "$venv/bin/python" -W ignore "$here/smtp.py" "$dir"
