#!/bin/sh
# A body in the S3 of moto, which is not ours: it verifies the signature and
# the policy of the key.  Of + and what is not ASCII in a path it makes another
# signature than everybody else; t/5015-sigv4-agrees.t has those.
. "$(dirname "$0")/lib.sh"

tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why" ||
	skip_all "$(sed -n '$s/^sqs-server: //p' "$SCRATCH/why")"
PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
MOTO=$(cat "$SCRATCH/moto/url")
SQS_ENDPOINT=$MOTO
new_queue pointers
# iam ACTION PARAMETERS: an unsigned call of moto's IAM.
iam() {
	action=$1
	shift
	curl -sS -m 60 -H 'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0' \
		-d "Action=$action&Version=2010-05-08" "$@" "$MOTO/"
}
s3() {
	curl -sS -m 60 -f -o "$SCRATCH/answer" \
		-H 'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0' \
		"$@"
}
policy=$(jq -cn '{Version: "2012-10-17", Statement: [{Effect: "Allow",
	Action: ["sqs:*", "s3:GetObject"], Resource: "*"}]}')
iam CreateUser -d UserName=w >"$SCRATCH/user"
iam CreateAccessKey -d UserName=w >"$SCRATCH/key"
iam PutUserPolicy -d UserName=w -d PolicyName=p \
	--data-urlencode "PolicyDocument=$policy" >"$SCRATCH/policy"
AWS_ACCESS_KEY_ID=$(sed -n 's|.*<AccessKeyId>\(.*\)</AccessKeyId>.*|\1|p' \
	"$SCRATCH/key")
AWS_SECRET_ACCESS_KEY=$(sed -n \
	's|.*<SecretAccessKey>\(.*\)</SecretAccessKey>.*|\1|p' "$SCRATCH/key")
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

s3 -X PUT "$MOTO/bucket"
head -c 2000000 /dev/urandom >"$SCRATCH/object"
s3 -T "$SCRATCH/object" "$MOTO/bucket/a/b%20c.bin"
body='["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"bucket","s3Key":"a/b c.bin"}]'
jq -cn --arg q "$QUEUE" --arg body "$body" '{QueueUrl: $q, MessageBody: $body,
	MessageAttributes: {ExtendedPayloadSize:
		{DataType: "Number", StringValue: "2000000"}}}' \
	>"$SCRATCH/send.json"
sqs SendMessage "@$SCRATCH/send.json" >"$SCRATCH/sent.json"
# From here on moto verifies.
curl -sS -m 60 -X POST -H 'Content-Type: text/plain' -d 0 \
	"$MOTO/moto-api/reset-auth" >"$SCRATCH/answer"

printf '#!/bin/sh\ncat >"%s"\n' "$SCRATCH/body" >"$SCRATCH/handler"
chmod +x "$SCRATCH/handler"
export AWS_ENDPOINT_URL="$MOTO"
start_sqsherd -j 1 -o wait_time=1 -o s3_buckets=bucket -- "$SCRATCH/handler"
eventually 30 "a pointer is worked" logged '"outcome":"deleted"'
ok "what it points to is the body" cmp "$SCRATCH/object" "$SCRATCH/body"
stop_sqsherd
is "$STATUS" 0 "a clean stop"
done_testing
