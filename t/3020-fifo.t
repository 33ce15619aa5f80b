#!/bin/sh
# The messages of a FIFO group are done in their order, failures included.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
body=\$(cat)
# Every third fails the first time.
[ \$((\${body##*-} % 3)) -ne 0 ] || [ "\$SQS_RECEIVE_COUNT" -gt 1 ] || exit 1
echo "\$body" >>"$SCRATCH/done.\$SQS_MESSAGE_GROUP_ID"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs.fifo '"FifoQueue":"true","VisibilityTimeout":"60"'
for group in a b c; do
	seq 1 30 | sed "s/^/$group-/" >"$SCRATCH/sent.$group"
	AWS_ENDPOINT_URL=$FAKE "$BUILD/sqs-send" -q "$QUEUE" -g $group \
		<"$SCRATCH/sent.$group" >"$SCRATCH/out"
done
is "$(queue_field sent)" 90 "90 messages of three groups are sent"
start_sqsherd -j 3 -o receive_max=10 -- "$SCRATCH/handler"
eventually 60 "all are done" queue_is deleted 90
for group in a b c; do
	ok "group $group was done in its order" \
		cmp "$SCRATCH/sent.$group" "$SCRATCH/done.$group"
done
is "$(queue_field in_flight)" 0 "nothing is in flight"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- one that is damaged on its way: those behind it must not overtake it
new_queue damaged.fifo '"FifoQueue":"true"'
message() {
	printf '{"MessageId":"%s","ReceiptHandle":"%s","Body":"%s",' \
		"$1" "$1" "$2"
	printf '"MD5OfBody":"%s","Attributes":{"MessageGroupId":"%s",' \
		"$(printf '%s' "$3" | md5sum | cut -d' ' -f1)" "$4"
	printf '"ApproximateReceiveCount":"1"}}'
}
{
	echo '{"Messages":['
	message 1 a-1 other a && echo ,
	message 2 a-2 a-2 a && echo ,
	message 3 b-2 b-2 b && echo ']}'
} >"$SCRATCH/answer"
fake "/_fault?op=ReceiveMessage&kind=raw&count=1" -X POST \
	--data-binary "@$SCRATCH/answer" >"$SCRATCH/out"
rm "$SCRATCH"/done.*
start_sqsherd -j 1 -o receive_max=10 -o wait_time=1 -- "$SCRATCH/handler"
eventually 20 "a message whose MD5 is wrong is given back" \
	logged '"event":"message","queue":"damaged.fifo".*"id":"1"'
eventually 20 "and the one behind it" \
	logged '"event":"message","queue":"damaged.fifo".*"id":"2"'
eventually 20 "that of another group is worked" test -e "$SCRATCH/done.b"
stop_sqsherd
ok "that behind it was not" test ! -e "$SCRATCH/done.a"
done_testing
