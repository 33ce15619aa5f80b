#!/bin/sh
# sqsherdctl metrics: OpenMetrics that a strict reader takes, and that says
# what happened.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
body=$(cat)
case $body in
fail) [ "$SQS_RECEIVE_COUNT" -gt 1 ] ;;
hold) while [ ! -e "$SCRATCH/go" ]; do sleep 0.05; done ;;
die) [ "$SQS_RECEIVE_COUNT" -gt 1 ] || kill -9 "$PPID" ;;
esac
EOF2
chmod +x "$SCRATCH/handler"
export SCRATCH
start_fake
new_queue mail
new_queue jobs

metrics() {
	ctl metrics >"$SCRATCH/metrics"
}
is_openmetrics() {
	metrics && "$BUILD/t/openmetrics" <"$SCRATCH/metrics"
}
# value NAME: of the queue jobs.
value() {
	sed -n "s/^sqsherd_$1{queue=\"jobs\"} //p" "$SCRATCH/metrics"
}
value_is() {
	metrics && [ "$(value "$1")" = "$2" ]
}
at_least() {
	metrics && awk -v v="$(value "$1")" -v min="$2" \
		'BEGIN { exit !(v != "" && v >= min) }'
}

refuses 1 "without a supervisor there are none" ctl metrics
is_empty "$(cat "$SCRATCH/out")" "and nothing is printed"

cat >"$SCRATCH/conf" <<EOF2
log_format = json
wait_time = 1
retry_base = 0
[queue jobs]
queue_url = $QUEUE
children = 2
command = $SCRATCH/handler
[queue mail]
queue_url = $FAKE/000000000000/mail
children = 1
command = /bin/true
EOF2
"$BUILD/sqsherd" -c "$SCRATCH/conf" >"$SCRATCH/stdout" 2>"$SCRATCH/log" &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "all children are ready" value_is children_ready 2
ok "it is OpenMetrics" is_openmetrics
is "$(grep -c '^sqsherd_children_ready{' "$SCRATCH/metrics")" 2 \
	"with a sample for each queue"
is "$(sed -n 's/^sqsherd_healthy //p' "$SCRATCH/metrics")" 1 "it is healthy"
is "$(value child_starts_total)" 2 "two children were started"
is "$(value busy_seconds_total)" 0.0 "and were never busy"

# Each name of --help-metrics, and no other.
"$BUILD/sqsherd" --help-metrics | sed -n 's/^\(sqsherd_[a-z_]*\).*/\1/p' |
	sort >"$SCRATCH/known"
is "$(sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$SCRATCH/metrics" |
	grep -Evx 'sqsherd|sqsherd_(uptime_seconds|healthy)' | sort)" \
	"$(cat "$SCRATCH/known")" "each metric that sqsherd describes"

send one two fail
eventually 10 "what was done is deleted" value_is messages_deleted_total 3
is "$(value messages_received_total)" 4 "one was received twice"
is "$(value messages_retried_total)" 1 "and retried"
is "$(value handler_time_seconds_count)" 4 "four runs of the handler"
is "$(value queue_time_seconds_count)" 3 "three first receives"

send hold
eventually 10 "one is in hand" value_is messages_in_hand 1
eventually 10 "the oldest in hand grows older" \
	at_least oldest_in_hand_seconds 0.5
before=$(value busy_seconds_total)
eventually 10 "a job that goes on counts as busy" \
	at_least busy_seconds_total "$(echo "$before" | awk '{print $1 + 0.3}')"
touch "$SCRATCH/go"
eventually 10 "it ends" value_is messages_deleted_total 4
eventually 10 "and nothing is in hand" value_is messages_in_hand 0

send die
eventually 20 "a child that died is counted" value_is child_crashes_total 1
eventually 20 "and the one in its place" value_is child_starts_total 3
eventually 20 "and the message that it left" value_is messages_deleted_total 5
ok "it is OpenMetrics still" is_openmetrics

pid=$(ctl status --json | jq '.status.queues[0].slots[0].pid')
ok "a child is stopped" signal STOP "$pid"
ok "nobody waits for it" is_openmetrics
ok "it goes on" signal CONT "$pid"

ok "a queue is paused" ctl pause jobs
ok "which is told" value_is paused 1
ok "a queue is scaled" ctl scale jobs 1
ok "which is told, too" value_is children 1
eventually 15 "a child is gone" value_is children_ready 1
is "$(value messages_deleted_total)" 5 "what it counted is not"
ok "that is OpenMetrics" is_openmetrics

stop_sqsherd
is "$STATUS" 0 "it ends well"
ok "and nothing is left" within 10 no_survivor
done_testing
