#!/bin/sh
# While the brake is on: what a trial is, how many there are, and what a child
# costs that does not try.
. t/lib.sh

handler=$SCRATCH/handler

# becomes TEXT: what the handler does from now on.
becomes() {
	printf '#!/bin/sh\n%s\n' "$1" >"$SCRATCH/new"
	chmod +x "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
}
works() { becomes 'cat >/dev/null'; }
fails() { becomes 'exit 127'; }

send_many() {
	fake "/_send?name=${QUEUE##*/}&body=m&count=$1" -X POST >/dev/null ||
		bail "cannot send"
}
trials() {
	ctl status --json | jq '.status.queues[0].brake_trials // 0'
}
has_tried() {
	[ "$(trials)" -ge "$1" ]
}
is_on() {
	logged '"event":"brake_on"'
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

ok "no process is left" no_survivor
done_testing
