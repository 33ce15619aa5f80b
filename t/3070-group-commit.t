#!/bin/sh
# Deletes go out at once when little is going on, and ten at a time when much
# is; what failed is repeated, and all is told to SQS before the end.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

# -- little: the time from the verdict to SQS's confirmation
start_sqsherd -j 1 -- /bin/true
for i in $(seq 20); do
	send "job $i"
	within 20 queue_is deleted "$i" || bail "job $i is not done"
done
# The whole exchange with the server is in it; a machine that is busy with
# other things makes some longer, but not the shortest.
least=$(jq -s '[.[] | select(.event == "message") |
	.total_ms - .handler_ms] | min' "$SCRATCH/log")
ok "a delete starts at once ($least ms until it is confirmed)" \
	test "$least" -le 3
is "$(fake /_stats | jq .ops.DeleteMessageBatch.requests)" 20 \
	"each with a request of its own"

# -- entries that fail
fault "op=DeleteMessageBatch&kind=entry_fail&code=InternalError&sender=0&count=2"
send again
eventually 20 "an entry that failed is repeated" queue_is deleted 21
fault "op=DeleteMessageBatch&kind=entry_fail&code=ReceiptHandleIsInvalid&sender=1&count=1"
send invalid
eventually 20 "one whose handle is refused is not" \
	logged '"event":"message".*"outcome":"expired"'
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- much: a handler that takes no time
new_queue many
fake "/_send?name=many&body=m&count=5000" -X POST >"$SCRATCH/out"
before=$(fake /_stats)
"$BUILD/t/bench/sqsherd-null" 30 "$FAKE" "$QUEUE" >"$SCRATCH/null" 2>&1 &
null=$!
PIDS="$PIDS $null"
eventually 30 "5000 messages are done" queue_is deleted 5000
requests=$(fake /_stats | jq --argjson before "$before" '
	[.ops.ReceiveMessage.requests, .ops.DeleteMessageBatch.requests,
	.ops.ChangeMessageVisibilityBatch.requests] as $now |
	$before.ops | ($now | add) - .ReceiveMessage.requests -
	.DeleteMessageBatch.requests - .ChangeMessageVisibilityBatch.requests')
ok "with at most 0.21 requests a message ($requests requests)" \
	test "$requests" -le 1050

# -- the end: SQS is slow, and yet is told everything
new_queue last
for i in 1 2 3 4 5 6 7 8; do
	send "job $i"
done
signal KILL $null
deletes=$(($(fake /_stats | jq .ops.DeleteMessageBatch.requests) + 1))
fault "op=DeleteMessageBatch&kind=slow&ms=500&count=-1"
start_sqsherd -j 1 -o receive_max=10 -- /bin/true
ok "a delete is under way" \
	fake "/_wait?op=DeleteMessageBatch&cond=op_count&value=$deletes&ms=20000"
stop_sqsherd
is "$STATUS" 0 "a stop waits for it"
is "$(jq 'select(.event == "stopped") | .deleted' "$SCRATCH/log")" \
	"$(queue_field deleted)" "and everything that is done is deleted"
is "$(queue_field in_flight)" 0 "nothing is in flight"
done_testing
