#!/bin/sh
# Starting, and every way to be asked to stop.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
fake "/_set?purge_interval_s=0" -X POST >/dev/null
new_queue jobs '"VisibilityTimeout":"60"'

polling() {
	fake "/_wait?name=jobs&cond=polling&value=$1&ms=10000" >/dev/null
}
# In flight is not enough: the answer may still be on its way to the child,
# which then gives the message back unworked.
working() {
	logged '"line":"working"'
}

# -- idle
start_sqsherd -j 3 -o log_level=debug -- "$SCRATCH/handler"
ok "three children poll" polling 3
is "$(children | wc -l)" 3 "three processes are titled as children"
ok "the log says that it started" logged '"event":"started"'
stop_sqsherd
took=$(stop_took)
is "$STATUS" 0 "SIGTERM when idle: exit 0"
ok "within the wait of a poll ($took ms)" test "$took" -lt 3500
is "$(fake /_stats | jq .polls_aborted)" 0 "no poll was cut"
ok "no process is left" no_survivor

# -- busy, shorter than the grace
start_sqsherd -j 2 -- "$SCRATCH/handler"
send 1.5
eventually 10 "a job runs" working
stop_sqsherd
is "$STATUS" 0 "SIGTERM when busy: exit 0"
is "$(queue_field deleted)" 1 "the job was finished and deleted"
is "$(queue_field in_flight)" 0 "nothing is in flight"

# -- busy, longer than the grace
start_sqsherd -j 2 -o grace_timeout=3 -- "$SCRATCH/handler"
send 60
eventually 10 "a long job runs" working
stop_sqsherd
took=$(stop_took)
is "$STATUS" 76 "SIGTERM with a job longer than the grace: exit 76"
ok "within the grace ($took ms)" test "$took" -lt 3500
is "$(queue_field visible)" 1 "the message is visible again"
is "$(queue_field in_flight)" 0 "nothing is in flight"
ok "no process is left" no_survivor
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

# -- many signals
start_sqsherd -j 2 -- "$SCRATCH/handler"
deleted=$(queue_field deleted)
send 1
eventually 10 "a job runs" working
for _ in 1 2 3 4 5 6 7 8 9 10; do
	signal TERM "$SQSHERD"
done
wait_sqsherd
is "$STATUS" 0 "ten SIGTERM are one: exit 0"
is "$(queue_field deleted)" $((deleted + 1)) "and the job was finished"

start_sqsherd -j 2 -- "$SCRATCH/handler"
send 60
eventually 10 "a long job runs" working
signal TERM "$SQSHERD"
within 5 logged stop_began
signal INT "$SQSHERD"
wait_sqsherd
took=$(stop_took)
is "$STATUS" 76 "SIGTERM, then SIGINT: stops at once, exit 76"
ok "long before the grace is over ($took ms)" test "$took" -lt 12000
# What is given back stays hidden while a poll of the other child may be open.
eventually 10 "and the message is visible again" queue_is visible 1
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

# Two pending signals have no order, and are both obeyed.
for first in INT QUIT; do
	start_sqsherd -j 1 -- "$SCRATCH/handler"
	send 60
	eventually 10 "a long job runs" working
	signal STOP "$SQSHERD"
	signal TERM "$SQSHERD"
	signal $first "$SQSHERD"
	signal CONT "$SQSHERD"
	wait_sqsherd
	took=$(stop_took)
	is "$STATUS" 76 "SIGTERM and SIG$first at once: exit 76"
	ok "it stops at once as well ($took ms)" test "$took" -lt 12000
	sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
done

# One that hangs is one whose poll outlives the end of the other's job.
start_sqsherd -j 2 -- "$SCRATCH/handler"
ok "two children poll" polling 2
send 60
eventually 10 "a long job runs" working
poller() {
	pgrep -P "$SQSHERD" -f '^sqsherd: jobs/[0-9]+ .polling'
}
one_polls() {
	[ "$(poller | wc -l)" -eq 1 ]
}
eventually 10 "the other one polls" one_polls
hold "$(poller)" || : # skipped: its poll ends as it likes
signal TERM "$SQSHERD"
within 5 logged stop_began
signal INT "$SQSHERD"
wait_sqsherd
is "$STATUS" 76 "a stop in a hurry meanwhile: exit 76"
eventually 10 "its poll does not get the message" queue_is visible 1
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

for signal in INT QUIT; do
	start_sqsherd -j 1 -- "$SCRATCH/handler"
	ok "a child polls" polling 1
	stop_sqsherd $signal
	is "$STATUS" 0 "one SIG$signal is like SIGTERM: exit 0"
done

# -- during the start, at different moments
for delay in 0 0.005 0.01 0.02 0.05; do
	start_sqsherd -j 4 -- "$SCRATCH/handler"
	sleep $delay
	signal TERM "$SQSHERD"
	wait_sqsherd
	# Before main has blocked signals the default action still holds.
	case $STATUS in
	0 | 143) pass "SIGTERM $delay s after the start: exit $STATUS" ;;
	*) fail "SIGTERM $delay s after the start" "exit $STATUS" ;;
	esac
	ok "and no process is left" no_survivor
done

# -- a single child
start_sqsherd -j 2 -- "$SCRATCH/handler"
ok "two children poll" polling 2
first=$(children | head -1)
signal TERM "$first"
eventually 10 "SIGTERM to one child ends it" has_ended "$first"
eventually 5 "and it is replaced" child_count_is 2
ok "without counting as a crash" \
	not_logged '"event":"child_exited".*"restart_in"'
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "no process is left" no_survivor
done_testing
