#!/bin/sh
# The end of a handler is the end of its process group.
. "$(dirname "$0")/lib.sh"

nap=598.$$
ways="shell make xargs pipe first group timeout jobs python"
mkdir "$SCRATCH/did"
cat >"$SCRATCH/worker" <<'EOF'
#!/bin/sh
# Cleans up when it is told to stop: slower than its parent dies.
trap 'sleep 0.6; : >"${0%/*}/did/$1"; exit 0' TERM
: >"${0%/*}/did/$1.began"
while :; do sleep 0.1; done
EOF
printf 'all:\n\t%s/worker make\n' "$SCRATCH" >"$SCRATCH/makefile"
mkdir "$SCRATCH/package"
echo '{ "scripts": { "work": "../worker npm" } }' >"$SCRATCH/package/package.json"
cat >"$SCRATCH/handler" <<EOF
#!/bin/bash
# Once more, if it was stopped before its worker could begin.
if [ "\$SQS_RECEIVE_COUNT" -gt 1 ]; then
	case " $ways " in
	*" \$SQS_ATTR_how "*)
		[ ! -e "$SCRATCH/did/\$SQS_ATTR_how.began" ] || exit 0 ;;
	*) exit 0 ;;
	esac
fi
case \$SQS_ATTR_how in
shell) exec sh -c '"$SCRATCH/worker" shell; exit \$?' ;;
make) exec make -s -f "$SCRATCH/makefile" ;;
xargs) echo xargs | exec xargs "$SCRATCH/worker" ;;
pipe) "$SCRATCH/worker" pipe | cat >/dev/null ;;
first) cat /dev/zero | "$SCRATCH/worker" first ;;
group) (: | { "$SCRATCH/worker" group; }) & wait ;;
timeout) timeout 60 "$SCRATCH/worker" timeout ;;
jobs) set -m; "$SCRATCH/worker" jobs & wait ;;
npm) cd "$SCRATCH/package" && exec npm run --silent work ;;
python) exec python3 -c 'import subprocess
subprocess.run(["$SCRATCH/worker", "python"])' ;;
deaf) (trap '' TERM; while :; do sleep $nap; done) ;;
beside) timeout 60 sh -c 'trap "" TERM; while :; do sleep $nap; done' ;;
halted) kill -STOP \$\$ ;;
tee) exec > >(sleep 0.2; tee -a "$SCRATCH/teed") 2>&1; echo did ;;
background) sleep $nap & exit 0 ;;
daemon) setsid sleep $nap & sleep 0.1; exit 0 ;;
quiet) sleep $nap >/dev/null 2>&1 & exit 0 ;;
aside) set -m; sleep 7$nap & exit 0 ;;
leaver) exec python3 -c 'import os, time
os.setpgid(0, os.getpgid(os.getppid()))
open("$SCRATCH/did/leaver.began", "w")
time.sleep(500)' ;;
esac
EOF
chmod +x "$SCRATCH/handler" "$SCRATCH/worker"
start_fake
new_queue ends '"VisibilityTimeout":"60"'

send_job() {
	sqs SendMessage "$(jq -nc --arg q "$QUEUE" --arg how "$1" '{QueueUrl: $q,
		MessageBody: $how, MessageAttributes: {how:
			{DataType: "String", StringValue: $how}}}')" >/dev/null
}
# No process that slept in the group of its handler.
no_sleeper() {
	! pgrep -f "^sleep $nap\$" >/dev/null
}
is_done() {
	queue_is deleted "$n" && [ "$(count_logged '"outcome":"deleted"')" -ge "$1" ]
}
n=0
new_run() {
	done_here=0
}
# one HOW: its message is deleted; TOOK: the ms of the handler that did it.
one() {
	send_job "$1"
	n=$((n + 1))
	done_here=$((done_here + 1))
	eventually 20 "the message of $1 is done" is_done $done_here
	TOOK=$(jq 'select(.event == "message") | .handler_ms' "$SCRATCH/log" |
		tail -n 1)
}

# -- an end by itself
start_sqsherd -j 1 -- "$SCRATCH/handler"
new_run
one tee
one tee
one tee
is "$(count_logged '"event":"handler_output".*"line":"did"')" 3 \
	"output that is on its way through tee arrives"
is "$(wc -l <"$SCRATCH/teed")" 3 "also where else tee writes it"
one background
ok "a process in the background with the output costs a short linger" \
	test "$TOOK" -ge 450
ok "and is killed then" no_sleeper
one quiet
ok "one without the output is killed at once" no_sleeper
is "$(queue_field redelivered)" 0 "each was done at its first delivery"
one aside
ok "one that has left the group lives on" pgrep -f "^sleep 7$nap\$"
one daemon
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "and leaves no process" no_survivor

# -- a stop
# Long enough for the slowest of them to begin on a busy machine.
start_sqsherd -j 9 -o job_timeout=10s -o job_kill_timeout=30s \
	-o retry_base=0s -- "$SCRATCH/handler"
new_run
for how in $ways; do
	send_job "$how"
	n=$((n + 1))
done
for how in $ways; do
	eventually 60 "what $how runs has time to clean up" \
		test -e "$SCRATCH/did/$how"
done
eventually 60 "each message comes back and is done" \
	is_done "$(echo "$ways" | wc -w)"
is_empty "$(pgrep -f "^/bin/sh $SCRATCH/worker")" "nothing of them is left"
ok "the verdict is that of the handler itself" logged \
	'"event":"message".*"reason":"job timeout".*"signal":"SIGTERM"'
ok "and comes when the group is empty" sh -c "
	jq -e -s 'map(select(.event == \"message\") | .handler_ms) |
		max < 30000' '$SCRATCH/log' >/dev/null"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

start_sqsherd -j 2 -o job_timeout=1s -o job_kill_timeout=1s \
	-o retry_base=0s -- "$SCRATCH/handler"
new_run
one deaf
ok "a group that does not end in its time is killed" no_sleeper
one beside
ok "and whoever has left it for another group" no_sleeper
one halted
one leaver
is "$(count_logged '"event":"child_(died|hung)')" 0 \
	"one that joins the group of its child is stopped, and no child with it"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- the stop of all
rm -f "$SCRATCH"/did/*
both_work() {
	[ -e "$SCRATCH/did/leaver.began" ] && [ -e "$SCRATCH/did/shell.began" ]
}
began() {
	test -e "$SCRATCH/did/$1.began"
}
start_sqsherd -j 2 -o grace_timeout=8s -- "$SCRATCH/handler"
send_job leaver
send_job shell
eventually 20 "both work" both_work
stop_sqsherd
is "$STATUS" 76 "a stop that cuts them says so"
ok "and lets the shell's command clean up" test -e "$SCRATCH/did/shell"
is "$(count_logged '"event":"child_(died|hung)')" 0 "without a dead child"
is "$(queue_field in_flight)" 0 "both messages are given back"
ok "no process is left" no_survivor

# It takes a second to start.
if command -v npm >/dev/null; then
	new_queue npm
	start_sqsherd -j 1 -o grace_timeout=8s -- "$SCRATCH/handler"
	send_job npm
	eventually 60 "npm runs a script" began npm
	stop_sqsherd
	ok "which has time to clean up" test -e "$SCRATCH/did/npm"
else
	skip "what npm runs has time to clean up" "there is no npm"
fi
ok "no process is left" no_survivor
done_testing
