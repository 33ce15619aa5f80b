#!/bin/sh
# What becomes of messages whose body is on its way from S3: after a failure
# their group stays in order, and a child that dies gives them back unblamed.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
echo "\$(cat)" >>"$SCRATCH/order"
EOF
chmod +x "$SCRATCH/handler"
start_fake
export AWS_ENDPOINT_URL_S3="$FAKE/s3"

# pointer N: sends one to one/N, which holds N, in the group g.
pointer() {
	printf '%s' "$1" >"$SCRATCH/object"
	curl -sS -m 60 -f -T "$SCRATCH/object" -o "$SCRATCH/answer" \
		"$FAKE/s3/one/$1" || bail "cannot put one/$1"
	jq -cn --arg q "$QUEUE" --arg n "$1" '{QueueUrl: $q,
		MessageBody: (["software.amazon.payloadoffloading.PayloadS3Pointer",
			{s3BucketName: "one", s3Key: $n}] | tojson),
		MessageAttributes: {ExtendedPayloadSize:
			{DataType: "Number", StringValue: "1"}}} +
		if $q | endswith(".fifo") then {MessageGroupId: "g",
			MessageDeduplicationId: $n} else {} end' \
		>"$SCRATCH/send.json"
	sqs SendMessage "@$SCRATCH/send.json" >"$SCRATCH/sent.json"
}
order() {
	tr '\n' ' ' <"$SCRATCH/order"
}

new_queue ordered.fifo '"FifoQueue":"true"'
for n in 1 2 3 4; do
	pointer $n
done
# The second fetch is the first to fail, and the third.
fault 'op=s3&skip=1&count=2&kind=html&code=AccessDenied&status=403'
start_sqsherd -j 2 -o wait_time=1 -o receive_max=10 -o s3_buckets=one \
	-- "$SCRATCH/handler"
eventually 20 "a group is worked, though fetches fail" queue_is deleted 4
is "$(order)" "1 2 3 4 " "in its order"
stop_sqsherd
is "$(count_logged '"event":"object_failed"')" 2 "two fetches failed"

# Not a death that the message is to be blamed for.
: >"$SCRATCH/order"
new_queue many
fault 'op=s3&kind=hang'
pointer 5
start_sqsherd -j 1 -o wait_time=1 -o s3_buckets=one -o restart_base=0 \
	-o poison_kills=1 -- "$SCRATCH/handler"
eventually 20 "an object is on its way" sh -c \
	"curl -sS -m 60 '$FAKE/_calls?since=0' | jq -e 'map(select(.op == \"s3\"
		and .status == 0)) | length > 0'"
signal KILL "$(children)"
eventually 20 "its child dies, and it is worked" queue_is deleted 1
is "$(order)" "5 " "once"
ok "nobody blames it" not_logged '"event":"poison'
stop_sqsherd

# A body can have hundreds of megabytes.
new_queue settles
fault 'op=DeleteMessageBatch&kind=error&code=AccessDenied&count=-1'
pointer 6
start_sqsherd -j 1 -o wait_time=1 -o s3_buckets=one -- "$SCRATCH/handler"
eventually 20 "a message is done, but cannot be deleted" \
	logged '"event":"call_failed"'
ok "its body is closed by then" sh -c \
	"! readlink /proc/$(children)/fd/* | grep -E '#[0-9]+|s3-object'"
fake /_clear -X POST >"$SCRATCH/out"
eventually 20 "in the end it is deleted" queue_is deleted 1
stop_sqsherd
ok "no process is left" no_survivor
done_testing
