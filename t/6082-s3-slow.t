#!/bin/sh
# Bodies in S3 that take their time: a child neither blocks nor holds them in
# memory, extends the message meanwhile, and stops without them.
. "$(dirname "$0")/lib.sh"
. t/s3.sh

new_queue pointers
JOBS=$QUEUE

printf 'small' >"$SCRATCH/object"
put one/small
# Longer than the visibility timeout, which is extended meanwhile.
fault 'op=s3&kind=hang&ms=4000'
start_sqsherd -j 1 -o wait_time=1 -o visibility_timeout=3 \
	-o s3_buckets=one -- "$SCRATCH/handler"
marked "$(pointer one small)" 5
ended "a slow answer: it is worked" deleted
is "$(cat "$SCRATCH/begun.$ID")" 1 "a slow answer: delivered once"
ok "a slow answer: it was extended" test "$(fake /_stats |
	jq -r .ops.ChangeMessageVisibilityBatch.requests)" -ge 1

# Much more than it may take in memory.  It takes the server seconds, too.
stop_sqsherd
start_sqsherd -j 1 -o wait_time=1 -o visibility_timeout=60 \
	-o s3_buckets=one -- "$SCRATCH/handler"
head -c 67108864 /dev/zero >"$SCRATCH/object"
put one/huge
marked "$(pointer one huge)" 67108864
ended "64 MiB" deleted
ok "are whole" cmp "$SCRATCH/object" "$SCRATCH/body.$ID"
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(children)/status")
if is_sanitized; then
	skip "and were not held in memory" "a sanitizer holds more"
else
	ok "and were not held in memory ($peak kB)" test "$peak" -lt 40000
fi

seen=$(fake /_stats | jq -r .ops.s3.requests)
fault 'op=s3&kind=hang'
marked "$(pointer one small)" 5
ok "an answer that does not come" \
	fake "/_wait?cond=op_count&op=s3&value=$((seen + 1))&ms=10000"
stop_sqsherd
is "$STATUS" 0 "a stop during a fetch: clean"
is "$(queue_field in_flight)" 0 "and the message is given back"
not_begun "unseen by a handler"
ok "no process is left" no_survivor
done_testing
