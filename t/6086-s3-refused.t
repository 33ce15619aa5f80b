#!/bin/sh
# S3 refuses a request for its keys or for its time: the fetch goes on as soon
# as there are others, within the same delivery of its message.
. "$(dirname "$0")/lib.sh"
. t/s3.sh

knob() {
	fake "/_set?$1" -X POST >"$SCRATCH/knob"
}
s3_calls() {
	fake '/_calls?since=0' | jq -c 'map(select(.op == "s3"))'
}
s3_is_asked() {
	s3_calls | jq -e '.[-1].status == 0' >"$SCRATCH/asked"
}
# between N: how many ms after the end of the call N the next one came.
between() {
	s3_calls | jq ".[$1 + 1].ms - .[$1].ms - .[$1].took_ms"
}
printf 'small' >"$SCRATCH/object"
put one/small

new_queue jobs
JOBS=$QUEUE
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"

# The fault holds the request on its way while its keys are revoked.
fault 'op=s3&kind=hang&ms=1500'
marked "$(pointer one small)" 5
knob 'creds_enforce=2&creds_lifetime_s=3600'
start_sqsherd -j 1 -o wait_time=1 -o s3_buckets=one -- "$SCRATCH/handler"
eventually 20 "an object is on its way" s3_is_asked
knob creds_revoke=1
ended "its keys are refused, and its message is worked" deleted
is "$(s3_calls | jq -c 'map(.status)')" '[400,200]' "S3 was asked twice"
ok "with other keys" test "$(s3_calls | jq '.[0].key_id == .[1].key_id')" \
	= false
ok "which were not waited for longer than they took" \
	test "$(between 0)" -lt 3000
is "$(cat "$SCRATCH/begun.$ID")" 1 "it was delivered once"

knob creds_enforce=0

# The same for its time.  A server's wish for a pause is for other failures.
fault 'op=s3&kind=hang&ms=1500&retry_after=4000'
marked "$(pointer one small)" 5
eventually 20 "another is on its way" s3_is_asked
knob clock_ahead_s=3600
ended "its time is refused, and its message is worked" deleted
is "$(s3_calls | jq -c 'map(.status)')" '[400,200,403,200]' \
	"S3 was asked twice"
ok "without a pause" test "$(between 2)" -lt 3000
is "$(cat "$SCRATCH/begun.$ID")" 1 "it was delivered once"
ok "nothing of it is a failure" \
	not_logged 'object_failed|receive_failed'
stop_sqsherd
is "$STATUS" 0 "the exit status is 0"
done_testing
