#!/bin/sh
# The terminal that sqsherd was started in is closed: it stops, unless somebody
# saw to it that it does not.  SIGHUP from elsewhere is a wish, always.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

cat >"$SCRATCH/run" <<EOF
#!/bin/sh
# run [ARG...]: becomes sqsherd.
echo \$\$ >"$SCRATCH/pid.new"
mv "$SCRATCH/pid.new" "$SCRATCH/pid"
exec "$BUILD/sqsherd" -q "$QUEUE" -o log_format=json -o wait_time=1 \\
	-o grace_timeout=30 -j 1 "\$@" -- /bin/true 2>>"$SCRATCH/log" </dev/null
EOF
chmod +x "$SCRATCH/run"

# on_terminal COMMAND...: the first process of a session with a terminal.
on_terminal() {
	new_log
	rm -f "$SCRATCH/pid" "$SCRATCH/shown"
	"$BUILD/t/onterminal" "$SCRATCH/shown" "$@" &
	TERMINAL=$!
	PIDS="$PIDS $TERMINAL"
	within 20 logged '"event":"started"' ||
		bail "no sqsherd: $(cat "$SCRATCH/shown")"
	SQSHERD=$(cat "$SCRATCH/pid")
	eventually 20 "sqsherd runs" \
		fake "/_wait?name=jobs&cond=polling&value=1&ms=500"
}
close_terminal() {
	signal KILL "$TERMINAL"
	wait "$TERMINAL" 2>/dev/null || : # of SIGKILL
}
# stops NAME: in order.
stops() {
	eventually 30 "$1" logged '"event":"stopped"'
	is "$(jq -c 'select(.event == "stopped") | .exit_status' \
		"$SCRATCH/log")" 0 "with status 0"
	ok "and says why" logged '"event":"stop_began","signal":"SIGHUP"'
	eventually 20 "it is gone" has_ended "$SQSHERD"
}
# reloads NAME
reloads() {
	_before=$(count_logged '"event":"reload_done"')
	signal HUP "$SQSHERD"
	eventually 20 "$1" more_reloads
}
more_reloads() {
	[ "$(count_logged '"event":"reload_done"')" -gt "$_before" ]
}
# lives NAME: a reload shows that it has heard all that came before.
lives() {
	reloads "$1"
	is "$(count_logged stop_began)" 0 "it does not stop"
}
ends() {
	signal TERM "$SQSHERD"
	eventually 30 "it ends when it is told" has_ended "$SQSHERD"
}

# -- as the only program of a terminal
on_terminal "$SCRATCH/run"
reloads "SIGHUP from elsewhere is a reload while the terminal is there"
close_terminal
stops "sqsherd stops when its terminal is closed"

# -- its log is on the terminal, too
cat >"$SCRATCH/last" <<EOF
#!/bin/sh
echo working
while [ ! -e "$SCRATCH/go" ]; do
	sleep 0.05
done
EOF
cat >"$SCRATCH/loud" <<EOF
#!/bin/sh
echo \$\$ >"$SCRATCH/pid"
exec "$BUILD/sqsherd" -q "$QUEUE" -o wait_time=1 -j 1 "$SCRATCH/last"
EOF
chmod +x "$SCRATCH/last" "$SCRATCH/loud"
rm -f "$SCRATCH/pid" "$SCRATCH/shown"
"$BUILD/t/onterminal" "$SCRATCH/shown" "$SCRATCH/loud" &
TERMINAL=$!
PIDS="$PIDS $TERMINAL"
send job
eventually 20 "a job runs" grep -q working "$SCRATCH/shown"
close_terminal
touch "$SCRATCH/go"
eventually 30 "a stop without a terminal to write to" has_ended "$(cat "$SCRATCH/pid")"
is "$(queue_field deleted)" 1 "finishes what is in hand"

# -- below shells, in the foreground and in the background
on_terminal sh -c '"$0"; :' "$SCRATCH/run"
close_terminal
stops "in the foreground of a shell it stops, too"

if command -v bash >/dev/null; then
	echo "set -m; \"$SCRATCH/run\" &" >"$SCRATCH/jobs"
	on_terminal bash --rcfile "$SCRATCH/jobs" -i
	is "$(ps -o pgid= -p "$SQSHERD" | tr -d ' ')" "$SQSHERD" \
		"it is a job of its own"
	close_terminal
	stops "a job in the background stops when its shell says so"

	# As bash does with huponexit, and zsh: first the jobs, then the end.
	cat >"$SCRATCH/jobs" <<EOF
set -m
"$SCRATCH/run" &
trap 'kill -HUP %1; kill -KILL \$PPID' USR1
echo \$\$ >"$SCRATCH/shell"
while :; do sleep 0.1; done
EOF
	on_terminal bash "$SCRATCH/jobs"
	signal USR1 "$(cat "$SCRATCH/shell")"
	stops "also when the terminal goes only after that"

	cat >"$SCRATCH/jobs" <<EOF
set -m
"$SCRATCH/run" &
disown
while :; do sleep 0.1; done
EOF
	on_terminal bash "$SCRATCH/jobs"
	shell=$(ps -o ppid= -p "$SQSHERD" | tr -d ' ')
	close_terminal
	eventually 10 "a shell that disowned it is gone" has_ended "$shell"
	lives "it reloads on SIGHUP from elsewhere"
	ends
else
	skip "below a shell with jobs" "there is no bash"
fi

# -- a terminal that is there
on_terminal "$SCRATCH/run"
lives "a reload is a reload"
sleep 2.5 # beyond the time in which it looks once more
lives "and another"
ends

# -- whoever does not want it
on_terminal sh -c 'nohup "$0" >/dev/null; :' "$SCRATCH/run"
close_terminal
lives "below nohup it lives on, and reloads"
ends

on_terminal sh -c 'setsid "$0" & while :; do sleep 0.1; done' "$SCRATCH/run"
close_terminal
lives "in a session of its own it does, too"
ends

# -- a single child
rm -f "$SCRATCH/pid" "$SCRATCH/shown"
new_log
"$BUILD/t/onterminal" "$SCRATCH/shown" "$SCRATCH/run" -X &
TERMINAL=$!
PIDS="$PIDS $TERMINAL"
eventually 20 "a single child polls" \
	fake "/_wait?name=jobs&cond=polling&value=1&ms=500"
close_terminal
eventually 30 "and ends with its terminal" has_ended "$(cat "$SCRATCH/pid")"
ok "no process is left" no_survivor
done_testing
