#!/bin/sh
# The exit status of a handler is its verdict, whatever it is.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
# The first time it exits as the body says, later it is done.
read -r how what
[ "$SQS_RECEIVE_COUNT" -gt 1 ] && exit 0
case $how in
exit) exit "$what" ;;
kill) kill "-$what" $$ ;;
esac
EOF
chmod +x "$SCRATCH/handler"

start_fake
new_queue verdicts '"VisibilityTimeout":"60"'
seq 0 255 | sed 's/^/exit /' >"$SCRATCH/bodies"
for signal in HUP INT QUIT ABRT KILL SEGV PIPE TERM USR1; do
	echo "kill $signal"
done >>"$SCRATCH/bodies"
AWS_ENDPOINT_URL=$FAKE "$BUILD/sqs-send" -q "$QUEUE" <"$SCRATCH/bodies" \
	>"$SCRATCH/sent"
is "$(cat "$SCRATCH/sent")" "sent 265, failed 0" "265 messages are sent"
start_sqsherd -j 4 -- "$SCRATCH/handler"
eventually 60 "every message is deleted in the end" queue_is deleted 265
is "$(queue_field redelivered)" 264 \
	"each but the one of exit status 0 came back exactly once"
is "$(queue_field in_flight)" 0 "none is in flight"
stop_sqsherd
is "$STATUS" 0 "and sqsherd exits 0"

verdicts() {
	jq -r 'select(.event == "message" and .receive_count == 1) |
		"\(.verdict) \(.outcome) \(.exit_status // 0) \(.signal // 0)"' \
		"$SCRATCH/log" | LC_ALL=C sort -k3n -k4
}
verdicts >"$SCRATCH/verdicts"
is "$(awk '$4 == 0 && $3 == 0' "$SCRATCH/verdicts")" "done deleted 0 0" \
	"status 0 is done and deleted"
is "$(awk '$3 == 75' "$SCRATCH/verdicts")" "retry retried 75 0" \
	"status 75 is a retry"
is "$(awk '$3 == 65' "$SCRATCH/verdicts")" "reject retried 65 0" \
	"status 65 is a reject, and without a dead-letter move a retry"
is "$(awk '$3 > 0 && $1 == "retry" && $2 == "retried"' \
	"$SCRATCH/verdicts" | wc -l)" 254 "all 254 others are retries"
is "$(awk '$4 != "0" {print $1, $2, $4}' "$SCRATCH/verdicts" | tr '\n' ';')" \
	"retry retried SIGABRT;retry retried SIGHUP;retry retried SIGINT;retry retried SIGKILL;retry retried SIGPIPE;retry retried SIGQUIT;retry retried SIGSEGV;retry retried SIGTERM;retry retried SIGUSR1;" \
	"death by each signal is a retry, and the record names it"
done_testing
