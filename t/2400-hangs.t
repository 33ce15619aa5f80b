#!/bin/sh
# Children and handlers that stand still, and those that only seem to.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

# "VERB ARGUMENT"; what failed the first time is done the second time.
cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
read -r verb argument
[ "$SQS_RECEIVE_COUNT" -eq 1 ] || exit 0
case $verb in
sleep) exec sleep "$argument" ;;
spin)
	trap '' TERM
	while :; do :; done
	;;
# Until so many milliseconds are left.
until) exec perl -MTime::HiRes=sleep,time -e '
	my $end = $ENV{SQS_DEADLINE} - shift;
	sleep 0.005 while time * 1000 < $end' "$argument" ;;
esac
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue slow '"VisibilityTimeout":"600"'
slow_queue=$QUEUE

is_busy() {
	within 20 busy_child || fail "a job runs" "it does not"
	victim=$(busy_child)
}
count_of() {
	ctl status --json | jq ".status.totals.$1"
}
untouched() {
	! logged 'child_hung|child_exited|job_timeout|receive_failed'
}

# ---- a network that is slow, beside all that follows ----

# Each of the first receives takes wait_time and ten seconds.
fault "op=ReceiveMessage&kind=hang&ms=11000&count=2"
QUEUE=$slow_queue
start_sqsherd -j 2 -o control_socket="$SCRATCH/slow.sock" -o wait_time=1 \
	-o heartbeat_timeout=2 -- "$SCRATCH/handler"
slow=$SQSHERD
within 10 test -e "$SCRATCH/slow.sock" || fail "it starts" "it does not"
mv "$SCRATCH/log" "$SCRATCH/slow.log"
within 20 fake "/_wait?cond=op_count&op=ReceiveMessage&value=2&ms=500" ||
	fail "two receives begin" "they do not"
send "sleep 0"
new_queue jobs '"VisibilityTimeout":"600"'

# ---- a child that is stopped, or spins ----

# Stopped while it works: it is woken, so that it dies of SIGABRT.
start_shimmed -j 2 -o wait_time=1 -o heartbeat_timeout=2 -o restart_base=50ms \
	-o crash_limit=100 -- "$SCRATCH/handler"
done_so_far=0
for how in halted spin deaf; do
	send "sleep 60"
	is_busy
	if [ $how = halted ]; then
		signal STOP "$victim"
		eventually 5 "a stopped child is noticed" \
			logged "child_halted.*\"child_pid\":$victim,\"signal\":\"SIGSTOP\""
	else
		echo $how >"$SHIM_FILE.$victim"
		signal USR2 "$victim"
	fi
	eventually 10 "a child that is $how is called hung" \
		logged "child_hung.*\"child_pid\":$victim,.*\"deadline\":\"heartbeat\""
	signal=SIGABRT
	[ $how != deaf ] || signal=SIGKILL
	eventually 10 "a child that is $how is ended by $signal" \
		logged "child_exited.*\"child_pid\":$victim,.*\"signal\":\"$signal\""
	done_so_far=$((done_so_far + 1))
	eventually 10 "the message of a child that was $how is visible again, and done" \
		queue_is deleted $done_so_far
	eventually 5 "a child that was $how is replaced" child_count_is 2
done
hung_at=$(jq -r 'select(.event == "child_hung") | .silent' "$SCRATCH/log" |
	sort -n | head -1)
ok "no child is called hung before its heartbeat_timeout ($hung_at ms)" \
	test "$hung_at" -ge 2000
# SIGABRT has its window before SIGKILL: 2 s, of which a log in ms shows all.
window=$(jq -rs --argjson pid "$victim" '
	def ms: .[11:23] | split(":") | (.[0] | tonumber) * 3600000
		+ (.[1] | tonumber) * 60000 + (.[2] | tonumber) * 1000;
	[.[] | select(.child_pid == $pid and (.event == "child_hung" or
		.event == "child_exited")) | .time | ms] | .[1] - .[0] | floor' \
	"$SCRATCH/log")
ok "SIGKILL comes two seconds after SIGABRT ($window ms)" \
	test "$window" -ge 1990
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- everything is frozen at a time, and goes on: the supervisor first ----

start_sqsherd -j 3 -o heartbeat_timeout=2 -- "$SCRATCH/handler"
send "sleep 6"
is_busy
frozen=$(children)
# shellcheck disable=SC2086 # pids, each a word
signal_each STOP "$SQSHERD" $frozen
sleep 4
signal CONT "$SQSHERD"
sleep 0.1
# shellcheck disable=SC2086
signal_each CONT $frozen
done_so_far=$((done_so_far + 1))
eventually 20 "a job that was frozen with all is done" \
	queue_is deleted $done_so_far
ok "it is done at its first delivery, and no child was called hung" untouched
is "$(children)" "$frozen" "the children are the same after the freeze"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- a handler that spins past its job_timeout, and those that do not ----

start_sqsherd -j 2 -o wait_time=1 -o job_timeout=1500ms \
	-o job_kill_timeout=500ms -- "$SCRATCH/handler"
send "spin now"
done_so_far=$((done_so_far + 1))
eventually 20 "a handler that spins past its timeout is killed" \
	logged '"event":"message".*"reason":"job timeout".*"signal":"SIGKILL"'
ok "a handler is asked to end before it is killed" logged '"event":"job_timeout"'
eventually 10 "the message of a killed handler is visible again, and done" \
	queue_is deleted $done_so_far
is "$(count_of job_timeouts)" 1 "a killed handler counts as timed out"
handler_ms=$(jq 'select(.event == "message" and .signal == "SIGKILL") | .handler_ms' \
	"$SCRATCH/log")
ok "no handler is killed before job_timeout and job_kill_timeout ($handler_ms ms)" \
	test "$handler_ms" -ge 2000

# To the last 400 ms, and their deletes come after the deadline.
fault "op=DeleteMessageBatch&kind=hang&ms=700&count=4"
for left in 900 700 500 400; do
	send "until $left"
done
done_so_far=$((done_so_far + 4))
eventually 30 "handlers that end just before their timeout are done" \
	queue_is deleted $done_so_far
is "$(count_of job_timeouts)" 1 "no handler that ends in time is stopped"
is "$(count_logged 'child_hung|child_exited')" 0 "no child of such a handler is stopped"
is "$(jq -s '[.[] | select(.event == "message" and .verdict == "done" and
	.receive_count == 1)] | length' "$SCRATCH/log")" 4 \
	"each message is done at its first delivery"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- the slow network again ----

QUEUE=$slow_queue
cp "$SCRATCH/slow.log" "$SCRATCH/log"
eventually 20 "a receive that took wait_time and ten seconds is taken" \
	queue_is deleted 1
ok "each slow receive takes one try" test "$(fake "/_calls?since=0" |
	jq '[.[] | select(.queue == "slow" and .took_ms > 10000)] | length')" -eq 2
ok "no child was killed, and nothing failed" untouched
SQSHERD=$slow
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor
done_testing
