#!/bin/sh
# Exit status 76 of a stop in which a child dies: work was cut, and else it is
# not said.  The supervisor stands still until all that it is to see at once has
# happened.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
exec sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

start() {
	start_shimmed -j 2 -o wait_time=1 -o visibility_timeout=600 "$@" -- "$SCRATCH/handler"
}
# dies_at_stop COMMAND...: the child VICTIM does of it, before the supervisor
# sees that and a SIGTERM.
dies_at_stop() {
	signal STOP "$SQSHERD"
	"$@"
	within 20 is_zombie "$victim" || fail "a child dies" "it does not"
	signal TERM "$SQSHERD"
	signal CONT "$SQSHERD"
	wait_sqsherd
}
order() {
	echo "$1" >"$SHIM_FILE.$victim"
	signal USR2 "$victim"
}
a_job_runs() {
	send 60
	eventually 20 "a job runs" busy_child
	victim=$(busy_child)
}
purge() {
	sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
}
fake "/_set?purge_interval_s=0" -X POST >/dev/null

# -- nothing was in hand
for signal in KILL ABRT; do
	start
	polling 2
	victim=$(children | head -n 1)
	dies_at_stop signal $signal "$victim"
	is "$STATUS" 0 "an idle child dies of SIG$signal as a stop begins: exit 0"
	ok "the log has its death" \
		logged "child_exited.*\"child_pid\":$victim,.*\"signal\":\"SIG$signal\""
done
start
polling 2
victim=$(children | head -n 1)
dies_at_stop order "exit 1"
is "$STATUS" 0 "an idle child exits with 1 as a stop begins: exit 0"

start -o wait_time=20
polling 2
ok "a drain" ctl drain
eventually 20 "begins" pgrep -P "$SQSHERD" -f draining
# Each waits for the end of its poll.
# shellcheck disable=SC2046 # pids, each a word
signal_each KILL $(children)
wait_sqsherd
is "$STATUS" 0 "idle children die in a drain: exit 0"

# -- something was
start
a_job_runs
dies_at_stop signal KILL "$victim"
is "$STATUS" 76 "a child that works dies as a stop begins: exit 76"
is "$(queue_field visible)" 1 "its message is given back"
purge

# It gives back by itself what it held, and holds nothing when it dies.
start
a_job_runs
dies_at_stop signal INT "$victim"
is "$STATUS" 76 "a child ends its job as a stop begins: exit 76"
ok "and itself, with that status" \
	logged "child_exited.*\"child_pid\":$victim,\"queue\".*\"exit_status\":76"
is "$(queue_field visible)" 1 "its message is given back"
purge

start
polling 2
victim=$(children | head -n 1)
dies_at_stop order garbage
is "$STATUS" 76 "nobody knows what a child held that dies as a stop begins: exit 76"
ok "which the log says" logged "scoreboard_garbage.*\"child_pid\":$victim,"
ok "no process is left" no_survivor
done_testing
