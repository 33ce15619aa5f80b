#!/bin/sh
# The control socket: whose it is, and who may hold it up.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
SOCKET=$SQSHERD_CONTROL_SOCKET
start_fake
new_queue jobs

raw() {
	"$BUILD/t/rawctl" "$SOCKET" "$@"
}
say() {
	printf '%b' "$1" | raw say
}
polling() {
	fake "/_wait?name=jobs&cond=polling&value=$1&ms=10000" >/dev/null
}
answers_quickly() {
	took=$(raw best 50) && [ "$took" -lt 50 ]
}

# -- whose it is
start_sqsherd -j 2 -- "$SCRATCH/handler"
ok "two children poll" polling 2
is "$(stat -c '%a %F' "$SOCKET")" "600 socket" "the socket is for its owner"
is "$(for child in $(children); do
	find "/proc/$child/fd" -lname '*control.sock*' | wc -l
done | sort -u)" 0 "no child has the lock"
fds=$(find /proc/"$SQSHERD"/fd -type l | wc -l)
ok "sqsherdctl is answered" ctl health
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$SCRATCH"
	chmod 666 "$SOCKET"
	refuses 1 "another user is refused, even with a socket open to all" \
		setpriv --reuid=65533 --regid=65533 --clear-groups \
		"$BUILD/sqsherdctl" stop
	ok "the log has the user who was refused" logged '"event":"control_refused".*"peer_uid":65533'
	chmod 600 "$SOCKET"
else
	skip "another user is refused" "needs root and setpriv"
fi
refuses 78 "a second supervisor is refused" "$BUILD/sqsherd" -q "$QUEUE" \
	-o log_format=json -- "$SCRATCH/handler"
like "$(cat "$SCRATCH/err")" "another supervisor, process $SQSHERD" \
	"with the pid of the first"
ok "which still answers" ctl health

# -- what it is told
is "$(say 'health\n' | jq -c .ok)" true "a line is a request"
printf hea | raw say >"$SCRATCH/half" &
half=$!
is "$(say '\n' | jq -c .ok)" false "an empty line is refused"
is "$(say 'scale jobs -1\n' | jq -c .ok)" false "and a wrong one"
is "$(say 'health\nstop\n' | jq -c .ok)" true "a second line does not count"
is "$(say '\0001\0377\0000\0200\n' | jq -c .ok)" false "garbage is refused"
is "$(head -c 100000 /dev/zero | raw say | wc -c)" 0 \
	"and a line without end is cut off"
wait $half
is_empty "$(cat "$SCRATCH/half")" "half a line is not a request, and is given up"

# -- who holds it up
mkfifo "$SCRATCH/hold"
raw hold 60 <"$SCRATCH/hold" >"$SCRATCH/held" &
exec 5>"$SCRATCH/hold"
eventually 10 "sixty clients connect and say nothing" \
	grep -q held "$SCRATCH/held"
ok "others are answered in 50 ms" answers_quickly
send 0
eventually 10 "messages are worked meanwhile" queue_is deleted 1
exec 5>&-
raw deaf <"$SCRATCH/hold" >"$SCRATCH/held" &
exec 5>"$SCRATCH/hold"
eventually 10 "a client does not read its answer" grep -q deaf "$SCRATCH/held"
ok "others are answered in 50 ms" answers_quickly
exec 5>&-
ok "a thousand clients come and go" raw flood 1000
ok "others are answered in 50 ms" answers_quickly
fds_are() {
	[ "$(find /proc/"$SQSHERD"/fd -type l | wc -l)" -eq "$1" ]
}
eventually 10 "no descriptor is left of any of them" fds_are "$fds"
first=$(children | head -1)
signal KILL "$first"
replaced() {
	! children | grep -qx "$first" && child_count_is 2
}
eventually 10 "a child that dies is replaced as ever" replaced

# -- what is left of it
signal KILL "$SQSHERD"
wait_sqsherd
ok "a supervisor that was killed leaves its socket" test -S "$SOCKET"
refuses 1 "at which nobody answers" ctl health
start_sqsherd -j 1 -- "$SCRATCH/handler"
eventually 10 "the next one takes it over" ctl health
stop_sqsherd
is "$STATUS" 0 "it exits 0"
refuses 1 "and takes its socket with it" test -e "$SOCKET"
touch "$SOCKET"
refuses 78 "what is not a socket is not removed" "$BUILD/sqsherd" -q "$QUEUE" \
	-o log_format=json -- "$SCRATCH/handler"
ok "and stays" test -f "$SOCKET"
rm "$SOCKET"
refuses 78 "a directory that does not exist is not made" "$BUILD/sqsherd" \
	-q "$QUEUE" -o control_socket="$SCRATCH/none/control.sock" \
	-- "$SCRATCH/handler"
refuses 78 "a relative path is refused" "$BUILD/sqsherd" -n \
	-q "$QUEUE" -o control_socket=control.sock -- "$SCRATCH/handler"

# -- where it is by default
# sqsherdctl looks in places of the whole machine, where others may have theirs:
# it is given a /run and a /dev/shm of its own.
in_own_places() {
	unshare --mount sh -c 'mount -t tmpfs tmpfs /run &&
		mount -t tmpfs tmpfs /dev/shm && exec "$@"' sh "$@"
}
unset SQSHERD_CONTROL_SOCKET
mkdir "$SCRATCH/run"
export RUNTIME_DIRECTORY="$SCRATCH/run:/nonesuch"
start_sqsherd -j 1 -- "$SCRATCH/handler"
eventually 10 "in the runtime directory" test -S "$SCRATCH/run/control.sock"
if in_own_places true 2>/dev/null; then
	eventually 10 "where sqsherdctl finds it" \
		in_own_places "$BUILD/sqsherdctl" health
elif (unset RUNTIME_DIRECTORY && ctl health) 2>"$SCRATCH/others"; then
	skip "where sqsherdctl finds it" \
		"there is another sqsherd, and no mount namespace to hide it"
else
	eventually 10 "where sqsherdctl finds it" ctl health
fi
"$BUILD/sqsherd" -q "$QUEUE" -j 1 -o wait_time=0 -- "$SCRATCH/handler" \
	2>"$SCRATCH/second.log" &
second=$!
PIDS="$PIDS $second"
eventually 10 "a second supervisor there works without" \
	grep -q control_failed "$SCRATCH/second.log"
signal TERM $second
status_of wait $second
is "$STATUS" 0 "and exits 0"
stop_sqsherd
start_sqsherd -j 1 -o control_socket=off -- "$SCRATCH/handler"
eventually 10 "it can be off" logged '"event":"child_started"'
refuses 1 "then there is none" test -e "$SCRATCH/run/control.sock"
stop_sqsherd
ok "no process is left" no_survivor
done_testing
