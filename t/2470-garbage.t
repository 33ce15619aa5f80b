#!/bin/sh
# A child that writes garbage over all memory that it shares with others, and
# dies.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

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
	signal USR2 "$victim"
	eventually 10 "a child that wrote garbage has died" \
		logged "child_exited.*\"child_pid\":$victim,.*\"signal\":\"SIGKILL\""
	ok "the supervisor sees the garbage of a child" \
		logged "scoreboard_garbage.*\"child_pid\":$victim,"
	eventually 10 "the child is replaced" child_count_is 3
	ok "the others are the same" same_children
	ok "the supervisor answers, and is well" ctl health
	send 0
	done_so_far=$((done_so_far + 1))
	eventually 10 "the queue is worked" \
		queue_is deleted $done_so_far
	eventually 5 "the ledger is exact, without what the dead child had counted" \
		adds_up
done
for decoy in $decoys; do
	ok "no other process is signalled" is_alive "$decoy"
done

# -- one that works: what it held is lost with its row, but not for long
send 60
eventually 10 "a job runs" busy_child
victim=$(busy_child)
find_process -P "$victim" -f '^sleep'
sleeper=$FOUND
echo garbage >"$SHIM_FILE.$victim"
signal USR2 "$victim"
eventually 10 "its child writes garbage and dies" \
	logged "scoreboard_garbage.*\"child_pid\":$victim,"
eventually 5 "the handler of the dead child is gone" \
	has_ended "$sleeper"
done_so_far=$((done_so_far + 1))
eventually 20 "its message is done after its timeout" \
	queue_is deleted $done_so_far
ctl metrics >"$SCRATCH/metrics"
ok "metrics can be read" sh -c \
	"'$BUILD/t/openmetrics' <'$SCRATCH/metrics'"
is "$(sed -n 's/^sqsherd_child_crashes_total{.*} //p' "$SCRATCH/metrics")" 4 \
	"four crashes are counted"
stop_sqsherd
is "$STATUS" 0 "exit 0"
is "$(jq -c "select(.event == \"stopped\") | .deleted <= $done_so_far and
	.in_hand == 0" "$SCRATCH/log")" true "the last sums are right"
# shellcheck disable=SC2086 # a list of pids
signal_each TERM $decoys
# shellcheck disable=SC2086
wait $decoys 2>/dev/null || : # of SIGTERM
ok "no process is left" no_survivor
done_testing
