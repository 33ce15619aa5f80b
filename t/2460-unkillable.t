#!/bin/sh
# A child that not even SIGKILL ends, as in a disk or NFS server that is gone:
# row 27 of the list of what a supervisor must withstand.  What stands in for
# it is t/freezer.sh.
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
eventually 10 "row 27: a job runs" busy_child
first=$(busy_child)
sleeper=$(pgrep -P "$first" -f '^sleep')
freeze "$first" 1 || bail "cannot freeze a process"
eventually 10 "row 27: a child that is stuck in the kernel is called hung" \
	logged "child_hung.*\"child_pid\":$first,"
killed() {
	ctl status --json >"$SCRATCH/status" &&
		[ "$(jq -r '.status.queues[0].slots[0].state' \
			"$SCRATCH/status")" = killed ]
}
eventually 5 "row 27: the supervisor answers meanwhile" killed
eventually 30 "row 27: it says that SIGKILL does not end it, and replaces it" \
	logged "\"event\":\"child_unkillable\".*\"child_pid\":$first,.*\"kills\":1,\"replaced\":true"
eventually 5 "row 27: another child is there" starts 2
second=$(newest)
ok "row 27: beside the first" kill -0 "$first"
ok "row 27: the log has the message that it held" \
	logged "message_interrupted.*$id"
eventually 5 "row 27: whose handler is killed" has_ended "$sleeper"
eventually 10 "row 27: and which the other does" queue_is deleted 1
is "$(queue_field expired)" 0 "row 27: without its timeout"
ok "row 27: the pool is well" ctl health

# -- as many as the queue has children, no more
freeze "$second" 2
eventually 30 "row 27: one too many is not replaced" \
	logged "\"event\":\"child_unkillable\".*\"child_pid\":$second,.*\"replaced\":false"
again() {
	logged "child_unkillable.*\"child_pid\":$second,.*\"kills\":2"
}
eventually 20 "row 27: it is killed again" again
ok "row 27: no child was started" starts 2
is "$(ctl status --json | jq .status.deaths)" 1 \
	"row 27: the first one is counted as dead"

# -- the kernel lets go
thaw 1
eventually 5 "row 27: at last the first one dies" logged \
	"child_exited.*\"child_pid\":$first,.*\"signal\":\"SIGKILL\",.*\"in_hand\":1"
thaw 2
eventually 5 "row 27: and the second, and that is replaced" starts 3
is "$(ctl status --json | jq '[.status.queues[0].slots[].state] | length')" 1 \
	"row 27: one slot is left"
send 60
eventually 10 "row 27: its child works" busy_child
kill -INT "$SQSHERD"
within 5 logged stop_began
kill -INT "$SQSHERD"
wait_sqsherd
is "$STATUS" 76 "row 27: exit 76"
is "$(queue_field in_flight)" 0 "row 27: nothing is in flight"
ok "no process is left" no_survivor
done_testing
