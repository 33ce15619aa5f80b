#!/bin/sh
# receive_max = auto: many messages at once while handlers are quick, and none
# behind a slow one.
. "$(dirname "$0")/lib.sh"

# Bodies: quick*, or slow*, which waits for a file; begun names those that did.
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
read -r body || :
echo "\$body" >>"$SCRATCH/begun"
case \$body in
slow*)
	while [ ! -e "$SCRATCH/go" ]; do
		sleep 0.05
	done
	;;
esac
EOF
chmod +x "$SCRATCH/handler"
start_fake

# What the receives of a queue asked for, a number a line.
asked() {
	fake /_calls | jq ".[] | select(.queue == \"${QUEUE##*/}\" and
		.op == \"ReceiveMessage\") | .max"
}
asked_for() {
	asked | grep -qx "$1"
}
begun() {
	grep -qx "$1" "$SCRATCH/begun"
}
send_many() {
	fake "/_send?name=${QUEUE##*/}&body=$1&count=$2" -X POST \
		>"$SCRATCH/out"
}

# -- quick handlers
new_queue quick
send_many quick 150
start_sqsherd -j 1 -o receive_max=auto -o wait_time=1 -- /bin/true
eventually 60 "150 messages are done" queue_is deleted 150
is "$(asked | head -2 | xargs)" "1 1" "the first receives are for one message"
ok "later ones for ten" asked_for 10
# Those that do not wait are sent while others are worked.
ok "before the last ten are done" test "$(fake /_calls | jq 'map(select(
	.op == "ReceiveMessage" and .wait_s == 0 and .messages > 0)) |
	length')" -gt 0
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- what that costs
# requests COMMAND...: those that are made until $count messages are done.
requests() {
	_before=$(fake /_stats)
	"$@" >"$SCRATCH/log" 2>&1 &
	SQSHERD=$!
	PIDS="$PIDS $SQSHERD"
	within 60 queue_is deleted "$count"
	_requests=$(fake /_stats | jq --argjson before "$_before" '
		def calls: .ops | .ReceiveMessage.requests +
			.DeleteMessageBatch.requests +
			.ChangeMessageVisibilityBatch.requests;
		calls - ($before | calls)')
	signal TERM "$SQSHERD"
	wait_sqsherd
}
count=3000
new_queue much
send_many quick $count
requests env SQSHERD_RECEIVE_MAX=auto SQSHERD_WAIT_TIME=1 \
	"$BUILD/t/bench/sqsherd-null" 60 "$FAKE" "$QUEUE"
ok "0.2 requests a message, and a few to begin with ($_requests for $count)" \
	test "$_requests" -le 620
count=200
new_queue processes
send_many quick $count
requests "$BUILD/sqsherd" -q "$QUEUE" -j 1 -o receive_max=auto -o wait_time=1 \
	-o log_format=json -- /bin/true
ledger_is_exact
ok "hardly more when each is a process ($_requests for $count)" \
	test "$_requests" -le 80

# -- and one message after the other: nothing waits for others
# The handler's last act is a call, so the server's clock is the only one.
cat >"$SCRATCH/handler1" <<EOF
#!/bin/sh
curl -sS -m 20 -o /dev/null -H 'X-Amz-Target: AmazonSQS.GetQueueUrl' \
	-H 'Content-Type: application/x-amz-json-1.0' \
	-H 'Authorization: AWS4-HMAC-SHA256 Credential=test' \
	--data-binary '{"QueueName":"single"}' $FAKE/
EOF
chmod +x "$SCRATCH/handler1"
new_queue single
seq=$(fake /_calls | jq 'last.seq')
start_sqsherd -j 1 -o receive_max=auto -o wait_time=1 -- "$SCRATCH/handler1"
for i in 1 2 3 4 5 6 7 8; do
	send "$i"
	within 20 queue_is deleted "$i" || bail "message $i is not done"
done
stop_sqsherd
fake "/_calls?since=$seq" | jq -c '[.[] | select(.op == "GetQueueUrl" or
	.op == "DeleteMessageBatch")]' >"$SCRATCH/calls"
is "$(jq -r '[.[].op[0:1]] | join("")' "$SCRATCH/calls")" GDGDGDGDGDGDGDGD \
	"each is deleted when its handler ends"
least=$(jq '[range(0; length; 2) as $i | .[$i + 1].ms -
	(.[$i].ms + .[$i].took_ms)] | min' "$SCRATCH/calls")
ok "at once ($least ms, the end of the handler's process included)" \
	test "$least" -le 100

# -- one that is suddenly slow, with others behind it
new_queue sudden
send_many quick 60
send slow
send_many last 40
start_sqsherd -j 1 -o receive_max=auto -o wait_time=1 -- "$SCRATCH/handler"
eventually 60 "the slow one is worked" begun slow
eventually 20 "what waited behind it is given back" queue_is in_flight 1
released=$(jq -s '[.[] | select(.event == "message" and
	.outcome == "released")] | length' "$SCRATCH/log")
# The rest of its batch, and one that was asked for ahead just before.
ok "all that came with it ($released)" test "$released" -le 19
is "$(jq -s '[.[] | select(.event == "message" and .outcome == "released" and
	(.delay_s != 0 or .reason != "waited behind another"))] | length' \
	"$SCRATCH/log")" 0 "at once, and the log says why"
before=$(asked | wc -l)
touch "$SCRATCH/go"
eventually 60 "in the end all are done" queue_is deleted 101
is "$(asked | sed -n "$((before + 1))p")" 1 "the next receive is for one"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- what is given back another child works
new_queue two
rm -f "$SCRATCH/go"
: >"$SCRATCH/begun"
send_many quick 40
send slow
send_many last 5
start_sqsherd -j 2 -o receive_max=auto -o wait_time=1 -- "$SCRATCH/handler"
eventually 60 "all but the slow one are done" queue_is deleted 45
is "$(queue_field in_flight)" 1 "that is still worked"
touch "$SCRATCH/go"
eventually 20 "until it is done as well" queue_is deleted 46
stop_sqsherd

# -- slow handlers
new_queue slow
rm -f "$SCRATCH/go"
: >"$SCRATCH/begun"
send_many slow 20
start_sqsherd -j 3 -o receive_max=auto -o wait_time=1 -- "$SCRATCH/handler"
eventually 20 "three children work" queue_is in_flight 3
is "$(queue_field received)" 3 "and hold three messages"
is "$(asked | sort -u)" 1 "never having asked for more than one each"
is "$(fake /_calls | jq '[.[] | select(.op == "ReceiveMessage" and
	.queue == "slow" and .wait_s == 0)] | length')" 0 \
	"or for one before its time"
touch "$SCRATCH/go"
eventually 20 "until they are done" queue_is deleted 20
stop_sqsherd

# -- FIFO: failures, and one that makes others wait
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
body=\$(cat)
[ "\$body" != b-15 ] || sleep 1.5
# Some fail the first time.
[ \$((\${body##*-} % 7)) -ne 0 ] || [ "\$SQS_RECEIVE_COUNT" -gt 1 ] || exit 1
echo "\$body" >>"$SCRATCH/done.\$SQS_MESSAGE_GROUP_ID"
EOF
new_queue jobs.fifo '"FifoQueue":"true","VisibilityTimeout":"60"'
for group in a b c; do
	seq 1 20 | sed "s/^/$group-/" >"$SCRATCH/sent.$group"
	AWS_ENDPOINT_URL=$FAKE "$BUILD/sqs-send" -q "$QUEUE" -g $group \
		<"$SCRATCH/sent.$group" >"$SCRATCH/out"
done
start_sqsherd -j 2 -o receive_max=auto -o wait_time=1 -- "$SCRATCH/handler"
eventually 60 "a FIFO queue of three groups is done" queue_is deleted 60
for group in a b c; do
	ok "group $group in its order" \
		cmp "$SCRATCH/sent.$group" "$SCRATCH/done.$group"
done
is "$(queue_field in_flight)" 0 "nothing is in flight"
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor
done_testing
