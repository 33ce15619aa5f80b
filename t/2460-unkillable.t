#!/bin/sh
# A child that not even SIGKILL ends, as in a disk or NFS server that is gone.
# What stands in for it is t/freezer.sh.
. "$(dirname "$0")/lib.sh"

. t/freezer.sh
find_freezer || skip_all "$WHY_NOT"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
[ "$SQS_RECEIVE_COUNT" -gt 1 ] || exec sleep "$(cat)"
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'
starts() {
	[ "$(count_logged '"event":"child_started"')" -eq "$1" ]
}
newest() {
	jq -r 'select(.event == "child_started") | .child_pid' "$SCRATCH/log" |
		tail -1
}

start_sqsherd -j 1 -o wait_time=1 -o heartbeat_timeout=1 \
	-o visibility_timeout=600 -o restart_base=100ms -o crash_limit=10 \
	-- "$SCRATCH/handler"
send 60
id=$(cat "$SCRATCH/last_id")
eventually 10 "a job runs" busy_child
first=$(busy_child)
find_process -P "$first" -f '^sleep'
sleeper=$FOUND
freeze "$first" 1 || bail "cannot freeze a process"
eventually 10 "a child that is stuck in the kernel is called hung" \
	logged "child_hung.*\"child_pid\":$first,"
killed() {
	ctl status --json >"$SCRATCH/status" &&
		[ "$(jq -r '.status.queues[0].slots[0].state' \
			"$SCRATCH/status")" = killed ]
}
eventually 5 "the supervisor answers while a child is stuck" killed
eventually 30 "the log says that SIGKILL does not end a child, and the child is replaced" \
	logged "\"event\":\"child_unkillable\".*\"child_pid\":$first,.*\"kills\":1,\"replaced\":true"
eventually 5 "another child is started" starts 2
second=$(newest)
ok "the child that is stuck is still there" is_alive "$first"
ok "the log has the message that the stuck child held" \
	logged "message_interrupted.*$id"
eventually 5 "the handler of the stuck child is killed" has_ended "$sleeper"
eventually 10 "the other child does the message" queue_is deleted 1
is "$(queue_field expired)" 0 "the message does not wait for its timeout"
ok "health is green with one child that is stuck" ctl health

# -- as many as the queue has children, no more
freeze "$second" 2
eventually 30 "as many stuck children as there are slots are not replaced" \
	logged "\"event\":\"child_unkillable\".*\"child_pid\":$second,.*\"replaced\":false"
again() {
	logged "child_unkillable.*\"child_pid\":$second,.*\"kills\":2"
}
eventually 20 "a stuck child is killed again" again
ok "no child is started beside two that are stuck" starts 2
is "$(ctl status --json | jq .status.deaths)" 1 \
	"the first stuck child is counted as dead"

# -- the kernel lets go
thaw 1
eventually 5 "the first stuck child dies when the kernel lets go" logged \
	"child_exited.*\"child_pid\":$first,.*\"signal\":\"SIGKILL\",.*\"in_hand\":1"
thaw 2
eventually 5 "the second stuck child dies, and is replaced" starts 3
is "$(ctl status --json | jq '[.status.queues[0].slots[].state] | length')" 1 \
	"one slot is left"
send 60
eventually 10 "the child of that slot works" busy_child
signal INT "$SQSHERD"
within 5 logged stop_began
signal INT "$SQSHERD"
wait_sqsherd
is "$STATUS" 76 "a stop cuts the job: exit 76"
is "$(queue_field in_flight)" 0 "nothing is in flight"
ok "no process is left" no_survivor
done_testing
