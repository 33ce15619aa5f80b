#!/bin/sh
# A child that stands still, as after SIGSTOP, goes on when it is asked for
# something.  Nothing here is over by itself: hangs and graces take minutes.
. "$(dirname "$0")/lib.sh"
. t/reporter.sh

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
while [ ! -e "$SCRATCH/go" ]; do
	sleep 0.05
done
: >"$SCRATCH/gone"
EOF
start_fake
new_queue jobs

polling() {
	fake "/_wait?name=jobs&cond=polling&value=$1&ms=20000"
}
start() {
	start_sqsherd -o heartbeat_timeout=300 -o grace_timeout=300 \
		-o wait_time=1 -o visibility_timeout=600 "$@" \
		-- "$SCRATCH/handler"
}
# halt PID...: they stand still.
halt() {
	for halted in "$@"; do
		signal STOP "$halted"
		within 10 is_stopped "$halted" || bail "$halted does not stand still"
	done
}
# ends_with STATUS NAME
ends_with() {
	eventually 60 "$2" logged '"event":"stopped"'
	wait_sqsherd
	is "$STATUS" "$1" "with status $1"
	is "$(count_logged '"event":"child_hung"|"signal":"SIG(KILL|ABRT)"')" 0 \
		"nobody was ended otherwise"
}

# -- the stop of all
start -j 2
ok "two children poll" polling 2
# shellcheck disable=SC2046 # pids, each a word
halt $(children)
signal TERM "$SQSHERD"
ends_with 0 "sqsherd stops with children that stood still"

start -j 1
send job
eventually 20 "a child works" logged '"line":"working"'
halt "$(children)"
touch "$SCRATCH/go"
eventually 20 "its handler ends while it stands still" test -e "$SCRATCH/gone"
signal TERM "$SQSHERD"
ends_with 0 "sqsherd stops with it"
is "$(queue_field deleted) $(queue_field redelivered)" "1 0" \
	"the job was done once"
rm "$SCRATCH/go" "$SCRATCH/gone"

# -- a stop in a hurry
start -j 1
send job
eventually 20 "a child works" logged '"line":"working"'
child=$(children)
signal TERM "$SQSHERD"
eventually 20 "it drains" pgrep -P "$SQSHERD" -f draining
halt "$child"
signal INT "$SQSHERD"
ends_with 76 "sqsherd stops with a child that stood still only then"
is "$(count_logged '"event":"child_exited".*"exit_status":76')" 1 \
	"which says itself that it cut its work"
eventually 20 "the message is given back" queue_is visible 1
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

# -- everything else that children are asked for
start -j 2
ok "two children poll" polling 2
child=$(pgrep -P "$SQSHERD" -f '^sqsherd: jobs/0 ')
halt "$child"
signal HUP "$SQSHERD"
eventually 60 "a reload replaces a child that stood still" \
	logged '"event":"reload_done"'
ok "which is gone" has_ended "$child"

child=$(pgrep -P "$SQSHERD" -f '^sqsherd: jobs/1 ')
halt "$child"
ok "one is to be replaced" ctl restart jobs/1
eventually 60 "and is" has_ended "$child"

eventually 20 "there are two children again" child_count_is 2
# shellcheck disable=SC2046
halt $(children)
ok "one child less" ctl scale jobs 1
eventually 60 "is one that stood still" child_count_is 1

child=$(children)
ok "a pause" ctl pause jobs
eventually 60 "is seen by one that stood still" pgrep -P "$SQSHERD" -f paused
halt "$child"
ok "a resume" ctl resume jobs
eventually 60 "likewise" pgrep -P "$SQSHERD" -f polling

halt "$child"
ok "a drain" ctl drain
ends_with 0 "ends sqsherd with a child that stood still"

# -- the reporter
start -j 1 -o emf=yes
eventually 20 "there is a reporter" reporter
old=$(reporter)
halt "$old"
signal HUP "$SQSHERD"
another() {
	new=$(reporter) && [ "$new" != "$old" ]
}
eventually 60 "a reload replaces a reporter that stood still" another
halt "$new"
signal TERM "$SQSHERD"
ends_with 0 "a stop ends one that stood still"
is "$(count_logged '"event":"reporter_exited".*"exit_status":0')" 2 \
	"both by themselves"
ok "no process is left" no_survivor

# -- nobody asks any more
start -j 2
send job
eventually 20 "a child works" busy_child
# shellcheck disable=SC2046
halt $(children)
signal KILL "$SQSHERD"
status_of wait "$SQSHERD" 2>/dev/null
eventually 20 "children that stood still see that their supervisor is gone" \
	sh -c "[ \$(grep -c supervisor_gone '$SCRATCH/log') -eq 2 ]"
touch "$SCRATCH/go"
eventually 60 "and finish what they have" queue_is deleted 2
eventually 60 "no process is left" no_survivor
done_testing
