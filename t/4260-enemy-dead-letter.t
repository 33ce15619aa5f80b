#!/bin/sh
# Hostile answers to the calls that move a rejected message: it is deleted when
# an answer has confirmed that it arrived in the dead-letter queue, and only
# then.  What may heal is repeated, what does not is told, and the message is
# retried.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
exit 65
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue dead
new_queue jobs '"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":1000}"'

# A line a case: whose answer, how it is given, what becomes of the message, how
# often it is in the dead-letter queue then, what the log says, and the bytes
# ("-": none).  P stands for an answer with a policy.  A connection that was used
# before may be cut once without a failure: libcurl takes another.
cat >"$SCRATCH/cases" <<'EOF'
SendMessage kind=raw rejected 1 document.is.empty -
SendMessage kind=raw rejected 1 without.a.message.id {}
SendMessage kind=raw rejected 1 unexpected.value null
SendMessage kind=raw rejected 1 invalid.JSON <html>
SendMessage kind=raw rejected 1 unusable {"MessageId":7}
SendMessage kind=raw rejected 1 unusable {"MessageId":"m","MD5OfMessageBody":[]}
SendMessage kind=raw rejected 1 MD5 {"MessageId":"m","MD5OfMessageBody":"00000000000000000000000000000000"}
SendMessage kind=bad_md5 rejected 2 MD5 -
SendMessage kind=cut&count=2 rejected 1 . -
SendMessage kind=cut_after&count=2 rejected 3 . -
SendMessage kind=bytes rejected 1 within.the.head HTTP/1.1 200 OK\r\n
SendMessage kind=raw&status=429 rejected 1 throttled -
SendMessage kind=raw retried 0 no_dead_letter_queue.*QueueDoesNotExist {"__type":"com.amazonaws.sqs#QueueDoesNotExist"}
SendMessage kind=raw&status=307 retried 0 no_dead_letter_queue.*307 -
SendMessage kind=raw&status=404 retried 0 no_dead_letter_queue.*protocol <html>
SendMessage kind=raw&status=403 retried 0 no_dead_letter_queue.*AccessDenied {"__type":"AccessDenied"}
SendMessage kind=raw&status=400 retried 0 reject_failed.*InvalidMessageContents {"__type":"InvalidMessageContents"}
GetQueueAttributes kind=raw rejected 1 document.is.empty -
GetQueueAttributes kind=raw rejected 1 unexpected.value []
GetQueueAttributes kind=raw rejected 1 unusable {"Attributes":{"RedrivePolicy":{}}}
GetQueueAttributes kind=bytes rejected 1 within.the.head HTTP/1.1 200 OK\r\n
GetQueueAttributes kind=raw retried 0 no_dead_letter_queue.*has.no {}
GetQueueAttributes kind=raw retried 0 no_dead_letter_queue.*is.no.queue Parn:aws:sns:us-east-1:000000000000:topic
GetQueueAttributes kind=raw retried 0 no_dead_letter_queue.*is.no.queue Parn:aws:sqs:us-east-1::dead
GetQueueAttributes kind=raw retried 0 no_dead_letter_queue.*AccessDenied {"__type":"AccessDenied"}
GetQueueUrl kind=raw rejected 1 without.a.queue.URL {}
GetQueueUrl kind=raw rejected 1 unusable {"QueueUrl":7}
GetQueueUrl kind=raw rejected 1 unusable {"QueueUrl":"a\\u0000b"}
GetQueueUrl kind=raw&status=400 retried 0 no_dead_letter_queue.*QueueDoesNotExist {"__type":"QueueDoesNotExist"}
EOF

# bytes_of TEXT: as a case writes them.
bytes_of() {
	case $1 in
	-) ;;
	P*)
		jq -cn --arg arn "${1#P}" '{Attributes: {RedrivePolicy:
			({deadLetterTargetArn: $arn} | tojson)}}'
		;;
	*) printf '%b' "$1" ;;
	esac
}
dead_count() {
	fake "/_queue?name=dead" | jq .sent
}
n_deleted=0
while read -r op how outcome copies want bytes; do
	bytes_of "$bytes" >"$SCRATCH/bytes"
	fake "/_fault?op=$op&$how" -X POST --data-binary "@$SCRATCH/bytes" \
		>/dev/null
	before=$(dead_count)
	send x
	start_sqsherd -j 1 -o max_attempts=1 -o retry_base=12h \
		-o retry_cap=12h -o wait_time=1 -- "$SCRATCH/handler"
	name="$op $how $(printf '%s' "$bytes" | tr '\134' /)"
	eventually 20 "$name: $outcome" logged "\"outcome\":\"$outcome\""
	if [ "$outcome" = rejected ]; then
		n_deleted=$((n_deleted + 1))
		want="call_failed.*\"operation\":\"$op\".*$want"
	fi
	ok "the log says why it was not moved at once" logged "$want"
	is "$(($(dead_count) - before)) $(queue_field deleted)" \
		"$copies $n_deleted" "it is where it is to be"
	is "$(count_logged '"event":"child_exited"')" 0 "no child died of it"
	stop_sqsherd
	fake /_clear -X POST >/dev/null
done <"$SCRATCH/cases"
done_testing
