#!/bin/sh
# A real gammu-smsd with its dummy phone, for the suite.
#
#   tests/peers/gammu.sh DIR
#
# DIR is an empty folder: its spool is DIR/spool. Prints "ready", then the daemon's
# log, a line at a time. Ends when its standard input closes: a test that dies leaves
# nothing behind.
#
# Install with: apt-get install --no-install-recommends gammu-smsd
# Without it, it exits with status 77 ("skipped", as automake says it).
set -eu
dir=$1
command -v gammu-smsd >/dev/null || exit 77
mkdir -p "$dir/dummy" "$dir/spool/inbox" "$dir/spool/outbox" "$dir/spool/sent" "$dir/spool/error"
cat > "$dir/smsdrc" <<CONF
[gammu]
model = dummy
connection = none
device = $dir/dummy
gammuloc = /dev/null

[smsd]
service = files
logfile = $dir/smsd.log
debuglevel = 3
inboxpath = $dir/spool/inbox/
outboxpath = $dir/spool/outbox/
sentsmspath = $dir/spool/sent/
errorsmspath = $dir/spool/error/
transmitformat = auto
commtimeout = 1
CONF
: > "$dir/smsd.log"
pids=
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || true; done' EXIT INT TERM
gammu-smsd -c "$dir/smsdrc" >/dev/null 2>&1 & pids=$!
tail -n +1 -f "$dir/smsd.log" & pids="$! $pids"
echo ready
cat > /dev/null
