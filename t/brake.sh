# shellcheck shell=sh
# Sourced after t/lib.sh by the tests of the brake.
#
#	becomes TEXT		what $handler does from now on
#	works, fails		the two that it does most
#	send_many N		to $QUEUE; $SCRATCH/sent.json
#	trials, has_tried N	that failed since the brake is on
#	is_on, is_released	as the log says

handler=$SCRATCH/handler

becomes() {
	printf '#!/bin/sh\n%s\n' "$1" >"$SCRATCH/new"
	chmod +x "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
}
works() { becomes 'cat >/dev/null'; }
fails() { becomes 'exit 127'; }

send_many() {
	fake "/_send?name=${QUEUE##*/}&body=m&count=$1" -X POST \
		>"$SCRATCH/sent.json" || bail "cannot send"
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
is_released() {
	logged '"event":"brake_released"'
}
