#!/bin/sh
# The brake: a handler that cannot work harms no message, whatever is wrong
# with it.  Messages are counted as the server saw them.
. t/lib.sh

handler=$SCRATCH/handler

good() {
	printf '#!/bin/sh\ncat >/dev/null\n' >"$SCRATCH/new"
	chmod +x "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
}

health_is() {
	ctl health >"$SCRATCH/health"
	[ $? -eq "$1" ] && grep -Eq "$2" "$SCRATCH/health"
}

# The most that any message came once the brake was on, from the records of
# its ends.
most_receives() {
	jq -s 'map(.event) as $events |
		.[($events | index("brake_on")):] |
		[.[] | select(.event == "message") | .id] |
		group_by(.) | map(length) | max // 0' "$SCRATCH/log"
}

received() {
	ctl status --json | jq .status.totals.received
}

trials() {
	ctl status --json | jq '.status.queues[0].brake_trials // 0'
}

has_tried() {
	[ "$(trials)" -ge "$1" ]
}

# Ways to be broken; each makes $handler so.
is_removed() { rm "$handler"; }
is_not_executable() { chmod -x "$handler"; }
has_no_interpreter() {
	printf '#!/nowhere/sh\n' >"$SCRATCH/new"
	chmod +x "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
}
has_carriage_returns() {
	printf '#!/bin/sh\r\nexit 0\r\n' >"$SCRATCH/new"
	chmod +x "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
}
is_foreign() {
	# An ELF header of a machine that this one is not.
	printf '\177ELF\002\001\001\0\0\0\0\0\0\0\0\0\002\0\0\377' \
		>"$SCRATCH/new"
	head -c 200 /dev/zero >>"$SCRATCH/new"
	chmod +x "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
}
exits() {
	printf '#!/bin/sh\nexit %s\n' "$1" >"$SCRATCH/new"
	chmod +x "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
}
exits_127() { exits 127; }
exits_1() { exits 1; }
exits_65() { exits 65; }

n=0
# try HOW CHILDREN MESSAGES MOST: the handler breaks before any message came.
# MOST: receives before the brake holds all children, trials not counted.
try() {
	how=$1 children=$2 messages=$3 most=$4
	n=$((n + 1))
	what="a handler that $how, $children children, $messages messages"
	new_queue "dead$n"
	new_queue "jobs$n" "\"VisibilityTimeout\":\"600\",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:dead$n\\\",\\\"maxReceiveCount\\\":5}\""
	good
	start_sqsherd -j "$children" -o visibility_timeout=600 \
		-o brake_after=20 \
		-o retry_base=600 -o retry_cap=600 -- "$handler"
	within 20 health_is 0 '^healthy' || bail "sqsherd does not start"
	"$how"
	i=0
	while [ $i -lt "$messages" ]; do
		send "$i"
		i=$((i + 1))
	done
	eventually 30 "$what: the brake goes on" logged '"event":"brake_on"'
	eventually 30 "$what: health is red" health_is 1 \
		"^unhealthy: the handler of queue jobs$n (cannot|fails)"
	[ "$messages" -eq 1 ] ||
		eventually 30 "$what: it is tried again" has_tried 2
	tried=$(trials)
	got=$(received)
	ok "$what: $got receives, $tried trials" \
		[ "$got" -le $((most + tried + 1)) ]
	ok "$what: none came twice once the brake was on" \
		[ "$(most_receives)" -le 1 ]
	is "$(count_logged '"level":"error"')" 1 "$what: one error record"
	jobs=$QUEUE
	QUEUE=$FAKE/000000000000/dead$n
	is "$(queue_field visible)" 0 "$what: none is in the dead-letter queue"
	QUEUE=$jobs
	stop_sqsherd
	is "$STATUS" 0 "$what: exit 0"
}

start_fake
try is_removed 8 1 8
try is_removed 4 30 4
try is_not_executable 4 10 4
try has_no_interpreter 1 10 1
try has_carriage_returns 4 10 4
try is_foreign 4 10 4
try exits_127 4 30 8
try exits_1 4 30 13
try exits_1 1 30 7

# ---- it heals: every message is done, with short delays ----

good
exits_1
new_queue healing '"VisibilityTimeout":"600"'
start_sqsherd -j 4 -o brake_after=20 -o retry_cap=1 -- "$handler"
i=0
while [ $i -lt 12 ]; do
	send "$i"
	i=$((i + 1))
done
eventually 30 "the brake is on" logged '"event":"brake_on"'
like "$(ctl status)" 'braked' "status says so"
is "$(ctl status --json | jq -r '.status.queues[0].braked')" true \
	"and in JSON"
good
eventually 60 "mended, every message is done" queue_is deleted 12
is "$(count_logged '"event":"brake_released"')" 1 "the brake is released"
eventually 20 "and health is green" health_is 0 '^healthy'

# ---- after a success an outage is no reason to be replaced ----

exits_1
i=0
while [ $i -lt 25 ]; do
	send "$i"
	i=$((i + 1))
done
is_on_again() { [ "$(count_logged '"event":"brake_on"')" -eq 2 ]; }
eventually 60 "many failures put the brake on again" is_on_again
ok "but health stays green" health_is 0 'braked'

# ---- the child that tries is killed: another goes on ----

tried=$(trials)
eventually 20 "it tries" has_tried $((tried + 1))
for pid in $(children); do
	kill -9 "$pid" || bail "no child $pid"
done
tried=$(trials)
eventually 30 "after the death of all children trials go on" \
	has_tried $((tried + 1))
kill -HUP "$SQSHERD" || bail "no sqsherd"
eventually 20 "a reload replaces the children" logged '"event":"reload_done"'
tried=$(trials)
eventually 30 "and trials go on" has_tried $((tried + 1))
good
eventually 60 "mended, every message is done" queue_is deleted 37
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- a few messages that always fail are no reason ----

new_queue poison '"VisibilityTimeout":"600"'
exits_1
start_sqsherd -j 4 -o brake_after=20 -o retry_cap=0 -- "$handler"
send a b c d
has_failed_often() { [ "$(count_logged '"outcome":"retried"')" -ge 60 ]; }
eventually 30 "four messages fail again and again" has_failed_often
is "$(count_logged '"event":"brake_on"')" 0 "and never put the brake on"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- another queue of the same sqsherd does not notice ----

good
cp "$handler" "$SCRATCH/works"
exits_1
new_queue fails '"VisibilityTimeout":"600"'
fails=$QUEUE
new_queue works '"VisibilityTimeout":"600"'
cat >"$SCRATCH/conf" <<END
log_format = json
wait_time = 2
[queue fails]
queue_url = $fails
children = 2
command = $handler
[queue works]
queue_url = $QUEUE
children = 2
command = $SCRATCH/works
END
new_log
"$BUILD/sqsherd" -c "$SCRATCH/conf" >"$SCRATCH/stdout" 2>"$SCRATCH/log" \
	</dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
QUEUE=$fails
send a b c d e f g
eventually 30 "one queue is braked" logged '"event":"brake_on"'
QUEUE=${FAKE}/000000000000/works
send a b c d e f g
eventually 20 "the other one works" queue_is deleted 7
is "$(ctl status --json | jq -c '[.status.queues[].braked]')" '[true,false]' \
	"and is not braked"
stop_sqsherd
is "$STATUS" 0 "exit 0"

ok "no process is left" no_survivor
done_testing
