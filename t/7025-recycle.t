#!/bin/sh
# Children that have worked enough, are old or large are replaced, in turn and
# without a crash (rows 60 and 61 of the list of what a supervisor must
# withstand).
. t/lib.sh

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
eventually 60 "row 60: a queue is worked by children that are replaced" \
	queue_is deleted 120
ok "several of them ($(replaced messages))" replaced_at_least messages 3
is "$(most_at_once)" 1 "row 60: one at a time"
no_crash
is "$(queue_field redelivered)" 0 "row 60: no message was given back"
eventually 10 "row 60: at the end there are eight" child_count_is 8
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- memory (61)
deleted=$(queue_field deleted)
start_sqsherd -j 2 -o max_memory=100K -o wait_time=1 -- "$SCRATCH/handler" 1
send x
eventually 15 "row 61: a child that is too large is replaced" \
	replaced_at_least memory 1
eventually 10 "row 61: when it has finished its job" \
	sh -c "jq -se '[.[] | select(.event == \"child_exited\")]
		| length == 1 and .[0].exit_status == 0' '$SCRATCH/log'"
is "$(queue_field deleted)" $((deleted + 1)) "row 61: which is done"
is "$(queue_field redelivered)" 0 "once"
is "$(replaced memory)" 1 "row 61: a child that has had no message is left alone"
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
is "$(most_at_once)" 1 "row 60: one at a time"
no_crash
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "no process is left" no_survivor

# -- a child without a supervisor
send_many 3
"$BUILD/sqsherd" -X -q "$QUEUE" -o max_messages=1 -o wait_time=0 \
	-- "$SCRATCH/handler" 0 >"$SCRATCH/stdout" 2>"$SCRATCH/log"
is "$?" 0 "a child that nobody replaces ends"
eventually 5 "after its message" queue_is deleted $((deleted + 3))
done_testing
