#!/bin/sh
# Handlers that behave badly harm neither the child nor other messages.
. "$(dirname "$0")/lib.sh"

# A sleep of a length that is this test's own.
nap=599.$$
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
# Bad once; the second delivery is done.
[ "\$SQS_RECEIVE_COUNT" -gt 1 ] && exit 0
case \$SQS_ATTR_how in
hang) exec sleep $nap ;;
deaf) trap '' TERM; while :; do sleep $nap; done ;;
grandchild) sleep $nap & exit 0 ;;
escaped) setsid sleep $nap & exit 0 ;;
loud) head -c 10000000 /dev/zero | tr '\0' 'x' | fold -w 1000 >&2; exit 0 ;;
endless) head -c 1000000 /dev/zero | tr '\0' 'y'; exit 0 ;;
closes) exec <&-; sleep 0.1; exit 0 ;;
mute) exec <&- >&- 2>&-; sleep 0.1; exit 0 ;;
never) exit 0 ;;
stopped) kill -STOP \$\$ ;;
esac
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue unruly '"VisibilityTimeout":"60"'

# send_job HOW [FILE]: the handler learns how to behave without reading stdin.
send_job() {
	jq -Rscj --arg q "$QUEUE" --arg how "$1" '{QueueUrl: $q,
		MessageBody: ., MessageAttributes: {how:
			{DataType: "String", StringValue: $how}}}' \
		<"${2:-$SCRATCH/handler}" >"$SCRATCH/send.json"
	sqs SendMessage "@$SCRATCH/send.json" >/dev/null
}
no_sleeper() {
	! pgrep -f "^sleep $nap\$" >/dev/null
}

# -- without a timeout
start_sqsherd -j 2 -- "$SCRATCH/handler"

send_job grandchild
eventually 20 "one that leaves a grandchild is done" queue_is deleted 1
eventually 5 "and the grandchild is killed" no_sleeper

send_job loud
eventually 60 "10 MB on stderr are read" queue_is deleted 2
ok "and logged with the message id" \
	sh -c "[ \$(grep -c 'handler_output.*stderr' '$SCRATCH/log') -ge 9999 ]"
ok "every record is one JSON object of at most 4096 bytes" \
	sh -c "jq -e . '$SCRATCH/log' >/dev/null &&
		[ \$(awk '{ if (length(\$0) > m) m = length(\$0) } END { print m }' \
			'$SCRATCH/log') -le 4095 ]"
send_job endless
eventually 20 "a line of 1 MB on stdout is cut in pieces" queue_is deleted 3
ok "which say so" logged 'handler_output.*"partial":true'

head -c 1048000 /dev/zero | tr '\0' 'z' >"$SCRATCH/large"
send_job closes "$SCRATCH/large"
eventually 20 "one that closes its stdin at once is done" queue_is deleted 4
send_job mute "$SCRATCH/large"
eventually 20 "one that closes all it was given is done" queue_is deleted 5
send_job never "$SCRATCH/large"
eventually 20 "one that never reads its 1 MiB is done" queue_is deleted 6
is "$(queue_field redelivered)" 0 "each at its first delivery"
send_job escaped
eventually 20 "one that leaves a daemon behind is done" queue_is deleted 7
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "and leaves no process, not even the daemon" no_survivor

# -- with one
start_sqsherd -j 2 -o job_timeout=1s -o job_kill_timeout=500ms \
	-- "$SCRATCH/handler"
send_job hang
eventually 20 "a handler that hangs is stopped and its message done later" \
	queue_is deleted 8
ok "the record says job timeout" \
	logged '"event":"message".*"reason":"job timeout".*"signal":"SIGTERM"'
send_job deaf
eventually 20 "one that ignores SIGTERM is killed" queue_is deleted 9
ok "by SIGKILL" logged '"event":"message".*"reason":"job timeout".*"signal":"SIGKILL"'
send_job stopped
eventually 20 "one that stopped itself is woken and ended" queue_is deleted 10
ok "each of these three came back" \
	test "$(jq -r 'select(.outcome == "retried") | .id' "$SCRATCH/log" |
		sort -u | wc -l)" -eq 3

is "$(queue_field in_flight)" 0 "nothing is in flight"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "no process is left" no_survivor
done_testing
