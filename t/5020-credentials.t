#!/bin/sh
# Credentials that expire, change and fail: work goes on, nothing is lost.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs '"VisibilityTimeout":"60"'
knob() {
	fake "/_set?$1" -X POST >/dev/null
}
newest_key() {
	fake /_stats | jq .keys_handed_out
}
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

# -- container
printf 'secret-token' >"$SCRATCH/token"
knob 'creds_token=secret-token&creds_enforce=2&creds_lifetime_s=3600'
export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"
export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="$SCRATCH/token"
start_sqsherd -j 1 -- /bin/true
send one
eventually 10 "the container endpoint's keys are used" queue_is deleted 1
keys=$(newest_key)
knob creds_revoke=1
send two
eventually 20 "keys that the service refuses are replaced" queue_is deleted 2
ok "by one fetch" test "$(newest_key)" -eq $((keys + 1))
ok "no key is in the log" not_logged 'secret|AKIDFAKE'
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- a short life: refreshed ahead of the end
refused() {
	fake /_calls?since=0 | jq '[.[] | select(.code != null and
		(.code | startswith("ExpiredToken")))] | length'
}
knob 'creds_lifetime_s=6'
before=$(refused)
start_sqsherd -j 1 -- /bin/true
send three
eventually 10 "keys of a short life are used" queue_is deleted 3
keys=$(newest_key)
newer_key() {
	[ "$(newest_key)" -gt "$keys" ]
}
eventually 10 "and refreshed" newer_key
keys=$(newest_key)
eventually 10 "and again" newer_key
is "$(refused)" "$before" "before they expire: no call was refused for it"
stop_sqsherd

# -- an endpoint that fails at first
knob 'creds_lifetime_s=3600&creds_fail=503'
start_sqsherd -j 1 -- /bin/true
eventually 10 "an endpoint that fails is reported" logged 'receive_failed'
knob creds_fail=0
send four
eventually 20 "and asked again until it works" queue_is deleted 4
ok "no child died" not_logged child_exited
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

printf 'wrong' >"$SCRATCH/token"
start_sqsherd -j 1 -- /bin/true
eventually 10 "a wrong token is reported" logged 'receive_failed'
printf 'secret-token' >"$SCRATCH/token"
send five
eventually 30 "the token file is read anew each time" queue_is deleted 5
stop_sqsherd
unset AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE

# -- instance metadata
export AWS_EC2_METADATA_DISABLED=false
export AWS_EC2_METADATA_SERVICE_ENDPOINT="$FAKE"
knob creds_token=
start_sqsherd -j 1 -- /bin/true
send six
eventually 10 "the instance's role is used" queue_is deleted 6
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- none at all
export AWS_EC2_METADATA_DISABLED=true
start_sqsherd -j 1 -- /bin/true
eventually 10 "without any source the log says what to set" \
	logged 'receive_failed.*AWS_ACCESS_KEY_ID'
stop_sqsherd
is "$STATUS" 0 "and SIGTERM ends it with 0"
done_testing
