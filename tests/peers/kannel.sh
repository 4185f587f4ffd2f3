#!/bin/sh
# A real Kannel on loopback for the suite: bearerbox, smsbox and its fake SMSC.
#
#   tests/peers/kannel.sh DIR SENDSMS ADMIN BOX SMSC
#
# DIR is an empty folder for configuration and logs, the rest are free ports.
# Prints "ready" when messages may be sent, then one line for each message the
# fake SMSC got. Ends, and takes its three processes with it, when its standard
# input closes: a test that dies leaves nothing behind.
#
# Install with: apt-get install --no-install-recommends kannel kannel-extras
# Without them it exits with status 77 ("skipped", as automake says it).
set -eu
dir=$1 sendsms=$2 admin=$3 box=$4 smsc=$5
fakesmsc=/usr/lib/kannel/test/fakesmsc
PATH=$PATH:/usr/sbin
if ! command -v bearerbox >/dev/null || ! [ -x "$fakesmsc" ]; then
    echo "kannel and kannel-extras are not installed" >&2
    exit 77
fi

cat > "$dir/kannel.conf" <<CONF
group = core
admin-port = $admin
admin-interface = 127.0.0.1
admin-password = loopback
status-password = loopback
smsbox-port = $box
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
box-deny-ip = *.*.*.*
dlr-storage = internal
log-file = $dir/bearerbox.log
log-level = 0

group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = $smsc
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = $box
sendsms-port = $sendsms
sendsms-interface = 127.0.0.1
log-file = $dir/smsbox.log
log-level = 0

group = sendsms-user
username = clinic
password = kannel-secret
max-messages = 5
concatenation = true
user-allow-ip = 127.0.0.1
user-deny-ip = *.*.*.*
CONF

pids=
stop() {
    trap - EXIT INT TERM
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait
    exit "${1:-0}"
}
trap 'stop 1' EXIT INT TERM

# Waits until a line of a log says so; a Kannel that does not start is an error.
until_log() {
    tries=0
    until grep -q "$2" "$dir/$1" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 200 ]; then
            echo "kannel: no \"$2\" in $1:" >&2
            tail -n 20 "$dir/$1" >&2 || true
            exit 1
        fi
        sleep 0.1
    done
}

bearerbox "$dir/kannel.conf" > "$dir/bearerbox.out" 2>&1 & pids="$!"
until_log bearerbox.log "entering mainloop"
smsbox "$dir/kannel.conf" > "$dir/smsbox.out" 2>&1 & pids="$! $pids"
until_log smsbox.log "Connected to bearerbox"
# One greeting is sent at the start, because fakesmsc insists on having one.
"$fakesmsc" -H 127.0.0.1 -r "$smsc" -m 1 "0 0 text ready" > "$dir/fakesmsc.log" 2>&1 & pids="$! $pids"
until_log bearerbox.log "Fake SMSC client connected\|accepted\|client connect"
echo ready
tail -n +1 -f "$dir/fakesmsc.log" | sed -u -n 's/.*Got message [0-9]*: <\(.*\)>.*/\1/p' & pids="$! $pids"

cat > /dev/null
stop 0
