#!/bin/sh
# More children and fewer, by signal and by sqsherdctl.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue mail
MAIL=$QUEUE
new_queue jobs
JOBS=$QUEUE

slots() {
	ctl status --json |
		jq -r '[.status.queues[].slots[].slot] | join(" ")'
}
slots_are() {
	[ "$(slots)" = "$1" ]
}

# -- signals
start_sqsherd -j 1 -o wait_time=0 -- "$SCRATCH/handler"
eventually 10 "there is one child" child_count_is 1
signal TTOU "$SQSHERD"
eventually 5 "SIGTTOU leaves the last one" logged '"event":"signal_ignored"'
signal TTIN "$SQSHERD"
eventually 10 "SIGTTIN adds a child" child_count_is 2
signal TTIN "$SQSHERD"
eventually 10 "and another" child_count_is 3
signal TTOU "$SQSHERD"
eventually 10 "SIGTTOU takes one away" child_count_is 2
eventually 10 "the one with the highest number" slots_are "jobs/0 jobs/1"

# -- sqsherdctl
ok "a queue is scaled up" ctl scale jobs 6
eventually 10 "there are six children" child_count_is 6
send 2
send 2
eventually 10 "two jobs run" \
	sh -c "[ \$(grep -c '\"line\":\"working\"' '$SCRATCH/log') -eq 2 ]"
ok "a queue is scaled down while jobs run" ctl scale jobs 1
ok "and up again, before the jobs are done" ctl scale jobs 3
eventually 10 "at the end there are three" child_count_is 3
eventually 10 "the jobs in hand are finished" queue_is deleted 2
is "$(jq -s '[.[] | select(.level == "warn" or .level == "error")
	| select(.event != "signal_ignored")] | length' "$SCRATCH/log")" 0 \
	"no end counts as a crash"
totals_are() {
	[ "$(ctl status --json | jq .status.totals.deleted)" = "$1" ]
}
eventually 10 "what they counted is not forgotten" totals_are 2
ok "a queue is scaled down" ctl scale jobs 1
eventually 10 "to one child" child_count_is 1
ok "and up" ctl scale jobs 2
eventually 10 "slots are numbered from 0 again" slots_are "jobs/0 jobs/1"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
like "$(grep '"event":"stopped"' "$SCRATCH/log")" '"deleted":2' \
	"and its last record has everything"

# -- one is on its way out already
start_sqsherd -j 1 -o wait_time=1 -- "$SCRATCH/handler"
send 600
eventually 10 "a long job runs" busy_child
ok "another child is added" ctl scale jobs 2
eventually 10 "and polls" fake "/_wait?name=jobs&cond=polling&value=1&ms=500"
ok "the first is to be replaced" ctl restart jobs/0
ok "then one is too many" ctl scale jobs 1
send 0
eventually 10 "and the other goes on" queue_is deleted 3
signal INT "$SQSHERD"
within 5 logged stop_began
signal INT "$SQSHERD"
wait_sqsherd
is "$STATUS" 76 "exit 76"
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

# -- several queues
cat >"$SCRATCH/conf" <<EOF
wait_time = 0
log_format = json
command = $SCRATCH/handler
children = 1
[queue jobs]
queue_url = $JOBS
[queue mail]
queue_url = $MAIL
EOF
new_log
"$BUILD/sqsherd" -c "$SCRATCH/conf" >"$SCRATCH/stdout" 2>"$SCRATCH/log" &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "two queues have a child each" child_count_is 2
signal TTIN "$SQSHERD"
eventually 5 "which of them is meant, SIGTTIN cannot say" \
	logged 'signal_ignored.*several queues'
ok "sqsherdctl can" ctl scale mail 2
eventually 10 "it has a child more" slots_are "jobs/0 mail/0 mail/1"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "no process is left" no_survivor
done_testing
