#!/bin/sh
# sqsherdctl: every command, and what an operator or a health check sees.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs
JOBS=$QUEUE

polling() {
	fake "/_wait?name=jobs&cond=polling&value=$1&ms=10000" >/dev/null
}
# status FILTER: of sqsherdctl status --json.
status() {
	ctl status --json | jq -r ".status | $1"
}
status_is() {
	[ "$(status "$1")" = "$2" ]
}
working() {
	[ "$(count_logged '"line":"working"')" -ge "$1" ]
}
longest_line() {
	awk 'length > n { n = length } END { print n }' "$1"
}

# -- without a supervisor
refuses 1 "without a supervisor there is no health" ctl health
like "$(cat "$SCRATCH/err")" 'no supervisor answers' "which is said"
refuses 1 "nor a status" ctl status
refuses 64 "no command is a wrong command line" ctl
refuses 64 "so is one that does not exist" ctl dance
refuses 64 "or an operand too few" ctl pause
refuses 64 "or too many" ctl stop now
refuses 64 "or with a newline in it" ctl pause "jobs
stop"
ok "the version needs nobody" ctl version

# -- a table
start_sqsherd -j 3 -o wait_time=1 -- "$SCRATCH/handler"
ok "three children poll" polling 3
eventually 5 "all is well" health_is 0 '^healthy: jobs 3/3 ready$'
send 2
eventually 10 "a job runs" working 1
ctl status >"$SCRATCH/table"
id=$(cut -c 1-8 "$SCRATCH/last_id")
is "$(grep -c '^jobs/[012] ' "$SCRATCH/table")" 3 "a line for each slot"
like "$(cat "$SCRATCH/table")" "^jobs/[012] +[0-9]+ busy +[0-9]+s $id +1 " \
	"the busy one with message and receive count"
like "$(cat "$SCRATCH/table")" '^  1 received = 1 in hand$' \
	"and what became of all messages"
ok "no line is longer than 80" test "$(longest_line "$SCRATCH/table")" -le 80
is "$(status '.queues[0].slots | map(.pid) | sort | join(" ")')" \
	"$(children | sort -n | tr '\n' ' ' | sed 's/ $//')" \
	"the pids are those of the children"
eventually 10 "the job is done" status_is .totals.deleted 1

# -- pause and resume
ok "a queue can be paused" ctl pause jobs
eventually 10 "then all children are" \
	status_is '.queues[0].slots | map(.phase) | unique | join(",")' paused
receives=$(status .totals.receives)
send 0
ok "which is well" health_is 0 '^healthy: .*\(paused\)'
is "$(queue_field visible)" 1 "a message stays in the queue"
is "$(status .totals.receives)" "$receives" "nobody looks for it"
ok "the titles say so" pgrep -P "$SQSHERD" -f 'jobs/0 \[paused\]'
ok "it can be resumed" ctl resume jobs
eventually 10 "then the message is worked" status_is .totals.deleted 2
refuses 1 "of a queue that does not exist nothing can" ctl pause mail
like "$(cat "$SCRATCH/err")" 'there is no queue mail' "which is said"

# -- restart
pid=$(status '.queues[0].slots[1].pid')
ok "a slot can be restarted" ctl restart jobs/1
restarted() {
	[ "$(status '.queues[0].slots[1] | "\(.state) \(.generation)"')" = \
		"ready 2" ]
}
eventually 10 "its child is replaced" restarted
ok "by another" test "$pid" != "$(status '.queues[0].slots[1].pid')"
is "$(status .deaths)" 0 "that was no crash"
refuses 1 "one that does not exist cannot" ctl restart jobs/3

# -- reload
ok "the settings can be loaded again" ctl reload
eventually 15 "children are replaced" logged reload_done
is "$(status .old_settings)" 0 "none has old settings"

# -- drain: longer than the grace
refuses 1 "a queue cannot have too many children" ctl scale jobs 1001
send 4
eventually 10 "a job runs" working 3
ok "it can be drained" ctl drain
ok "a drain is well, so that nobody cuts it short" \
	health_is 0 '^healthy: draining, [123] left$'
refuses 1 "then nothing can be restarted" ctl restart jobs/0
refuses 1 "nor reloaded" ctl reload
refuses 1 "nor scaled" ctl scale jobs 2
wait_sqsherd
is "$STATUS" 0 "it exits 0 when the last job is done"
is "$(jq -s 'map(select(.event == "message")) | last | .outcome' \
	"$SCRATCH/log")" '"deleted"' "which was finished"

# -- drain, then stop
start_sqsherd -j 1 -o grace_timeout=5 -- "$SCRATCH/handler"
send 60
eventually 10 "a long job runs" working 1
ok "it is drained" ctl drain
ok "and stopped" ctl stop
ok "a stop is well" health_is 0 '^healthy: stopping, 1 left$'
wait_sqsherd
is "$STATUS" 76 "after the grace timeout the job is cut short"
sqs PurgeQueue "{\"QueueUrl\":\"$JOBS\"}" >/dev/null

# -- not well
fault "op=ReceiveMessage&kind=error&status=403&code=AccessDenied&count=1000000"
start_sqsherd -j 2 -o health_timeout=1 -- "$SCRATCH/handler"
eventually 10 "children that cannot receive for long are not well" \
	health_is 1 '^unhealthy: no child of queue jobs could work'
like "$(cat "$SCRATCH/health")" 'AccessDenied' "with the reason"
like "$(ctl status)" 'waiting .*AccessDenied' "which each of them has as well"
stop_sqsherd
fake /_clear -X POST >/dev/null
start_sqsherd -j 1 -o restart_base=60 -o restart_cap=60 -- "$SCRATCH/handler"
eventually 10 "a child is ready" health_is 0 '^healthy: jobs 1/1'
signal KILL "$(children)"
eventually 10 "without a child that is ready it is not well" \
	health_is 1 '^unhealthy: queue jobs has no ready child$'
like "$(ctl status)" '^jobs/0 +backoff +-[0-9]+s .*signal SIGKILL' \
	"the table says why, and when there will be one"
stop_sqsherd

# -- of one moment, under load
start_sqsherd -j 4 -o log_level=error -- "$SCRATCH/handler"
fake "/_send?name=jobs&count=300" -X POST --data-binary 0 >/dev/null
conserves() {
	jq -e '[.status.queues[].slots[], .status.totals] | all(.received ==
		.deleted + .retried + .released + .expired + (.rejected // 0)
		+ .in_hand)' >/dev/null
}
torn=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	ctl status --json | conserves || torn=$((torn + 1))
done
took=$("$BUILD/t/rawctl" "$SQSHERD_CONTROL_SOCKET" best 20)
ok "under load it answers in 50 ms ($took)" test "$took" -lt 50
is "$torn" 0 "in each status received is what has ended and is in hand"
ok "messages were worked all the time" test "$(status .totals.deleted)" -gt 0
ok "it can be stopped" ctl stop
wait_sqsherd
is "$STATUS" 0 "and exits 0"
ok "no process is left" no_survivor
done_testing
