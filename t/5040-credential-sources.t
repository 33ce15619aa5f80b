#!/bin/sh
# Profiles, roles, programs and web identity, with the real program.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs '"VisibilityTimeout":"60"'
knob() {
	fake "/_set?$1" -X POST >/dev/null
}
# The id of the key that the last call of an operation was signed with.
last_key() {
	fake '/_calls?since=0' | jq -r --arg op "$1" \
		'[.[] | select(.op == $op)] | last | .key_id'
}
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export HOME="$SCRATCH" AWS_ENDPOINT_URL_STS="$FAKE/sts"
mkdir "$SCRATCH/.aws"
config() {
	cat >"$SCRATCH/.aws/config"
}
number=0
# works NAME: a message is worked with what is configured.
works() {
	number=$((number + 1))
	send "message $number"
	eventually 20 "$1" queue_is deleted "$number"
}

# -- a profile's own keys
printf '[default]\naws_access_key_id=AKIDPROFILE\naws_secret_access_key=x\n' \
	>"$SCRATCH/.aws/credentials"
start_sqsherd -j 1 -- /bin/true
works "keys of the default profile"
is "$(last_key DeleteMessageBatch)" AKIDPROFILE "sign the calls"
stop_sqsherd

# -- FIPS endpoints: a profile asks for them, a setting goes before it
printf '[default]\nuse_fips_endpoint = true\n' | config
start_sqsherd -j 1 -o endpoint_url="$FAKE" -- /bin/true
eventually 10 "an endpoint of one's own has no FIPS variant" \
	logged 'child_failed.*use_fips_endpoint: there is no such variant'
stop_sqsherd
AWS_USE_FIPS_ENDPOINT=TRUE start_sqsherd -j 1 -o use_fips_endpoint=no \
	-o endpoint_url="$FAKE" -- /bin/true
works "unless a setting says no"
stop_sqsherd

# -- a role over a role, over a program's keys
cat >"$SCRATCH/keys" <<-EOF2
	#!/bin/sh
	echo "asking \$1" >&2
	echo '{"Version": 1, "AccessKeyId": "AKIDPROGRAM",
	    "SecretAccessKey": "x", "SessionToken": "t"}'
EOF2
chmod +x "$SCRATCH/keys"
config <<-EOF2
	[profile outer]
	role_arn = arn:aws:iam::111122223333:role/outer
	source_profile = inner
	[profile inner]
	role_arn = arn:aws:iam::111122223333:role/inner
	source_profile = program
	[profile program]
	credential_process = "$SCRATCH/keys" 'a vault'
EOF2
AWS_PROFILE=outer start_sqsherd -j 2 -- /bin/true
works "a role for a role for a program's keys"
is "$(fake '/_calls?since=0' | jq -r '[.[] | select(.op == "sts") | .key_id]
	| join(" ")')" "AKIDPROGRAM AKIDFAKE1" "each asked for with the one before"
is "$(last_key DeleteMessageBatch)" AKIDFAKE2 "the last of them signs"
ok "the program's stderr is in the log" \
	logged 'credential_process_output.*asking a vault'
ok "its stdout is not" not_logged AKIDPROGRAM
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- programs that fail
nap=600.$$
printf '[profile bad]\ncredential_process = %s\n' "echo no; sleep $nap" | config
AWS_PROFILE=bad start_sqsherd -j 1 -o request_timeout=1s -- /bin/true
eventually 10 "a program that hangs is killed and reported" \
	logged 'receive_failed.*credential_process took too long'
eventually 10 "with all that it started" \
	sh -c "! pgrep -f '^sleep $nap\$' >/dev/null"
printf '[profile bad]\ncredential_process = %s\n' "$SCRATCH/keys x" | config
works "once it is replaced, its successor is run without a restart"
stop_sqsherd
printf '[profile bad]\ncredential_process = sh -c "exit 3"\n' | config
AWS_PROFILE=bad start_sqsherd -j 1 -- /bin/true
eventually 10 "an exit status is reported" \
	logged 'receive_failed.*credential_process exited with 3'
stop_sqsherd

# -- what cannot work says why
printf '[profile sso]\nsso_session = x\n' | config
AWS_PROFILE=sso start_sqsherd -j 1 -- /bin/true
eventually 10 "SSO is refused with its cure" \
	logged 'receive_failed.*export-credentials --format process'
stop_sqsherd
AWS_PROFILE=nobody start_sqsherd -j 1 -- /bin/true
eventually 10 "a profile that does not exist is reported" \
	logged "receive_failed.*profile 'nobody' does not exist"
stop_sqsherd

# -- web identity: the token is read anew
rm "$SCRATCH/.aws/config" "$SCRATCH/.aws/credentials"
export AWS_WEB_IDENTITY_TOKEN_FILE="$SCRATCH/token"
export AWS_ROLE_ARN=arn:aws:iam::111122223333:role/pod
printf 'first.token' >"$SCRATCH/token"
knob 'sts_token=first.token&creds_enforce=2&creds_lifetime_s=6'
start_sqsherd -j 2 -- /bin/true
works "a web identity's token is exchanged"
printf 'second.token' >"$SCRATCH/token"
knob sts_token=second.token
newer_key() {
	[ "$(fake /_stats | jq .keys_handed_out)" -gt "$1" ]
}
eventually 20 "it is read anew for the next keys" \
	newer_key "$(fake /_stats | jq .keys_handed_out)"
works "which are used"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN

# -- EKS Pod Identity: the container's endpoint with a token file
printf 'pod.token' >"$SCRATCH/token"
knob 'creds_token=pod.token&creds_lifetime_s=3600'
export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"
export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE="$SCRATCH/token"
# A proxy that is not there: nothing on this machine goes through it.
http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 \
	start_sqsherd -j 2 -- /bin/true
works "a pod's token is shown, and no proxy asked"
stop_sqsherd
done_testing
