#!/bin/sh
# The same as PID 1 of a namespace, as in a container.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root for a pid namespace"
unshare --pid --fork --mount-proc true 2>/dev/null ||
	skip_all "this kernel gives no pid namespace"
# shellcheck disable=SC2034 # for what is sourced
PREFIX="as PID 1: "

# The shell that unshare forks becomes PID 1 and turns into sqsherd.
launch() {
	exec unshare --pid --fork --mount-proc --kill-child sh -c 'exec "$@"' \
		sh "$@"
}

find_sqsherd() {
	SQSHERD=$(pgrep -P "$LAUNCHED" | head -1)
	[ "$(sed -n 's/^NSpid:.*[[:space:]]\([0-9]*\)$/\1/p' \
		"/proc/$SQSHERD/status")" = 1 ]
}

. t/stop.sh
