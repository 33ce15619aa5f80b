#!/bin/sh
# A child is killed while SQS does not answer: what was done is not done again.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
cat >>"$SCRATCH/worked"
exit \$(cat "$SCRATCH/status")
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue dead
policy='{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":100}'
new_queue jobs "\"RedrivePolicy\":\"$policy\""
start_sqsherd -j 1 -o visibility_timeout=600 -o restart_base=50ms \
	-o restart_cap=50ms -- "$SCRATCH/handler"

requests() {
	fake /_stats | jq ".ops.$1.requests"
}
requests_are() {
	[ "$(requests "$1")" -ge "$2" ]
}

# dies_in OPERATION STATUS BODY: the answer to a call about this message does
# not come, and the child is killed.
dies_in() {
	echo "$2" >"$SCRATCH/status"
	: >"$SCRATCH/worked"
	fault "op=$1&kind=hang&count=1"
	wanted=$(($(requests "$1") + 1))
	send "$3"
	eventually 20 "SQS does not answer $1" requests_are "$1" $wanted
	signal KILL "$(children)"
}

dies_in DeleteMessageBatch 0 worked
eventually 20 "a message whose handler had succeeded is deleted" \
	queue_is deleted 1
is "$(cat "$SCRATCH/worked")" worked "and was worked once"
ok "its child died in the middle of the delete" \
	logged '"event":"message_interrupted".*"state":"deleting"'
eventually 5 "a releaser deleted it" \
	logged '"event":"message_recovered".*"outcome":"deleted"'

dies_in DeleteMessageBatch 65 rejected
eventually 20 "one that had been moved is deleted as well" queue_is deleted 2
is "$(cat "$SCRATCH/worked")" rejected "and was worked once"
is "$(fake "/_queue?name=dead" | jq .sent)" 1 \
	"it is once in the dead-letter queue"
eventually 5 "a releaser ended the move" \
	logged '"event":"message_recovered".*"outcome":"rejected"'

dies_in SendMessage 65 again
eventually 20 "one on its way there comes again and is moved" \
	queue_is deleted 3
is "$(queue_field redelivered)" 1 "after a second delivery"

dies_in ChangeMessageVisibilityBatch 1 retried
echo 0 >"$SCRATCH/status"
eventually 20 "one being given back is given back" queue_is deleted 4
is "$(queue_field expired)" 0 "none had to wait for its timeout"
is "$(queue_field in_flight)" 0 "and none is in flight"
stop_sqsherd
is "$STATUS" 0 "exit 0"
done_testing
