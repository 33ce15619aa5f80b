#!/bin/sh
# Everything that an operator can ask for, and a few kills, at any moment: each
# message is done, the ledger is exact, and nothing piles up.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
sleep 0.05
EOF
chmod +x "$SCRATCH/handler"
start_fake
# SQS can hand a message to the connection of a child that is killed in that
# moment: it comes back with the end of its timeout.
new_queue jobs
cat >"$SCRATCH/conf" <<EOF
wait_time = 1
retry_base = 0
log_format = json
restart_base = 100ms
crash_limit = 1000
[queue jobs]
queue_url = $QUEUE
children = 4
visibility_timeout = 5
max_messages = 20
reload_parallel = 2
command = $SCRATCH/handler
EOF
"$BUILD/sqsherd" -c "$SCRATCH/conf" >"$SCRATCH/stdout" 2>"$SCRATCH/log" &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "four children are there" child_count_is 4
ok "sqsherdctl is answered" ctl health
fds() {
	find /proc/"$SQSHERD"/fd -type l | wc -l
}
before=$(fds)

# A number from 0 to 32767; the seed is in the log of a failed test.
seed=${STORM_SEED:-$$}
echo "# STORM_SEED=$seed"
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	number=$((seed / 65536))
}

fake "/_send?name=jobs&count=400" -X POST --data-binary x >/dev/null
for _ in $(seq 60); do
	random
	case $((number % 10)) in
	0) signal HUP "$SQSHERD" ;;
	1) signal TTIN "$SQSHERD" ;;
	2) signal TTOU "$SQSHERD" ;;
	3) ctl scale jobs $((number / 10 % 6 + 1)) ;;
	# There may be no such slot, or it may be on its way out.
	4) ctl restart "jobs/$((number / 10 % 4))" || : ;;
	5) ctl pause jobs && ctl resume jobs ;;
	6) ctl reload ;;
	7) ctl status --json ;;
	# It may have ended by then.
	8) children | shuf -n 1 | xargs -r kill -KILL || : ;;
	9) children | shuf -n 1 | xargs -r kill -TERM || : ;; # likewise
	esac >"$SCRATCH/out" 2>&1
	sleep 0.0$((number / 100 % 10))
done
ctl resume jobs >/dev/null
ctl scale jobs 4 >/dev/null
eventually 60 "every message is done" queue_is deleted 400
eventually 20 "four children are there again" child_count_is 4
eventually 10 "and well" ctl health
fds_are() {
	[ "$(fds)" -eq "$1" ]
}
eventually 10 "the supervisor has as many descriptors as before" \
	fds_are "$before"
zombies() {
	ps -o stat= --ppid "$SQSHERD" | grep -c '^Z' || [ $? -eq 1 ]
}
is "$(zombies)" 0 "the supervisor has no zombies"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0, and its ledger is exact"
is "$(count_logged '"event":"slot_bug"')" 0 "nothing impossible happened"
ok "no process is left" no_survivor
done_testing
