#!/bin/sh
# Rejected messages in a server that is not ours.
. "$(dirname "$0")/lib.sh"

tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why" ||
	skip_all "$(sed -n '$s/^sqs-server: //p' "$SCRATCH/why")"
PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
SQS_ENDPOINT=$(cat "$SCRATCH/moto/url")

# count_is QUEUE N: messages in it.
count_is() {
	[ "$(sqs GetQueueAttributes "{\"QueueUrl\":\"$1\",
		\"AttributeNames\":[\"All\"]}" | jq -r '.Attributes |
		(.ApproximateNumberOfMessages | tonumber) +
		(.ApproximateNumberOfMessagesNotVisible | tonumber)')" = "$2" ]
}

# check NAME [ATTRIBUTES [MEMBERS]]: of the queues, of the message.
check() {
	new_queue "dead-$1" ${2+"$2"}
	dead=$QUEUE
	arn=$(sqs GetQueueAttributes "{\"QueueUrl\":\"$dead\",
		\"AttributeNames\":[\"QueueArn\"]}" | jq -r .Attributes.QueueArn)
	new_queue "$1" "\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"$arn\\\",\\\"maxReceiveCount\\\":9}\"${2+,$2}"
	sqs SendMessage "{\"QueueUrl\":\"$QUEUE\",\"MessageBody\":\"h\u00e9llo\",
		\"MessageAttributes\":{\"blob\":{\"DataType\":\"Binary\",
			\"BinaryValue\":\"AQIDBA==\"}}${3-}}" >"$SCRATCH/sent.json"
	start_sqsherd -j 1 -- sh -c 'exit 65'
	eventually 30 "$1: a message is moved" count_is "$dead" 1
	eventually 30 "$1: and gone from its queue" count_is "$QUEUE" 0
	sqs ReceiveMessage "{\"QueueUrl\":\"$dead\",
		\"MessageAttributeNames\":[\"All\"],
		\"AttributeNames\":[\"All\"]}" >"$SCRATCH/dead.json"
	is "$(jq -r '.Messages[0] | [.Body,
		.MessageAttributes.blob.BinaryValue,
		.MessageAttributes.SqsherdReason.StringValue] | join(" ")' \
		"$SCRATCH/dead.json")" "héllo AQIDBA== exit status 65" \
		"$1: it is whole, and says why"
	stop_sqsherd
	is "$STATUS" 0 "exit 0"
}

check jobs
check orders.fifo '"FifoQueue":"true"' \
	',"MessageGroupId":"g","MessageDeduplicationId":"d"'
is "$(jq -r '.Messages[0].Attributes | [.MessageGroupId,
	.MessageDeduplicationId] | join(" ")' "$SCRATCH/dead.json")" \
	"g $(jq -r .MessageId "$SCRATCH/sent.json")" \
	"of a FIFO queue the group is kept"
done_testing
