#!/bin/sh
# The whole path against moto, which is not ours: it verifies the signatures
# and the policy of the keys.
. t/lib.sh

tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why" ||
	skip_all "no moto: $(tail -1 "$SCRATCH/why")"
PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
MOTO=$(cat "$SCRATCH/moto/url")
SQS_ENDPOINT=$MOTO
new_queue jobs '"VisibilityTimeout":"60"'
printf '#!/bin/sh\n[ "$SQS_RECEIVE_COUNT" -gt 1 ] || [ "$(cat)" != fails ]\n' \
	>"$SCRATCH/handler"
chmod +x "$SCRATCH/handler"

# iam ACTION PARAMETERS: an unsigned call of moto's IAM.
iam() {
	action=$1
	shift
	curl -sS -H 'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0' \
		-d "Action=$action&Version=2010-05-08" "$@" "$MOTO/"
}
moto_queue_is() {
	[ "$(sqs GetQueueAttributes \
		"{\"QueueUrl\":\"$QUEUE\",\"AttributeNames\":[\"All\"]}" |
		jq -r '.Attributes | "\(.ApproximateNumberOfMessages) \(.ApproximateNumberOfMessagesNotVisible)"')" = "$1" ]
}
# moto asks for the batch forms by name; AWS does not.
policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:ChangeMessageVisibility","sqs:SendMessage","sqs:*Batch"],"Resource":"*"}]}'
iam CreateUser -d UserName=worker >"$SCRATCH/user"
iam CreateAccessKey -d UserName=worker >"$SCRATCH/key"
iam PutUserPolicy -d UserName=worker -d PolicyName=p \
	--data-urlencode "PolicyDocument=$policy" >"$SCRATCH/policy"
AWS_ACCESS_KEY_ID=$(sed -n 's|.*<AccessKeyId>\(.*\)</AccessKeyId>.*|\1|p' "$SCRATCH/key")
AWS_SECRET_ACCESS_KEY=$(sed -n 's|.*<SecretAccessKey>\(.*\)</SecretAccessKey>.*|\1|p' "$SCRATCH/key")
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
like "$AWS_ACCESS_KEY_ID" '^AKIA' "moto made a key"

for body in plain fails 'h\303\251llo'; do
	# shellcheck disable=SC2059 # escapes are meant
	printf "$body\n"
done | "$BUILD/sqs-send" -q "$QUEUE" >"$SCRATCH/sent"
is "$(cat "$SCRATCH/sent")" "sent 3, failed 0" "three messages are sent"
# From here on moto verifies every signature and every action.
curl -sS -X POST -H 'Content-Type: text/plain' -d 0 \
	"$MOTO/moto-api/reset-auth" >/dev/null
start_sqsherd -j 2 -- "$SCRATCH/handler"
all_done() {
	[ "$(jq -s '[.[] | select(.outcome == "deleted")] | length' "$SCRATCH/log")" = 3 ]
}
eventually 30 "signed with the right key all are worked and deleted" all_done
is "$(jq -r 'select(.event == "message") | .outcome' "$SCRATCH/log" | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
	" 3 deleted; 1 retried;" "one of them was retried"
ok "no call was refused" sh -c "! grep -q '_failed' '$SCRATCH/log'"
stop_sqsherd
is "$STATUS" 0 "exit 0"

AWS_SECRET_ACCESS_KEY=wrong start_sqsherd -j 1 -- /bin/true
eventually 10 "a wrong secret is refused by moto, and reported" \
	logged 'receive_failed.*SignatureDoesNotMatch'
stop_sqsherd
AWS_ACCESS_KEY_ID=AKIAUNKNOWN start_sqsherd -j 1 -- /bin/true
eventually 20 "an unknown key is reported" \
	logged 'receive_failed.*InvalidClientTokenId'
stop_sqsherd
is "$STATUS" 0 "exit 0"
done_testing
