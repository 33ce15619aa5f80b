#!/bin/sh
# Eight children share credentials: one request for each refresh, whoever of
# them dies or hangs in the middle of it.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs '"VisibilityTimeout":"60"'
knob() {
	fake "/_set?$1" -X POST >/dev/null
}
fetches() {
	fake /_stats | jq .ops.creds.requests
}
fetched() {
	[ "$(fetches)" -ge "$1" ]
}
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"

# -- a fetch that takes a while, so that all children want it
knob 'creds_enforce=2&creds_lifetime_s=3600'
fault 'op=creds&kind=slow&ms=500&count=1'
start_sqsherd -j 8 -o log_level=debug -- /bin/true
eventually 20 "all eight children poll" fake '/_wait?cond=polling&value=8'
is "$(fetches)" 1 "after one request for credentials"
knob creds_revoke=1
send one
eventually 20 "refused keys are replaced" queue_is deleted 1
eventually 20 "by all of them" fake '/_wait?cond=polling&value=8'
is "$(fetches)" 2 "with one request more"

# -- the child that refreshes dies, or hangs
asked() {
	fetched "$1" && [ "$(fake /_stats | jq .ops.creds.answered)" -lt \
		"$(fetches)" ]
}
refresher() {
	jq 'select(.event == "credentials_fetch_began") | .pid' \
		"$SCRATCH/log" | tail -1
}
for signal in KILL STOP; do
	before=$(fetches)
	fault "op=creds&kind=hang&count=1"
	knob creds_revoke=1
	eventually 20 "a refresh hangs" asked $((before + 1))
	victim=$(refresher)
	signal $signal "$victim"
	send "after $signal"
	eventually 30 "after SIG$signal another child refreshes" \
		fetched $((before + 2))
	eventually 30 "and work goes on" queue_is visible 0
	[ $signal = KILL ] || signal KILL "$victim"
done
eventually 30 "at the end all eight poll" fake '/_wait?cond=polling&value=8'
ok "few requests were made" test "$(fetches)" -le 8
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- an endpoint that is down is not asked by each child for itself
knob 'creds_fail=503'
before=$(fetches)
start_sqsherd -j 8 -- /bin/true
eventually 10 "an endpoint that is down is reported" logged 'receive_failed'
eventually 20 "and asked again" fetched $((before + 3))
elapsed_from=$(now_ms)
knob creds_fail=0
send last
eventually 30 "until it works" queue_is visible 0
ok "by one child at a time" test "$(($(fetches) - before))" -le \
	"$((20 + ($(now_ms) - elapsed_from) / 100))"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- handlers see nothing of it
printf '#!/bin/sh\ngrep -c "rw-s" /proc/self/maps >"%s"; exit 0\n' \
	"$SCRATCH/maps" >"$SCRATCH/handler"
chmod +x "$SCRATCH/handler"
start_sqsherd -j 1 -- "$SCRATCH/handler"
send look
eventually 20 "a handler that looks for shared memory" test -s "$SCRATCH/maps"
is "$(cat "$SCRATCH/maps")" 0 "finds none"
stop_sqsherd
done_testing
