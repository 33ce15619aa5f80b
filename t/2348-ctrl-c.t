#!/bin/sh
# Whoever presses Ctrl-C is told what a stop waits for, and that a second one is
# quick; which is true.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
exec sleep 60
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

# start FORMAT [ARG...]
start() {
	_format=$1
	shift
	start_sqsherd -o "log_format=$_format" -o wait_time=20 \
		-o visibility_timeout=600 -o grace_timeout=60 "$@" \
		-- "$SCRATCH/handler"
}
# Both signals reach the supervisor alone: its children have other sessions.
press() {
	signal INT "$SQSHERD"
}

# -- idle
start text -j 2
polling 2
press
eventually 20 "the first one says what is waited for, and what a second does" \
	logged 'waiting up to 20 s for polls to end; a second Ctrl-C cuts them'
press
wait_sqsherd
is "$STATUS" 0 "the second one ends what was idle"
is "$(fake /_stats | jq .polls_aborted)" 2 "and cuts its polls"

# A poll is shortened by a short grace, and none is said to take no time.
for grace in 10:5 3:1; do
	start text -j 1 -o "grace_timeout=${grace%:*}"
	ok "sqsherd works" within 20 ctl health
	press
	eventually 20 "with a grace of ${grace%:*} s it says ${grace#*:} s" \
		logged "waiting up to ${grace#*:} s for polls"
	wait_sqsherd
done

# -- busy
start text -j 1
send job
eventually 20 "a job runs" logged working
press
eventually 20 "a message in hand is finished, it says" \
	logged 'finishing 1 message in hand, and polls of up to 20 s; a second Ctrl-C gives back at once'
press
wait_sqsherd
is "$STATUS" 76 "the second one cuts it"
is "$(queue_field in_flight)" 0 "and gives it back"
ok "no process is left" no_survivor
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

# -- a real terminal needs no setting
new_log
"$BUILD/t/onterminal" "$SCRATCH/log" "$BUILD/sqsherd" -j 1 -q "$QUEUE" \
	-o wait_time=1 -- "$SCRATCH/handler" &
PIDS="$PIDS $!"
terminal=$!
polling 1
pkill -INT -P "$terminal" -f supervisor
eventually 20 "on a terminal it is said" logged 'a second Ctrl-C cuts them'
wait "$terminal"
ok "no process is left" no_survivor

# -- nobody is there
start json -j 1 -o wait_time=1
polling 1
press
wait_sqsherd
is "$(jq 'select(.event == "stop_began") | .msg' "$SCRATCH/log")" null \
	"JSON is for no person at a keyboard"
start text -j 1 -o wait_time=1
polling 1
stop_sqsherd TERM
is "$(count_logged Ctrl-C)" 0 "nor does SIGTERM come from one"
done_testing
