#!/bin/sh
# A stop with a child that not even SIGKILL ends.
. "$(dirname "$0")/lib.sh"
. t/freezer.sh
find_freezer || skip_all "$WHY_NOT"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
exec sleep "$(cat)"
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'
stopped_field() {
	jq "select(.event == \"stopped\") | .$1" "$SCRATCH/log"
}

start_sqsherd -j 1 -o visibility_timeout=600 -o grace_timeout=60 \
	-- "$SCRATCH/handler"
send 600
id=$(cat "$SCRATCH/last_id")
eventually 10 "a job runs" busy_child
child=$(busy_child)
find_process -P "$child" -f '^sleep'
sleeper=$FOUND
freeze "$child" 1 || bail "cannot freeze a process"
signal TERM "$SQSHERD"
within 5 logged stop_began
signal INT "$SQSHERD"
wait_sqsherd
is "$STATUS" 76 "a stop with a child that is stuck: exit 76"
ok "the stuck child is still there after the stop" is_alive "$child"
ok "the log says that the child could not be killed" \
	logged "child_unkillable.*\"child_pid\":$child,.*\"replaced\":false"
ok "the log says what the stuck child held" logged "message_interrupted.*$id"
ok "the handler of the stuck child is dead" has_ended "$sleeper"
is "$(queue_field in_flight)" 0 "nothing is in flight"
is "$(queue_field visible)" 1 "its message is visible again"
is "$(stopped_field in_hand)" 0 "the last record has nothing in hand"
is "$(stopped_field received)" 1 "the last record has one message that was received"
thaw 1
eventually 10 "the stuck child is dead once the kernel lets go" \
	has_ended "$child"

# -- it is one death too many, in the moment in which another slot is due
start_sqsherd -j 2 -o heartbeat_timeout=1 -o restart_base=3s -o restart_cap=3s \
	-o crash_limit=1 -o grace_timeout=2 -- "$SCRATCH/handler"
two_wait() {
	[ "$(pgrep -c -P "$SQSHERD" -f '^sqsherd: jobs/[01] ')" -eq 2 ]
}
within 10 two_wait || bail "there are no two children"
child=$(pgrep -P "$SQSHERD" -f '^sqsherd: jobs/0 ')
other=$(pgrep -P "$SQSHERD" -f '^sqsherd: jobs/1 ')
freeze "$child" 2 || bail "cannot freeze a process"
# The ninth bit of the pending ones.
has_sigkill() {
	grep -q '^ShdPnd:.*[13579bdf]..$' "/proc/$child/status"
}
eventually 20 "a child that hangs has SIGKILL" has_sigkill
signal KILL "$other"
within 5 logged "child_exited.*\"child_pid\":$other,"
# For it all is due at once: the next SIGKILL, after 5 s, and the other slot.
signal STOP "$SQSHERD"
sleep 6
signal CONT "$SQSHERD"
wait_sqsherd
is "$STATUS" 75 "two deaths are too many: exit 75"
ok "one of them is no death yet" logged child_unkillable
is "$(sed '1,/crash_loop/d' "$SCRATCH/log" | grep -c child_started)" 0 \
	"and no child is born after that"
thaw 2
eventually 10 "the child that was stuck is dead" has_ended "$child"
ok "no process is left" no_survivor
done_testing
