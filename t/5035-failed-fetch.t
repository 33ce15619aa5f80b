#!/bin/sh
# A fetch of credentials that fails takes no keys from whoever has some: after a
# reload new children have none, a busy one goes on with its own.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
until [ -e "$1" ]; do
	sleep 0.05
done
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'
knob() {
	fake "/_set?$1" -X POST >/dev/null
}
extended() {
	fake "/_history?name=jobs&id=$id" |
		jq '[.[] | select(.event == "changed")] | length'
}
extended_since() {
	[ "$(extended)" -ge $((before + $1)) ]
}
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"

knob 'creds_enforce=2&creds_lifetime_s=3600'
start_sqsherd -j 2 -o visibility_timeout=3 -o reload_parallel=2 \
	-- "$SCRATCH/handler" "$SCRATCH/end"
eventually 20 "two children poll" fake '/_wait?cond=polling&value=2'
send job
id=$(cat "$SCRATCH/last_id")
eventually 20 "one of them works" queue_is in_flight 1
knob creds_fail=500
signal HUP "$SQSHERD"
eventually 20 "after a reload the fetch of a new child fails" \
	logged '"event":"receive_failed".*HTTP 500'
before=$(extended)
eventually 20 "the busy child goes on to extend its message" extended_since 3
: >"$SCRATCH/end"
eventually 20 "and deletes it" queue_is deleted 1
is "$(queue_field redelivered)" 0 "which was delivered once"
knob creds_fail=0
eventually 30 "when there are, two children poll again" \
	fake '/_wait?cond=polling&value=2'
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
is "$(jq 'select(.event == "stopped") | .expired' "$SCRATCH/log")" 0 \
	"nothing expired"
ok "no process is left" no_survivor
done_testing
