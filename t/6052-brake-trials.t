#!/bin/sh
# While the brake is on: what a trial is, how many there are, and what a child
# costs that does not try.
. "$(dirname "$0")/lib.sh"
. t/brake.sh

# The clock ticks of the CPU that a process has used.
cpu_of() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

start_fake

# ---- what waits behind a message that cannot be begun is not begun ----

new_queue batch
works
start_sqsherd -j 1 -o receive_max=10 -- "$handler"
within 20 child_count_is 1 || bail "no child"
rm "$handler"
send_many 10
are_given_back() { queue_is changed 10; }
eventually 20 "a whole batch is given back" are_given_back
is "$(count_logged '"verdict":"broken"')" 1 "one of them was tried"
stop_sqsherd

# ---- a trial ends with its message, whatever becomes of it ----

new_queue corrupt
works
start_sqsherd -j 2 -o retry_cap=600 -- "$handler"
within 20 child_count_is 2 || bail "no children"
fails
send_many 2
eventually 20 "the brake is on" is_on
fault 'op=ReceiveMessage&kind=bad_md5&count=-1'
send_many 30
tried=$(trials)
eventually 20 "corrupt messages are trials that fail" has_tried $((tried + 2))
got=$(queue_field received)
ok "each is followed by a pause ($got receives)" test "$got" -le 12
fake /_clear -X POST >/dev/null
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- a child that polls does not wait for the trial of another ----

new_queue polls
works
start_sqsherd -j 2 -o wait_time=10 -o idle_pollers=0 -- "$handler"
within 20 fake '/_wait?name=polls&cond=polling&value=2' ||
	bail "they do not poll"
fails
send m
eventually 20 "the brake is on" is_on
polls_alone() {
	poller=$(pgrep -P "$SQSHERD" -f '^sqsherd: polls/[0-9]+ .polling') &&
		other=$(children | grep -vx "$poller") &&
		[ "$(echo "$other" | wc -l)" -eq 1 ]
}
within 10 polls_alone || bail "not one child polls"
signal STOP "$other" || bail "no child $other"
before=$(cpu_of "$poller")
# Longer than a lease: nobody tries, and the poller cannot.
sleep 5
used=$(($(cpu_of "$poller") - before))
ok "a child that polls uses no CPU ($used ticks)" test "$used" -le 50
signal CONT "$other"
works
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- a reload says that failures put no brake on ----

new_queue never '"VisibilityTimeout":"600"'
becomes 'exit 1'
for after in 3 0; do
	cat >"$SCRATCH/conf.$after" <<END
log_format = json
wait_time = 1
queue_url = $QUEUE
children = 2
command = $handler
brake_after = $after
END
done
cp "$SCRATCH/conf.3" "$SCRATCH/conf"
new_log
"$BUILD/sqsherd" -c "$SCRATCH/conf" >"$SCRATCH/stdout" 2>"$SCRATCH/log" \
	</dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
send_many 8
eventually 20 "three failures put the brake on" is_on
cp "$SCRATCH/conf.0" "$SCRATCH/conf"
signal HUP "$SQSHERD" || bail "no sqsherd"
eventually 20 "brake_after = 0 releases it" is_released
eventually 20 "the reload is done" logged '"event":"reload_done"'
is_off() {
	[ "$(ctl status --json | jq .status.queues[0].braked)" = false ]
}
eventually 20 "and no child puts it on again" is_off
stop_sqsherd
is "$STATUS" 0 "exit 0"

ok "no process is left" no_survivor
done_testing
