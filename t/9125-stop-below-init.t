#!/bin/sh
# The same below an init that passes signals on, as with docker run --init or
# initProcessEnabled.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root for a pid namespace"
unshare --pid --fork --mount-proc true 2>/dev/null ||
	skip_all "this kernel gives no pid namespace"
# shellcheck disable=SC2034 # for what is sourced
PREFIX="below an init: "

# An init: starts its arguments and ends as they end; reaps the rest.
cat >"$SCRATCH/init" <<'EOF2'
use POSIX ":sys_wait_h";
my $pid = fork;
if ($pid == 0) { exec @ARGV; exit 127 }
while ((my $dead = wait) != -1) {
	exit(WIFEXITED($?) ? WEXITSTATUS($?) : 128 + WTERMSIG($?))
		if $dead == $pid;
}
EOF2

launch() {
	exec unshare --pid --fork --mount-proc --kill-child \
		perl "$SCRATCH/init" "$@"
}

find_sqsherd() {
	init=$(pgrep -P "$LAUNCHED" | head -1)
	SQSHERD=$(pgrep -P "$init" | head -1)
	[ -n "$SQSHERD" ] &&
		[ "$(sed -n 's/^NSpid:.*[[:space:]]\([0-9]*\)$/\1/p' \
			"/proc/$SQSHERD/status")" != 1 ]
}

. t/stop.sh
