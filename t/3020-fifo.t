#!/bin/sh
# The messages of a FIFO group are done in their order, failures included.
. t/lib.sh

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
done_testing
