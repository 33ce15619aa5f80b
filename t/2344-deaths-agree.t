#!/bin/sh
# Whoever is asked how many children have died says the same: the status, the
# metrics of both kinds and the log.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
exec sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

start() {
	start_shimmed -o visibility_timeout=600 -o restart_base=50ms \
		-o restart_cap=50ms -o crash_limit=2 -o emf=yes \
		-o emf_interval=1 "$@" -- "$SCRATCH/handler"
}
# dies HOW CHILD: an exit status, or the name of a signal.
dies() {
	case $1 in
	[0-9]*)
		echo "exit $1" >"$SHIM_FILE.$2"
		signal USR2 "$2"
		;;
	*) signal "$1" "$2" ;;
	esac
	within 20 logged "child_exited.*\"child_pid\":$2," ||
		fail "a child dies of $1" "it does not"
}
# What the log has itself: all its ends that nobody asked for.
died_in_log() {
	jq -s 'map(select(.event == "child_exited" and (.signal != null or
		.exit_status != 0))) | length' "$SCRATCH/log"
}
counted_as() {
	[ "$(died_in_log)" = "$1" ] &&
		[ "$(ctl status --json | jq .status.deaths)" = "$1" ] &&
		ctl metrics | grep -q "^sqsherd_child_crashes_total{.*} $1\$"
}
# end_is N: at the end.
end_is() {
	is "$(jq 'select(.event == "stopped") | .deaths' "$SCRATCH/log")" "$1" \
		"the last record counts $1"
	is "$(jq -s 'map(.ChildCrashes // 0) | add' "$SCRATCH/log")" "$1" \
		"CloudWatch is told of $1"
	is "$(jq -r 'select(.event == "stopped") | .last_deaths' "$SCRATCH/log" |
		grep -o 'jobs/' | wc -l)" 3 "and the last record names three"
}

# -- in a drain
start -j 3 -o wait_time=20
polling 3
victim=$(children | head -n 1)
dies KILL "$victim"
eventually 20 "it is replaced" child_count_is 3
eventually 20 "a death is counted alike by all" counted_as 1
send 600
eventually 20 "a job runs" busy_child
busy=$(busy_child)
ok "a drain" ctl drain
eventually 20 "begins" pgrep -P "$SQSHERD" -f draining
victim=$(children | grep -vx "$busy" | head -n 1)
dies 1 "$victim"
eventually 20 "one in a drain likewise" counted_as 2
victim=$(children | grep -vx "$busy" | head -n 1)
dies KILL "$victim"
eventually 20 "and one more" counted_as 3
ok "which is too many for no loop that there could be" \
	not_logged crash_loop
signal INT "$busy"
wait_sqsherd
end_is 4

# -- of children that are not wanted any more
start -j 3 -o wait_time=20
polling 3
ok "two children less" ctl scale jobs 1
eventually 20 "drain" sh -c "[ \$(pgrep -c -P $SQSHERD -f draining) -eq 2 ]"
pgrep -P "$SQSHERD" -f draining >"$SCRATCH/victims"
while read -r victim; do
	dies 1 "$victim"
done <"$SCRATCH/victims"
eventually 20 "deaths of two that are to go are counted alike" counted_as 2
dies KILL "$(children)"
eventually 20 "and that of one that is to stay" counted_as 3
ok "which is the first of a loop" \
	not_logged crash_loop
eventually 20 "it is replaced" child_count_is 1
polling 1

# -- in a stop they belong to it
signal STOP "$SQSHERD"
signal KILL "$(children)"
signal TERM "$SQSHERD"
signal CONT "$SQSHERD"
wait_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
end_is 3
ok "no process is left" no_survivor
done_testing
