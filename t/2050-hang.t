#!/bin/sh
# A child that stops turning is noticed, ended and replaced; -X runs one
# without a supervisor.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
[ "$SQS_RECEIVE_COUNT" -gt 1 ] || { echo working; sleep "$(cat)"; }
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

start_sqsherd -j 2 -o heartbeat_timeout=2 -o visibility_timeout=600 \
	-o restart_base=100ms -- "$SCRATCH/handler"
send 60
eventually 10 "a job runs" logged '"line":"working"'
eventually 5 "in a child that is titled busy" busy_child
victim=$(busy_child)
id=$(cat "$SCRATCH/last_id")
signal STOP "$victim"
eventually 10 "a stopped child is called hung" \
	logged "child_hung.*\"child_pid\":$victim"
eventually 10 "the log says which message a hung child had" logged "child_hung.*$id|message_interrupted.*$id"
eventually 10 "a hung child is ended" \
	logged "child_exited.*\"child_pid\":$victim"
eventually 10 "a hung child is replaced" child_count_is 2
eventually 5 "the message of a hung child is done by another" queue_is deleted 1
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor

# -- idle children are well, although they wait for 20 s
start_sqsherd -j 2 -o heartbeat_timeout=2 -o wait_time=20 -- "$SCRATCH/handler"
eventually 10 "two children poll for 20 s" fake "/_wait?cond=polling&value=2&ms=9000"
# Two heartbeat timeouts: the children have to have been looked at.
still_well() {
	! logged 'child_hung|child_exited'
}
sleep 5
ok "a child that waits for messages is not called hung" still_well
signal KILL "$SQSHERD"
wait_sqsherd
eventually 3 "no process is left" no_survivor

# -- no credentials is a wait, not a hang and not a death
AWS_ACCESS_KEY_ID='' start_sqsherd -j 1 -o start_timeout=1 \
	-- "$SCRATCH/handler"
eventually 10 "without credentials the child reports it" logged receive_failed
ok "and lives" still_well
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- in the foreground
new_log
"$BUILD/sqsherd" -X -q "$QUEUE" -o log_format=json -o wait_time=1 \
	-- "$SCRATCH/handler" 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
send 0
eventually 10 "-X works a message in the process itself" queue_is deleted 2
is "$(pgrep -P "$SQSHERD" | wc -l)" 0 "which has no child"
stop_sqsherd
is "$STATUS" 0 "SIGTERM: exit 0"

new_log
"$BUILD/sqsherd" -X -q "$QUEUE" -o log_format=json -o wait_time=1 \
	-o grace_timeout=2 -- "$SCRATCH/handler" 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
send 60
eventually 10 "a long job runs" logged '"line":"working"'
stop_sqsherd
is "$STATUS" 76 "SIGTERM with a job longer than the grace: exit 76"
is "$(queue_field visible)" 1 "and it is given back"
ok "no process is left" no_survivor
done_testing
