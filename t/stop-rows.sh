#!/bin/sh
# The rows about a stop, sourced by scripts that differ in how sqsherd is
# launched: a supervisor of a shell, PID 1 of a namespace, below an init.  They
# define
#
#	launch COMMAND...	exec COMMAND, in their way
#	find_sqsherd		SQSHERD: the supervisor's pid, from LAUNCHED's
#				fails as long as that is not there
#	ROW			in front of each name: "", "row 51: ", ...
#
# after having sourced t/lib.sh.

cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
read -r verb rest
case $verb in
sleep)
	echo working
	exec sleep "$rest"
	;;
family)
	sleep 601.5 &
	(setsid sleep 602.5 &)
	echo working
	wait
	;;
deaf)
	trap '' TERM
	echo working
	sleep 603.5 &
	wait
	sleep 603.5
	;;
loud)
	yes "$(printf '%0500d' 7)" | head -2000
	echo working
	exec sleep "$rest"
	;;
esac
exit 0
EOF2
chmod +x "$SCRATCH/handler"
start_fake
# What a script of ours may purge twice within a minute.
fake "/_set?purge_interval_s=0" -X POST >/dev/null
new_queue jobs '"VisibilityTimeout":"600"'

start() {
	: >"$SCRATCH/log"
	(launch "$BUILD/sqsherd" -q "$QUEUE" -o log_format=json \
		-o retry_base=0 -o wait_time=2 -o visibility_timeout=600 "$@" \
		-- "$SCRATCH/handler" 2>"${LOG:-$SCRATCH/log}" </dev/null) &
	LAUNCHED=$!
	PIDS="$PIDS $LAUNCHED"
	within 20 find_sqsherd || bail "there is no sqsherd"
	within 20 started || bail "sqsherd does not start"
}

# Nobody can read it from a pipe that is to stay full.
started() {
	[ -n "${LOG:-}" ] || logged '"event":"started"'
}

end() {
	wait "$LAUNCHED"
	STATUS=$?
}

working() {
	logged '"line":"working"'
}

# busy BODY...: a job of each runs.
busy() {
	send "$@"
	within 20 working || fail "a job runs" "it does not"
}

nothing_left() {
	ok "${ROW}no process is left" no_survivor
	is "$(queue_field in_flight)" 0 "${ROW}nothing is in flight"
}

purge() {
	sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
}

# The pid of a process as it is in the namespace of sqsherd, and in its log.
own_pid() {
	sed -n 's/^NSpid:.*[[:space:]]\([0-9]*\)$/\1/p' "/proc/$1/status"
}

# Zombies that it has not reaped for longer than a moment.
no_zombie() {
	! ps -o stat= --ppid "$SQSHERD" | grep -q Z
}

polling() {
	within 20 fake "/_wait?name=jobs&cond=polling&value=$1&ms=500" ||
		fail "$1 children poll" "they do not"
}

# ---- idle ----

start -j 3
polling 3
eventually 5 "${ROW}no zombie while idle" no_zombie
kill -TERM "$SQSHERD"
end
took=$(stop_took)
is "$STATUS" 0 "${ROW}row 33: SIGTERM when idle: exit 0"
ok "${ROW}row 33: within a poll and a little ($took ms)" test "$took" -lt 8000
is "$(fake /_stats | jq .polls_aborted)" 0 "${ROW}row 33: no poll was cut"
nothing_left

# ---- a message arrives while it drains ----

start -j 1 -o wait_time=5 -o grace_timeout=15
polling 1
kill -TERM "$SQSHERD"
within 10 logged '"event":"stop_began"'
send "sleep 60"
end
is "$STATUS" 0 "${ROW}row 34: a message that arrives during the drain: exit 0"
is "$(queue_field visible)" 1 "${ROW}row 34: and it is visible at once"
nothing_left
purge

# ---- jobs that are done in time ----

start -j 2
deleted=$(queue_field deleted)
busy "sleep 1"
kill -TERM "$SQSHERD"
end
is "$STATUS" 0 "${ROW}row 35: SIGTERM with a job shorter than the grace: exit 0"
is "$(queue_field deleted)" $((deleted + 1)) "${ROW}row 35: and it is deleted"
nothing_left

# ---- jobs that are not ----

start -j 2 -o grace_timeout=4
busy "sleep 60"
kill -TERM "$SQSHERD"
end
took=$(stop_took)
is "$STATUS" 76 "${ROW}row 36: SIGTERM with a longer job: exit 76"
ok "${ROW}row 36: within the grace and its reserve ($took ms)" \
	test "$took" -lt 5500
is "$(queue_field visible)" 1 "${ROW}row 36: the message is visible again"
nothing_left
purge

# ---- many times, in any order ----

for times in 2 5 100; do
	start -j 1
	deleted=$(queue_field deleted)
	busy "sleep 1"
	n=0
	while [ $n -lt $times ]; do
		kill -TERM "$SQSHERD" 2>/dev/null
		n=$((n + 1))
	done
	end
	is "$STATUS" 0 "${ROW}row 37: $times SIGTERM are one: exit 0"
	is "$(queue_field deleted)" $((deleted + 1)) \
		"${ROW}row 37: and the job is finished"
done

for signal in INT QUIT; do
	start -j 1 -o grace_timeout=60
	busy "sleep 60"
	kill -TERM "$SQSHERD"
	within 10 logged '"event":"stop_began"'
	kill -$signal "$SQSHERD"
	within 10 logged '"event":"stop_hurried"'
	# Never slower again.
	kill -TERM "$SQSHERD" 2>/dev/null
	end
	took=$(stop_took)
	is "$STATUS" 76 "${ROW}row 38: SIGTERM, then SIG$signal: exit 76"
	ok "${ROW}row 38: at once, and SIGTERM slows nothing ($took ms)" \
		test "$took" -lt 20000
	is "$(queue_field visible)" 1 \
		"${ROW}row 38: the message is visible again"
	nothing_left
	purge
done

# ---- everybody is told at the same time ----

# Handlers too, as systemd's KillMode=control-group would.
tell_all() {
	for process in "$SQSHERD" $(pgrep -P "$SQSHERD"); do
		kill -TERM "$process" 2>/dev/null
	done
}
start -j 3
polling 3
tell_all
end
is "$STATUS" 0 "${ROW}row 39: SIGTERM to each process when idle: exit 0"
nothing_left

start -j 2
deleted=$(queue_field deleted)
busy "sleep 1"
tell_all
end
is "$STATUS" 0 "${ROW}row 39: and with a short job: exit 0"
is "$(queue_field deleted)" $((deleted + 1)) "${ROW}row 39: which is finished"
nothing_left

start -j 2 -o grace_timeout=4
busy "sleep 60"
tell_all
end
is "$STATUS" 76 "${ROW}row 39: and with a long one: exit 76"
is "$(queue_field visible)" 1 "${ROW}row 39: whose message is visible again"
nothing_left
purge

# ---- one child ----

start -j 3
polling 3
first=$(children | head -1)
children | tail -2 >"$SCRATCH/siblings"
first_logged=$(own_pid "$first")
kill -TERM "$first"
eventually 10 "${ROW}row 40: SIGTERM to one child: it exits with 0" \
	logged "child_exited.*\"child_pid\":$first_logged,.*\"exit_status\":0"
ok "${ROW}row 40: no pause before it is replaced" sh -c \
	"! grep 'child_exited' '$SCRATCH/log' | grep -q restart_in"
eventually 10 "${ROW}row 40: it is replaced" child_count_is 3
same_siblings() {
	while read -r sibling; do
		children | grep -qx "$sibling" || return 1
	done <"$SCRATCH/siblings"
}
ok "${ROW}row 40: the others are the same" same_siblings
kill -TERM "$SQSHERD"
end
is "$STATUS" 0 "${ROW}row 40: exit 0"

# ---- a slot that waits ----

start -j 2 -o restart_base=10s
polling 2
first=$(children | head -1)
kill -KILL "$first"
within 10 logged 'child_exited.*restart_in' ||
	fail "a slot waits" "it does not"
kill -TERM "$SQSHERD"
end
is "$STATUS" 0 "${ROW}row 44: SIGTERM while a slot backs off: exit 0"
is "$(count_logged child_started)" 2 "${ROW}row 44: and no child is born"
nothing_left

# ---- a child that does not obey ----

start -j 2 -o grace_timeout=4
busy "sleep 60"
# A title follows within a tenth of a second.
within 10 busy_child || fail "a child is titled busy" "none is"
stubborn=$(busy_child)
stubborn_logged=$(own_pid "$stubborn")
hung=no
hold "$stubborn" && hung=yes
kill -TERM "$SQSHERD"
end
took=$(stop_took)
is "$STATUS" 76 "${ROW}row 46: a child that hears no SIGTERM: exit 76"
ok "${ROW}row 46: within the grace ($took ms)" test "$took" -lt 5500
[ $hung = no ] || ok "${ROW}row 46: it was killed" \
	logged "child_exited.*\"child_pid\":$stubborn_logged,.*SIGKILL"
is "$(queue_field visible)" 1 "${ROW}row 46: its message is visible again"
nothing_left
purge

# ---- what handlers leave behind ----

start -j 1 -o grace_timeout=4
busy "family"
kill -TERM "$SQSHERD"
end
is "$STATUS" 76 "${ROW}row 48: a handler with a family: exit 76"
nothing_left
purge

start -j 1 -o grace_timeout=4
busy "deaf"
kill -TERM "$SQSHERD"
end
is "$STATUS" 76 "${ROW}row 48: and one that ignores SIGTERM: exit 76"
nothing_left
purge

# ---- nobody reads the log ----

# A pipe that is full, and open until we close it.
mkfifo "$SCRATCH/pipe"
sh -c 'exec sleep 600' <"$SCRATCH/pipe" &
reader=$!
PIDS="$PIDS $reader"
LOG=$SCRATCH/pipe start -j 1 -o grace_timeout=4
send "loud 60"
within 20 queue_is in_flight 1 || fail "a job runs" "it does not"
loud_is_asleep() {
	pgrep -f '^sleep 60$' -P "$(children)" >/dev/null
}
within 20 loud_is_asleep || fail "the pipe is full" "it is not"
kill -TERM "$SQSHERD"
end
is "$STATUS" 76 "${ROW}row 50: a log that nobody reads: exit 76"
kill "$reader"
wait "$reader" 2>/dev/null
nothing_left
purge
done_testing
