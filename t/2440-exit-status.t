#!/bin/sh
# Every exit status of sqsherd, from a process that ended with it.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
echo working
exec sleep "$(cat)"
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

seen=
# status_is WANT NAME: STATUS is, and no other end had the same.
status_is() {
	is "$STATUS" "$1" "$2: exit $1"
	case " $seen " in
	*" $STATUS "*) fail "exit $1 means nothing else" "$STATUS again" ;;
	*) pass "exit $1 means nothing else" ;;
	esac
	seen="$seen $STATUS"
	ok "exit $1 looks like no signal" test "$STATUS" -lt 126
	ok "exit $1 is in the manual" grep -q "^\.It $1\$" supervisor/sqsherd.8
}

start_sqsherd -j 2 -o wait_time=1 -- "$SCRATCH/handler"
within 10 logged '"event":"started"'
stop_sqsherd
status_is 0 "stopped, nothing was cut short"

status_of "$BUILD/sqsherd" --no-such-option 2>/dev/null
status_is 64 "wrong options"

start_sqsherd -o no_such_setting=1 -- "$SCRATCH/handler"
wait_sqsherd
status_is 78 "a wrong setting"

SHIM_FAIL=init start_shimmed -j 1 -o restart_base=10ms -o restart_cap=10ms \
	-o crash_limit=2 -- "$SCRATCH/handler"
unset SHIM_FAIL
wait_sqsherd
status_is 75 "children that always die"

start_sqsherd -j 1 -o wait_time=1 -o grace_timeout=60 -- "$SCRATCH/handler"
send 60
within 10 logged '"line":"working"' || fail "a job runs" "it does not"
signal TERM "$SQSHERD"
within 10 logged '"event":"stop_began"'
signal INT "$SQSHERD"
wait_sqsherd
status_is 76 "stopped, and work was cut short"

SHIM_FORK_FAIL=100000 start_shimmed -j 1 -o restart_base=100ms \
	-o crash_window=1s -- "$SCRATCH/handler"
unset SHIM_FORK_FAIL
wait_sqsherd
status_is 70 "the system refuses to fork"

# -- a child has died at work, and its releaser hears nothing of SQS
start_sqsherd -j 1 -o wait_time=1 -o restart_base=60s -o restart_cap=60s \
	-o grace_timeout=2 -- "$SCRATCH/handler"
send 60
within 10 busy_child || fail "a job runs" "it does not"
for operation in ChangeMessageVisibility ChangeMessageVisibilityBatch; do
	fault "op=$operation&kind=hang&ms=20000&count=50"
done
signal KILL "$(busy_child)"
within 10 logged '"event":"message_interrupted"'
stop_sqsherd
is "$STATUS" 76 "a message that could not be given back: exit 76"
ok "the log says that the releaser was killed" \
	logged '"level":"warn".*"event":"helper_exited".*"signal":"SIGKILL"'

# And what is not a status: a signal that came before main could block it, or
# SIGKILL, which are the sender's doing.
is "$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]*\)$/\1/p' \
	supervisor/sqsherd.8 | grep -vx 1 | sort -n | tr '\n' ' ')" \
	"$(echo "$seen" | tr ' ' '\n' | grep . | sort -n | tr '\n' ' ')" \
	"the manual has no other exit status"
ok "no process is left" no_survivor
done_testing
