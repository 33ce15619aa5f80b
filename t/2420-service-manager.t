#!/bin/sh
# What the supervisor tells a service manager, one that listens and one that
# does not.  t/unit/notify.c has each message by itself.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
env
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

# "MS TEXT" of each message, its newlines as blanks.
cat >"$SCRATCH/manager" <<'EOF2'
use Socket;
use Time::HiRes "time";
my ($path, $hold) = @ARGV;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, sockaddr_un($path)) or die;
$| = 1;
sleep 600 if $hold;
while (defined recv($s, my $m, 4096, 0)) {
	$m =~ tr/\n/ /;
	printf "%d %s\n", time * 1000, $m;
}
EOF2
perl "$SCRATCH/manager" "$SCRATCH/notify" >"$SCRATCH/told" &
PIDS="$PIDS $!"
within 10 test -S "$SCRATCH/notify" || bail "there is no socket"

told() {
	grep -Eq "^[0-9]+ $1\$" "$SCRATCH/told"
}
last_ping() {
	sed -n 's/ WATCHDOG=1$//p' "$SCRATCH/told" | tail -1
}
# Three times as long as the pings are apart.
is_silent() {
	[ $(($(now_ms) - $(last_ping))) -gt 1500 ]
}
pings_again() {
	[ "$(last_ping)" -gt "$1" ]
}

# ---- a manager that listens ----

SHIM_HOLD=init NOTIFY_SOCKET=$SCRATCH/notify WATCHDOG_USEC=1000000 \
	start_shimmed -j 2 -o wait_time=1 -o crash_window=2s \
	-o start_timeout=60s -- "$SCRATCH/handler"
eventually 10 "pings come while the children start" told WATCHDOG=1
eventually 10 "a status comes while the children start" told 'STATUS=jobs 0/2 ready'
eventually 20 "no child ready for a crash_window: the pings stop" \
	is_silent
ok "READY is not told before a child is ready" \
	lacks "$SCRATCH/told" READY=1
ok "a supervisor without ready children has not given up" is_alive "$SQSHERD"
silent_since=$(last_ping)
: >"$SHIM_FILE"
eventually 10 "READY comes with the first ready child" told READY=1
eventually 10 "pings come again with the first ready child" pings_again "$silent_since"
eventually 10 "the status counts the ready children" told 'STATUS=jobs 2/2 ready'
is "$(awk '$2 == "READY=1" { print "ready" }
	/STATUS=jobs [12]\/2/ { print "status" }' "$SCRATCH/told" |
	sort -u | wc -l)" 2 "READY and the status were both told"
send anything
eventually 10 "a handler runs" queue_is deleted 1
ok "a handler knows nothing of the service manager" \
	not_logged '"line":"(NOTIFY_SOCKET|WATCHDOG_|MAINPID|LISTEN_)'
ok "a handler has its environment" logged '"line":"SQS_MESSAGE_ID='
stop_sqsherd
is "$STATUS" 0 "exit 0"
eventually 5 "STOPPING was told" told STOPPING=1
ok "STOPPING comes with the time that a stop may take" told 'EXTEND_TIMEOUT_USEC=[0-9]+'
like "$(cut -d' ' -f2- "$SCRATCH/told" | grep -n . |
	grep -E 'STOPPING|STATUS=stopping' | tr '\n' ' ')" \
	'STOPPING=1 .*STATUS=stopping, ' "STOPPING comes with a status"
is "$(grep -c READY=1 "$SCRATCH/told")" 1 "READY was told once"

# ---- one that does not, or that is not there ----

# Nobody, a socket file of a process that is gone, and one that is full.
perl "$SCRATCH/manager" "$SCRATCH/gone" &
gone=$!
PIDS="$PIDS $gone"
perl "$SCRATCH/manager" "$SCRATCH/full" hold &
PIDS="$PIDS $!"
within 10 test -S "$SCRATCH/gone" -a -S "$SCRATCH/full" ||
	bail "there are no sockets"
terminate $gone
perl -MSocket -MFcntl -e 'socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
	fcntl($s, F_SETFL, O_NONBLOCK);
	my $full = sockaddr_un(shift);
	1 while defined send($s, "x", 0, $full)' "$SCRATCH/full"

receives() {
	fake /_stats | jq .ops.ReceiveMessage.requests
}
for socket in none "$SCRATCH/nobody" "$SCRATCH/gone" "$SCRATCH/full" \
	nonsense "@sqsherd-nobody-$$"; do
	name=${socket##*/}
	before=$(receives)
	began=$(now_ms)
	if [ "$socket" = none ]; then
		start_sqsherd -j 1 -o wait_time=1 -- "$SCRATCH/handler"
	else
		NOTIFY_SOCKET=$socket WATCHDOG_USEC=200000 start_sqsherd -j 1 \
			-o wait_time=1 -- "$SCRATCH/handler"
		unset NOTIFY_SOCKET WATCHDOG_USEC
	fi
	within 10 fake "/_wait?cond=op_count&op=ReceiveMessage&value=$((before + 1))&ms=5000" ||
		fail "socket $name: it works" "it does not"
	took=$(($(now_ms) - began))
	ok "socket $name: it works without delay ($took ms)" \
		test $took -lt 5000
	ok "socket $name: it answers" ctl health
	began=$(now_ms)
	stop_sqsherd
	took=$(($(now_ms) - began))
	is "$STATUS" 0 "socket $name: exit 0"
	ok "socket $name: it stops within a poll and a little ($took ms)" \
		test $took -lt 6000
	is "$(count_logged '"level":"(warn|error)"')" 0 \
		"socket $name: nothing is logged"
done
ok "no process is left" has_ended "$SQSHERD"
done_testing
