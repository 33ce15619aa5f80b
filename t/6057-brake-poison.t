#!/bin/sh
# Messages that always fail, among others that do not: a few of them never put
# the brake on, many at the head of a queue hold up the others for as long as
# their trials take.
. "$(dirname "$0")/lib.sh"
. t/brake.sh

becomes 'read -r body
case $body in
bad*) exit 1 ;;
esac'

# send_named BODY N
send_named() {
	fake "/_send?name=${QUEUE##*/}&body=$1&count=$2" -X POST >/dev/null ||
		bail "cannot send"
}
start_fake

# ---- a few, alone, before any success and after one ----

for good in 0 1; do
	what="four, after $good that was done"
	new_queue "few$good"
	start_sqsherd -j 4 -o wait_time=1 -o brake_after=20 -- "$handler"
	if [ $good -gt 0 ]; then
		send_named good $good
		within 20 queue_is deleted 1 || bail "nothing is done"
	fi
	send_named bad 4
	have_failed_often() {
		[ "$(count_logged '"outcome":"retried"')" -ge 40 ]
	}
	eventually 60 "$what: they fail again and again" have_failed_often
	is "$(count_logged '"event":"brake_on"')" 0 \
		"$what: and never put the brake on"
	send_named good 10
	eventually 20 "$what: others are done meanwhile" \
		queue_is deleted $((good + 10))
	stop_sqsherd
	is "$STATUS" 0 "$what: exit 0"
done

# ---- many at the head ----

new_queue dead
new_queue head "\"VisibilityTimeout\":\"600\",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:dead\\\",\\\"maxReceiveCount\\\":5}\""
send_named bad 8
send_named good 200
start_sqsherd -j 2 -o receive_max=1 -o brake_after=20 -o retry_base=600 \
	-o retry_cap=600 -- "$handler"
eventually 60 "eight that fail at the head of others put the brake on" is_on
eventually 60 "the first of the others releases it" is_released
eventually 60 "and all of them are done" queue_is deleted 200
is "$(count_logged '"event":"brake_on"')" 1 "the brake was on once"
is "$(fake "/_queue?name=head" | jq .received)" 208 \
	"each of all was received once"
QUEUE=$FAKE/000000000000/dead
is "$(queue_field visible)" 0 "none is in the dead-letter queue"
took=$(jq -s "$LOG_MS"' map({(.event): (.time | ms)}) | add |
	.brake_released - .brake_on' "$SCRATCH/log")
# Three trials that failed at most, and the one that did not.
ok "they were held up for no longer than their trials ($took ms)" \
	test "$took" -le 30000
stop_sqsherd
is "$STATUS" 0 "exit 0"

ok "no process is left" no_survivor
done_testing
