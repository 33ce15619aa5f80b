#!/bin/sh
# The kernel's out-of-memory killer is told from any other SIGKILL.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root for a cgroup"
# AddressSanitizer's shadow does not fit into a small cgroup.
! is_sanitized ||
	skip_all "a sanitizer needs more memory than the cgroup has"

# A cgroup below our own that can have a limit, of version 1 or 2.
own=$(sed -n 's/^[0-9]*:memory:\(.*\)$/\1/p' /proc/self/cgroup)
if [ -n "$own" ]; then
	base=/sys/fs/cgroup/memory$own limit_file=memory.limit_in_bytes
else
	own=$(sed -n 's/^0::\(.*\)$/\1/p' /proc/self/cgroup)
	base=/sys/fs/cgroup$own limit_file=memory.max
fi
[ -d "$base" ] || base=${base%"$own"}
group=$base/sqsherd-test-$$
mkdir "$group" 2>/dev/null || skip_all "this machine gives no cgroup"
at_exit 'rmdir "$group" 2>/dev/null'
[ -w "$group/$limit_file" ] || skip_all "this cgroup has no memory limit"

limit() {
	echo "$1" >"$group/$limit_file"
	# Version 1: swap counts apart, where there is any.
	[ ! -e "$group/memory.memsw.limit_in_bytes" ] ||
		echo "$1" >"$group/memory.memsw.limit_in_bytes"
}

# "eat N": holds N MB and says so.
cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
read -r verb size
[ "$verb" = eat ] && [ "$SQS_RECEIVE_COUNT" = 1 ] || exit 0
exec perl -e '$| = 1; $x = "x" x (shift() * 1048576); print "full\n"; sleep 60' \
	"$size"
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

limit 96M 2>/dev/null || limit $((96 << 20))
# A shell joins the cgroup and becomes the command.
in_group() {
	exec sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"
}
in_group "$BUILD/sqsherd" -q "$QUEUE" -j 2 -o log_format=json -o wait_time=2 \
	-o retry_base=0 -o restart_base=100ms -- "$SCRATCH/handler" \
	2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
within 10 logged '"event":"child_started".*"slot":1'
oom_kills() {
	cat "$group/memory.events" "$group/memory.oom_control" 2>/dev/null |
		sed -n 's/^oom_kill //p'
}
[ -n "$(oom_kills)" ] || skip_all "this kernel does not count the kills"

# -- a handler
send "eat 400"
id=$(cat "$SCRATCH/last_id")
eventually 20 "a handler that ate all memory is reported as such" \
	logged "\"event\":\"message\".*\"id\":\"$id\".*\"reason\":\"out of memory\".*\"signal\":\"SIGKILL\""
eventually 10 "its message is done by another try" queue_is deleted 1
is "$(oom_kills)" 1 "the kernel has counted one"
ok "no child died of it" child_count_is 2

# -- anybody else
victim=$(children | head -1)
signal KILL "$victim"
eventually 5 "a child that was killed otherwise" \
	logged "\"event\":\"child_exited\".*\"child_pid\":$victim"
eventually 5 "it is replaced" child_count_is 2
ok "a child that was killed otherwise is not said to have run out of memory" \
	not_logged "\"child_pid\":$victim.*out_of_memory"

# -- a child: made to be the first that the kernel takes
send "eat 20"
eventually 10 "a handler holds some memory" logged '"line":"full"'
find_process -P "$SQSHERD" -f '^sqsherd: jobs/[0-9]+ \[busy'
victim=$FOUND
echo 1000 >"/proc/$victim/oom_score_adj"
# Eats until the victim is gone; inside from the start, or it would bring so
# much with it that the kernel takes the hog.
in_group perl -e '$p = shift; while (kill 0, $p) { $x .= "x" x 1048576 }' \
	"$victim" &
hog=$!
PIDS="$PIDS $hog"
eventually 20 "a child that the kernel took is reported as such" \
	logged "\"event\":\"child_exited\".*\"child_pid\":$victim.*\"signal\":\"SIGKILL\".*\"out_of_memory\":true"
wait $hog 2>/dev/null || : # it saw the end of the victim, or was killed
eventually 10 "its message is done by another" queue_is deleted 2
eventually 5 "a child that the kernel took is replaced after a pause" child_count_is 2
stop_sqsherd
is "$STATUS" 0 "exit 0"
like "$(grep '"event":"stopped"' "$SCRATCH/log")" '"oom_kills":1[,}]' \
	"the sums have one handler that ran out of memory"
ok "no process is left" no_survivor
done_testing
