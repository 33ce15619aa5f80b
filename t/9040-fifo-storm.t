#!/bin/sh
# The order of a FIFO group holds through failures with delays, children that
# are killed or replaced, lost answers, and a restart of the whole.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
body=\$(cat)
# Every fourth fails the first time.
[ \$((\${body##*-} % 4)) -ne 0 ] || [ "\$SQS_RECEIVE_COUNT" -gt 1 ] || exit 1
sleep 0.02
echo "\$body" >>"$SCRATCH/done.\$SQS_MESSAGE_GROUP_ID"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs.fifo '"FifoQueue":"true"'
for group in a b c d; do
	seq 1 24 | sed "s/^/$group-/" >"$SCRATCH/sent.$group"
	AWS_ENDPOINT_URL=$FAKE "$BUILD/sqs-send" -q "$QUEUE" -g $group \
		<"$SCRATCH/sent.$group" >"$SCRATCH/out"
done
is "$(queue_field sent)" 96 "96 messages of four groups are sent"

start() {
	start_sqsherd -j 3 -o receive_max=5 -o retry_base=1 -o retry_cap=1 \
		-o restart_base=50ms -o restart_cap=100ms -o poison_kills=0 \
		-o crash_limit=100000 -o visibility_timeout=5 \
		-o request_timeout=1s "$@" -- "$SCRATCH/handler"
	eventually 20 "three children run" child_count_is 3
}
deleted_at_least() {
	[ "$(queue_field deleted)" -ge "$1" ]
}

start
fault "op=ReceiveMessage&kind=cut_after&count=2"
fault "op=DeleteMessageBatch&kind=http500&count=2"
goal=0
for signal in KILL TERM KILL TERM KILL; do
	goal=$((goal + 8))
	within 60 deleted_at_least $goal || fail "$goal are done"
	victim=$(children | shuf -n 1)
	# It may have died of itself, or none may be there at the moment.
	kill -$signal "$victim" 2>/dev/null || :
done
eventually 20 "three children run" child_count_is 3
stop_sqsherd
is "$STATUS" 0 "a stop in the middle: exit 0"
mv "$SCRATCH/log" "$SCRATCH/log.1"
# Those that failed may wait for their delay, and what an answer brought that was
# on its way to a child that was killed, for its visibility timeout.
eventually 30 "then nothing stays in flight" queue_is in_flight 0
start
eventually 90 "all are done" queue_is deleted 96
for group in a b c d; do
	# One that was done when its child was killed may be done again, at once.
	uniq "$SCRATCH/done.$group" >"$SCRATCH/order"
	ok "group $group was done in its order" \
		cmp "$SCRATCH/sent.$group" "$SCRATCH/order"
done
is "$(fake /_calls | jq '[.[] | select(.op == "ReceiveMessage" and
	.fault == "cut_after")] | length')" 2 "two answers were lost"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# What SQS handed out less what children say they received is what was on its
# way to a child when it was killed, or cut off: nobody knows its receipt handles.
# Nothing else waits for the timeout that it was received with.  A delay that
# ends is no such wait.
timed_out() {
	cat "$SCRATCH"/sent.? | while read -r body; do
		fake "/_history?body=$body&name=${QUEUE##*/}"
	done | jq -s '[.[] | reduce .[] as $e ({n: 0, delay: false};
		if $e.event == "received" then .delay = false
		elif $e.event == "changed" then .delay = ($e.timeout < 5)
		elif $e.event == "expired" and (.delay | not) then .n += 1
		else . end) | .n] | add'
}
delivered=$(queue_field received)
received=$(jq -s 'map(select(.event == "stopped").received) | add' \
	"$SCRATCH/log.1" "$SCRATCH/log")
timed_out=$(timed_out)
echo "# $delivered delivered, $received received, $timed_out timed out"
ok "no more waited for their timeout than never reached a child" \
	test "$timed_out" -le $((delivered - received))
done_testing
