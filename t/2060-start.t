#!/bin/sh
# The start: who comes up, in what surroundings, and what happens when nobody
# does.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
cat
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

ready_pids() {
	sed -n 's/.*"event":"child_ready".*"child_pid":\([0-9]*\).*/\1/p' \
		"$SCRATCH/log" | sort -u
}
n_ready() {
	[ "$(ready_pids | wc -l)" -eq "$1" ]
}

# -- N children
start_sqsherd -j 5 -o wait_time=1 -o log_level=debug -- "$SCRATCH/handler"
eventually 20 "five children are ready" n_ready 5
eventually 5 "the ready ones are the children of the supervisor" sh -c \
	"[ \"\$(pgrep -P $SQSHERD | sort)\" = \"\$(sed -n 's/.*\"event\":\"child_ready\".*\"child_pid\":\([0-9]*\).*/\1/p' '$SCRATCH/log' | sort)\" ]"
is "$(count_logged '"event":"child_ready"')" 5 \
	"each child says once that it is ready"
stop_sqsherd
is "$STATUS" 0 "SIGTERM: exit 0"

# -- wrong settings
if command -v strace >/dev/null; then
	# A sanitizer looks for leaks in a process of its own, and cannot here.
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" \
		refuses 78 "a wrong setting ends the start: exit 78" \
		strace -f -o "$SCRATCH/trace" -e trace=process \
		"$BUILD/sqsherd" -q "$QUEUE" -o no_such_setting=1 -- true
	ok "a wrong setting forks nothing" \
		lacks "$SCRATCH/trace" '[^a-z](v?fork|clone3?)\('
else
	skip "a wrong setting forks nothing" "there is no strace"
fi

# -- a caller that left signals ignored and blocked
if env --block-signal=TERM true 2>/dev/null; then
	new_log
	env --ignore-signal=TERM --ignore-signal=CHLD --block-signal=TERM \
		--block-signal=CHLD "$BUILD/sqsherd" -q "$QUEUE" -j 2 \
		-o log_format=json -o wait_time=1 -o restart_base=10ms \
		-- "$SCRATCH/handler" >"$SCRATCH/stdout" 2>"$SCRATCH/log" \
		</dev/null &
	SQSHERD=$!
	PIDS="$PIDS $SQSHERD"
	eventually 10 "two children start although SIGTERM and SIGCHLD are blocked and ignored" \
		child_count_is 2
	victim=$(children | head -1)
	signal KILL "$victim"
	eventually 10 "a death is seen although SIGCHLD was blocked and ignored" \
		logged "child_exited.*\"child_pid\":$victim"
	stop_sqsherd
	is "$STATUS" 0 "SIGTERM ends a supervisor that was started with it blocked and ignored"
else
	skip "blocked and ignored signals" "env cannot block signals"
fi

# -- a caller that left descriptors closed
"$BUILD/sqsherd" -q "$QUEUE" -j 1 -o wait_time=1 -- "$SCRATCH/handler" \
	<&- >&- 2>&- &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "sqsherd starts with 0, 1 and 2 closed" child_count_is 1
child=$(children)
is "$(readlink /proc/"$SQSHERD"/fd/[012] | sort -u)" /dev/null \
	"closed standard streams are /dev/null in the supervisor"
is "$(readlink /proc/"$child"/fd/[012] | sort -u)" /dev/null \
	"closed standard streams are /dev/null in a child, so that no log goes into a socket"
stop_sqsherd
is "$STATUS" 0 "SIGTERM: exit 0"

# -- a caller that left 500 open
new_log
perl -e '$^F = 1000; for (1 .. 500) { open($f[$_], "<", "/etc/passwd") or die }
	exec @ARGV' "$BUILD/sqsherd" -q "$QUEUE" -j 1 -o wait_time=1 \
	-- "$SCRATCH/handler" >"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "sqsherd starts with 500 inherited descriptors" child_count_is 1
fake "/_wait?cond=polling&value=1&ms=10000" >/dev/null
child=$(children)
ok "the supervisor holds no inherited descriptor" sh -c \
	"! readlink /proc/$SQSHERD/fd/* | grep -q passwd"
ok "a child has few descriptors" test \
	"$(find "/proc/$child/fd" -type l | wc -l)" -lt 20
ok "a child holds no inherited descriptor" sh -c \
	"! readlink /proc/$child/fd/* | grep -q passwd"
stop_sqsherd
is "$STATUS" 0 "SIGTERM: exit 0"

ok "no process is left" no_survivor
done_testing
