#!/bin/sh
# A rejected message is moved to the queue's own dead-letter queue, whole and
# with the reason; what cannot be moved is retried.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
exit 65
EOF
chmod +x "$SCRATCH/handler"
start_fake

# new_pair NAME [ATTRIBUTES]: a queue and its dead-letter queue.
new_pair() {
	new_queue "dead-$1" ${2+"$2"}
	DEAD=$QUEUE
	policy='{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead-'$1'\",\"maxReceiveCount\":100}'
	new_queue "$1" "\"RedrivePolicy\":\"$policy\"${2+,$2}"
}
dead_field() {
	fake "/_queue?name=${DEAD##*/}" | jq -r ".$1"
}
# The next message of the dead-letter queue, as SQS gives it out.
dead_message() {
	sqs ReceiveMessage "{\"QueueUrl\":\"$DEAD\",
		\"MessageAttributeNames\":[\"All\"],
		\"MessageSystemAttributeNames\":[\"All\"]}" >"$SCRATCH/dead"
}
dead_value() {
	jq -r ".Messages[0] | $1" "$SCRATCH/dead"
}
send_json() {
	printf '{"QueueUrl":"%s",%s}' "$QUEUE" "$1" >"$SCRATCH/send.json"
	sqs SendMessage "@$SCRATCH/send.json" | jq -r .MessageId \
		>"$SCRATCH/last_id"
}
attributes() {
	seq "$1" | sed 's/.*/"a&":{"DataType":"String","StringValue":"v&"}/' |
		paste -sd , -
}

# -- what arrives
new_pair jobs
start_sqsherd -j 1 -- "$SCRATCH/handler"
send_json '"MessageBody":"a \"bad\" job","MessageAttributes":{
	"color":{"DataType":"String","StringValue":"blue"},
	"n":{"DataType":"Number.int","StringValue":"3"},
	"blob":{"DataType":"Binary","BinaryValue":"AQIDBA=="}},
	"MessageSystemAttributes":{"AWSTraceHeader":
		{"DataType":"String","StringValue":"Root=1-2-3"}}'
id=$(cat "$SCRATCH/last_id")
eventually 20 "a rejected message is deleted" queue_is deleted 1
dead_message
is "$(dead_value .Body)" 'a "bad" job' "it is in the dead-letter queue"
is "$(dead_value '.MessageAttributes | [.color.StringValue, .n.DataType,
	.blob.BinaryValue] | join(" ")')" "blue Number.int AQIDBA==" \
	"with its attributes"
is "$(dead_value .Attributes.AWSTraceHeader)" "Root=1-2-3" \
	"its trace header"
is "$(dead_value '.MessageAttributes | [.SqsherdReason.StringValue,
	.SqsherdQueue.StringValue, .SqsherdMessageId.StringValue,
	.SqsherdReceiveCount.StringValue] | join(" ")')" \
	"exit status 65 jobs $id 1" "and what became of it"
eventually 5 "the record says that it was rejected" \
	logged "\"id\":\"$id\",.*\"verdict\":\"reject\",\"outcome\":\"rejected\""
is "$(queue_field redelivered)" 0 "it was delivered once"

# -- the limits
send_json "\"MessageBody\":\"b\",\"MessageAttributes\":{$(attributes 10)}"
eventually 20 "one with 10 attributes is moved" queue_is deleted 2
dead_message
is "$(dead_value '.MessageAttributes | keys | length')" 10 "with these 10"
{
	printf '{"QueueUrl":"%s","MessageBody":"' "$QUEUE"
	head -c 1048576 /dev/zero | tr '\0' x
	printf '"}'
} >"$SCRATCH/send.json"
sqs SendMessage "@$SCRATCH/send.json" >"$SCRATCH/out"
eventually 20 "one of 1 MiB is moved" queue_is deleted 3
dead_message
is "$(dead_value '.Body | length')" 1048576 "whole"
is "$(dead_value '.MessageAttributes')" null "without a word from us"

# -- faults
fault "op=SendMessage&kind=http500&count=5"
send "job 4"
eventually 20 "a server's errors are waited out" queue_is deleted 4
fault "op=SendMessage&kind=cut_after&count=1"
send "job 5"
eventually 20 "a lost answer is no answer" queue_is deleted 5
ok "the message is in the dead-letter queue, once or twice" \
	test "$(dead_field sent)" -ge 5
fault "op=SendMessage&kind=error&code=AccessDenied&status=403&count=1"
send "job 6"
eventually 20 "without permission it is retried" \
	logged '"verdict":"reject","outcome":"retried","reason":"not moved: .*AccessDenied'
is "$(count_logged no_dead_letter_queue)" 1 "and the log says why"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- what cannot be moved in time, and what is not ours meanwhile
new_pair slow
fault "op=SendMessage&kind=http500&count=-1"
start_sqsherd -j 1 -o visibility_timeout=3 -- "$SCRATCH/handler"
send a
eventually 20 "what cannot be moved for a visibility timeout is retried" \
	logged '"outcome":"retried","reason":"not moved: HTTP status 500'
stop_sqsherd
new_pair lost
start_sqsherd -j 1 -o visibility_timeout=12 -- "$SCRATCH/handler"
fault "op=ChangeMessageVisibilityBatch&kind=entry_fail&count=1&sender=1&code=ReceiptHandleIsInvalid"
send a
eventually 20 "what is lost before is left to its next holder" \
	logged '"outcome":"expired","reason":"not moved: it is not ours'
fake /_clear -X POST >"$SCRATCH/out"
eventually 20 "who moves it" queue_is deleted 1
is "$(dead_field sent)" 1 "once"
stop_sqsherd

# -- no dead-letter queue
new_queue plain
start_sqsherd -j 1 -o retry_base=10 -- "$SCRATCH/handler"
send a b
retried_is() {
	[ "$(count_logged '"outcome":"retried"')" -ge "$1" ]
}
eventually 20 "without a dead-letter queue both are retried" retried_is 2
ok "for that reason" logged '"reason":"not moved: the queue has no dead-letter'
is "$(fake /_calls | jq '[.[] | select(.op == "GetQueueAttributes" and
	.queue == "plain")] | length')" 1 "which was asked for once"
stop_sqsherd

# -- FIFO: a group waits for the move, and the queue takes no duplicate
new_pair orders.fifo '"FifoQueue":"true"'
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
body=\$(cat)
echo "\$body" >>"$SCRATCH/worked"
[ "\$body" != b ] || exit 65
EOF
for body in a b c; do
	fake "/_send?name=orders.fifo&body=$body&group=g&dedup=$body" -X POST \
		>"$SCRATCH/sent.json"
	[ $body != b ] || id=$(jq -r '.[0].MessageId' "$SCRATCH/sent.json")
done
fault "op=SendMessage&kind=cut_after&count=1"
start_sqsherd -j 1 -o receive_max=10 -- "$SCRATCH/handler"
eventually 20 "of a FIFO queue all three are settled" queue_is deleted 3
is "$(tr -d '\n' <"$SCRATCH/worked")" abc "the group was worked in order"
dead_message
is "$(dead_value '.Attributes | [.MessageGroupId, .MessageDeduplicationId] |
	join(" ")')" "g $id" "the group id is kept, the other is the old id"
is "$(dead_field sent)" 1 "a repeated send is one message"
stop_sqsherd
is "$STATUS" 0 "exit 0"
done_testing
