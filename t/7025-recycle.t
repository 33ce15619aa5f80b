#!/bin/sh
# Children that have worked enough, are old or large are replaced, in turn and
# without a crash.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
sleep "$1"
echo finished
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs

send_many() {
	fake "/_send?name=jobs&count=$1" -X POST --data-binary x >/dev/null
}
replaced() {
	count_logged "\"event\":\"child_replaced\".*\"reason\":\"$1\""
}
replaced_at_least() {
	[ "$(replaced "$1")" -ge "$2" ]
}
no_crash() {
	is "$(jq -s '[.[] | select(.event == "child_exited" and
		(.exit_status != 0 or has("restart_in")))] | length' \
		"$SCRATCH/log")" 0 "no end counts as a crash"
}

# -- messages (60)
send_many 120
start_sqsherd -j 8 -o max_messages=8 -o wait_time=1 -- "$SCRATCH/handler" 0
eventually 60 "a queue is worked by children that are replaced" \
	queue_is deleted 120
eventually 20 "several of them" replaced_at_least messages 3
is "$(most_at_once)" 1 "children are replaced one at a time"
no_crash
is "$(queue_field redelivered)" 0 "no message was given back"
eventually 10 "at the end there are eight children" child_count_is 8
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- a turn that comes late: the child polls again when it is sent home
cat >"$SCRATCH/patient" <<'EOF'
#!/bin/sh
[ "$(cat)" != slow ] || while [ ! -e "$1" ]; do sleep 0.05; done
EOF
chmod +x "$SCRATCH/patient"
deleted=$(queue_field deleted)
polling() {
	fake "/_wait?name=jobs&cond=polling&value=$1&ms=20000" >/dev/null
}
start_sqsherd -j 2 -o max_messages=2 -o wait_time=20 -o heartbeat_timeout=60 \
	-- "$SCRATCH/patient" "$SCRATCH/go"
send slow
busy_slot() {
	ctl status --json | jq -er '.status.queues[].slots[] |
		select(.phase == "busy") | .slot' >"$SCRATCH/slot"
}
within 20 busy_slot || bail "no child works"
ok "a child that works is to be replaced" \
	ctl restart "$(cat "$SCRATCH/slot")"
send x
send x
eventually 10 "one child works, while the other cannot be replaced yet" \
	queue_is deleted $((deleted + 2))
eventually 20 "it polls again" polling 1
touch "$SCRATCH/go"
eventually 20 "and is replaced when the other has been" \
	replaced_at_least messages 1
eventually 20 "during its poll" polling 2
send y
send y
eventually 20 "what that brings is worked" queue_is deleted $((deleted + 5))
is "$(queue_field redelivered)" 0 "the message of a child that is to be replaced is not given back"
no_crash
signal TERM "$SQSHERD"
eventually 10 "a stop begins" logged '"event":"stop_began"'
stop_sqsherd QUIT # it would wait for the polls

# -- memory (61)
deleted=$(queue_field deleted)
start_sqsherd -j 2 -o max_memory=100K -o wait_time=1 -- "$SCRATCH/handler" 1
send x
eventually 15 "a child that is too large is replaced" \
	replaced_at_least memory 1
eventually 10 "a child that is too large is replaced when it has finished its job" \
	sh -c "jq -se '[.[] | select(.event == \"child_exited\")]
		| length == 1 and .[0].exit_status == 0' '$SCRATCH/log'"
is "$(queue_field deleted)" $((deleted + 1)) "the job of a child that is too large is done"
is "$(queue_field redelivered)" 0 "once"
is "$(replaced memory)" 1 "a child that has had no message is left alone"
no_crash
stop_sqsherd
start_sqsherd -j 2 -o max_memory=1G -o max_messages=1000 -o max_age=1d \
	-- "$SCRATCH/handler" 0
send x
eventually 10 "below its limits" queue_is deleted $((deleted + 2))
is "$(count_logged child_replaced)" 0 "no child is replaced"
stop_sqsherd

# -- age
start_sqsherd -j 3 -o max_age=1s -o wait_time=1 -- "$SCRATCH/handler" 0
eventually 20 "children that are old are replaced, without a message" \
	replaced_at_least age 3
is "$(most_at_once)" 1 "children are replaced one at a time"
no_crash
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "no process is left" no_survivor

# -- a child without a supervisor
send_many 3
status_of "$BUILD/sqsherd" -X -q "$QUEUE" -o max_messages=1 -o wait_time=0 \
	-- "$SCRATCH/handler" 0 >"$SCRATCH/stdout" 2>"$SCRATCH/log"
is "$STATUS" 0 "a child that nobody replaces ends"
eventually 5 "after its message" queue_is deleted $((deleted + 3))

# -- a limit that is reached while the child drains anyway
cpu_of() { # in ticks
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}
rm "$SCRATCH/go"
send slow
new_log
"$BUILD/sqsherd" -X -q "$QUEUE" -o max_age=1s -o log_level=debug \
	-- "$SCRATCH/patient" "$SCRATCH/go" >"$SCRATCH/stdout" \
	2>"$SCRATCH/log" &
child=$!
PIDS="$PIDS $child"
within 10 queue_is in_flight 1 || bail "no message is worked"
signal TERM "$child"
eventually 10 "a child drains" logged '"event":"drain"'
used=$(cpu_of "$child")
sleep 3 # it is measured how much CPU that takes
used=$(($(cpu_of "$child") - used))
ok "an age that it reaches meanwhile costs no CPU ($used ticks)" \
	test "$used" -le 15
touch "$SCRATCH/go"
status_of wait "$child"
is "$STATUS" 0 "it ends with its message"
done_testing
