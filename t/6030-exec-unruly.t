#!/bin/sh
# Handlers that behave badly harm neither the child nor other messages.
. t/lib.sh

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
# Bad once; the second delivery is done.
[ "$SQS_RECEIVE_COUNT" -gt 1 ] && exit 0
case $(head -c 40) in
hang) exec sleep 599.7 ;;
deaf) trap '' TERM; while :; do sleep 599.7; done ;;
grandchild) sleep 599.7 & exit 0 ;;
escaped) setsid sleep 599.7 & exit 0 ;;
loud) head -c 10000000 /dev/zero | tr '\0' 'x' | fold -w 1000 >&2; exit 0 ;;
endless) head -c 1000000 /dev/zero | tr '\0' 'y'; exit 0 ;;
closes) exec <&-; exit 0 ;;
never) exit 0 ;;
stopped) kill -STOP $$ ;;
esac
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue unruly '"VisibilityTimeout":"60"'

start_sqsherd -j 2 -o job_timeout=1s -o job_kill_timeout=500ms \
	-- "$SCRATCH/handler"

send hang
eventually 10 "a handler that hangs is stopped and its message done later" \
	queue_is deleted 1
ok "the record says job timeout" \
	logged '"event":"message".*"reason":"job timeout".*"signal":15'
send deaf
eventually 10 "one that ignores SIGTERM is killed" queue_is deleted 2
ok "by SIGKILL" logged '"event":"message".*"reason":"job timeout".*"signal":9'
send stopped
eventually 10 "one that stopped itself is woken and ended" queue_is deleted 3
is "$(queue_field redelivered)" 3 "each of these three came back once"

send grandchild
eventually 10 "one that leaves a grandchild is done" queue_is deleted 4
no_sleeper() {
	! pgrep -f '^sleep 599\.7$' >/dev/null
}
eventually 5 "and the grandchild is killed" no_sleeper

send loud
eventually 30 "10 MB on stderr are read" queue_is deleted 5
ok "and logged with the message id" \
	sh -c "[ \$(grep -c 'handler_output.*stderr' '$SCRATCH/log') -ge 9999 ]"
ok "every record is one JSON object of at most 4096 bytes" \
	sh -c "jq -e . '$SCRATCH/log' >/dev/null &&
		[ \$(awk '{ if (length(\$0) > m) m = length(\$0) } END { print m }' \
			'$SCRATCH/log') -le 4095 ]"
send endless
eventually 10 "a line of 1 MB on stdout is cut in pieces" queue_is deleted 6
ok "which say so" logged 'handler_output.*"partial":true'

body=$(head -c 200000 /dev/zero | tr '\0' 'z')
send closes
eventually 10 "one that closes its stdin is done" queue_is deleted 7
send "never$body"
eventually 10 "one that never reads 200 kB is done" queue_is deleted 8
send escaped
eventually 10 "one that leaves a daemon behind is done" queue_is deleted 9

is "$(queue_field in_flight)" 0 "nothing is in flight"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "and leaves no process, not even the daemon" no_survivor
done_testing
