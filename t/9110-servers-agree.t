#!/bin/sh
# The scripted server is the judge of all other tests; here it is judged.
# One table of cases runs against it and against moto, which is not ours.
# Where the two differ, Amazon's documentation and recordings of the live
# service decide, and the case says what moto does instead.
#
# A case is
#
#	check NAME OPERATION REQUEST STATUS FILTER WANT
#
# REQUEST is the jq expression of the request, but for its QueueUrl; FILTER
# is one of the answer, and WANT its result.  Next to jq's own there are
#
#	$q	URL of the queue in use
#	h, old	receipt handles of the last receive that returned any, and
#		of the one before
#	code	what an SDK reports as the code of an error
#	error	its type and its x-amzn-query-error header
#	took	seconds
. "$(dirname "$0")/lib.sh"

DEFS='
def handles(receive): [receive[].Messages[].ReceiptHandle];
def h: handles($last);
def old: handles($before_last);
def took: $seconds | tonumber;
def query: $head | capture("(?i)x-amzn-query-error: *(?<e>[^\r]*)").e // "";
def error: "\(.__type) \(query)";
def code: (query | split(";")[0]) // (.__type | split("#")[-1]);
def bodies: [.Messages[]?.Body];
def counts: [.Messages[]?.Attributes.ApproximateReceiveCount];
def ids(list): [list[]?.Id] | sort;
def visible: .Attributes | [.ApproximateNumberOfMessages,
    .ApproximateNumberOfMessagesNotVisible];
def failed: [.Failed[]? | [.Id, .Code, .SenderFault]];
def entries(members): to_entries | map({Id: "e\(.key)"} + (.value | members));
'
VISIBLE_AND_NOT='{AttributeNames: ["ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible"]}'
BOTO=$SCRATCH/boto.py

# of_jq EXPRESSION [ARG...]: jq with what a REQUEST and a FILTER may use.
of_jq() {
	expression=$1
	shift
	jq -cS --arg q "$QUEUE" --arg seconds "$SECONDS_TAKEN" \
		--rawfile head "$SCRATCH/head" --slurpfile last "$LAST" \
		--slurpfile before_last "$LAST.before" \
		"$DEFS $expression" "$@" 2>&1
}

# post OPERATION FILE: sets STATUS and SECONDS_TAKEN.
post() {
	STATUS=$(curl -sS -m 30 -D "$SCRATCH/head" -o "$SCRATCH/answer" \
		-w '%{http_code} %{time_total}' \
		-H "X-Amz-Target: ${SERVICE:-AmazonSQS}.$1" \
		-H 'Content-Type: application/x-amz-json-1.0' \
		-H 'x-amzn-query-mode: true' \
		-H 'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request' \
		--data-binary "@$2" "$URL/")
	SECONDS_TAKEN=${STATUS#* }
	STATUS=${STATUS% *}
}

call() {
	: >"$SCRATCH/head"
	of_jq "$2 | if .QueueName then . else {QueueUrl: \$q} + . end" -n \
		>"$SCRATCH/request" || bail "$(cat "$SCRATCH/request")"
	post "$1" "$SCRATCH/request"
	if [ "$1" = ReceiveMessage ] && grep -q '"Messages"' "$SCRATCH/answer"
	then
		mv "$LAST" "$LAST.before"
		cp "$SCRATCH/answer" "$LAST"
	fi
}

# answers NAME STATUS FILTER WANT: to the last call.  No body is {}.
answers() {
	_got="$STATUS $(of_jq ".[0] // {} | $3" -s "$SCRATCH/answer")"
	if [ "$_got" = "$2 $4" ]; then
		pass "$SERVER: $1"
	else
		fail "$SERVER: $1" " got '$_got'" "want '$2 $4'" \
			"$(cat "$SCRATCH/answer")"
	fi
}

check() {
	call "$2" "$3"
	answers "$1" "$4" "$5" "$6"
}

# moto_differs WHAT_MOTO_DOES check NAME ...
moto_differs() {
	if [ "$SERVER" = moto ]; then
		skip "moto: $3" "moto differs: $1"
	else
		shift
		"$@"
	fi
}

# queue NAME [ATTRIBUTES]: makes it the queue in use.
queue() {
	call CreateQueue "{QueueName: \"$1\", Attributes: {${2-}}}"
	QUEUE=$(jq -r .QueueUrl "$SCRATCH/answer")
	case $QUEUE in
	http*) ;;
	*) bail "no queue $1" ;;
	esac
	ACCOUNT=${QUEUE%/*}
	ACCOUNT=${ACCOUNT##*/}
}

both_visible() {
	call GetQueueAttributes "$VISIBLE_AND_NOT"
	[ "$(of_jq visible "$SCRATCH/answer")" = '["2","0"]' ]
}

# md5 TEXT: of bytes, which may be written as octal escapes.
md5() {
	# shellcheck disable=SC2059 # escapes are meant
	printf "$1" | md5sum | cut -c -32
}

# boto3 has a client's view: it parses the errors itself.
boto() {
	name="$SERVER: boto3 sends, receives, gives back and deletes"
	if python3 -c 'import boto3' 2>/dev/null; then
		ok "$name" python3 "$BOTO" "$URL"
	else
		skip "$name" 'no boto3 for python3'
	fi
}

cat >"$BOTO" <<'EOF'
import sys
import boto3
from botocore.config import Config

sqs = boto3.client("sqs", endpoint_url=sys.argv[1], region_name="us-east-1",
                   config=Config(retries={"max_attempts": 0}))
url = sqs.create_queue(QueueName="boto")["QueueUrl"]
tries = {"DataType": "Number", "StringValue": "3"}
sent = sqs.send_message(QueueUrl=url, MessageBody="m1",
                        MessageAttributes={"tries": tries})

def receive(timeout):
    [m] = sqs.receive_message(
        QueueUrl=url, WaitTimeSeconds=5, VisibilityTimeout=timeout,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"])["Messages"]
    assert m["MessageId"] == sent["MessageId"], m
    assert m["MessageAttributes"] == {"tries": tries}, m
    return m["Attributes"]["ApproximateReceiveCount"], m["ReceiptHandle"]

count, handle = receive(60)
assert count == "1", count
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle,
                              VisibilityTimeout=0)
count, handle = receive(60)
assert count == "2", count
answer = sqs.delete_message_batch(QueueUrl=url, Entries=[
    {"Id": "good", "ReceiptHandle": handle},
    {"Id": "bad", "ReceiptHandle": "garbage"}])
assert [e["Id"] for e in answer["Successful"]] == ["good"], answer
assert [(e["Id"], e["Code"]) for e in answer["Failed"]] == [
    ("bad", "ReceiptHandleIsInvalid")], answer
assert "Messages" not in sqs.receive_message(QueueUrl=url)
sqs.delete_queue(QueueUrl=url)
try:
    sqs.receive_message(QueueUrl=url)
    sys.exit("received from a deleted queue")
except sqs.exceptions.QueueDoesNotExist as e:
    code = e.response["Error"]["Code"]
    assert code == "AWS.SimpleQueueService.NonExistentQueue", code
EOF

queues() {
	queue jobs
	check 'a queue URL ends in the account and the name' \
		GetQueueUrl '{QueueName: "jobs"}' \
		200 '.QueueUrl == $q and ($q | test("^http://.*/[0-9]{12}/jobs$"))' true
	check 'creating a queue again with the same attributes gives its URL' \
		CreateQueue '{QueueName: "jobs"}' \
		200 '.QueueUrl == $q' true
	check 'a queue has all attributes, as strings' \
		GetQueueAttributes '{AttributeNames: ["All"]}' \
		200 '.Attributes | [
		    .VisibilityTimeout, .DelaySeconds,
		    .ReceiveMessageWaitTimeSeconds, .MaximumMessageSize,
		    .MessageRetentionPeriod, .ApproximateNumberOfMessages,
		    .ApproximateNumberOfMessagesNotVisible,
		    .ApproximateNumberOfMessagesDelayed, .FifoQueue]' \
		'["30","0","0","1048576","345600","0","0","0",null]'
	check 'only the attributes asked for are returned' \
		GetQueueAttributes '{AttributeNames: ["DelaySeconds", "QueueArn"]}' \
		200 .Attributes "{\"DelaySeconds\":\"0\",\"QueueArn\":\"arn:aws:sqs:us-east-1:$ACCOUNT:jobs\"}"
	check 'without names no attribute is returned' \
		GetQueueAttributes '{}' 200 . '{}'
	call SetQueueAttributes '{Attributes: {VisibilityTimeout: "41"}}'
	check 'an attribute that was set is returned' \
		GetQueueAttributes '{AttributeNames: ["VisibilityTimeout"]}' \
		200 .Attributes '{"VisibilityTimeout":"41"}'

	call SendMessage '{MessageBody: "m"}'
	check 'a queue can be purged' \
		PurgeQueue '{}' 200 . '{}'
	check 'an empty receive is an empty object' \
		ReceiveMessage '{}' 200 . '{}'
	check 'a queue can be deleted' \
		DeleteQueue '{}' 200 . '{}'
	check 'an unknown queue is told by type and by query code' \
		ReceiveMessage '{}' \
		400 error '"com.amazonaws.sqs#QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue;Sender"'
	check 'an unknown name too' \
		GetQueueUrl '{QueueName: "jobs"}' \
		400 error '"com.amazonaws.sqs#QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue;Sender"'
}

refusals() {
	queue refusals
	for change in MaxNumberOfMessages:0 MaxNumberOfMessages:11 \
		WaitTimeSeconds:-1 WaitTimeSeconds:21; do
		check "$change is refused" \
			ReceiveMessage "{$change}" \
			400 code '"InvalidParameterValue"'
	done
	moto_differs 'its status is 400' \
		check 'what is no receipt handle cannot delete' \
		DeleteMessage '{ReceiptHandle: "garbage"}' \
		404 code '"ReceiptHandleIsInvalid"'
	moto_differs 'its status is 400' \
		check 'what is no receipt handle cannot change the visibility' \
		ChangeMessageVisibility '{ReceiptHandle: "garbage", VisibilityTimeout: 0}' \
		404 code '"ReceiptHandleIsInvalid"'
	moto_differs 'it takes the message' \
		check 'a character that XML 1.0 has not is refused' \
		SendMessage '{MessageBody: "\u0001"}' \
		400 code '"InvalidMessageContents"'
	moto_differs 'it fails with 500' \
		check 'a message without a body is refused' \
		SendMessage '{}' 400 code '"MissingParameter"'
	printf '{"QueueUrl":' >"$SCRATCH/request"
	post ReceiveMessage "$SCRATCH/request"
	moto_differs 'it takes it for {}' \
		answers 'a request that is no JSON is refused' \
		400 code '"MalformedInput"'
	moto_differs 'it fails with 500' \
		check 'an unknown operation is refused' \
		ReceiveLetter '{}' 400 code '"InvalidAction"'
	SERVICE=AmazonSQL
	moto_differs 'it looks at the operation only' \
		check 'an operation of another service is refused' \
		ReceiveMessage '{}' 400 code '"InvalidAction"'
	SERVICE=
}

one_message() {
	queue one
	body='h\303\251llo'
	color='\0\0\0\5color\0\0\0\6String\1\0\0\0\4blue'
	count='\0\0\0\5count\0\0\0\10Number.i\1\0\0\0\0013'
	raw='\0\0\0\3raw\0\0\0\6Binary\2\0\0\0\3\0\1\377'
	check 'a send is answered with the MD5s of body and attributes' \
		SendMessage '{MessageBody: "héllo", MessageAttributes: {
		    raw: {DataType: "Binary", BinaryValue: "AAH/"},
		    count: {DataType: "Number.i", StringValue: "3"},
		    color: {DataType: "String", StringValue: "blue"}}}' \
		200 '[.MD5OfMessageBody, .MD5OfMessageAttributes]' \
		"[\"$(md5 "$body")\",\"$(md5 "$color$count$raw")\"]"

	check 'nothing but the message is returned unasked' \
		ReceiveMessage '{VisibilityTimeout: 0}' \
		200 '[.Messages[] | keys]' \
		'[["Body","MD5OfBody","MessageId","ReceiptHandle"]]'
	check 'body, attributes and MD5s come back' \
		ReceiveMessage '{MessageAttributeNames: ["All"]}' \
		200 '.Messages[] | [.Body, .MD5OfBody, .MD5OfMessageAttributes,
		    (.MessageAttributes | .color.StringValue, .count.DataType, .raw.BinaryValue)]' \
		"[\"héllo\",\"$(md5 "$body")\",\"$(md5 "$color$count$raw")\",\"blue\",\"Number.i\",\"AAH/\"]"
	check 'a message in flight is not received' \
		ReceiveMessage '{}' 200 . '{}'
	check 'a message in flight is counted as not visible' \
		GetQueueAttributes "$VISIBLE_AND_NOT" \
		200 visible '["0","1"]'
	check 'visibility 0 is granted' \
		ChangeMessageVisibility '{ReceiptHandle: h[0], VisibilityTimeout: 0}' \
		200 . '{}'
	check 'and gives the message back, its receives counted' \
		ReceiveMessage '{AttributeNames: ["ApproximateReceiveCount"], VisibilityTimeout: 0}' \
		200 '[bodies, counts]' '[["héllo"],["3"]]'
	check 'All system attributes are four, with times in milliseconds' \
		ReceiveMessage '{MessageSystemAttributeNames: ["All"], VisibilityTimeout: 0}' \
		200 '.Messages[].Attributes | [keys,
		    (.SentTimestamp, .ApproximateFirstReceiveTimestamp | length)]' \
		'[["ApproximateFirstReceiveTimestamp","ApproximateReceiveCount","SenderId","SentTimestamp"],13,13]'
	check 'system attributes asked for under both names are a union' \
		ReceiveMessage '{AttributeNames: ["SentTimestamp"],
		    MessageSystemAttributeNames: ["SenderId"],
		    VisibilityTimeout: 0}' \
		200 '[.Messages[].Attributes | keys]' \
		'[["SenderId","SentTimestamp"]]'
	check 'an attribute asked for comes alone, and the MD5 is of it' \
		ReceiveMessage '{MessageAttributeNames: ["color", "none"], VisibilityTimeout: 0}' \
		200 '.Messages[] | [.MD5OfMessageAttributes, (.MessageAttributes | keys)]' \
		"[\"$(md5 "$color")\",[\"color\"]]"
	check 'a prefix of attributes needs no dot' \
		ReceiveMessage '{MessageAttributeNames: ["co.*"], VisibilityTimeout: 0}' \
		200 '[.Messages[].MessageAttributes | keys]' \
		'[["color","count"]]'
	check 'without a matching attribute there is no MD5 either' \
		ReceiveMessage '{MessageAttributeNames: ["none"]}' \
		200 '.Messages[] | [.MessageAttributes, .MD5OfMessageAttributes]' \
		'[null,null]'

	check 'a visibility timeout above 12 hours is refused' \
		ChangeMessageVisibility '{ReceiptHandle: h[0], VisibilityTimeout: 43201}' \
		400 code '"InvalidParameterValue"'
	check 'a message is deleted' \
		DeleteMessage '{ReceiptHandle: h[0]}' 200 . '{}'
	check 'deleting it twice succeeds' \
		DeleteMessage '{ReceiptHandle: h[0]}' 200 . '{}'
	moto_differs 'it says ReceiptHandleIsInvalid' \
		check 'the visibility of a deleted message cannot be changed' \
		ChangeMessageVisibility '{ReceiptHandle: h[0], VisibilityTimeout: 0}' \
		400 code '"InvalidParameterValue"'
}

batches() {
	queue batches
	check 'ten messages are sent at once' \
		SendMessageBatch '{Entries: [range(10)] | entries({MessageBody: "m\(.)"})}' \
		200 '[(ids(.Successful) | length), failed]' '[10,[]]'
	check 'ten messages are received at once' \
		ReceiveMessage '{MaxNumberOfMessages: 10}' \
		200 'bodies | sort | join(" ")' '"m0 m1 m2 m3 m4 m5 m6 m7 m8 m9"'
	check 'a change batch fails entry by entry' \
		ChangeMessageVisibilityBatch '{Entries: [h[0], "garbage"] |
		    entries({ReceiptHandle: ., VisibilityTimeout: 0})}' \
		200 '[ids(.Successful), failed]' \
		'[["e0"],[["e1","ReceiptHandleIsInvalid",true]]]'
	check 'the one given back is received again' \
		ReceiveMessage '{MaxNumberOfMessages: 10}' \
		200 'bodies | length' 1
	check 'a delete batch fails entry by entry' \
		DeleteMessageBatch '{Entries: [h[0], "garbage", old[1]] | entries({ReceiptHandle: .})}' \
		200 '[ids(.Successful), failed]' \
		'[["e0","e2"],[["e1","ReceiptHandleIsInvalid",true]]]'
	moto_differs 'it returns an empty Failed' \
		check 'a batch of successes has no Failed' \
		DeleteMessageBatch '{Entries: old[2:9] | entries({ReceiptHandle: .})}' \
		200 '[(.Successful | length), has("Failed")]' '[7,false]'
	moto_differs 'it returns an empty Successful' \
		check 'a batch of failures has no Successful' \
		DeleteMessageBatch '{Entries: ["garbage"] | entries({ReceiptHandle: .})}' \
		200 '[has("Successful"), (.Failed | length)]' '[false,1]'
	call DeleteMessageBatch '{Entries: old[1:] | entries({ReceiptHandle: .})}'
	check 'no message is left' \
		GetQueueAttributes "$VISIBLE_AND_NOT" \
		200 visible '["0","0"]'

	check 'an empty batch is refused' \
		DeleteMessageBatch '{Entries: []}' \
		400 code '"AWS.SimpleQueueService.EmptyBatchRequest"'
	check 'a batch of eleven is refused' \
		SendMessageBatch '{Entries: [range(11)] | entries({MessageBody: "m"})}' \
		400 code '"AWS.SimpleQueueService.TooManyEntriesInBatchRequest"'
	check 'a batch with an id twice is refused' \
		DeleteMessageBatch '{Entries: [{Id: "a", ReceiptHandle: h[0]}, {Id: "a", ReceiptHandle: h[0]}]}' \
		400 code '"AWS.SimpleQueueService.BatchEntryIdsNotDistinct"'
	check 'a batch with a bad id is refused' \
		SendMessageBatch '{Entries: [{Id: "a.b", MessageBody: "m"}]}' \
		400 code '"AWS.SimpleQueueService.InvalidBatchEntryId"'
}

# Most often the poll has begun by then; the case holds either way.
send_late() {
	SCRATCH=$SCRATCH/late
	mkdir -p "$SCRATCH"
	sleep 0.3
	call SendMessage '{MessageBody: "late"}'
}

waits() {
	queue waits
	check 'an empty long poll ends after its wait' \
		ReceiveMessage '{WaitTimeSeconds: 1}' \
		200 '[., took >= 0.9]' '[{},true]'
	send_late &
	check 'a long poll ends as soon as a message is sent' \
		ReceiveMessage '{WaitTimeSeconds: 15, VisibilityTimeout: 1}' \
		200 '[bodies, took < 10]' '[["late"],true]'
	wait $!
	check 'a long poll ends as soon as a message is visible again' \
		ReceiveMessage '{WaitTimeSeconds: 15, VisibilityTimeout: 1, AttributeNames: ["All"]}' \
		200 '[bodies, counts, took < 10]' '[["late"],["2"],true]'
	moto_differs 'it deletes the message' \
		check 'the handle of an older receive deletes nothing, with 200' \
		DeleteMessage '{ReceiptHandle: old[0]}' 200 . '{}'

	call SendMessage '{MessageBody: "delayed", DelaySeconds: 2}'
	check 'a delayed message is counted so' \
		GetQueueAttributes '{AttributeNames: ["ApproximateNumberOfMessagesDelayed"]}' \
		200 .Attributes.ApproximateNumberOfMessagesDelayed '"1"'
	eventually 10 "$SERVER: delay and timeout end" both_visible
	check 'the last handle still hides after the timeout' \
		ChangeMessageVisibility '{ReceiptHandle: h[0], VisibilityTimeout: 60}' \
		200 . '{}'
	check 'what was hidden is not received, what was delayed is' \
		ReceiveMessage '{MaxNumberOfMessages: 10, VisibilityTimeout: 0}' \
		200 bodies '["delayed"]'
	check 'the last handle still deletes after the timeout' \
		DeleteMessage '{ReceiptHandle: h[0]}' 200 . '{}'
	check 'one is deleted and one hidden' \
		GetQueueAttributes "$VISIBLE_AND_NOT" 200 visible '["0","1"]'
}

dead_letters() {
	queue dead
	queue redriven "RedrivePolicy: ({maxReceiveCount: \"2\",
	    deadLetterTargetArn: \"arn:aws:sqs:us-east-1:$ACCOUNT:dead\"} | tojson)"
	call SendMessage '{MessageBody: "poison"}'
	poison=$(jq .MessageId "$SCRATCH/answer")
	call ReceiveMessage '{VisibilityTimeout: 0}'
	check 'a message is received maxReceiveCount times' \
		ReceiveMessage '{VisibilityTimeout: 0, AttributeNames: ["All"]}' \
		200 '[bodies, counts]' '[["poison"],["2"]]'
	check 'a message is not received more often' \
		ReceiveMessage '{}' 200 . '{}'
	QUEUE=${QUEUE%/*}/dead
	check 'it is in the dead-letter queue with its id, still counted' \
		ReceiveMessage '{VisibilityTimeout: 0, AttributeNames: ["All"]}' \
		200 '[bodies, counts, .Messages[].MessageId]' \
		"[[\"poison\"],[\"3\"],$poison]"
	moto_differs 'it lacks this attribute' \
		check 'a dead letter names the queue that it comes from' \
		ReceiveMessage '{AttributeNames: ["All"]}' \
		200 '[.Messages[].Attributes.DeadLetterQueueSourceArn]' \
		"[\"arn:aws:sqs:us-east-1:$ACCOUNT:redriven\"]"
}

fifo() {
	queue order.fifo 'FifoQueue: "true"'
	check 'a FIFO queue says so' \
		GetQueueAttributes '{AttributeNames: ["FifoQueue"]}' \
		200 .Attributes '{"FifoQueue":"true"}'
	check 'a FIFO message without a group is refused' \
		SendMessage '{MessageBody: "m", MessageDeduplicationId: "m"}' \
		400 code '"MissingParameter"'
	check 'a FIFO message without a deduplication id is refused' \
		SendMessage '{MessageBody: "m", MessageGroupId: "m"}' \
		400 code '"InvalidParameterValue"'
	check 'a FIFO batch is sent' \
		SendMessageBatch '{Entries: ["a1", "a2", "a3", "b1"] |
		    entries({MessageBody: ., MessageGroupId: .[:1],
		    MessageDeduplicationId: .})}' \
		200 '[.Successful[] | [.Id, (.SequenceNumber | length > 0)]]' \
		'[["e0",true],["e1",true],["e2",true],["e3",true]]'
	moto_differs 'they are random' \
		answers 'sequence numbers ascend' \
		200 '[.Successful[].SequenceNumber] | . == (sort | unique)' true
	first=$(jq -c '.Successful[0] | [.MessageId, .SequenceNumber]' \
		"$SCRATCH/answer")
	call SendMessage '{MessageBody: "other", MessageGroupId: "a", MessageDeduplicationId: "a1"}'
	moto_differs 'it makes new ones' \
		answers 'a duplicate gets id and number of the first' \
		200 '[.MessageId, .SequenceNumber]' "$first"
	check 'a duplicate is not in the queue' \
		GetQueueAttributes "$VISIBLE_AND_NOT" \
		200 visible '["4","0"]'
	check 'a group is received in order' \
		ReceiveMessage '{MaxNumberOfMessages: 2, AttributeNames: ["All"]}' \
		200 '[.Messages[] | [.Body, (.Attributes |
		    .MessageGroupId, .MessageDeduplicationId, (.SequenceNumber | length > 0))]]' \
		'[["a1","a","a1",true],["a2","a","a2",true]]'
	check 'a group in flight is locked, another is not' \
		ReceiveMessage '{MaxNumberOfMessages: 10}' \
		200 bodies '["b1"]'
	check 'deleting a part of what was received is granted' \
		DeleteMessage '{ReceiptHandle: old[0]}' 200 . '{}'
	check 'and leaves the group locked' \
		ReceiveMessage '{MaxNumberOfMessages: 10}' 200 . '{}'
	call ChangeMessageVisibility '{ReceiptHandle: old[1], VisibilityTimeout: 0}'
	check 'what is given back comes first' \
		ReceiveMessage '{MaxNumberOfMessages: 10, AttributeNames: ["All"]}' \
		200 '[bodies, counts]' '[["a2","a3"],["2","1"]]'

	queue content.fifo 'FifoQueue: "true", ContentBasedDeduplication: "true"'
	call SendMessage '{MessageBody: "same", MessageGroupId: "a"}'
	call SendMessage '{MessageBody: "same", MessageGroupId: "b"}'
	check 'content makes the deduplication id' \
		ReceiveMessage '{MaxNumberOfMessages: 10, AttributeNames: ["All"]}' \
		200 '[.Messages[].Attributes.MessageDeduplicationId]' \
		"[\"$(printf same | sha256sum | cut -c -64)\"]"
	call ChangeMessageVisibility '{ReceiptHandle: h[0], VisibilityTimeout: 0}'
	call ReceiveMessage '{VisibilityTimeout: 0}'
	moto_differs 'it deletes the message' \
		check 'a FIFO message is not deleted after its timeout' \
		DeleteMessage '{ReceiptHandle: h[0]}' \
		400 code '"InvalidParameterValue"'
}

# table SERVER URL: all cases, in a shell of its own; fails if it bails out.
table() {
	SERVER=$1 URL=$2 QUEUE='' SECONDS_TAKEN=0
	SCRATCH=$SCRATCH/$SERVER
	mkdir -p "$SCRATCH"
	LAST=$SCRATCH/last
	: >"$LAST"
	: >"$LAST.before"
	queues
	refusals
	one_message
	batches
	waits
	dead_letters
	fifo
	boto
}

# report SERVER PID: waits for its table and numbers the cases anew.
report() {
	tap=$SCRATCH/$1.tap
	wait "$2" || {
		cat "$tap"
		exit 1
	}
	awk -v n="$TESTS" '/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++n) } 1' \
		"$tap"
	TESTS=$((TESTS + $(grep -Ec '^(not )?ok ' "$tap")))
	FAILED=$((FAILED + $(grep -c '^not ok ' "$tap" || :))) # 0 are no match
}

# Both at once, for much of the time is waiting.
start_fake
table fakesqs "$FAKE" >"$SCRATCH/fakesqs.tap" 2>&1 &
fakesqs_table=$!
PIDS="$PIDS $fakesqs_table"
if tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why"; then
	PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
	table moto "$(cat "$SCRATCH/moto/url")" >"$SCRATCH/moto.tap" 2>&1 &
	PIDS="$PIDS $!"
	report moto $!
else
	skip 'the cases against moto' "$(sed -n '$s/^sqs-server: //p' "$SCRATCH/why")"
fi
report fakesqs "$fakesqs_table"
done_testing
