#!/bin/sh
# A log that is a pipe of another user's, which others write to as well and
# nobody reads.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

[ "$(id -u)" -eq 0 ] || skip_all "needs root for another user"
! is_sanitized || skip_all "another user cannot read the sanitizer's library"

# What nobody may execute: the build may be below somebody's home.
chmod 711 "$SCRATCH"
mkdir -m 1777 "$SCRATCH/open"
mkdir -m 755 "$SCRATCH/bin"
cp "$BUILD/sqsherd" "$BUILD/t/shim.so" "$SCRATCH/bin/"
export SQSHERD_CONTROL_SOCKET="$SCRATCH/open/control.sock"
# Open, and only read when we say so.
mkfifo -m 600 "$SCRATCH/pipe"
exec 3<>"$SCRATCH/pipe"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

# All that is in the pipe, until nothing comes for a moment.
read_log() {
	perl -e 'my $stdin = ""; vec($stdin, 0, 1) = 1;
		while (select(my $ready = $stdin, undef, undef, 0.2)) {
			sysread(STDIN, my $text, 65536) or last;
			$text =~ tr/\0//d;
			print $text;
		}' <&3 >>"$SCRATCH/log"
}
seen() {
	read_log
	logged "$1"
}
answers() {
	timeout 5 "$BUILD/sqsherdctl" health
}

for how in user setpriv; do
	case $how in
	user)
		what="which it could open before it changed the user"
		as="env"
		option=user=nobody
		;;
	setpriv)
		what="which it could never open"
		as="setpriv --reuid=65534 --regid=65534 --clear-groups env"
		option=user=65534
		;;
	esac
	: >"$SCRATCH/log"
	SHIM_FILE=$SCRATCH/open/shim
	rm -f "$SHIM_FILE"*
	# shellcheck disable=SC2086 # a command of words
	$as LD_PRELOAD="$SCRATCH/bin/shim.so" SHIM_FILE="$SHIM_FILE" \
		"$SCRATCH/bin/sqsherd" -q "$QUEUE" -o log_format=json \
		-o wait_time=2 -o $option -o group=65534 -j 1 -- true \
		2>"$SCRATCH/pipe" >"$SCRATCH/stdout" </dev/null &
	SQSHERD=$!
	PIDS="$PIDS $SQSHERD"
	eventually 10 "sqsherd starts with a pipe $what" seen '"event":"started"'
	polling 1
	touch "$SHIM_FILE.full"
	signal USR1 "$SQSHERD"
	ok "the supervisor answers while nobody reads" answers
	rm "$SHIM_FILE.full"
	again() {
		signal USR1 "$SQSHERD"
		seen '"event":"status".*"dropped":[1-9]'
	}
	[ $how = user ] || eventually 10 \
		"the supervisor says what it dropped once somebody reads" again
	touch "$SHIM_FILE.full"
	signal TERM "$SQSHERD"
	eventually 20 "a stop does not wait for a reader" has_ended "$SQSHERD"
	# One that does not end is no reason to wait for ever.
	kill -KILL "$SQSHERD" 2>/dev/null || :
	read_log
	status_of wait "$SQSHERD" 2>/dev/null
	is "$STATUS" 0 "exit 0"
done
ok "no process is left" no_survivor
done_testing
