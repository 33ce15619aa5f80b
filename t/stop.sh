#!/bin/sh
# The tests of a stop, sourced by scripts that differ in how sqsherd is
# launched: a supervisor of a shell, PID 1 of a namespace, below an init.  They
# define
#
#	launch COMMAND...	exec COMMAND, in their way
#	find_sqsherd		SQSHERD: the supervisor's pid, from LAUNCHED's
#				fails as long as that is not there
#	PREFIX			in front of each name: "", "as PID 1: ", ...
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
	status_of wait "$LAUNCHED"
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
	ok "${PREFIX}no process is left" no_survivor
	is "$(queue_field in_flight)" 0 "${PREFIX}nothing is in flight"
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
eventually 5 "${PREFIX}no zombie while idle" no_zombie
signal TERM "$SQSHERD"
end
took=$(stop_took)
is "$STATUS" 0 "${PREFIX}SIGTERM when idle: exit 0"
ok "${PREFIX}an idle stop takes a poll and a little ($took ms)" \
	test "$took" -lt 8000
is "$(fake /_stats | jq .polls_aborted)" 0 \
	"${PREFIX}an idle stop cuts no poll"
nothing_left

# ---- a message arrives while it drains ----

start -j 1 -o wait_time=5 -o grace_timeout=15
polling 1
signal TERM "$SQSHERD"
within 10 logged '"event":"stop_began"'
send "sleep 60"
end
is "$STATUS" 0 "${PREFIX}a message that arrives during the drain: exit 0"
is "$(queue_field visible)" 1 \
	"${PREFIX}a message that arrives during the drain is visible at once"
nothing_left
purge

# ---- jobs that are done in time ----

start -j 2
deleted=$(queue_field deleted)
busy "sleep 1"
signal TERM "$SQSHERD"
end
is "$STATUS" 0 "${PREFIX}SIGTERM with a job shorter than the grace: exit 0"
is "$(queue_field deleted)" $((deleted + 1)) \
	"${PREFIX}a job shorter than the grace is deleted"
nothing_left

# ---- jobs that are not ----

start -j 2 -o grace_timeout=4
busy "sleep 60"
signal TERM "$SQSHERD"
end
took=$(stop_took)
is "$STATUS" 76 "${PREFIX}SIGTERM with a longer job: exit 76"
ok "${PREFIX}a stop takes no longer than the grace and its reserve ($took ms)" \
	test "$took" -lt 5500
is "$(queue_field visible)" 1 \
	"${PREFIX}the message of a job that was cut is visible again"
nothing_left
purge

# ---- many times, in any order ----

for times in 2 5 100; do
	start -j 1
	deleted=$(queue_field deleted)
	busy "sleep 1"
	n=0
	while [ $n -lt $times ]; do
		# It may have ended by then.
		kill -TERM "$SQSHERD" 2>/dev/null || :
		n=$((n + 1))
	done
	end
	is "$STATUS" 0 "${PREFIX}$times SIGTERM are one: exit 0"
	is "$(queue_field deleted)" $((deleted + 1)) \
		"${PREFIX}$times SIGTERM let the job finish"
done

for signal in INT QUIT; do
	start -j 1 -o grace_timeout=60
	busy "sleep 60"
	signal TERM "$SQSHERD"
	within 10 logged '"event":"stop_began"'
	signal $signal "$SQSHERD"
	within 10 logged '"event":"stop_hurried"'
	# Never slower again; if it has not ended by then.
	kill -TERM "$SQSHERD" 2>/dev/null || :
	end
	took=$(stop_took)
	is "$STATUS" 76 "${PREFIX}SIGTERM, then SIG$signal: exit 76"
	ok "${PREFIX}SIG$signal hurries the stop, and SIGTERM slows nothing ($took ms)" \
		test "$took" -lt 20000
	is "$(queue_field visible)" 1 \
		"${PREFIX}the message of a job that was cut is visible again"
	nothing_left
	purge
done

# ---- everybody is told at the same time ----

# Handlers too, as systemd's KillMode=control-group would.
tell_all() {
	for process in "$SQSHERD" $(pgrep -P "$SQSHERD"); do
		kill -TERM "$process" 2>/dev/null || : # it has ended
	done
}
start -j 3
polling 3
tell_all
end
is "$STATUS" 0 "${PREFIX}SIGTERM to each process when idle: exit 0"
nothing_left

start -j 2
deleted=$(queue_field deleted)
busy "sleep 1"
tell_all
end
is "$STATUS" 0 "${PREFIX}SIGTERM to each process with a short job: exit 0"
is "$(queue_field deleted)" $((deleted + 1)) \
	"${PREFIX}SIGTERM to each process lets a short job finish"
nothing_left

start -j 2 -o grace_timeout=4
busy "sleep 60"
tell_all
end
is "$STATUS" 76 "${PREFIX}SIGTERM to each process with a long job: exit 76"
is "$(queue_field visible)" 1 \
	"${PREFIX}the message of the long job is visible again"
nothing_left
purge

# ---- one child ----

start -j 3
polling 3
first=$(children | head -1)
children | tail -2 >"$SCRATCH/siblings"
first_logged=$(own_pid "$first")
signal TERM "$first"
eventually 10 "${PREFIX}SIGTERM to one child: it exits with 0" \
	logged "child_exited.*\"child_pid\":$first_logged,.*\"exit_status\":0"
ok "${PREFIX}no pause is made before a child that was told to end is replaced" \
	not_logged 'child_exited.*restart_in'
eventually 10 "${PREFIX}a child that was told to end is replaced" child_count_is 3
same_siblings() {
	while read -r sibling; do
		children | grep -qx "$sibling" || return 1
	done <"$SCRATCH/siblings"
}
ok "${PREFIX}the other children are the same" same_siblings
signal TERM "$SQSHERD"
end
is "$STATUS" 0 "${PREFIX}exit 0"

# ---- a slot that waits ----

start -j 2 -o restart_base=10s
polling 2
first=$(children | head -1)
signal KILL "$first"
within 10 logged 'child_exited.*restart_in' ||
	fail "a slot waits" "it does not"
signal TERM "$SQSHERD"
end
is "$STATUS" 0 "${PREFIX}SIGTERM while a slot backs off: exit 0"
is "$(count_logged child_started)" 2 "${PREFIX}no child is born during a stop"
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
signal TERM "$SQSHERD"
end
took=$(stop_took)
is "$STATUS" 76 "${PREFIX}a child that hears no SIGTERM: exit 76"
ok "${PREFIX}a child that hears no SIGTERM does not prolong the grace ($took ms)" \
	test "$took" -lt 5500
[ $hung = no ] || ok "${PREFIX}a child that hears no SIGTERM is killed" \
	logged "child_exited.*\"child_pid\":$stubborn_logged,.*SIGKILL"
is "$(queue_field visible)" 1 \
	"${PREFIX}the message of a killed child is visible again"
nothing_left
purge

# ---- what handlers leave behind ----

start -j 1 -o grace_timeout=4
busy "family"
signal TERM "$SQSHERD"
end
is "$STATUS" 76 "${PREFIX}SIGTERM with a handler that has a family: exit 76"
nothing_left
purge

start -j 1 -o grace_timeout=4
busy "deaf"
signal TERM "$SQSHERD"
end
is "$STATUS" 76 "${PREFIX}SIGTERM with a handler that ignores it: exit 76"
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
signal TERM "$SQSHERD"
end
is "$STATUS" 76 "${PREFIX}SIGTERM with a log that nobody reads: exit 76"
terminate "$reader"
nothing_left
purge
done_testing
