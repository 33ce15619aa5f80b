#!/bin/sh
# A clock that is wrong: found from the Date of answers, and corrected.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs '"VisibilityTimeout":"60"'
refusals() {
	fake '/_calls?since=0' |
		jq '[.[] | select(.code == "InvalidSignatureException" or
		.code == "SignatureDoesNotMatch")] | length'
}
done_so_far=0
for ahead in 3600 -7200; do
	fake "/_set?clock_ahead_s=$ahead" -X POST >/dev/null
	before=$(refusals)
	start_sqsherd -j 1 -- /bin/true
	send "message $ahead"
	done_so_far=$((done_so_far + 1))
	eventually 20 "with a clock that is $ahead s off, work is done" \
		queue_is deleted $done_so_far
	is "$(($(refusals) - before))" 1 "after one refusal"
	ok "which nobody hears of" not_logged failed
	stop_sqsherd
	is "$STATUS" 0 "sqsherd exits 0"
done

# A wrong secret stays one, whatever the clock.
fault 'op=ReceiveMessage&kind=error&code=SignatureDoesNotMatch&count=-1'
start_sqsherd -j 1 -- /bin/true
eventually 20 "a clock that is corrected is not to blame for a wrong secret" \
	logged '"event":"receive_failed".*"kind":"operator"'
fake /_clear -X POST >/dev/null
stop_sqsherd

# The service that hands out credentials has our own, wrong clock.
# Keys end by the time of SQS, so these last for 8 s.
fake "/_set?clock_ahead_s=3600" -X POST >/dev/null
SQS=$FAKE
rm "$SCRATCH/port"
start_fake
fake "/_set?creds_lifetime_s=3608" -X POST >/dev/null
export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"
handed_out=$(fake /_stats | jq .keys_handed_out)
handed_out_at_least() {
	[ "$(curl -sS "${AWS_CONTAINER_CREDENTIALS_FULL_URI%/creds}/_stats" |
		jq .keys_handed_out)" -ge "$1" ]
}
FAKE=$SQS
before=$(refusals)
(
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	start_sqsherd -j 1 -o wait_time=1 -- sleep 4
	echo "$SQSHERD" >"$SCRATCH/pid"
	status_of wait "$SQSHERD"
	echo "$STATUS" >"$SCRATCH/status"
) &
LAUNCHED=$!
send slow
done_so_far=$((done_so_far + 1))
eventually 40 "a job is done" queue_is deleted $done_so_far
ok "credentials were fetched meanwhile" \
	handed_out_at_least $((handed_out + 2))
is "$(($(refusals) - before))" 1 "which does not unlearn what SQS said"
signal TERM "$(cat "$SCRATCH/pid")"
wait $LAUNCHED
is "$(cat "$SCRATCH/status")" 0 "exit 0"
unset AWS_CONTAINER_CREDENTIALS_FULL_URI

# It jumps while sqsherd runs.
start_sqsherd -j 2 -- /bin/true
eventually 10 "children poll" fake '/_wait?cond=polling&value=2'
fake "/_set?clock_ahead_s=100000" -X POST >/dev/null
send jumped
eventually 20 "a jump is followed" queue_is deleted $((done_so_far + 1))
ok "without a failure" not_logged failed
stop_sqsherd
done_testing
