#!/bin/sh
# Limits that leave no room to work are refused at the start, not found out by
# children with messages.
. "$(dirname "$0")/lib.sh"

sqsherd=$BUILD/sqsherd
if is_sanitized; then
	skip_all "a sanitizer needs descriptors and threads of its own"
fi
start_fake
new_queue jobs

for n in 8 10 14 63; do
	refuses 78 "a start with $n descriptors is refused" \
		timeout 60 prlimit --nofile=$n "$sqsherd" -q "$QUEUE" -- true
	like "$(cat "$SCRATCH/err")" \
		"^sqsherd: 64 open descriptors are needed, and the limit is $n;" \
		"with what is needed and what there is"
	refuses 78 "and so is -n" \
		prlimit --nofile=$n "$sqsherd" -n -q "$QUEUE" -- true
	is "$(wc -l <"$SCRATCH/err")" 1 "in one line"
done
refuses 0 "64 are enough" \
	prlimit --nofile=64 "$sqsherd" -n -q "$QUEUE" -- true
refuses 0 "for a limit of the settings, too" \
	"$sqsherd" -n -o limit_nofile=64 -q "$QUEUE" -- true

# And they are: nothing fails, with a reporter and an operator beside.
new_log
prlimit --nofile=64 "$sqsherd" -q "$QUEUE" -j 2 -o log_format=json \
	-o wait_time=2 -o metrics_listen=127.0.0.1:0 -- /bin/true \
	>"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
send 1 2 3 4 5 6 7 8 9 10
eventually 60 "messages are done with 64" queue_is deleted 10
ok "sqsherdctl is answered" ctl status
is "$(count_logged '"level":"(warn|error)"')" 0 "and nothing went wrong"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# The kernel does not hold root to the limit of processes.
as_nobody() {
	setpriv --reuid=65533 --regid=65533 --clear-groups "$@"
}
if [ "$(id -u)" != 0 ]; then
	as_nobody() { "$@"; }
fi
if ! mkdir "$SCRATCH/bin" || ! cp "$sqsherd" "$SCRATCH/bin" ||
	! chmod 755 "$SCRATCH" "$SCRATCH/bin"; then
	bail "cannot copy sqsherd"
fi
if as_nobody "$SCRATCH/bin/sqsherd" --version >"$SCRATCH/out"; then
	for n in 2 3 4; do
		refuses 78 "two children with $n processes are refused" \
			as_nobody prlimit --nproc=$n "$SCRATCH/bin/sqsherd" \
			-n -j 2 -q "$QUEUE" -- true
		like "$(cat "$SCRATCH/err")" \
			"2 children and their handlers need 5 processes, and the limit of the user is $n;" \
			"with what is needed and what there is"
	done
	refuses 0 "5 are enough" as_nobody prlimit --nproc=5 \
		"$SCRATCH/bin/sqsherd" -n -j 2 -q "$QUEUE" -- true
	refuses 0 "3 for one child" as_nobody prlimit --nproc=3 \
		"$SCRATCH/bin/sqsherd" -n -j 1 -q "$QUEUE" -- true
	refuses 78 "a start is refused as well" \
		as_nobody timeout 60 prlimit --nproc=3 \
		"$SCRATCH/bin/sqsherd" -j 2 -q "$QUEUE" -- true
else
	skip "a limit of processes is refused" "no other user can be had"
fi
if [ "$(id -u)" = 0 ]; then
	refuses 0 "root is not held to it" prlimit --nproc=2 \
		"$sqsherd" -n -j 2 -q "$QUEUE" -- true
	refuses 78 "but the user of the settings is" prlimit --nproc=2 \
		"$SCRATCH/bin/sqsherd" -n -j 2 -o user=65533 -o group=65533 \
		-q "$QUEUE" -- true
else
	skip "root is not held to it" "only root can tell"
fi
done_testing
