#!/bin/sh
# Hostile answers to what became of messages: a batch that is refused as a whole
# because of one of its entries costs none of the others anything, and an answer
# that says nothing, or too much, confirms nothing.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
read -r status <"$SCRATCH/status"
exit "\$status"
EOF
chmod +x "$SCRATCH/handler"
start_fake

count_outcome() {
	count_logged "\"event\":\"message\".*\"outcome\":\"$1\""
}
fill() {
	fake "/_send?name=jobs&count=10" -X POST --data-binary x >/dev/null
}
# The first request of an operation is slow, so that others wait for the next.
gathers() {
	fault "op=$1&kind=slow&ms=1500&count=1"
}
ended() {
	[ $(($(count_outcome deleted) + $(count_outcome retried) + \
		$(count_outcome expired))) -eq "$all" ]
}

# refused OUTCOME CODE OPERATION: for a batch, and then for one of its entries.
refused() {
	_settled=$(count_outcome "$1")
	all=$((all + 10))
	gathers "$3"
	fault "op=$3&kind=error&status=400&code=$2&count=1"
	fault "op=$3&kind=error&status=400&code=$2&skip=1&count=1"
	fill
	eventually 30 "$3, $2: every message ends" ended
	is $(($(count_outcome "$1") - _settled)) 9 "nine of ten are $1"
	ok "the log says why the tenth is not" \
		logged "ownership_lost.*\"code\":\"$2\""
}

new_queue jobs
echo 0 >"$SCRATCH/status"
all=0
start_sqsherd -j 1 -o receive_max=10 -o retry_base=12h -o retry_cap=12h \
	-- "$SCRATCH/handler"
for code in ReceiptHandleIsInvalid InvalidParameterValue \
	AWS.SimpleQueueService.BatchRequestTooLong; do
	refused deleted "$code" DeleteMessageBatch
done
ok "the log says that a batch was refused" \
	logged '"event":"batch_refused".*"messages":[2-9]'

# What is wrong with the request is nothing that its messages have done; and
# what answers say that are none is nothing.  A line a case.
while read -r status body; do
	all=$((all + 10))
	before=$(count_outcome deleted)
	fake "/_fault?op=DeleteMessageBatch&kind=raw&status=$status&count=2" \
		-X POST --data-binary "${body#-}" >/dev/null
	fill
	eventually 30 "after $status $body every message ends" ended
	is $(($(count_outcome deleted) - before)) 10 "all are deleted"
done <<'EOF'
200 -
200 {}
200 null
200 []
200 {"Successful":{}}
200 {"Successful":[{"Id":"77"}]}
200 {"Successful":[{"Id":0}]}
200 {"Successful":[{"Id":"0"}],"Failed":[{"Id":"0","Code":"InternalError"}]}
200 {"Failed":[{"Id":"0","Code":"InternalError","SenderFault":false}]}
200 {"Successful":[{"Id":"0"
200 <html>
400 {"__type":"com.amazonaws.sqs#UnsupportedOperation"}
400 {"__type":"SerializationException"}
404 <html>
429 -
500 -
EOF

# Last, and with a delay of hours: what is given back must not come again.
echo 75 >"$SCRATCH/status"
refused retried ReceiptHandleIsInvalid ChangeMessageVisibilityBatch
is "$(queue_field deleted)" "$(count_outcome deleted)" \
	"what the log calls deleted the queue has deleted"
is "$(count_logged '"event":"child_exited"')" 0 "no child died of it"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
done_testing
