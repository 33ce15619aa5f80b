#!/bin/sh
# The brake as an operator sees it: a handler that fails and is mended, that
# fails after it has worked, and one of another queue.
. "$(dirname "$0")/lib.sh"
. t/brake.sh

exits_1() { becomes "exit 1"; }

start_fake

# ---- it heals: every message is done, with short delays ----

works
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
works
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

# ---- all children are killed: others go on ----

tried=$(trials)
eventually 20 "it tries" has_tried $((tried + 1))
# shellcheck disable=SC2046 # pids, each a word
signal_each KILL $(children)
tried=$(trials)
eventually 30 "after the death of all children trials go on" \
	has_tried $((tried + 1))
works
eventually 60 "mended, every message is done" queue_is deleted 37
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- another queue of the same sqsherd does not notice ----

works
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
is "$(queue_field received)" 7 "each message of it came once"
like "$(ctl health)" '^unhealthy: the handler of queue fails' \
	"health speaks of the other"
is "$(ctl status --json | jq -c '[.status.queues[].braked]')" '[true,false]' \
	"and is not braked"
stop_sqsherd
is "$STATUS" 0 "exit 0"

ok "no process is left" no_survivor
done_testing
