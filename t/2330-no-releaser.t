#!/bin/sh
# A stop while no process can be started: what a child held that dies then is
# given back by nobody, which is said, and holds up nothing.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
while [ ! -e "$SCRATCH/go" ]; do sleep 0.05; done
EOF
chmod +x "$SCRATCH/handler"
export SCRATCH
start_fake
new_queue jobs
start_shimmed -j 2 -o visibility_timeout=600 -o grace_timeout=20 \
	-- "$SCRATCH/handler"

working_is() {
	[ "$(count_logged '"line":"working"')" -eq "$1" ]
}
send first
eventually 10 "a job runs" working_is 1
within 10 busy_child # its title is not set with the first line
victim=$(busy_child)
id=$(cat "$SCRATCH/last_id")
send second
eventually 10 "and another" working_is 2

touch "$SHIM_FILE.nofork"
signal TERM "$SQSHERD"
eventually 10 "a stop begins" logged '"event":"stop_began"'
signal KILL "$victim"
eventually 10 "one of its children dies, and has no releaser" \
	logged '"event":"releaser_failed"'
like "$(grep '"event":"releaser_failed"' "$SCRATCH/log")" \
	'"error":"Resource temporarily unavailable".*"messages":1' \
	"the log says why, and how many messages that leaves"
ok "and which" logged "\"event\":\"message_interrupted\".*$id"
touch "$SCRATCH/go"
wait_sqsherd
is "$STATUS" 76 "exit 76: something was not given back"
took=$(stop_took)
ok "the stop takes no longer for it ($took ms)" test "$took" -lt 10000
is "$(queue_field deleted)" 1 "the other job is done"
is "$(queue_field in_flight)" 1 "the message waits for its timeout"
is "$(jq -r 'select(.event == "stopped") |
	"\(.received) \(.deleted) \(.expired) \(.in_hand)"' "$SCRATCH/log")" \
	"2 1 1 0" "as which it is counted"
ok "no process is left" no_survivor

# -- at the very end, when the children that are left are killed
rm "$SCRATCH/go"
cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
trap '' TERM
echo working
while :; do sleep 0.05; done
EOF
new_queue again
start_shimmed -j 2 -o visibility_timeout=600 -o grace_timeout=3 \
	-- "$SCRATCH/handler"
send first second
eventually 10 "two jobs run" working_is 2
# shellcheck disable=SC2046 # pids, each a word
hold $(children) || done_testing
touch "$SHIM_FILE.nofork"
stop_sqsherd
is "$STATUS" 76 "exit 76"
is "$(count_logged '"event":"releaser_failed"')" 2 "neither has a releaser"
took=$(stop_took)
ok "the stop ends in its grace timeout ($took ms)" test "$took" -le 4000
is "$(jq -r 'select(.event == "stopped") |
	"\(.received) \(.expired) \(.in_hand)"' "$SCRATCH/log")" "2 2 0" \
	"both messages wait for their timeouts"
ok "no process is left" no_survivor
done_testing
