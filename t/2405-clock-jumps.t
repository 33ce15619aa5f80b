#!/bin/sh
# The time of day jumps, a day ahead and two days back; no deadline follows it.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
exec sleep "$(cat)"
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

echo 0 >"$SCRATCH/clock"
SHIM_CLOCK=$SCRATCH/clock start_shimmed -j 3 -o wait_time=1 \
	-o heartbeat_timeout=3 -o job_timeout=20s -o restart_base=2s \
	-o restart_cap=2s -- "$SCRATCH/handler"
polling 3
done_so_far=0
births=3
for offset in 86400 -86400; do
	send 3
	within 20 busy_child || fail "a job runs" "it does not"
	worker=$(busy_child)
	idle=$(children | grep -vx "$worker" | head -1)
	signal KILL "$idle"
	within 5 logged "child_exited.*\"child_pid\":$idle,"
	died=$(now_ms)
	echo $offset >"$SCRATCH/clock"
	pause=$(jq "select(.child_pid == $idle and .restart_in) | .restart_in" \
		"$SCRATCH/log")
	births=$((births + 1))
	born() {
		[ "$(count_logged '"event":"child_started"')" -eq "$births" ]
	}
	eventually 20 "the clock jumps by $offset s: a dead child is replaced" \
		born
	took=$(($(now_ms) - died))
	# It was dead a little before we saw it.
	ok "a child is replaced neither early nor late ($took ms, said $pause)" test \
		$took -gt $((pause - 300)) -a $took -lt $((pause + 4000))
	done_so_far=$((done_so_far + 1))
	eventually 20 "a job goes on over the jump" \
		queue_is deleted $done_so_far
done
send 0
done_so_far=$((done_so_far + 1))
eventually 20 "receives go on over the jump" queue_is deleted $done_so_far
is "$(count_logged '"event":"child_exited"')" 2 "nobody else has died"
is "$(count_logged 'child_hung|supervisor_late|job_timeout|receive_failed')" 0 \
	"nobody is called hung or late"
is "$(queue_field expired)" 0 "no message waited for its timeout"
dates() {
	jq -r .time "$SCRATCH/log" | cut -c1-10 | sort -u | wc -l
}
ok "the log has seen the jumps" test "$(dates)" -ge 3
stop_sqsherd
is "$STATUS" 0 "exit 0"

ok "no process is left" no_survivor
done_testing
