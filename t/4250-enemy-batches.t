#!/bin/sh
# Batches that are refused as a whole because of one of their entries: those
# that extend, those of FIFO groups, whose order holds, and those of a releaser.
# None of the others pays for it.
. "$(dirname "$0")/lib.sh"

# done, unless it is told otherwise
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
body=\$(cat)
echo "\$body" >>"$SCRATCH/begun"
while [ -e "$SCRATCH/wait" ]; do sleep 0.05; done
[ ! -e "$SCRATCH/fail" ] || [ "\$SQS_RECEIVE_COUNT" -gt 1 ] || exit 75
echo "\$body" >>"$SCRATCH/done"
EOF
chmod +x "$SCRATCH/handler"
start_fake
CHANGE=ChangeMessageVisibilityBatch
DELETE=DeleteMessageBatch

# refuses_batch OPERATION [CODE]: one of many, and then one of its entries when
# three others have gone alone.
refuses_batch() {
	fault "op=$1&kind=error&status=400&code=${2-ReceiptHandleIsInvalid}"
	fault "op=$1&kind=error&status=400&code=${2-ReceiptHandleIsInvalid}&skip=3"
}
# fill NAME [PARAMETERS]: a queue, and ten messages "m-0" ... "m-9" in it.
fill() {
	case $1 in
	*.fifo) new_queue "$1" '"FifoQueue":"true"' ;;
	*) new_queue "$1" ;;
	esac
	rm -f "$SCRATCH/begun" "$SCRATCH/done"
	fake "/_send?name=$1&body=m-&count=10${2-}" -X POST >/dev/null
}
count_outcome() {
	count_logged "\"event\":\"message\".*\"queue\":\"${QUEUE##*/}\".*\"outcome\":\"$1\""
}
outcome_is() {
	[ "$(count_outcome "$1")" -eq "$2" ]
}
lines_are() {
	[ -e "$2" ] && [ "$(wc -l <"$2")" -eq "$1" ]
}
# times_of EVENT: the number of a message and when that came to it, a line each.
# An extension is no such event.
times_of() {
	for _i in 0 1 2 3 4 5 6 7 8 9; do
		fake "/_history?body=m-$_i&name=${QUEUE##*/}" |
			jq -r --arg e "$1" --arg i "$_i" \
				'[.[] | select(.event == $e and
					(.timeout // 0) < 6) | .ms] |
				if . == [] then empty else "\($i) \(.[0])" end'
	done
}
# in_order [-r]: those times do not fall.
in_order() {
	sort -n "$@" "$SCRATCH/times" | cut -d' ' -f2 | sort -nc
}

# -- extensions
: >"$SCRATCH/wait"
fill extended
refuses_batch $CHANGE
start_sqsherd -j 1 -o receive_max=10 -o visibility_timeout=6 -o wait_time=1 \
	-- "$SCRATCH/handler"
eventually 30 "an extension of ten is refused" \
	logged "batch_refused.*\"operation\":\"$CHANGE\".*\"messages\":10"
eventually 30 "and then that of one" \
	logged 'ownership_lost.*"code":"ReceiptHandleIsInvalid"'
# In the time of two further ones, and beyond that of the first.
before=$(fake '/_stats' | jq ".ops.$CHANGE.requests")
extended_again() {
	[ "$(fake '/_stats' | jq ".ops.$CHANGE.requests")" -ge $((before + 3)) ]
}
eventually 40 "the others are extended again and again" extended_again
is "$(count_logged '"event":"batch_refused"')" 1 "in one batch"
rm "$SCRATCH/wait"
eventually 30 "all ten are done in the end" queue_is deleted 10
is "$(count_logged '"event":"ownership_lost"')" 1 "one alone was lost"
eventually 10 "nine were done by their first receiver" test \
	"$(jq -s '[.[] | select(.event == "message" and .receive_count == 1 and
	.outcome == "deleted")] | length' "$SCRATCH/log")" = 9
is_empty "$(sort "$SCRATCH/done" | uniq -d)" "none is done twice"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- deletes of a FIFO group
fill deletes.fifo '&group=g&dedup=d'
fault "op=$DELETE&kind=slow&ms=1500"
refuses_batch $DELETE
start_sqsherd -j 1 -o receive_max=10 -o wait_time=1 -- "$SCRATCH/handler"
eventually 30 "a batch of deletes of a group is refused, and one of them" \
	outcome_is deleted 9
is "$(count_outcome expired)" 1 "one entry costs its own message"
ok "the batch was refused" logged "batch_refused.*\"operation\":\"$DELETE\""
seq 0 9 | sed 's/^/m-/' >"$SCRATCH/order"
ok "the group is worked in its order" cmp "$SCRATCH/order" "$SCRATCH/done"
times_of deleted >"$SCRATCH/times"
ok "and deleted in it" in_order
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- what is given back of a FIFO group
: >"$SCRATCH/fail"
fill back.fifo '&group=g&dedup=d'
refuses_batch $CHANGE InvalidParameterValue
start_sqsherd -j 1 -o receive_max=10 -o wait_time=1 -o visibility_timeout=6 \
	-o retry_base=1 -o retry_cap=1 -- "$SCRATCH/handler"
eventually 30 "a batch of a group that goes back is refused" \
	logged "batch_refused.*\"operation\":\"$CHANGE\".*\"messages\":10"
nine_went_back() {
	[ $(($(count_outcome released) + $(count_outcome retried))) -ge 9 ]
}
eventually 30 "nine go back, though" nine_went_back
times_of changed >"$SCRATCH/times"
ok "the last first" in_order -r
eventually 40 "and all are worked" queue_is deleted 10
ok "in the order of the group" cmp "$SCRATCH/order" "$SCRATCH/done"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
rm "$SCRATCH/fail"

# -- a releaser's: what a child held when it was killed
: >"$SCRATCH/wait"
fill released
start_sqsherd -j 1 -o receive_max=10 -o visibility_timeout=600 -o wait_time=1 \
	-- "$SCRATCH/handler"
eventually 20 "a job runs and nine wait" lines_are 1 "$SCRATCH/begun"
refuses_batch $CHANGE
signal KILL "$(children)"
rm "$SCRATCH/wait"
eventually 30 "what the dead child held comes to its successor" \
	queue_is deleted 9
is "$(queue_field in_flight)" 1 "but for the one whose entry is refused"
ok "the releaser's batch was refused" logged \
	'"role":"releaser".*"event":"batch_refused".*"messages":10'
ok "and one of its entries" \
	logged '"role":"releaser".*"event":"ownership_lost"'
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"

# -- and what it had done
fill undeleted
# Whatever is sent before the child is dead has no answer.
fault "op=$DELETE&kind=hang&count=-1"
start_sqsherd -j 1 -o receive_max=10 -o visibility_timeout=600 -o wait_time=1 \
	-- "$SCRATCH/handler"
eventually 20 "ten are done" lines_are 10 "$SCRATCH/done"
is "$(queue_field in_flight)" 10 "none of them is deleted yet"
victim=$(children)
signal STOP "$victim"
fake /_clear -X POST >/dev/null
refuses_batch $DELETE
signal KILL "$victim"
eventually 30 "what the dead child had done is deleted" queue_is deleted 9
is "$(queue_field in_flight)" 1 "but for the one whose entry is refused"
ok "the releaser's batch was refused" logged \
	'"role":"releaser".*"event":"batch_refused"'
ok "nothing is done twice" lines_are 10 "$SCRATCH/done"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
done_testing
