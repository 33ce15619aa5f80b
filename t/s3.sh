# shellcheck shell=sh
# Messages whose bodies are in S3, which the scripted server plays.  Sourced
# after t/lib.sh; whoever does sets JOBS, the queue that they go to.
#
#	put BUCKET/KEY		the bytes of $SCRATCH/object
#	pointer BUCKET KEY [CLASS]	prints a body that points there
#	marked BODY SIZE [ATTRIBUTE]	sends it as such a body; sets ID
#	ended NAME OUTCOME	the message ID has that outcome
#	not_begun NAME		no handler was given it

# What was given: the body, byte for byte, and how often.
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
cat >"$SCRATCH/body.\$SQS_MESSAGE_ID"
echo "\$SQS_RECEIVE_COUNT" >>"$SCRATCH/begun.\$SQS_MESSAGE_ID"
EOF
chmod +x "$SCRATCH/handler"
start_fake
export AWS_ENDPOINT_URL_S3="$FAKE/s3"

CLASS=software.amazon.payloadoffloading.PayloadS3Pointer
put() {
	curl -sS -m 60 -f -T "$SCRATCH/object" -o "$SCRATCH/answer" \
		"$FAKE/s3/$1" || bail "cannot put $1"
}
marked() {
	QUEUE=$JOBS
	jq -cn --arg q "$QUEUE" --arg body "$1" --arg size "$2" \
		--arg name "${3-ExtendedPayloadSize}" '{QueueUrl: $q,
		MessageBody: $body, MessageAttributes: {($name):
			{DataType: "Number", StringValue: $size}}}' \
		>"$SCRATCH/send.json"
	ID=$(sqs SendMessage "@$SCRATCH/send.json" | jq -r .MessageId)
}
pointer() {
	jq -cn --arg b "$1" --arg k "$2" --arg c "${3-$CLASS}" \
		'[$c, {s3BucketName: $b, s3Key: $k}]'
}
ended() {
	eventually 20 "$1" logged "\"id\":\"$ID\".*\"outcome\":\"$2\""
}
not_begun() {
	ok "$1" test ! -e "$SCRATCH/begun.$ID"
}
