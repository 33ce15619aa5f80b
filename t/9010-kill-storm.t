#!/bin/sh
# The same queue worked by 8 children while a random one is killed every
# 200 ms for 30 s: nothing is lost, and the supervisor stays as it was.
. "$(dirname "$0")/lib.sh"

seconds=${KILL_STORM_SECONDS:-30}
printf '#!/bin/sh\nsleep 0.0$((SQS_RECEIVE_COUNT %% 10))\necho "$SQS_MESSAGE_ID" >>"%s/handled"\n' \
	"$SCRATCH" >"$SCRATCH/handler"
chmod +x "$SCRATCH/handler"
start_fake
new_queue storm '"VisibilityTimeout":"600"'
start_sqsherd -j 8 -o visibility_timeout=15 -o restart_base=50ms \
	-o restart_cap=200ms -o crash_limit=1000000 -o poison_kills=0 \
	-- "$SCRATCH/handler"
eventually 10 "eight children run" child_count_is 8

descriptors() {
	ls "/proc/$SQSHERD/fd" | wc -l
}
memory_kb() {
	awk '/^(Pss_Anon|Private_Dirty):/ { n += $2 } END { print n }' \
		"/proc/$SQSHERD/smaps_rollup"
}
fds=$(descriptors)
memory=$(memory_kb)
kills=0
sent=0
next=$(now_ms)
end=$((next + seconds * 1000))
while [ "$next" -lt $end ]; do
	fake "/_send?name=storm&body=m&count=15" -X POST >/dev/null
	sent=$((sent + 15))
	victim=$(children | shuf -n 1)
	# It may have died meanwhile, or none be there.
	! kill -KILL "$victim" 2>/dev/null || kills=$((kills + 1))
	# The beat is kept, however long the above takes.
	next=$((next + 200))
	pause=$((next - $(now_ms)))
	[ $pause -le 0 ] || sleep "$(printf '0.%03d' $pause)"
done
ok "children were killed ($kills kills, $sent messages)" \
	test $kills -ge $((seconds * 4))
eventually 60 "every message is deleted" queue_is deleted $sent
is "$(queue_field in_flight)" 0 "none is in flight"
# An answer that was on its way when its reader was killed told nobody which
# message it brought: only such a one has to wait for its timeout.
expired=$(queue_field expired)
ok "nearly all came back without waiting for their timeout (but $expired)" \
	test "$expired" -le $((kills / 4))
is "$(sort -u "$SCRATCH/handled" | wc -l)" $sent \
	"every message was handled at least once"
duplicates=$(($(wc -l <"$SCRATCH/handled") - sent))
ok "duplicates are at most one a kill ($duplicates)" \
	test $duplicates -le $kills
# Releasers and children come and go; what is the supervisor's own does not.
eventually 10 "eight children run" child_count_is 8
is "$(descriptors)" "$fds" "the supervisor has as many descriptors as before"
grown=$(($(memory_kb) - memory))
ok "and its memory did not grow (by $grown kB)" test $grown -le 256
is "$(ps -o stat= --ppid "$SQSHERD" | grep -c Z)" 0 "no zombie is left"
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor
done_testing
