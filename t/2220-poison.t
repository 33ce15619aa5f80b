#!/bin/sh
# A message that kills its child does so poison_kills times, not for ever, and
# neither the pool nor the other messages suffer.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
body=\$(cat)
echo "\$body" >>"$SCRATCH/worked"
[ "\$body" != poison ] || kill -KILL \$PPID
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue dead
policy='{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":100}'
new_queue jobs "\"RedrivePolicy\":\"$policy\""

# One death that counts is allowed, and 60 s of backoff would be seen.
start_sqsherd -j 2 -o crash_limit=1 -o poison_kills=3 -o restart_base=200ms \
	-o restart_cap=60s -- "$SCRATCH/handler"
send poison
id=$(cat "$SCRATCH/last_id")
eventually 60 "the message is moved to the dead-letter queue" \
	queue_is deleted 1
is "$(grep -c poison "$SCRATCH/worked")" 3 "it was moved after three children died of it"
is "$(sqs ReceiveMessage '{"QueueUrl":"'"${QUEUE%/*}"'/dead",
	"MessageAttributeNames":["All"]}' |
	jq -r '.Messages[0] | .MessageAttributes.SqsherdReason.StringValue')" \
	"3 children died of it" "with the reason"
ok "the log names it" logged "\"event\":\"poison\".*\"id\":\"$id\""
seq 20 >"$SCRATCH/bodies"
AWS_ENDPOINT_URL=$FAKE "$BUILD/sqs-send" -q "$QUEUE" <"$SCRATCH/bodies" \
	>"$SCRATCH/out"
eventually 20 "other messages are worked" queue_is deleted 21
eventually 10 "both children run" child_count_is 2
ok "poison is no crash loop" not_logged crash_loop
is "$(queue_field expired)" 0 "no message waited for its timeout"
stop_sqsherd
is "$STATUS" 0 "exit 0"
is "$(jq 'select(.event == "stopped") | .deaths' "$SCRATCH/log")" 3 \
	"three deaths are counted"

# -- without a dead-letter queue it is put off
new_queue plain
start_sqsherd -j 1 -o poison_kills=2 -o restart_base=100ms -o retry_cap=600 \
	-- "$SCRATCH/handler"
send poison
eventually 60 "without a dead-letter queue it is given back" \
	logged '"event":"message".*"verdict":"reject","outcome":"retried"'
is "$(jq -r 'select(.event == "message" and .outcome == "retried") | .delay_s' \
	"$SCRATCH/log")" 600 "for as long as retry_cap"
stop_sqsherd
is "$STATUS" 0 "exit 0"
done_testing
