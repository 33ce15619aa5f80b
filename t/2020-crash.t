#!/bin/sh
# Children die; no message is lost, and none waits for its timeout.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
[ "\$SQS_RECEIVE_COUNT" -gt 1 ] || exec sleep "\$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

start_sqsherd -j 2 -o visibility_timeout=600 -o restart_base=200ms \
	-- "$SCRATCH/handler"
visible_or_redelivered() {
	[ "$(queue_field visible)" -gt 0 ] || [ "$(queue_field redelivered)" -gt "$1" ]
}

n=0
for signal in KILL SEGV ABRT; do
	send 60
	eventually 10 "a job runs" queue_is in_flight 1
	eventually 5 "its child is titled busy" busy_child
	victim=$(busy_child | head -1)
	find_process -P "$victim" -f '^sleep'
	sleeper=$FOUND
	before=$(now_ms)
	signal $signal "$victim"
	within 10 visible_or_redelivered $n
	took=$(($(now_ms) - before))
	# t/9030 wants 2 s of most; one alone can be late on a loaded machine.
	ok "after SIG$signal of its child a message is soon visible again ($took ms)" \
		test $took -lt 10000
	n=$((n + 1))
	eventually 10 "and done by another" queue_is deleted $n
	ok "the handler of the dead child is gone" \
		has_ended "$sleeper"
	eventually 5 "the child is replaced" child_count_is 2
done
ok "the log names the signal" logged 'child_exited.*SIGKILL'
ok "and the message" logged 'message_interrupted'
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "no process is left" no_survivor

# -- a crash loop ends with a status that a service manager sees
start_sqsherd -j 2 -o restart_base=10ms -o restart_cap=20ms -o crash_limit=5 \
	-- "$SCRATCH/handler"
loop_killer() {
	for pid in $(children); do
		# Some are gone before their turn.
		kill -KILL "$pid" 2>/dev/null || :
	done
	has_ended "$SQSHERD"
}
eventually 30 "children that keep dying are not replaced for ever" loop_killer
wait_sqsherd
is "$STATUS" 75 "it ends with exit 75"
ok "no process is left" no_survivor
done_testing
