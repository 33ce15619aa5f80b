#!/bin/sh
# The child that tries is killed, stopped, replaced or told to end: another goes
# on, and no message is lost from sight.
. "$(dirname "$0")/lib.sh"
. t/brake.sh

# The handler of a trial says that it runs, and waits to be told how to end.
hangs() {
	rm -f "$SCRATCH/go" "$SCRATCH/runs"
	becomes "echo \$SQS_MESSAGE_ID >$SCRATCH/runs
until [ -e $SCRATCH/go ]; do sleep 0.1; done
exit \$(cat $SCRATCH/go)"
}
runs() {
	test -s "$SCRATCH/runs"
}
# go_on STATUS: what runs, and whatever comes after it, ends like this.
go_on() {
	echo "$1" >"$SCRATCH/status"
	mv "$SCRATCH/status" "$SCRATCH/go"
}
# The pid of the child that tries, which works.
trying_child() {
	pgrep -P "$SQSHERD" -f '^sqsherd: [^ ]*/[0-9]+ \[busy'
}

# begin NAME CHILDREN ARG...: a queue whose brake is on, with 12 messages, and
# a trial that hangs.
begin() {
	new_queue "$1" '"VisibilityTimeout":"600"'
	_children=$2
	shift 2
	works
	start_sqsherd -j "$_children" -o wait_time=1 -o visibility_timeout=600 "$@" \
		-- "$handler"
	within 20 child_count_is "$_children" || bail "no children"
	fails
	send_many 12
	within 20 is_on || bail "no brake"
	hangs
	within 20 runs || bail "no trial"
	within 20 trying_child || bail "nobody tries"
	child=$(trying_child)
}

all_are_done() {
	eventually 60 "$1: mended, all messages are done" queue_is deleted 12
	stop_sqsherd
	is "$STATUS" 0 "$1: exit 0"
	is "$(queue_field in_flight)" 0 "$1: nothing is in flight"
}

start_fake

# ---- the child that tries is killed ----

begin killed 4 -o retry_cap=4 -o brake_after=20
id=$(cat "$SCRATCH/runs")
delay_of_id() {
	fake "/_history?id=$id" |
		jq -e 'map(select(.event == "changed")) | first.timeout'
}
rm "$SCRATCH/runs"
signal KILL "$child" || bail "no child"
began=$(now_ms)
eventually 20 "killed: another child tries" runs
took=$(($(now_ms) - began))
ok "killed: once its lease has ended at the latest ($took ms)" \
	test "$took" -le 10000
eventually 20 "killed: its message is given back" delay_of_id
is "$(delay_of_id)" 4 \
	"killed: and comes again as late as that of any trial"
works
go_on 0
all_are_done killed

# ---- it is stopped, so that its lease ends ----

begin stopped 4 -o retry_cap=2
rm "$SCRATCH/runs"
signal STOP "$child" || bail "no child"
began=$(now_ms)
eventually 20 "stopped: another child tries" runs
took=$(($(now_ms) - began))
ok "stopped: once its lease has ended ($took ms)" \
	test "$took" -ge 1000 -a "$took" -le 10000
works
signal CONT "$child" || bail "no child"
go_on 0
all_are_done stopped

# ---- a reload ----

begin reload 4 -o retry_cap=2 -o reload_parallel=4
signal HUP "$SQSHERD" || bail "no sqsherd"
all_are_asked() { [ "$(count_logged '"event":"child_replaced"')" -eq 4 ]; }
eventually 30 "reload: all are asked to go" all_are_asked
ok "reload: the trial goes on" is_alive "$child"
go_on 1
eventually 30 "reload: it ends" logged '"event":"reload_done"'
tried=$(trials)
eventually 30 "reload: others go on trying" has_tried $((tried + 1))
works
all_are_done reload

# ---- a stop ----

begin stop 4 -o retry_cap=2 -o grace_timeout=3
stop_sqsherd
is "$STATUS" 76 "stop: the trial is cut short"
is_all_there() { queue_is visible 12 && queue_is in_flight 0; }
eventually 20 "stop: every message is there for others" is_all_there
start_sqsherd -j 4 -- "$handler"
works
all_are_done stop

ok "no process is left" no_survivor
done_testing
