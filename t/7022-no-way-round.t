#!/bin/sh
# What a child that leaves has, or still gets, does not go round through the
# polls of others that leave: each time would count as a receive, towards the
# queue's redrive policy.  Who leaves while others stay works it; in a stop it
# is given back once.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
body=\$(cat)
echo "\$body \$SQS_RECEIVE_COUNT" >>"$SCRATCH/worked"
[ "\$body" != fail ] || {
	while [ ! -e "$SCRATCH/go" ]; do
		sleep 0.05
	done
	exit 1
}
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue dead
DEAD=$QUEUE
redrive() {
	printf '"RedrivePolicy":"{\\"maxReceiveCount\\":\\"3\\",\\"deadLetterTargetArn\\":\\"%s\\"}"' \
		"$(sqs GetQueueAttributes "{\"QueueUrl\":\"$DEAD\",
			\"AttributeNames\":[\"QueueArn\"]}" |
			jq -r .Attributes.QueueArn)"
}
polling_is() {
	[ "$(queue_field polling)" = "$1" ]
}
draining_are() {
	[ "$(pgrep -c -P "$SQSHERD" \
		-f "^sqsherd: ${QUEUE##*/}/.*\[draining\]")" = "$1" ]
}
# Of a poll that ends by itself nobody is left to drain.
all_drain() {
	! pgrep -P "$SQSHERD" -f "^sqsherd: ${QUEUE##*/}/" | grep -vqxF \
		"$(pgrep -P "$SQSHERD" -f "^sqsherd: .*\[draining\]")"
}
received_once() {
	is "$(queue_field received) $(queue_field moved_to_dlq)" "1 0" \
		"and was received once"
}

# -- a queue that a reload removes
new_queue stays
STAYS=$QUEUE
new_queue gone "$(redrive)"
settings() {
	echo "wait_time = 20"
	echo "[queue stays]"
	echo "queue_url = $STAYS"
	echo "command = $SCRATCH/handler"
	[ "$1" = 1 ] || {
		echo "[queue gone]"
		echo "queue_url = $QUEUE"
		echo "children = 4"
		echo "command = $SCRATCH/handler"
	}
}
settings 2 >"$SCRATCH/conf"
new_log
"$BUILD/sqsherd" -c "$SCRATCH/conf" -o log_format=json \
	>"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 20 "four children poll a queue" polling_is 4
settings 1 >"$SCRATCH/conf"
signal HUP "$SQSHERD"
eventually 20 "a reload removes it" draining_are 4
send job
eventually 20 "what their last poll brings is worked" queue_is deleted 1
received_once
signal TERM "$SQSHERD"
within 10 logged stop_began
stop_sqsherd INT # it would wait for the polls
is "$STATUS" 0 "exit 0"

# -- fewer children
new_queue fewer "$(redrive)"
start_sqsherd -j 1 -o wait_time=15 -- "$SCRATCH/handler"
eventually 20 "there can be more children" ctl scale fewer 4
eventually 20 "four children poll" polling_is 4
ok "and then fewer" ctl scale fewer 1
eventually 20 "three are too many" draining_are 3
send job
eventually 20 "one of them works what its last poll brings" queue_is deleted 1
received_once

# -- a stop of more children than there were in the beginning
ok "there can be more children again" ctl scale fewer 4
eventually 20 "four of them poll" polling_is 4
signal TERM "$SQSHERD"
eventually 20 "they are told to end" all_drain
send late
wait_sqsherd
is "$STATUS" 0 "exit 0"
is "$(queue_field received)" 2 "a message that comes then is received once"
is "$(queue_field moved_to_dlq)" 0 "and not moved"
is "$(grep -c late "$SCRATCH/worked")" 0 "nor worked"

# -- what fails during a stop
new_queue fails "$(redrive)"
start_sqsherd -j 2 -o wait_time=5 -o retry_cap=0 -- "$SCRATCH/handler"
send fail
eventually 20 "a job runs" grep -q fail "$SCRATCH/worked"
eventually 20 "another child polls" polling_is 1
signal TERM "$SQSHERD"
eventually 10 "they are told to end" all_drain
touch "$SCRATCH/go"
wait_sqsherd
is "$STATUS" 0 "exit 0"
received_once
eventually 10 "it is visible when no poll is open any more" queue_is visible 1
done_testing
