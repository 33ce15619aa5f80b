#!/bin/sh
# Whether the handler can be started is seen by a look, which costs no message.
. "$(dirname "$0")/lib.sh"

handler=$SCRATCH/handler
mkdir "$SCRATCH/bin" || bail "no directory"
PATH=$SCRATCH/bin:$PATH
printf '#!/usr/bin/env nosuch\ncat >/dev/null\n' >"$handler"
chmod 755 "$handler"

appears() { ln -s /bin/sh "$SCRATCH/bin/nosuch"; }
vanishes() { rm "$SCRATCH/bin/nosuch"; }

received() {
	ctl status --json | jq .status.totals.received
}
trials() {
	ctl status --json | jq '.status.queues[0].brake_trials // 0'
}
has_tried() {
	[ "$(trials)" -ge "$1" ]
}
new_jobs() {
	new_queue "dead$1"
	new_queue "jobs$1" "\"VisibilityTimeout\":\"600\",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:dead$1\\\",\\\"maxReceiveCount\\\":5}\""
}
send_many() {
	i=0
	while [ $i -lt "$1" ]; do
		send "$i"
		i=$((i + 1))
	done
}
dead() {
	fake "/_queue?name=dead$1" | jq .visible
}

# As after a crash; more than a few would be a crash loop.
replace_a_child() {
	pid=$(children | head -1)
	signal TERM "$pid" || bail "no child $pid"
}

start_fake

# ---- its interpreter vanishes ----

appears
new_jobs 1
start_sqsherd -j 4 -o brake_after=20 -o retry_cap=1 \
	-o visibility_timeout=600 -- "$handler"
within 60 health_is 0 '^healthy' || bail "sqsherd does not start"
vanishes
send_many 20
eventually 60 "the brake goes on" logged '"event":"brake_on"'
like "$(grep '"event":"brake_on"' "$SCRATCH/log")" \
	'asks env for .*nosuch.*, which is not in PATH' "with the cause"
eventually 60 "it is looked at again" has_tried 2
got=$(received)
ok "each child had a message at most, and none came for a trial: $got" \
	[ "$got" -ge 1 -a "$got" -le 4 ]
tried=$(trials)
eventually 60 "and again" has_tried $((tried + 1))
is "$(received)" "$got" "which costs no message"
is "$(dead 1)" 0 "none is in the dead-letter queue"

# ---- a child that starts looks first ----

replace_a_child
is_replaced() { [ "$(count_logged '"event":"child_started"')" -eq 5 ]; }
eventually 60 "a child is replaced" is_replaced
tried=$(trials)
eventually 60 "and the handler looked at" has_tried $((tried + 1))
is "$(received)" "$got" "which costs no message either"
appears
eventually 120 "once the interpreter is there, all are done" \
	queue_is deleted 20
is "$(count_logged '"event":"brake_released"')" 1 "the brake is released"
is "$(dead 1)" 0 "and none is in the dead-letter queue"

# ---- the first to see it is a child that starts ----

got=$(received)
vanishes
replace_a_child
is_on_again() { [ "$(count_logged '"event":"brake_on"')" -eq 2 ]; }
eventually 60 "a child that starts puts the brake on" is_on_again
like "$(grep '"event":"brake_on"' "$SCRATCH/log" | tail -1)" \
	'cannot start .*handler.*: its first line asks env' "with the cause"
is "$(received)" "$got" "without a message"
appears
is_released_again() { [ "$(count_logged '"event":"brake_released"')" -eq 2 ]; }
eventually 60 "and a look releases it" is_released_again
is "$(received)" "$got" "without a message"
send_many 4
eventually 60 "messages are done as ever" queue_is deleted 24
stop_sqsherd
is "$STATUS" 0 "exit 0"

ok "no process is left" no_survivor
done_testing
