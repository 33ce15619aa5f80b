#!/bin/sh
# SIGHUP: other settings, and children replaced in turn.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo "working $SQS_QUEUE_NAME by $1"
sleep "$(cat)"
echo "done $SQS_QUEUE_NAME by $1"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue mail
MAIL=$QUEUE
new_queue jobs
JOBS=$QUEUE
WAIT=1 # then 0, for speed: nothing waits for the end of a poll

# settings CHILDREN LABEL [LINE...]: the file, with one queue.
settings() {
	{
		echo "wait_time = $WAIT"
		echo "retry_base = 0"
		echo "[queue jobs]"
		echo "queue_url = $JOBS"
		echo "children = $1"
		echo "command = $SCRATCH/handler $2"
		shift 2
		printf '%s\n' "$@"
	} >"$SCRATCH/conf"
}
start() {
	new_log
	"$BUILD/sqsherd" -c "$SCRATCH/conf" -o log_format=json "$@" \
		>"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
	SQSHERD=$!
	PIDS="$PIDS $SQSHERD"
}
ENDS='"event":"reload_(done|failed|ignored)"'
hup() {
	reloads=$(count_logged "$ENDS")
	signal HUP "$SQSHERD"
}
reloaded() {
	[ "$(count_logged "$ENDS")" -gt "$reloads" ]
}
# Is no child left of those in the file old?
renewed() {
	children >"$SCRATCH/now"
	[ -s "$SCRATCH/old" ] && [ -s "$SCRATCH/now" ] &&
		! grep -qxFf "$SCRATCH/old" "$SCRATCH/now"
}
still_there() {
	children | grep -cxFf "$SCRATCH/old"
}
titled_is() {
	[ "$(pgrep -P "$SQSHERD" -f "^sqsherd: $1/" | wc -l)" -eq "$2" ]
}
polling() {
	fake "/_wait?name=jobs&cond=polling&value=$1&ms=10000" >/dev/null
}

# -- the same number, in turn
settings 3 first
start
ok "three children poll" polling 3
children >"$SCRATCH/old"
settings 3 second
hup
eventually 20 "SIGHUP replaces all children" reloaded
ok "the reload is done" logged '"event":"reload_done"'
ok "every child is another process" renewed
is "$(most_at_once)" 1 "one at a time"
is "$(count_logged '"level":"(warn|error)"')" 0 "no end counts as a crash"
is "$(fake /_stats | jq .polls_aborted)" 0 "no poll was cut"
send 0
eventually 10 "a message is worked by the new settings" \
	logged '"line":"done jobs by second"'

# -- a job in hand is finished, by its own settings
send 1
eventually 10 "a job runs" \
	sh -c "[ \$(grep -c 'working jobs by second' '$SCRATCH/log') -eq 2 ]"
WAIT=0
settings 4 third "reload_parallel = 9"
hup
eventually 20 "another reload is done" reloaded
is "$(count_logged '"line":"done jobs by second"')" 2 \
	"the job in hand was finished first"
eventually 5 "and deleted" queue_is in_flight 0

# -- more and fewer children (62)
settings 6 fourth
hup
eventually 20 "a reload with more children is done" reloaded
eventually 10 "there are six children" child_count_is 6
send 1.5
eventually 10 "a job runs" logged '"line":"working jobs by fourth"'
settings 1 fifth
hup
eventually 20 "a reload with fewer children is done" reloaded
eventually 10 "one child is left" child_count_is 1
is "$(count_logged '"line":"done jobs by fourth"')" 1 \
	"the job in hand was finished"
ok "and deleted" queue_is in_flight 0

# -- another queue, and one less
settings 2 sixth "[queue mail]" "queue_url = $MAIL" "children = 2" \
	"command = $SCRATCH/handler other"
hup
eventually 20 "a reload with another queue is done" reloaded
eventually 5 "the new queue has its children" titled_is mail 2
QUEUE=$MAIL
send 0
eventually 10 "and is worked" logged '"line":"done mail by other"'
QUEUE=$JOBS
settings 2 seventh
hup
eventually 20 "a reload without it is done" reloaded
eventually 10 "its children are gone" titled_is mail 0
eventually 10 "those of the other queue are not" titled_is jobs 2

# -- wrong settings (63)
children >"$SCRATCH/old"
settings 2 eighth "receive_maximum = 3"
hup
eventually 10 "a broken file is refused" reloaded
ok "the log has file and line of a mistake" logged \
	"reload_problem.*receive_maximum.*$SCRATCH/conf:7"
ok "the log says that the old settings stay" logged reload_failed
settings 2 eighth
sed -i "s|^command.*|command = $SCRATCH/nonesuch|" "$SCRATCH/conf"
hup
eventually 10 "so is a handler that does not exist" reloaded
ok "and named" logged "reload_problem.*nonesuch.*conf:6"
rm "$SCRATCH/conf"
mkfifo "$SCRATCH/conf"
hup
eventually 10 "a pipe is not read" reloaded
ok "which the log says" logged 'reload_problem.*not a regular file'
rm "$SCRATCH/conf"
hup
eventually 10 "a file that is gone is refused as well" reloaded
is "$(still_there)" 2 "no child was touched"
send 0
eventually 10 "the old settings still work" \
	logged '"line":"done jobs by seventh"'
stop_sqsherd
is "$STATUS" 0 "refused reloads do not change the exit status"
ok "no process is left" no_survivor

# -- a child that is not in its loop yet (67), and a stop (65)
settings 8 twelfth
start
eventually 10 "it runs" logged '"event":"started"'
for _ in 1 2 3 4 5 6 7 8 9 10; do
	signal HUP "$SQSHERD"
	sleep 0.01
done
eventually 30 "many SIGHUPs from the start on end in a reload that is done" \
	logged reload_done
is "$(count_logged '"level":"(warn|error)"')" 0 "and harm no child"
eventually 10 "eight children are there" child_count_is 8
send 1.5
eventually 10 "a job runs" logged '"line":"working jobs by twelfth"'
signal HUP "$SQSHERD"
signal TERM "$SQSHERD"
within 5 logged stop_began
signal HUP "$SQSHERD"
wait_sqsherd
is "$STATUS" 0 "SIGTERM during a reload ends in a clean stop"
ok "SIGHUP during the stop is ignored" logged '"event":"reload_ignored"'
is "$(count_logged '"line":"done jobs by twelfth"')" 1 \
	"the job in hand was finished"
is "$(jq -s '[.[].event] | .[index("stop_began"):]
	| map(select(. == "child_started")) | length' "$SCRATCH/log")" 0 \
	"no child was started after the stop began"
ok "no process is left" no_survivor
done_testing
