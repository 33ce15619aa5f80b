#!/bin/sh
# Every fault of the scripted server, in every phase of a message: the ledger
# is exact, and the message is done or given to somebody else in time.
#
# A column of the table that this prints is a phase; it is worked by a run of
# this script of its own, beside the others.
. "$(dirname "$0")/lib.sh"

kinds="error throttle http500 http503 cut reset empty huge redirect raw html
	hang cut_mid cut_after slow drip bad_json bad_md5 bad_attr_md5
	entry_fail entry_missing lost dup unknown_fields"
# The last in its phase, because it leaves its message for later: one with a
# wrong MD5 is given back for 30 s, and after an answer that only a person can
# mend nobody asks for the dead-letter queue for a minute.
last_of() {
	case $1 in
	received) echo bad_md5 ;;
	moving) echo redirect ;;
	esac
}
# What is done when the fault strikes: the message is being received, waits
# behind another, is worked and extended, is given back after a failure,
# is deleted, is moved to the dead-letter queue.
phases="received held extending failed deleting moving"

start_phase() {
	op=ChangeMessageVisibilityBatch
	work='exit 0'
	case $1 in
	received) op=ReceiveMessage ;;
	held) work='[ "$(cat)" = behind ] || sleep 1.6' ;;
	extending) work='sleep 1.6' ;;
	failed) work='[ "$SQS_RECEIVE_COUNT" -gt 1 ]' ;;
	deleting) op=DeleteMessageBatch ;;
	moving)
		op=SendMessage
		work='exit 65'
		;;
	esac
	printf '#!/bin/sh\n%s\n' "$work" >"$SCRATCH/handler"
	chmod +x "$SCRATCH/handler"
	start_fake
	new_queue dead
	policy='{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":1000}'
	new_queue "$1" "\"RedrivePolicy\":\"$policy\""
	# A poll that waits would be one that began before the fault.
	start_sqsherd -j 1 -o receive_max=2 -o wait_time=0 \
		-o visibility_timeout=3 -o request_timeout=1s \
		-- "$SCRATCH/handler"
	within 20 child_count_is 1 || bail "no child"
	child=$(children)
}

# The server waits, so that the children have the machine.
server_sees() {
	fake "/_wait?name=$phase&ms=30000&$1" >"$SCRATCH/out" 2>&1
}
put() {
	fake "/_send?name=$phase&body=$1" -X POST >"$SCRATCH/out" ||
		bail "cannot send"
	sent=$((sent + 1))
}

# strike KIND: the next call of the phase is hit, with the message there.
strike() {
	query="op=$op&kind=$1&count=1"
	case $1 in
	huge) query="$query&ms=2000000" ;;
	slow) query="$query&ms=300" ;;
	error) query="$query&code=InternalFailure" ;;
	entry_fail) query="$query&code=InternalError&sender=0" ;;
	esac
	signal STOP "$child"
	fault "$query"
	put "$1"
	[ "$phase" != held ] || put behind
	signal CONT "$child"
}

# A line of the column: KIND, the time it took, and "*" if it came again.
cell() {
	began=$(now_ms)
	strike "$1"
	server_sees "cond=deleted_at_least&value=$sent"
	outcome=$(($(now_ms) - began))
	before=$redelivered again=
	counts=$(fake "/_queue?name=$phase" |
		jq -r '"\(.deleted) \(.redelivered)"')
	redelivered=${counts#* }
	[ "${counts% *}" = "$sent" ] || outcome=LOST
	[ "$redelivered" = "$before" ] || again='*'
	echo "$1 $outcome$again"
}

# It is to be visible again within its delay.
last_cell() {
	strike "$1"
	outcome=LOST
	! within 30 logged "\"outcome\":\"retried\",\"reason\":\"(MD5|not moved)" ||
		[ "$(fake "/_messages?name=$phase" |
			jq '.[0].visible_in_ms > 30000')" = true ] ||
		outcome=later
	echo "$1 $outcome"
	left=1
}

if [ $# -gt 0 ]; then
	phase=$1
	sent=0
	redelivered=0
	left=0
	last=$(last_of "$phase")
	start_phase "$phase"
	{
		for kind in $kinds; do
			[ "$kind" = "$last" ] || cell "$kind"
		done
		[ -z "$last" ] || last_cell "$last"
	} >"$2"
	{
		echo "struck $(fake /_calls | jq '[.[].fault |
			select(. != "")] | unique | length')"
		echo "left $(($(fake "/_messages?name=$phase" | jq length) - left))"
		stop_sqsherd >"$SCRATCH/ledger-check"
		echo "exit $STATUS"
		echo "ledger $(cut -d ' ' -f 1 "$SCRATCH/ledger-check" | head -1)"
		echo "deaths $(jq 'select(.event == "stopped") | .deaths' \
			"$SCRATCH/log")"
	} >>"$2"
	[ "$FAILED" -eq 0 ]
	exit
fi

for phase in $phases; do
	sh "t/${0##*/}" "$phase" "$SCRATCH/$phase" >"$SCRATCH/$phase.out" 2>&1 &
	PIDS="$PIDS $!"
done
wait

in_column() {
	awk -v key="$2" '$1 == key { print $2 }' "$SCRATCH/$1"
}
echo "# milliseconds until done; *: after a second delivery;"
echo "# later: visible again within its delay"
# shellcheck disable=SC2086 # a word a column
printf '# %-15s %9s %9s %9s %9s %9s %9s\n' fault $phases
for kind in $kinds struck left exit ledger deaths; do
	printf '# %-15s' "$kind"
	for phase in $phases; do
		printf ' %9s' "$(in_column "$phase" "$kind")"
	done
	echo
done
n_kinds=$(echo "$kinds" | wc -w)
for phase in $phases; do
	is "$(grep -Ec '^[a-z_0-9]+ ([0-9]+\*?|later)$' "$SCRATCH/$phase")" \
		$((n_kinds + 4)) "$phase: each message was done in time"
	is "$(in_column "$phase" struck)" "$n_kinds" "$phase: each fault struck"
	is "$(in_column "$phase" left)" 0 "$phase: no message is left"
	is "$(in_column "$phase" ledger)" ok "$phase: the ledger is exact"
	is "$(in_column "$phase" exit) $(in_column "$phase" deaths)" "0 0" \
		"$phase: nothing died"
done
done_testing
