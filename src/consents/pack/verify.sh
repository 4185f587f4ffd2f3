#!/bin/sh
# Checks this consent pack with tools that every Linux machine has: sha256sum,
# openssl (3.0 or later), sed. Tirkeu is not needed.
#   sh verify.sh        exit status 0: unchanged and sealed; 1: not.
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 1

fail() {
    echo "NOT VALID: $1"
    exit 1
}

# The bytes of a hexadecimal text.
bytes() {
    printf '%b' "$(printf '%s' "$1" | sed 's/../& /g' | {
        read -r list
        for pair in $list; do printf '\\0%03o' "0x$pair"; done
    })"
}

sum() {
    sha256sum | cut -d ' ' -f 1
}

value() {
    sed -n "s/^$1 //p" audit-proof.txt
}

# 1. The clinic's key sealed the list of files.
openssl pkeyutl -verify -pubin -inkey seal.pub.pem -rawin -in SHA256SUMS \
    -sigfile SHA256SUMS.sig >/dev/null 2>&1 ||
    fail "the seal: SHA256SUMS, SHA256SUMS.sig or seal.pub.pem is altered"

# 2. Every file is the one on the list.
sha256sum -c SHA256SUMS >sums.out 2>&1
status=$?
bad=$(sed -n 's/^\(.*\): FAILED.*/\1/p' sums.out)
rm -f sums.out
if [ -n "$bad" ]; then fail "altered or missing: $bad"; fi
if [ "$status" -ne 0 ]; then fail "SHA256SUMS is altered"; fi
for name in document.pdf signed.pdf evidence.json audit-proof.txt checkpoint.txt \
    seal.pub.pem audit.pub.pem verify.sh; do
    grep -q "  $name\$" SHA256SUMS || fail "SHA256SUMS does not list $name"
done

# 3. The evidence is about this document, and the clinic's log is about this evidence.
document=$(sum <document.pdf)
evidence=$(sum <evidence.json)
grep -q "\"sha256\":\"$document\"" evidence.json || fail "evidence.json is about another document"
value body | grep -q "\"evidence\":\"$evidence\"" || fail "audit-proof.txt is about other evidence"

# 4. The entry stands in the clinic's log (RFC 6962): the path leads to the root.
index=$(value seq)
last=$(($(value size) - 1))
[ "$index" -le "$last" ] || fail "audit-proof.txt: no such entry"
hash=$({ printf '\000'; value body | tr -d '\n'; } | sum)
for sibling in $(value path); do
    [ "$last" -gt 0 ] || fail "audit-proof.txt: the path is too long"
    if [ $((index % 2)) -eq 1 ] || [ "$index" -eq "$last" ]; then
        hash=$({ printf '\001'; bytes "$sibling"; bytes "$hash"; } | sum)
        while [ $((index % 2)) -eq 0 ] && [ "$index" -ne 0 ]; do
            index=$((index / 2))
            last=$((last / 2))
        done
    else
        hash=$({ printf '\001'; bytes "$hash"; bytes "$sibling"; } | sum)
    fi
    index=$((index / 2))
    last=$((last / 2))
done
[ "$last" -eq 0 ] || fail "audit-proof.txt: the path is too short"
root=$(sed -n 3p checkpoint.txt | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
[ "$hash" = "$root" ] || fail "audit-proof.txt does not lead to the root in checkpoint.txt"
[ "$(sed -n 2p checkpoint.txt)" = "$(value size)" ] || fail "checkpoint.txt is of another size"

# 5. The clinic's log key signed that root.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
sed -n '1,3p' checkpoint.txt >"$work/note"
sed -n '5p' checkpoint.txt | sed 's/.* //' | openssl base64 -d -A | tail -c 64 >"$work/sig"
openssl pkeyutl -verify -pubin -inkey audit.pub.pem -rawin -in "$work/note" \
    -sigfile "$work/sig" >/dev/null 2>&1 || fail "checkpoint.txt is not signed by audit.pub.pem"

echo "OK: the document is unchanged since it was confirmed, and the seal is valid."
echo "Sealed with the key whose fingerprint is:"
openssl pkey -pubin -in seal.pub.pem -outform DER | sha256sum | cut -d ' ' -f 1
echo "Compare it with the fingerprint the clinic has published."
