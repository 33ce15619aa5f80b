#!/bin/sh
# unwrap_sns: of SNS's envelope the handler is given the message and its facts;
# any other body as it is.  The dead-letter queue is given the envelope.
. "$(dirname "$0")/lib.sh"

# What was given, a file an id: the variables, and the body byte for byte.
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
env | grep '^SNS_\|^SQS_ATTR_' | sort >"$SCRATCH/env.\$SQS_MESSAGE_ID"
cat >"$SCRATCH/body.\$SQS_MESSAGE_ID"
! grep -q '^reject' "$SCRATCH/body.\$SQS_MESSAGE_ID" || exit 65
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue dead
DEAD=$QUEUE
new_queue sns "\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:dead\\\",\\\"maxReceiveCount\\\":5}\""
JOBS=$QUEUE

# envelope MESSAGE-AS-JSON [MORE-MEMBERS]
envelope() {
	printf '{"Type":"Notification","MessageId":"n-1","TopicArn":"arn:t",'
	printf '"Subject":"a b","Timestamp":"2012-05-02T00:54:06.655Z",'
	printf '"Message":%s%s}' "$1" "${2-}"
}
value() {
	sed -n "s/^$1=//p" "$SCRATCH/env.$ID"
}
got() {
	cat "$SCRATCH/body.$ID"
}
# given BODY NAME: until it is handled; sets ID.
given() {
	QUEUE=$JOBS
	send "$1"
	ID=$(cat "$SCRATCH/last_id")
	eventually 20 "$2 is handled" logged "\"id\":\"$ID\".*\"outcome\":"
}

start_sqsherd -j 1 -o wait_time=1 -o unwrap_sns=yes -- "$SCRATCH/handler"
given "$(envelope '"Gr\u00fc\u00dfe\n"' ',"MessageAttributes":{
	"my.colour":{"Type":"String","Value":"blue sky"},
	"blob":{"Type":"Binary","Value":"AP+A/g=="}}')" "an envelope"
printf 'Gr\303\274\303\237e\n' >"$SCRATCH/want"
ok "the message is the body" cmp "$SCRATCH/want" "$SCRATCH/body.$ID"
is "$(value SNS_MESSAGE_ID)" n-1 "SNS_MESSAGE_ID"
is "$(value SNS_TOPIC_ARN)" arn:t "SNS_TOPIC_ARN"
is "$(value SNS_SUBJECT)" "a b" "SNS_SUBJECT"
is "$(value SNS_TIMESTAMP)" 2012-05-02T00:54:06.655Z "SNS_TIMESTAMP"
is "$(value SQS_ATTR_my_colour)" "blue sky" "an attribute"
is "$(value SQS_ATTR_blob)" AP+A/g== "a binary attribute as base64"

for none in 'hello' '{"a":1}' '{"Type":"Notification"}' '[1,' \
	"$(envelope '{"an":"object"}')" \
	"$(envelope '"m"' ',"MessageId":"a\u0000b"')" \
	"$(envelope '"m"' ',"x":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]')"; do
	given "$none" "what is no envelope"
	is "$(got)" "$none" "it is given as it is"
	is_empty "$(cat "$SCRATCH/env.$ID")" "without facts"
done
given "$(envelope '"one"' ',"Message":"two"')" "one with two messages"
is "$(got)" two "the last counts"
given "$(envelope '"a\u0000b\ud83d\udc11"')" "one with a NUL and surrogates"
printf 'a\000b\360\237\220\221' >"$SCRATCH/want"
ok "they arrive" cmp "$SCRATCH/want" "$SCRATCH/body.$ID"

reject=$(envelope '"reject me"')
given "$reject" "one that is rejected"
is "$(got)" "reject me" "its handler was given the message"
is "$(sqs ReceiveMessage "{\"QueueUrl\":\"$DEAD\"}" |
	jq -r '.Messages[0].Body')" "$reject" "it is moved as it was received"
stop_sqsherd

start_sqsherd -j 1 -o wait_time=1 -- "$SCRATCH/handler"
given "$(envelope '"m"')" "without unwrap_sns an envelope"
is "$(got)" "$(envelope '"m"')" "it is the body"
stop_sqsherd

# What moto's SNS sends.
if tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why"; then
	PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
	MOTO=$(cat "$SCRATCH/moto/url")
	SQS_ENDPOINT=$MOTO
	new_queue topic
	# sns ACTION [PARAMETER]...
	sns() {
		_action=$1
		shift
		curl -sS -m 60 -H 'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0' \
			-d "Action=$_action&Version=2010-03-31" "$@" "$MOTO/"
	}
	arn=$(sns CreateTopic -d Name=t |
		sed -n 's|.*<TopicArn>\(.*\)</TopicArn>.*|\1|p')
	sns Subscribe -d "TopicArn=$arn" -d Protocol=sqs \
		-d "Endpoint=arn:aws:sqs:us-east-1:123456789012:topic" \
		>"$SCRATCH/answer"
	start_sqsherd -j 1 -o wait_time=1 -o unwrap_sns=yes -- "$SCRATCH/handler"
	sns Publish -d "TopicArn=$arn" -d Subject=greeting \
		--data-urlencode 'Message={"hello": "wörld"}' \
		-d MessageAttributes.entry.1.Name=colour \
		-d MessageAttributes.entry.1.Value.DataType=String \
		-d MessageAttributes.entry.1.Value.StringValue=green \
		>"$SCRATCH/answer"
	published=$(sed -n 's|.*<MessageId>\(.*\)</MessageId>.*|\1|p' \
		"$SCRATCH/answer")
	eventually 20 "a notification of moto is handled" \
		logged '"outcome":"deleted"'
	ID=$(jq -r 'select(.event == "message") | .id' "$SCRATCH/log")
	is "$(got)" '{"hello": "wörld"}' "with its message as the body"
	is "$(value SNS_MESSAGE_ID)" "$published" "its id"
	is "$(value SNS_TOPIC_ARN)" "$arn" "its topic"
	is "$(value SNS_SUBJECT)" greeting "its subject"
	is "$(value SQS_ATTR_colour)" green "and its attribute"
	stop_sqsherd
	tools/sqs-server stop "$SCRATCH/moto"
else
	skip "a notification of moto" "$(sed -n '$s/^sqs-server: //p' "$SCRATCH/why")"
fi
eventually 10 "no process is left" no_survivor
done_testing
