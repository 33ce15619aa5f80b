#!/bin/sh
# All that runs is frozen, as in a container that is paused, while handlers are
# past their time: what passed meanwhile is nobody's fault.
. "$(dirname "$0")/lib.sh"

# Takes three of the four seconds that it has to end.
cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
trap 'sleep 3; exit 0' TERM
echo working
while :; do sleep 0.1; done
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs
start_sqsherd -j 2 -o visibility_timeout=600 -o job_timeout=1s \
	-o job_kill_timeout=4s -- "$SCRATCH/handler"

working_is() {
	[ "$(count_logged '"line":"working"')" -eq "$1" ]
}
send first
eventually 10 "a handler is told to end" logged '"event":"job_timeout"'
send second
eventually 10 "another works" working_is 2

children=$(children)
# shellcheck disable=SC2046 # pids, each a word
handlers=$(for child in $children; do pgrep -P "$child"; done)
# shellcheck disable=SC2086 # likewise
signal_each STOP "$SQSHERD" $children $handlers
# Beyond job_timeout, job_kill_timeout and the 10 s after which a supervisor
# ends a child whose handler outlives them, and not by what it forgives.
sleep 16.5
# shellcheck disable=SC2086
signal_each CONT "$SQSHERD" $children
sleep 0.2
# shellcheck disable=SC2086
signal_each CONT $handlers
eventually 20 "both end in their time" queue_is deleted 2
is "$(jq -s 'map(select(.event == "message") | "\(.receive_count) \(.verdict)")
	| unique[]' "$SCRATCH/log")" '"1 done"' "and are done at their first delivery"
is "$(count_logged 'child_hung|child_exited')" 0 "no child was called hung"
is "$(children)" "$children" "they are the same"
stop_sqsherd
is "$STATUS" 0 "exit 0"
done_testing
