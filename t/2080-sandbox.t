#!/bin/sh
# What sqsherd gives up before it works: users, capabilities, limits, umask.
. "$(dirname "$0")/lib.sh"

# Everybody may enter the scratch directory, and write to $OUT.
OUT=$SCRATCH/open
mkdir "$OUT"
chmod 711 "$SCRATCH"
chmod 1777 "$OUT"
export OUT
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

# Of the whole: what it is and what it may do.  A handler of sh -c, since
# another user might not be allowed to where this test is.
facts='cat >/dev/null; { id -u; id -g; id -G; umask; ulimit -Hn; ulimit -Hc
	echo "$HOME $USER"; echo "${XDG_RUNTIME_DIR:-none}"; } >$OUT/facts
	cat /proc/self/status >$OUT/status
	cat /proc/$PPID/oom_score_adj /proc/self/oom_score_adj >$OUT/oom'

fact() {
	sed -n "$1p" "$OUT/facts"
}

# field FILE NAME: of a /proc/PID/status.
field() {
	sed -n "s/^$2:[[:space:]]*//p" "$1"
}

# Do the processes of $SQSHERD, it and its child, have this of a field?
both_have() {
	_child=$(children)
	for _pid in "$SQSHERD" "$_child"; do
		[ "$(field "/proc/$_pid/status" "$1")" = "$2" ] || return 1
	done
}

run_one() {
	rm -f "$OUT"/*
	start_sqsherd -j 1 "$@" -- sh -c "$facts"
	send one
	within 20 test -s "$OUT/oom" || bail "no handler ran"
	within 20 queue_is in_flight 0 || bail "a message stays in flight"
	within 20 queue_is visible 0 || bail "a message stays in the queue"
}

# ---- for everybody ----

run_one -o umask=0137 -o limit_nofile=256 -o no_new_privs=yes
is "$(fact 4)" 0137 "a handler has the umask"
is "$(fact 5)" 256 "and the limit of descriptors"
is "$(fact 6)" 0 "and dumps no core by default"
is "$(field "$OUT/status" NoNewPrivs)" 1 "and gains no rights"
ok "nor do those of sqsherd" both_have NoNewPrivs 1
like "$(cat "/proc/$SQSHERD/limits")" "^Max open files +256 +256 " \
	"the supervisor has the same limit"
like "$(cat "/proc/$(children)/limits")" "^Max core file size +0 +0 " \
	"a child dumps no core"
signal HUP "$SQSHERD"
eventually 10 "a reload works in it" logged '"event":"reload_done"'
stop_sqsherd
is "$STATUS" 0 "exit 0"

wrong() {
	_what=$1
	_message=$2
	shift 2
	refuses 78 "$_what is refused" "$BUILD/sqsherd" -n -q "$QUEUE" "$@" \
		-- true
	is "$(cat "$SCRATCH/err")" "sqsherd: $_message" "$_what: says why"
}

for value in 8 9 -1 1000 0x1 00022 u=rwx; do
	wrong "umask $value" "umask: \"$value\" is not an octal number from \
0 to 0777 (-o umask)" -o "umask=$value"
done
wrong "a limit that is no number" "limit_nproc: \"many\" is not a number \
such as 1024 or 64K, nor unlimited (-o limit_nproc)" -o limit_nproc=many
wrong "a negative limit" "limit_core: \"-1\" is not a number such as 1024 or \
64K, nor unlimited (-o limit_core)" -o limit_core=-1
wrong "too few descriptors" "limit_nofile: \"63\" is fewer than the 64 that \
sqsherd needs (-o limit_nofile)" -o limit_nofile=63
wrong "a user that is not there" "user: \"no-such-user\" is no user of this \
machine (-o user)" -o user=no-such-user
wrong "a group that is not there" "group: \"no-such-group\" is no group of \
this machine (-o group)" -o group=no-such-group
wrong "a number without a group" "user: 4294967294 has no entry that names \
its group; set group (-o user)" -o user=4294967294
wrong "the number that means none" "user: \"4294967295\" is no user of this \
machine (-o user)" -o user=4294967295
refuses 0 "to be who one is needs no rights" "$BUILD/sqsherd" -n -q "$QUEUE" \
	-o user="$(id -u)" -o group="$(id -g)" -- true

# ---- for root ----

if [ "$(id -u)" -ne 0 ]; then
	skip "another user" "needs root"
	ok "no process is left" no_survivor
	done_testing
fi

as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# What nobody may execute: the build may be below somebody's home.
mkdir -m 755 "$SCRATCH/bin"
cp "$BUILD/sqsherd" "$SCRATCH/bin/"
for setting in user group; do
	refuses 78 "who is not root cannot change the $setting" as_nobody \
		"$SCRATCH/bin/sqsherd" -n -q "$QUEUE" -o "$setting=0" -- true
	like "$(cat "$SCRATCH/err")" "^sqsherd: $setting: only root can " \
		"and is told so"
done
refuses 78 "who is not root cannot raise a hard limit" as_nobody \
	prlimit --nofile=500 "$SCRATCH/bin/sqsherd" -n -q "$QUEUE" \
	-o limit_nofile=501 -- true
like "$(cat "$SCRATCH/err")" "^sqsherd: limit_nofile: 501 is more than the \
hard limit .*only root can raise" "and is told so"

# Its socket is where that user may write.
export SQSHERD_CONTROL_SOCKET="$OUT/control.sock"
export XDG_RUNTIME_DIR=/run/user/0
run_one -o user=nobody
is "$(fact 1)" 65534 "a handler is another user"
is "$(fact 2)" "$(id -g nobody)" "of its group"
is "$(fact 3)" "$(id -G nobody)" "and of none of root's"
is "$(fact 7)" "$(getent passwd nobody | cut -d: -f6) nobody" "and at home there"
is "$(fact 8)" none "root's directory in /run is not its"
is "$(tail -1 "$OUT/oom")" 500 "it is the first to go when memory is short"
ok "supervisor and child are that user" both_have Uid \
	"65534	65534	65534	65534"
ok "without any capability" both_have CapPrm 0000000000000000
ok "root controls it" ctl health
victim=$(children)
signal KILL "$victim"
within 20 logged "\"event\":\"child_exited\".*\"child_pid\":$victim"
eventually 20 "a child that was killed is replaced" child_count_is 1
ok "as that user" both_have Uid "65534	65534	65534	65534"
stop_sqsherd
is "$STATUS" 0 "exit 0"

run_one -o user=54321 -o group=54322 -o limit_core=1M -o limit_nproc=500
is "$(fact 1) $(fact 2) $(fact 3)" "54321 54322 54322" "numbers are enough"
is "$(fact 6)" 2048 "a core dump of 2048 blocks is allowed"
like "$(cat "/proc/$SQSHERD/limits")" "^Max processes +500 +500 " \
	"and the user has so many processes"
stop_sqsherd
run_one -o group=54322
is "$(fact 1) $(fact 2) $(fact 3)" "0 54322 54322" "a group alone"
stop_sqsherd

mkdir "$SCRATCH/closed"
cp /bin/true "$SCRATCH/closed/handler"
chmod 700 "$SCRATCH/closed"
refuses 78 "a handler that only root can execute is found at the start" \
	"$BUILD/sqsherd" -q "$QUEUE" -o user=nobody -- "$SCRATCH/closed/handler"

# -- a change of the user is for a restart
rm -f "$OUT"/*
echo 'user = nobody' >"$OUT/conf"
start_sqsherd -c "$OUT/conf" -j 1 -- true
within 20 logged '"event":"started"' || bail "sqsherd does not start"
echo 'umask = 077' >"$OUT/conf"
signal HUP "$SQSHERD"
eventually 20 "a reload says that the user stays" \
	logged '"event":"reload_fixed".*user: needs a restart'
stop_sqsherd

# -- capabilities
has() {
	[ $((0x$1 >> $2 & 1)) -eq 1 ]
}
own=$(field /proc/self/status CapEff)
bounding=$(field /proc/self/status CapBnd)
# Of 0 CHOWN, 1 DAC_OVERRIDE, 2 DAC_READ_SEARCH, 5 KILL, 10 NET_BIND_SERVICE.
kept=$(printf '%016x' $((0x$own & 0x426)))
run_one
ok "root's processes keep what they need" both_have CapEff "$kept"
ok "and cannot get more" both_have CapPrm "$kept"
is "$(field "$OUT/status" CapEff)" "$bounding" "root's handler has all"
stop_sqsherd
run_one -o no_new_privs=yes
is "$(field "$OUT/status" CapEff)" "$kept" \
	"with no_new_privs it has no more than they"
stop_sqsherd

# -- a handler that became another user is within reach
start_sqsherd -j 1 -o job_timeout=1 -o job_kill_timeout=200ms -- \
	setpriv --reuid=65534 --clear-groups sh -c 'trap "" TERM
		echo running; while :; do sleep 61.5; done'
send long
eventually 20 "a handler that became another user" logged '"line":"running"'
eventually 20 "is stopped" logged '"event":"message".*"reason":"job timeout"'
fake "/_set?purge_interval_s=0" -X POST >/dev/null
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
stop_sqsherd

# -- the ambient set is the handlers'
if has "$own" 13; then
	rm -f "$OUT"/*
	start_ambient() {
		new_log
		setpriv --reuid=65534 --regid=65534 --clear-groups \
			--inh-caps=+net_raw --ambient-caps=+net_raw \
			"$SCRATCH/bin/sqsherd" -q "$QUEUE" -o log_format=json \
			-o wait_time=2 -j 1 -- sh -c "$facts" \
			>"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
		SQSHERD=$!
		PIDS="$PIDS $SQSHERD"
	}
	start_ambient
	send one
	within 20 test -s "$OUT/oom" || bail "no handler ran"
	within 20 queue_is in_flight 0
	is "$(field "$OUT/status" CapEff)" 0000000000002000 \
		"a handler has the ambient set"
	ok "whose rights its child does not use" both_have CapEff \
		0000000000000000
	stop_sqsherd
else
	skip "the ambient set" "there is no CAP_NET_RAW here"
fi

ok "no process is left" no_survivor
done_testing
