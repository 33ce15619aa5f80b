#!/bin/sh
# As PID 1 of its own namespace, as in a container.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root for a pid namespace"
unshare --pid --fork --mount-proc true 2>"$SCRATCH/why" ||
	skip_all "no pid namespace here: $(head -1 "$SCRATCH/why")"

# A sleep of a length that is this test's own.
nap=599.$$
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
case \$(cat) in
orphan) setsid sleep $nap & ;;
long) echo working && sleep 60 ;;
esac
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

# The shell that unshare forks becomes PID 1 and turns into sqsherd.
start_pid1() {
	unshare --pid --fork --mount-proc --kill-child sh -c \
		'exec "$@" 2>"$0"' "$SCRATCH/log" \
		"$BUILD/sqsherd" -q "$QUEUE" -o log_format=json \
		-o wait_time=2 "$@" -- "$SCRATCH/handler" </dev/null &
	PARENT=$!
	PIDS="$PIDS $PARENT"
	within 10 logged '"event":"started"' || fail "it starts" "no log"
	SQSHERD=$(pgrep -P "$PARENT" | head -1)
}
start_pid1 -j 2
is "$(sed -n 's/^NSpid:.*[[:space:]]\([0-9]*\)$/\1/p' "/proc/$SQSHERD/status")" 1 \
	"it is PID 1"
send short
send orphan
eventually 10 "messages are done" queue_is deleted 2
eventually 5 "no zombie is left" sh -c \
	"[ \"\$(ps -o stat= --ppid $SQSHERD | grep -c Z)\" = 0 ]"
signal TERM "$SQSHERD"
status_of wait "$PARENT"
is "$STATUS" 0 "SIGTERM: exit 0"
no_sleeper() {
	! pgrep -f "^sleep $nap\$" >/dev/null
}
ok "a daemon that a handler left behind is gone" no_sleeper

start_pid1 -j 2 -o grace_timeout=3
send long
eventually 10 "a long job runs" logged working
signal TERM "$SQSHERD"
status_of wait "$PARENT"
is "$STATUS" 76 "SIGTERM with a job longer than the grace: exit 76"
is "$(queue_field visible)" 1 "its message is visible again"
done_testing
