#!/bin/sh
# Receive counts and retry delays as SQS saw them.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
[ "$SQS_RECEIVE_COUNT" -ge 4 ] || exit 1
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'
start_sqsherd -j 1 -o retry_base=1 -o retry_cap=2 -- "$SCRATCH/handler"
send job
id=$(cat "$SCRATCH/last_id")
eventually 30 "a message that fails three times is done" queue_is deleted 1
history=$(fake "/_history?name=jobs&id=$id")
is "$(printf '%s' "$history" |
	jq -c '[.[] | select(.event == "received") | .count]')" '[1,2,3,4]' \
	"it was received with counts 1 to 4"
is "$(printf '%s' "$history" |
	jq '[.[] | select(.event == "changed")] | length')" 3 \
	"its visibility was changed once a failure"
ok "to delays within their limits" sh -c "printf '%s' '$history' | jq -e '
	[.[] | select(.event == \"changed\") | .timeout] |
	.[0] <= 1 and .[1] <= 2 and .[2] <= 2' >/dev/null"
is "$(jq -c 'select(.event == "message") | [.receive_count, .verdict]' \
	"$SCRATCH/log" | tr '\n' ' ')" \
	'[1,"retry"] [2,"retry"] [3,"retry"] [4,"done"] ' \
	"each delivery has one record"
stop_sqsherd

# -- a delay that the handler names, in place of ours; the longest is what is
# left of SQS's 12 hours
named() {
	new_queue "named-$1"
	send job
	"$BUILD/t/bench/sqsherd-null" 60 "$FAKE" "$QUEUE" "$1" \
		>"$SCRATCH/null" 2>&1 &
	null=$!
	PIDS="$PIDS $null"
	eventually 20 "a delay of $1 ms is named" queue_is changed 1
	signal QUIT $null
	wait $null || : # of SIGQUIT
	timeout=$(fake "/_history?name=named-$1&id=$(cat "$SCRATCH/last_id")" |
		jq '[.[] | select(.event == "changed")][0].timeout')
}
named 6500
is "$timeout" 7 "it is rounded up to whole seconds"
named 99999999000
ok "it ends with SQS's 12 hours ($timeout s)" \
	test "$timeout" -gt 43000 -a "$timeout" -lt 43200
done_testing
