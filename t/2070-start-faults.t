#!/bin/sh
# The start, held at its worst moments.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
echo working
sleep "$(cat)"
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

reached() {
	test -e "$SHIM_FILE.$1"
}
let_go() {
	: >"$SHIM_FILE"
}

# -- no child ever gets to its loop
SHIM_FAIL=init start_shimmed -j 2 -o restart_base=10ms \
	-o restart_cap=50ms -o crash_limit=6 -- "$SCRATCH/handler"
wait_sqsherd
is "$STATUS" 75 "children that always fail in their start: exit 75"
forks=$(count_logged '"event":"child_started"')
ok "a crash loop forks at most limit + children times ($forks)" test "$forks" -le 9
ok "a crash loop forks at least limit times" test "$forks" -ge 7
like "$(tail -1 "$SCRATCH/log")" '"last_deaths":"jobs/[01]: exit status 70; ' \
	"the last record of a crash loop says why"
receives() {
	fake /_stats | jq .ops.ReceiveMessage.requests
}
# It has no title of its own yet.
unborn() {
	pgrep -P "$SQSHERD"
}

# -- a child that hangs in its start
SHIM_HOLD=init start_shimmed -j 1 -o start_timeout=1 -o restart_base=100ms \
	-o crash_limit=100 -- "$SCRATCH/handler"
eventually 10 "a child hangs in its start" reached init
signal USR1 "$SQSHERD"
eventually 1 "the supervisor answers while a child hangs in its start" \
	logged '"event":"status".*"state":"starting"'
eventually 10 "a child is called hung after the start timeout" \
	logged '"event":"child_hung".*"deadline":"start"'
like "$(grep child_hung "$SCRATCH/log")" '"process_state":"[a-z ]*".*"threads":1' \
	"the log has what the kernel knows of a hung child"
eventually 10 "a hung child ends by the first signal, and its slot is refilled after a pause" \
	logged '"event":"child_exited".*"signal":"SIGABRT".*"restart_in":'
signal TERM "$SQSHERD"
let_go
wait_sqsherd
ok "no process is left" no_survivor

# -- SIGTERM before the first fork
SHIM_HOLD=start start_shimmed -j 2 -- "$SCRATCH/handler"
eventually 10 "the supervisor is held before the first fork" reached start
signal TERM "$SQSHERD"
let_go
wait_sqsherd
is "$STATUS" 0 "SIGTERM before the first fork: exit 0"
is "$(count_logged child_started)" 0 "SIGTERM before the first fork: no child is ever started"

# -- SIGTERM while children are starting: some wait for a fork, some are held
before=$(receives)
SHIM_HOLD=init SHIM_FORK_FAIL=3 start_shimmed -j 8 -o restart_base=10s \
	-- "$SCRATCH/handler"
five_held() {
	[ "$(unborn | wc -l)" -eq 5 ] && reached init
}
eventually 10 "five of eight children are in their start" five_held
signal TERM "$SQSHERD"
eventually 5 "SIGTERM while children start: a stop begins" logged stop_began
let_go
wait_sqsherd
is "$STATUS" 0 "exit 0"
# Also of the slots whose fork was due meanwhile.
born_late() {
	sed -n '/"event":"stop_began"/,$p' "$SCRATCH/log" | grep -c child_started
}
is "$(born_late)" 0 "no child is started after SIGTERM"
is "$(receives)" "$before" "no child has received after SIGTERM in its start"
ok "no process is left" no_survivor

# A child may have begun a poll by then; but whoever is born was born before.
for delay in 0 0.002 0.005 0.01 0.05; do
	start_sqsherd -j 24 -o wait_time=1 -- "$SCRATCH/handler"
	within 10 logged '"event":"started"'
	sleep $delay
	signal TERM "$SQSHERD"
	wait_sqsherd
	is "$STATUS $(born_late)" "0 0" \
		"SIGTERM $delay s after the first fork: exit 0, and no child is started"
	ok "no process is left" no_survivor
done

# -- SIGTERM while a child is between fork and its first line
before=$(receives)
SHIM_HOLD=init start_shimmed -j 1 -- "$SCRATCH/handler"
eventually 10 "a child is held before it can take signals" reached init
signal TERM "$(unborn)"
signal TERM "$SQSHERD"
eventually 5 "a stop begins" logged stop_began
let_go
wait_sqsherd
is "$STATUS" 0 "SIGTERM while a child is held: exit 0"
is "$(receives)" "$before" "a child that was told to end in its start receives nothing"
ok "no process is left" no_survivor

# -- SIGHUP, and every signal that a terminal or an operator may relay
SHIM_HOLD=init start_shimmed -j 1 -o log_level=debug -- "$SCRATCH/handler"
eventually 10 "a child is held in its start" reached init
child=$(unborn)
for signal in HUP USR1 USR2 TTIN TTOU WINCH ALRM; do
	signal $signal "$child"
done
let_go
eventually 10 "a child that gets SIGHUP before it is ready becomes ready" \
	logged "child_ready.*\"child_pid\":$child"
ok "it survives all signals that an operator may relay" is_alive "$child"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- SIGTERM just before the exec of a handler
SHIM_HOLD=spawn start_shimmed -j 1 -o wait_time=1 -- "$SCRATCH/handler"
send 0
eventually 10 "a child is held before it starts a handler" reached spawn
signal TERM "$SQSHERD"
eventually 5 "a stop begins" logged stop_began
let_go
wait_sqsherd
is "$STATUS" 0 "SIGTERM before a handler starts: the handler finishes, exit 0"
is "$(queue_field deleted)" 1 "the message of that handler is deleted"
ok "no process is left" no_survivor

# -- the supervisor is killed in the fork window
SHIM_HOLD=fork start_shimmed -j 1 -- "$SCRATCH/handler"
eventually 10 "a new process is held before its first line" reached fork
before=$(receives)
signal KILL "$SQSHERD"
wait_sqsherd
let_go
eventually 5 "a new process whose supervisor was killed exits" no_survivor
is "$(receives)" "$before" "a new process whose supervisor was killed receives nothing"

# -- fork fails twice, and no child is there whose end could wake anybody
SHIM_FORK_FAIL=2 start_shimmed -j 1 -o restart_base=200ms -- "$SCRATCH/handler"
eventually 10 "after two failed forks the third is tried by timer" \
	child_count_is 1
is "$(count_logged '"event":"fork_failed"')" 2 "both failed forks are logged"
stop_sqsherd
is "$STATUS" 0 "exit 0"

SHIM_FORK_FAIL=1000 start_shimmed -j 1 -o restart_base=10s -- "$SCRATCH/handler"
eventually 10 "a fork fails" logged fork_failed
stop_sqsherd
is "$STATUS" 0 "SIGTERM while a slot waits to fork: exit 0"
ok "a stop while a slot waits to fork is quick" test "$(stop_took)" -lt 3000

# -- fork fails for ever
SHIM_FORK_FAIL=1000000 start_shimmed -j 4 -o restart_base=1s \
	-o restart_cap=1s -o crash_window=3s -- "$SCRATCH/handler"
eventually 10 "forks fail" logged fork_failed
# Nanoseconds on a CPU.  1 % is what an idle machine shows; a loaded one has
# dearer turns, so the bound is 3 %.
cpu() {
	cut -d' ' -f1 "/proc/$SQSHERD/schedstat" 2>/dev/null || echo 0
}
cpu_began=$(cpu)
sleep 1.5
used=$(($(cpu) - cpu_began))
ok "failing forks are no busy loop ($((used / 1500000)) per mille CPU)" \
	test "$used" -lt 45000000
wait_sqsherd
is "$STATUS" 70 "no fork for a crash_window: exit 70"
ok "the log says that sqsherd cannot fork" logged '"event":"cannot_fork"'
done_testing
