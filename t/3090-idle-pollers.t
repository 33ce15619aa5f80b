#!/bin/sh
# idle_pollers = 1: one child polls an empty queue, whatever happens to it, and
# the others sleep until there is work.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
cat >>"$SCRATCH/begun"
while [ ! -e "$SCRATCH/go" ]; do
	sleep 0.05
done
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs

# phase_is N PHASE: so many children are in it.
phase_is() {
	[ "$(pgrep -c -P "$SQSHERD" -f "^sqsherd: [^ ]*/[0-9]+ .$2")" = "$1" ]
}
# rests N: one of N children polls, the others sleep.
rests() {
	child_count_is "$1" && phase_is 1 polling && phase_is $(($1 - 1)) idle
}
poller() {
	pgrep -P "$SQSHERD" -f '^sqsherd: [^ ]*/[0-9]+ .polling'
}
other_polls() {
	poller | grep -qvx "$1"
}
done_is() {
	queue_is deleted "$1"
}
receives() {
	fake /_stats | jq .ops.ReceiveMessage.requests
}

# -- an empty queue
start_sqsherd -j 4 -o idle_pollers=1 -o wait_time=1 -- "$SCRATCH/handler"
eventually 20 "one of four children polls, three sleep" rests 4
ok "for some polls" \
	fake "/_wait?op=ReceiveMessage&cond=op_count&value=4&ms=20000"
is "$(fake /_stats | jq .polling_max)" 1 "never were there two polls at once"
like "$(ctl status)" ' idle ' "status shows who sleeps"

# -- work
# The longest time, in ms, from the answer that brought a message to a receive
# of each of the others; nothing: they have not all come.
woken_after() {
	fake /_calls | jq --argjson n "$1" '[.[] | select(.op ==
		"ReceiveMessage" and .seq >= $n)] |
		(map(select(.messages > 0)) | first) as $find |
		($find.ms + $find.took_ms) as $found |
		map(select(.seq > $find.seq and .ms >= $found)) |
		map(.ms - $found) | sort | .[2] // empty'
}
all_woken() {
	after=$(woken_after "$before")
	[ -n "$after" ]
}
best=1000000
for try in 1 2 3 4 5 6 7 8 9 10; do
	rm -f "$SCRATCH/go"
	before=$(fake /_calls | jq 'last.seq')
	send job
	# The one that found it is at work: these are the others.
	within 20 all_woken || bail "the others do not poll"
	touch "$SCRATCH/go"
	within 20 done_is "$try" || bail "the message is not done"
	[ "$after" -ge "$best" ] || best=$after
	[ "$best" -gt 10 ] || break
	within 20 rests 4 || bail "they do not sleep again"
done
ok "a find wakes the others ($best ms, at try $try)" test "$best" -le 10
eventually 20 "they sleep again" rests 4
rm -f "$SCRATCH/go"
fake "/_send?name=jobs&body=m&count=8" -X POST >"$SCRATCH/out"
eventually 20 "much work is for all" queue_is in_flight 4
touch "$SCRATCH/go"
eventually 20 "and is done" done_is $((try + 8))
eventually 20 "then one polls again" rests 4

# -- the one that polls dies, or is stopped
signal KILL "$(poller)"
eventually 20 "after a SIGKILL one polls" rests 4
pid=$(poller)
signal STOP "$pid"
eventually 20 "after a SIGSTOP another does" other_polls "$pid"
ok "when the poll of the one that stopped is over" \
	fake "/_wait?cond=polling&value=1&ms=20000"
send job
eventually 20 "there is work, and it is done" done_is $((try + 9))
signal CONT "$pid"
eventually 20 "one that goes on does not poll for ever" rests 4

# -- what an operator may ask for
ok "a pause" ctl pause jobs
eventually 20 "is one for who sleeps as well" phase_is 4 paused
ok "a resume" ctl resume jobs
eventually 20 "lets one poll" rests 4
ok "more children" ctl scale jobs 6
eventually 20 "sleep" rests 6
ok "fewer children" ctl scale jobs 2
eventually 20 "are soon gone" rests 2
signal TERM "$(poller)"
eventually 20 "after a SIGTERM to it another polls" rests 2
signal HUP "$SQSHERD"
eventually 20 "a reload" logged '"event":"reload_done"'
eventually 20 "replaces who sleeps" rests 4
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- the watchdog, and a server that fails
new_queue watched
start_sqsherd -j 3 -o idle_pollers=1 -o wait_time=1 -o heartbeat_timeout=2 \
	-- /bin/true
eventually 20 "one of three polls" rests 3
fault "op=ReceiveMessage&kind=error&count=12"
before=$(($(receives) + 16))
ok "SQS fails for a while" \
	fake "/_wait?op=ReceiveMessage&cond=op_count&value=$before&ms=20000"
eventually 20 "then one polls again" rests 3
send job
eventually 20 "there is work, and it is done" done_is 1
ok "nobody is taken for hung" test "$(count_logged child_hung)" -eq 0
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor
done_testing
