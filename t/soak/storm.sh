#!/bin/sh
# A quarter of an hour in which somebody kills, stops and ends children, scales,
# pauses and reloads, the handler breaks and is mended, name servers fall silent
# for a while, and the server fails in 2 % of the calls.
#
#	make soak [SOAK_MESSAGES=20000] [SOAK_SECONDS=900]
#
# What must hold in the end: each message was handled and deleted, the ledger
# is exact, and the supervisor has no more descriptors, memory or zombies than
# it had in the beginning.
. t/soak/names.sh
. t/lib.sh
. t/soak/handler.sh

messages=${SOAK_MESSAGES:-20000}
seconds=${SOAK_SECONDS:-900}
per_second=$((messages / seconds + 1))
handled=$SCRATCH/handled
export SQSHERD_CONTROL_SOCKET="$SCRATCH/control"

# One short write is one line, whoever else appends.  Some take longer.
cat >"$SCRATCH/handler" <<EOF2
#!/bin/sh
echo "\$SQS_MESSAGE_ID" >>"$handled"
case \$SQS_MESSAGE_ID in
*[01]) exec sleep 0.5 ;;
esac
EOF2
chmod +x "$SCRATCH/handler"
keep_handler

start_fake -t $((seconds * 3 + 900))
fake '/_set?history=0' -X POST >/dev/null
new_queue soak '"VisibilityTimeout":"600"'
start_names
QUEUE=$(by_name "$QUEUE")

# Faults of 2 % of all calls, of a kind that changes with $1.
inject() {
	kind=$(printf '%s\n' http500 throttle cut cut_mid reset bad_json slow \
		entry_fail | sed -n "$(($1 % 8 + 1))p")
	fake /_clear -X POST >/dev/null
	fault "op=*&kind=$kind&rate=2&ms=300"
}

# random N: from 0 to N - 1.
random() {
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

random_child() {
	children | shuf -n 1
}

# One thing that may happen.
disturb() {
	case $(random 18) in
	0 | 1) kill -KILL "$(random_child)" ;;
	2) kill -STOP "$(random_child)" ;;
	3) kill -TERM "$(random_child)" ;;
	4) kill -HUP "$SQSHERD" ;;
	5) kill -TTIN "$SQSHERD" ;;
	6) kill -TTOU "$SQSHERD" ;;
	7) kill -USR1 "$SQSHERD" ;;
	8) ctl status ;;
	9) ctl health ;;
	10) ctl pause soak && ctl resume soak ;;
	11) ctl restart 0 ;;
	12) ctl scale soak 6 ;;
	13) ctl reload ;;
	14) break_handler "$(random 4)" ;;
	15 | 16 | 17) mend_handler ;;
	esac >/dev/null 2>&1
}

# A line of figures: descriptors, kB of memory, zombies.
sample() {
	echo "$(find "/proc/$SQSHERD/fd" -type l | wc -l)" \
		"$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' \
			"/proc/$SQSHERD/status")" \
		"$(ps -o stat= --ppid "$SQSHERD" | grep -c Z)"
}

start_sqsherd -j 6 -o allow_http=yes -o log_level=info -o heartbeat_timeout=3 \
	-o restart_base=100ms -o restart_cap=1s -o crash_limit=1000000 \
	-o poison_kills=0 -o visibility_timeout=60 -o retry_cap=1s \
	-o brake_after=20 -o grace_timeout=20 -- "$SCRATCH/handler"
within 30 child_count_is 6 || bail "no children"

began=$(date +%s)
elapsed=0
sent=0
while [ $elapsed -lt "$seconds" ]; do
	while [ $sent -le $elapsed ] && [ $((sent * per_second)) -lt "$messages" ]; do
		n=$((messages - sent * per_second))
		[ $n -le $per_second ] || n=$per_second
		fake "/_send?name=soak&body=m&count=$n" -X POST >/dev/null
		inject $sent
		sent=$((sent + 1))
	done
	case $((elapsed % 60)) in
	[45]?) silence_names ;;
	*) mend_names ;;
	esac
	disturb || : # what cannot be done just then is no matter
	sample >>"$SCRATCH/samples"
	sleep 0.3
	elapsed=$(($(date +%s) - began))
done
fake /_clear -X POST >/dev/null
mend_handler
mend_names
echo "# $sent s of messages, $(wc -l <"$SCRATCH/samples") disturbances"

# Whoever was stopped last has to be found first.
children | while read -r pid; do
	kill -CONT "$pid" || : # it has ended
done
all_deleted() {
	queue_is in_flight 0 && queue_is visible 0 && queue_is delayed 0
}
eventually 300 "the queue is worked to its end" all_deleted
is "$(queue_field deleted)" "$(queue_field sent)" \
	"each message was deleted"
is "$(sort -u "$handled" | wc -l)" "$(queue_field sent)" \
	"each message was handled at least once"
sample >>"$SCRATCH/samples"

# The means of the first and the last quarter of the samples.
awk '{ fds[NR] = $1; rss[NR] = $2; zombies += $3 > 3 }
	END { q = int(NR / 4)
		for (i = 1; i <= q; i++) { f1 += fds[i]; r1 += rss[i]
			f2 += fds[NR - i + 1]; r2 += rss[NR - i + 1] }
		printf "%d %d %d %d %d\n", f1 / q, f2 / q, r1 / q, r2 / q,
			zombies }' "$SCRATCH/samples" >"$SCRATCH/means"
read -r fds_began fds_ended rss_began rss_ended many_zombies \
	<"$SCRATCH/means"
ok "the supervisor has as many descriptors as before ($fds_began, $fds_ended)" \
	test $((fds_ended - fds_began)) -le 1
ok "the memory of the supervisor is flat ($rss_began kB, $rss_ended kB)" \
	test $((rss_ended - rss_began)) -le 1024
is "$many_zombies" 0 "there were never more than 3 zombies"
no_zombie() {
	! ps -o stat= --ppid "$SQSHERD" | grep -q Z
}
eventually 5 "there is no zombie in the end" no_zombie
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor
check_brake
check_names
is "$(count_logged slot_bug)" 0 "no event was impossible"
echo "# $(grep '"event":"stopped"' "$SCRATCH/log")"
done_testing
