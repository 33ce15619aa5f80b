#!/bin/sh
# What an exec handler is given, exactly.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
exec >"$SCRATCH/seen.\$SQS_MESSAGE_ID" 2>&1
env | grep '^SQS_\|^_X_AMZN\|^NOTIFY\|^WATCHDOG\|^LISTEN' | sort
echo "fds \$(ls /proc/self/fd | tr '\n' ' ')"
grep -E '^Sig(Blk|Ign)' /proc/self/status
echo "group \$(ps -o pgid= -p \$\$ | tr -d ' ') pid \$\$"
echo "oom \$(cat /proc/self/oom_score_adj)"
echo "stdin \$(readlink /proc/self/fd/0)"
echo "body \$(cat)"
echo "args \$*"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue contract
jq -cn --arg q "$QUEUE" '{QueueUrl: $q, MessageBody: "hello",
	MessageAttributes: {
		"colour": {DataType: "String", StringValue: "blue sky"},
		"retries.left": {DataType: "Number", StringValue: "7"},
		"blob": {DataType: "Binary", BinaryValue: "AQID"}},
	MessageSystemAttributes: {"AWSTraceHeader":
		{DataType: "String", StringValue: "Root=1-2-3"}}}' \
	>"$SCRATCH/send.json"
id=$(sqs SendMessage "@$SCRATCH/send.json" | jq -r .MessageId)

# Inherited descriptors, a blocked signal and systemd's variables: none of
# them is the handler's business.
NOTIFY_SOCKET=/nonexistent WATCHDOG_USEC=1000000 \
	start_sqsherd -j 1 -o job_timeout=60 -- "$SCRATCH/handler" one "two three" \
	7</dev/null 8</dev/null
before=$(date +%s)
eventually 20 "the message is handled and deleted" queue_is deleted 1
stop_sqsherd
seen=$SCRATCH/seen.$id

value() {
	sed -n "s/^$1=//p" "$seen"
}
is "$(value SQS_MESSAGE_ID)" "$id" "SQS_MESSAGE_ID"
is "$(value SQS_RECEIVE_COUNT)" 1 "SQS_RECEIVE_COUNT"
is "$(value SQS_QUEUE_URL)" "$QUEUE" "SQS_QUEUE_URL"
is "$(value SQS_QUEUE_NAME)" contract "SQS_QUEUE_NAME"
like "$(value SQS_SENT_TIMESTAMP)" '^1[0-9]{12}$' "SQS_SENT_TIMESTAMP in ms"
like "$(value SQS_FIRST_RECEIVE_TIMESTAMP)" '^1[0-9]{12}$' \
	"SQS_FIRST_RECEIVE_TIMESTAMP in ms"
deadline=$(($(value SQS_DEADLINE) / 1000 - before))
ok "SQS_DEADLINE is job_timeout from now" \
	test "$deadline" -ge 55 -a "$deadline" -le 65
is "$(value SQS_ATTR_colour)" "blue sky" "a String attribute"
is "$(value SQS_ATTR_retries_left)" 7 "a Number attribute, its name sanitised"
is "$(value SQS_ATTR_blob)" AQID "a Binary attribute, as base64"
is "$(value _X_AMZN_TRACE_ID)" "Root=1-2-3" "the trace header"
is "$(grep -c '^NOTIFY\|^WATCHDOG\|^LISTEN' "$seen")" 0 \
	"nothing of systemd's"
# ls itself opens 3.
is "$(sed -n 's/^fds //p' "$seen")" "0 1 2 3 " "descriptors 0 to 2 only"
is "$(sed -n 's/^SigBlk:[[:space:]]*//p' "$seen")" 0000000000000000 \
	"an empty signal mask"
# glibc's posix_spawn ignores its own two, 32 and 33, in the new process.
like "$(sed -n 's/^SigIgn:[[:space:]]*//p' "$seen")" \
	'^0000000(000000000|180000000)$' "no ignored signal"
like "$(sed -n 's/^group //p' "$seen")" '^([0-9]+) pid \1$' \
	"a process group of its own"
is "$(sed -n 's/^oom //p' "$seen")" 500 "a raised OOM score"
like "$(sed -n 's/^stdin //p' "$seen")" '^/memfd:' "stdin is a memory file"
is "$(sed -n 's/^body //p' "$seen")" hello "the body on stdin"
is "$(sed -n 's/^args //p' "$seen")" "one two three" "its arguments"
ok "no process is left" no_survivor
done_testing
