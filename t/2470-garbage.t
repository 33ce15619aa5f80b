#!/bin/sh
# A child that writes garbage over all memory that it shares with others, and
# dies: row 24 of the list of what a supervisor must withstand.
. "$(dirname "$0")/lib.sh"
. t/rows.sh

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
[ "$SQS_RECEIVE_COUNT" -gt 1 ] || exec sleep "$(cat)"
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'
# Up to as many as were done: what the mad one had counted is lost.
adds_up() {
	ctl status --json | jq -e --argjson n "$done_so_far" '.status.totals |
		.in_hand == 0 and .received == .deleted + .retried and
		.deleted >= 1 and .deleted <= $n' >/dev/null
}

# Processes that pids in the garbage might hit: of our group, and of another.
decoys=
n=0
while [ $n -lt 20 ]; do
	sleep 300 &
	decoys="$decoys $!"
	setsid sleep 300 &
	decoys="$decoys $!"
	n=$((n + 1))
done
PIDS="$PIDS $decoys"

start_shimmed -j 3 -o wait_time=1 -o restart_base=50ms -o restart_cap=50ms \
	-o crash_limit=100 -o visibility_timeout=4 -- "$SCRATCH/handler"
done_so_far=0
for _ in 1 2 3; do
	polling 3
	victim=$(children | head -1)
	children | grep -vx "$victim" >"$SCRATCH/siblings"
	echo garbage >"$SHIM_FILE.$victim"
	kill -USR2 "$victim"
	eventually 10 "row 24: a child that wrote garbage has died" \
		logged "child_exited.*\"child_pid\":$victim,.*\"signal\":\"SIGKILL\""
	ok "row 24: which is seen" \
		logged "scoreboard_garbage.*\"child_pid\":$victim,"
	eventually 10 "row 24: it is replaced" child_count_is 3
	ok "row 24: the others are the same" same_children
	ok "row 24: the supervisor answers, and is well" ctl health
	send 0
	done_so_far=$((done_so_far + 1))
	eventually 10 "row 24: and the queue is worked" \
		queue_is deleted $done_so_far
	eventually 5 "row 24: the ledger is exact, without what it had counted" \
		adds_up
done
for decoy in $decoys; do
	kill -0 "$decoy" || break
done
is $? 0 "row 24: no other process was signalled"

# -- one that works: what it held is lost with its row, but not for long
send 60
eventually 10 "row 24: a job runs" busy_child
victim=$(busy_child)
sleeper=$(pgrep -P "$victim" -f '^sleep')
echo garbage >"$SHIM_FILE.$victim"
kill -USR2 "$victim"
eventually 10 "row 24: its child writes garbage and dies" \
	logged "scoreboard_garbage.*\"child_pid\":$victim,"
eventually 5 "row 24: the handler as well" \
	sh -c "! kill -0 $sleeper 2>/dev/null"
done_so_far=$((done_so_far + 1))
eventually 20 "row 24: its message is done after its timeout" \
	queue_is deleted $done_so_far
ctl metrics >"$SCRATCH/metrics"
ok "row 24: metrics can be read" sh -c \
	"'$BUILD/t/openmetrics' <'$SCRATCH/metrics'"
is "$(sed -n 's/^sqsherd_child_crashes_total{.*} //p' "$SCRATCH/metrics")" 4 \
	"row 24: four crashes are counted"
stop_sqsherd
is "$STATUS" 0 "row 24: exit 0"
is "$(jq -c "select(.event == \"stopped\") | .deleted <= $done_so_far and
	.in_hand == 0" "$SCRATCH/log")" true "row 24: the last sums are right"
# shellcheck disable=SC2086 # a list of pids
kill $decoys
# shellcheck disable=SC2086
wait $decoys 2>/dev/null
ok "no process is left" no_survivor
done_testing
