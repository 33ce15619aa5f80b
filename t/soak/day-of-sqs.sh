#!/bin/sh
# A day of SQS in ten minutes: 200,000 messages while 1 % of all calls go
# wrong, worked by two supervisors that are stopped and started again in turn,
# so that each takes over what the other gives back.  For some seconds of each
# minute the handler is broken, and each third supervisor begins while no name
# server answers.
#
#	make day [DAY_MESSAGES=200000] [DAY_SECONDS=600]
#
# The messages arrive evenly over the time.  What must hold in the end: each
# was deleted, each was handled, none is in flight or waiting.
. t/soak/names.sh
. t/lib.sh
. t/soak/handler.sh

messages=${DAY_MESSAGES:-200000}
seconds=${DAY_SECONDS:-600}
per_second=$((messages / seconds))
messages=$((per_second * seconds))
handled=$SCRATCH/handled

# One short write is one line, whoever else appends.
printf '#!/bin/sh\necho "$SQS_MESSAGE_ID" >>"%s"\n' "$handled" \
	>"$SCRATCH/handler"
chmod +x "$SCRATCH/handler"
keep_handler

start_fake -t $((seconds * 3 + 600))
fake '/_set?history=0' -X POST >/dev/null
new_queue day '"VisibilityTimeout":"600"'
start_names
QUEUE=$(by_name "$QUEUE")

# inject N: the faults take turns, so that it is 1 % of the calls in all.
inject() {
	kind=$(printf '%s\n' http500 throttle cut cut_mid cut_after reset \
		bad_json slow entry_fail entry_missing lost bad_md5 |
		sed -n "$(($1 % 12 + 1))p")
	fake /_clear -X POST >/dev/null
	fault "op=*&kind=$kind&rate=1&ms=300"
}

# start SIDE: A or B; each life has a log of its own.
start() {
	lives=$((lives + 1))
	eval "log_$1=$SCRATCH/log.$lives"
	"$BUILD/sqsherd" -q "$QUEUE" -j 4 -o log_format=json -o allow_http=yes \
		-o control_socket="$SCRATCH/control.$1" \
		-o receive_max=10 -o wait_time=2 \
		-o visibility_timeout=20 -o retry_base=0 -o retry_cap=10 \
		-o grace_timeout=10 \
		-- "$SCRATCH/handler" >"$SCRATCH/log.$lives" 2>&1 </dev/null &
	eval "pid_$1=$!"
	PIDS="$PIDS $!"
}

# stop SIDE: an orderly end, in which some work may be cut short.
stop() {
	eval "SQSHERD=\$pid_$1; ln -sf \"\$log_$1\" \"$SCRATCH/log\""
	stop_sqsherd
	case $STATUS in
	0 | 76) ;;
	*)
		echo "# exit $STATUS"
		bad_ends=$((bad_ends + 1))
		;;
	esac
}

lives=0
names_at=0
bad_ends=0
start A
start B
side=A
began=$(date +%s)
sent=0 # seconds' worth
next_restart=20
while [ $sent -lt "$seconds" ]; do
	elapsed=$(($(date +%s) - began))
	while [ $sent -lt $elapsed ] && [ $sent -lt "$seconds" ]; do
		fake "/_send?name=day&body=m&count=$per_second" -X POST \
			>/dev/null
		inject $sent
		sent=$((sent + 1))
	done
	case $((elapsed % 60)) in
	1[0-3]) [ "$broken" -eq 1 ] || break_handler $((elapsed / 60)) ;;
	*) mend_handler ;;
	esac
	[ $elapsed -lt $names_at ] || mend_names
	if [ $elapsed -ge $next_restart ]; then
		mend_handler # one that does not work is none to start with
		stop $side
		# Every third begins without name servers.
		if [ $((lives % 3)) -eq 0 ]; then
			silence_names
			names_at=$((elapsed + 18))
		fi
		start $side
		next_restart=$((elapsed + 20))
		[ $side = A ] && side=B || side=A
	fi
	sleep 0.1 # the pace of the sender, not a wait for an event
done
echo "# sent $messages in $(($(date +%s) - began)) s to $lives supervisors, two at a time"

fake /_clear -X POST >/dev/null
mend_handler
mend_names
eventually $((seconds + 120)) "every message is deleted" \
	queue_is deleted "$messages"
stop A
stop B
is "$bad_ends" 0 "each supervisor ended in an orderly way"
is "$(queue_field in_flight)" 0 "none is in flight at the end"
is "$(queue_field visible)" 0 "none is left"
is "$(sort -u "$handled" | wc -l)" "$messages" \
	"each was handled at least once"
echo "# handled twice: $(($(wc -l <"$handled") - messages))"
fake /_stats | jq -c '{calls, redelivered, expired,
	faults: ([.ops[].faults] | add)}' | sed 's/^/# /'
check_brake
check_names
is "$(cat "$SCRATCH"/log.* | grep -c '"event":"child_exited".*SIG')" 0 \
	"no child died"
ok "no process is left" no_survivor
done_testing
