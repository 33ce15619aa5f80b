#!/bin/sh
# SQS does not take what became of messages, though it hands them out: no stall
# in silence, nothing worked for nothing, and it goes on when that heals.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
echo x >>"$SCRATCH/worked"
[ -e "$SCRATCH/good" ]
EOF
chmod +x "$SCRATCH/handler"
start_fake
denied='kind=error&code=AccessDenied&count=-1'

fill() {
	new_queue "$1"
	rm -f "$SCRATCH/worked"
	fake "/_send?name=$1&count=10" -X POST --data-binary x >/dev/null
}
start_quick() {
	start_sqsherd -j 1 -o visibility_timeout=3 -o health_timeout=2 \
		-o wait_time=1 "$@" -- "$SCRATCH/handler"
}
unhealthy() {
	! ctl health >"$SCRATCH/health" && grep -q AccessDenied "$SCRATCH/health"
}
slot_field() {
	ctl status --json | jq -r ".status.queues[0].slots[0].$1"
}
expired_is() {
	[ "$(count_logged '"event":"message".*"outcome":"expired"')" -ge "$1" ]
}
more_worked() {
	[ "$(wc -l <"$SCRATCH/worked")" -ge "$1" ]
}
clear_faults() {
	fake /_clear -X POST >/dev/null
}

# -- what failed cannot be given back
fill back
fault "op=ChangeMessageVisibilityBatch&$denied"
start_quick
eventually 20 "what cannot be given back turns health red" unhealthy
eventually 20 "it ends when its visibility timeout does" expired_is 2
eventually 20 "and the next is worked" more_worked 3
like "$(slot_field last_error)" AccessDenied "the last error says why"
in_hand=$(slot_field in_hand)
ok "nothing piles up in the child ($in_hand in hand)" test "$in_hand" -le 2
is "$(count_logged '"event":"call_failed"')" 1 "the trouble is logged once"
touch "$SCRATCH/good"
clear_faults
eventually 20 "when it heals all are worked" queue_is deleted 10
eventually 20 "and health is green" ctl health
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- what is done cannot be deleted
fill deletes
fault "op=DeleteMessageBatch&$denied"
start_quick
eventually 20 "what cannot be deleted turns health red" unhealthy
in_hand=$(slot_field in_hand)
ok "nothing more is received ($in_hand in hand)" test "$in_hand" -le 2
is "$(slot_field phase)" waiting "the child waits"
clear_faults
eventually 20 "when it heals all are deleted" queue_is deleted 10
is "$(wc -l <"$SCRATCH/worked")" 10 "each was worked once"
eventually 20 "and health is green" ctl health
ok "the log says so" logged '"event":"call_recovered"'
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- who is to go does not wait for that
fill leaves
fault "op=DeleteMessageBatch&$denied"
replaced='"event":"child_replaced".*"reason":"messages"'
start_quick -o max_messages=1
eventually 20 "a child that has worked enough is replaced all the same" \
	logged "$replaced"
waited=$(jq -s "$LOG_MS"'
	map(select(.outcome == "expired" or .event == "child_replaced").time | ms)
	| .[1] - .[0]' "$SCRATCH/log")
ok "as soon as its hands are empty ($waited ms)" test "$waited" -lt 1000
clear_faults
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# Each tries for half as long, and its successor finds the queue empty until the
# visibility timeout has ended.
new_queue one
send x
fault "op=DeleteMessageBatch&$denied"
start_quick -o max_messages=1 -o health_timeout=7
eventually 30 "what no child of several can delete turns health red" unhealthy
ok "though none of them is in trouble for that long" logged "$replaced"
clear_faults
eventually 20 "when it heals health is green" ctl health
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
fill drains
fault "op=DeleteMessageBatch&$denied"
start_quick
eventually 20 "a message cannot be deleted" logged '"event":"call_failed"'
signal TERM "$(children)"
eventually 20 "a child that drains ends" \
	logged '"event":"child_exited".*"exit_status":0'
clear_faults
eventually 20 "its successor works all" queue_is deleted 10
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
done_testing
