#!/bin/sh
# The whole path against moto, which is not ours: it verifies the signatures
# and the policy of the keys.
. "$(dirname "$0")/lib.sh"

tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why" ||
	skip_all "$(sed -n '$s/^sqs-server: //p' "$SCRATCH/why")"
PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
MOTO=$(cat "$SCRATCH/moto/url")
SQS_ENDPOINT=$MOTO
new_queue jobs '"VisibilityTimeout":"60"'
cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
[ "$SQS_RECEIVE_COUNT" -gt 1 ] || [ "$(cat)" != fails ] || exit 1
EOF2
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
# key USER ACTION...: sets KEY and SECRET of a new user who may do these.
key() {
	user=$1
	shift
	policy=$(printf '%s\n' "$@" | jq -Rcn '{Version: "2012-10-17",
		Statement: [{Effect: "Allow", Action: [inputs], Resource: "*"}]}')
	iam CreateUser -d UserName="$user" >"$SCRATCH/user"
	iam CreateAccessKey -d UserName="$user" >"$SCRATCH/key"
	iam PutUserPolicy -d UserName="$user" -d PolicyName=p \
		--data-urlencode "PolicyDocument=$policy" >"$SCRATCH/policy"
	KEY=$(sed -n 's|.*<AccessKeyId>\(.*\)</AccessKeyId>.*|\1|p' "$SCRATCH/key")
	SECRET=$(sed -n 's|.*<SecretAccessKey>\(.*\)</SecretAccessKey>.*|\1|p' "$SCRATCH/key")
}
# moto asks for the batch forms by name; AWS does not.
key reader sqs:ReceiveMessage 'sqs:ChangeMessageVisibility*'
READER_KEY=$KEY READER_SECRET=$SECRET
key worker sqs:ReceiveMessage 'sqs:DeleteMessage*' \
	'sqs:ChangeMessageVisibility*'
export AWS_ACCESS_KEY_ID="$KEY" AWS_SECRET_ACCESS_KEY="$SECRET"
like "$AWS_ACCESS_KEY_ID" '^AKIA' "moto made a key"

for body in plain fails 'h\303\251llo'; do
	# shellcheck disable=SC2059 # escapes are meant
	printf "$body\n"
done | "$BUILD/sqs-send" -q "$QUEUE" >"$SCRATCH/sent"
is "$(cat "$SCRATCH/sent")" "sent 3, failed 0" "three messages are sent"
jobs=$QUEUE
new_queue undeletable '"VisibilityTimeout":"60"'
UNDELETABLE=$QUEUE
"$BUILD/sqs-send" -q "$QUEUE" kept >"$SCRATCH/sent"
QUEUE=$jobs
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
ok "no call was refused" not_logged _failed
stop_sqsherd
is "$STATUS" 0 "exit 0"

refuses 1 "what the policy does not allow is refused: exit 1" \
	"$BUILD/sqs-send" -q "$QUEUE" refused
like "$(cat "$SCRATCH/err")" 'AccessDenied' "and moto's reason is named"

AWS_SECRET_ACCESS_KEY=wrong start_sqsherd -j 1 -- /bin/true
eventually 10 "a wrong secret is refused by moto, and reported" \
	logged 'receive_failed.*SignatureDoesNotMatch'
stop_sqsherd
AWS_ACCESS_KEY_ID=AKIAUNKNOWN start_sqsherd -j 1 -- /bin/true
eventually 20 "an unknown key is reported" \
	logged 'receive_failed.*InvalidClientTokenId'
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- who may receive, but not delete
QUEUE=$UNDELETABLE
AWS_ACCESS_KEY_ID=$READER_KEY AWS_SECRET_ACCESS_KEY=$READER_SECRET \
	start_sqsherd -j 1 -o visibility_timeout=10 -o grace_timeout=3 \
	-- "$SCRATCH/handler"
eventually 20 "a delete that the policy forbids is reported" \
	logged 'DeleteMessageBatch.*AccessDenied|AccessDenied.*DeleteMessageBatch'
stop_sqsherd
is "$STATUS" 76 "and the stop says that not all was settled"
done_testing
