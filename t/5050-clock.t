#!/bin/sh
# A clock that is wrong: found from the Date of answers, and corrected.
. t/lib.sh

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
	ok "which nobody hears of" sh -c "! grep -q failed '$SCRATCH/log'"
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

# It jumps while sqsherd runs.
start_sqsherd -j 2 -- /bin/true
eventually 10 "children poll" fake '/_wait?cond=polling&value=2'
fake "/_set?clock_ahead_s=100000" -X POST >/dev/null
send jumped
eventually 20 "a jump is followed" queue_is deleted $((done_so_far + 1))
ok "without a failure" sh -c "! grep -q failed '$SCRATCH/log'"
stop_sqsherd
done_testing
