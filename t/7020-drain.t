#!/bin/sh
# The end of work: the poll is not cut, what it brings and what was waiting
# goes back, and nothing goes round in circles.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
cat >>"$SCRATCH/begun"
while [ ! -e "$SCRATCH/go" ]; do
	sleep 0.05
done
EOF
chmod +x "$SCRATCH/handler"
start_fake
polling_is() {
	[ "$(queue_field polling)" = "$1" ]
}
calls() {
	fake /_calls | jq -c ".[] | select(.queue == \"${QUEUE##*/}\" and
		.op == \"$1\") | $2"
}

# -- one child: its poll brings a message after the stop began
new_queue one
start_sqsherd -j 1 -o wait_time=20 -- "$SCRATCH/handler"
eventually 10 "a child polls" polling_is 1
signal TERM "$SQSHERD"
eventually 10 "it is told to end" pgrep -P "$SQSHERD" -f 'draining'
send job
wait_sqsherd
is "$STATUS" 0 "sqsherd waits for the poll, and no longer"
is "$(queue_field visible)" 1 "what the poll brought is visible at once"
is "$(queue_field received)" 1 "it was received"
ok "and not worked" test ! -e "$SCRATCH/begun"
is "$(fake /_stats | jq .polls_aborted)" 0 "no poll was cut"

# -- a poll that fails after the stop began is not sent again
new_queue failing
fault "op=ReceiveMessage&kind=cut_after&count=1"
start_sqsherd -j 1 -o wait_time=20 -- "$SCRATCH/handler"
eventually 10 "a child polls" polling_is 1
signal TERM "$SQSHERD"
eventually 10 "it is told to end" pgrep -P "$SQSHERD" -f 'draining'
send job # which is in the answer that is cut
wait_sqsherd
is "$STATUS" 0 "a poll that fails after the stop began: exit 0"
is "$(calls ReceiveMessage .seq | wc -l)" 1 "it is not made again"
ok "nor waited for" test "$(stop_took)" -lt 10000

# Except in a FIFO queue, where the lost answer would block its group.
new_queue failing.fifo '"FifoQueue":"true"'
fault "op=ReceiveMessage&kind=cut_after&count=1"
start_sqsherd -j 1 -o wait_time=20 -- "$SCRATCH/handler"
eventually 10 "a child polls a FIFO queue" polling_is 1
signal TERM "$SQSHERD"
eventually 10 "it is told to end" pgrep -P "$SQSHERD" -f 'draining'
fake "/_send?name=failing.fifo&body=job&group=g&dedup=1" -X POST \
	>"$SCRATCH/out"
wait_sqsherd
is "$STATUS" 0 "it fails after the stop began: exit 0"
is "$(calls ReceiveMessage .wait_s | tr '\n' ' ')" "20 0 " \
	"it is made again, once and without waiting"
is "$(queue_field visible)" 1 "and what was lost is visible at once"

# -- many: what one gives back does not go through the polls of the others
all_drain() {
	[ "$(pgrep -c -P "$SQSHERD" -f 'draining')" = 4 ]
}
new_queue many
start_sqsherd -j 4 -o wait_time=6 -- "$SCRATCH/handler"
eventually 10 "four children poll" polling_is 4
signal TERM "$SQSHERD"
eventually 10 "they are told to end" all_drain
send job
wait_sqsherd
is "$STATUS" 0 "exit 0"
is "$(queue_field received)" 1 "the message was received once"
eventually 10 "and is visible when the polls are over" queue_is visible 1

# -- messages that wait behind a job go back in one call, the last one first
new_queue orders.fifo '"FifoQueue":"true"'
for i in 1 2 3 4 5; do
	fake "/_send?name=orders.fifo&body=$i&group=g&dedup=$i" -X POST \
		>"$SCRATCH/out"
done
start_sqsherd -j 1 -o receive_max=10 -- "$SCRATCH/handler"
eventually 10 "the first is worked" test -s "$SCRATCH/begun"
signal TERM "$SQSHERD"
eventually 10 "the four behind it are visible" queue_is visible 4
is "$(calls ChangeMessageVisibilityBatch .entries)" 4 "after one call"
want=$(fake "/_messages?name=orders.fifo" |
	jq -r '[.[] | select(.state == "visible").id] | reverse | join(" ")')
touch "$SCRATCH/go"
wait_sqsherd
is "$STATUS" 0 "the first is finished"
is "$(queue_field deleted)" 1 "and deleted"
is "$(jq -rs '[.[] | select(.event == "message" and .outcome == "released").id] |
	join(" ")' "$SCRATCH/log")" "$want" "the last one went first"

# -- a grace timeout that is shorter than the poll
new_queue short
start_sqsherd -j 1 -o wait_time=20 -o grace_timeout=5 -- "$SCRATCH/handler"
eventually 10 "a child polls" polling_is 1
is "$(calls ReceiveMessage .wait_s | head -1)" 2 \
	"no longer than the grace timeout allows"
stop_sqsherd
is "$STATUS" 0 "and ends in time"
done_testing
