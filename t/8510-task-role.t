#!/bin/sh
# The queues and the task role that Terraform makes, applied to moto: sqsherd
# can work with the role's permissions, moto refusing whatever they do not say,
# and with none of them missing.  Then a destroy takes everything away.
. "$(dirname "$0")/lib.sh"
. t/terraform.sh

terraform_copy
tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why" ||
	skip_all "$(sed -n '$s/^sqs-server: //p' "$SCRATCH/why")"
PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
MOTO=$(cat "$SCRATCH/moto/url")
SQS_ENDPOINT=$MOTO

# moto's account, and moto instead of AWS.
cat >"$SCRATCH/terraform/02-app/test.auto.tfvars" <<'EOF'
account_id       = "123456789012"
region           = "us-east-1"
name             = "jobs"
vpc_id           = "vpc-0123"
subnet_ids       = ["subnet-0123"]
assign_public_ip = false
image            = "registry.example/jobs:1"
EOF
cat >"$SCRATCH/terraform/02-app/moto_override.tf" <<EOF
provider "aws" {
  skip_metadata_api_check = true
  endpoints {
    iam = "$MOTO"
    sqs = "$MOTO"
    sts = "$MOTO"
  }
}
EOF
# moto does not know the redrive allow policy, and Terraform would wait for it.
targets=-target=aws_iam_role_policy.task
ok "the module is initialised" tf 02-app init -backend=false
ok "the queues and the task role are made" \
	tf 02-app apply -auto-approve "$targets"
tf 02-app output -json >"$SCRATCH/outputs"
output() {
	jq -r ".$1.value" "$SCRATCH/outputs"
}
is "$(output queue_url)" "$MOTO/123456789012/jobs" "there is a queue"
QUEUE=$(output queue_url)
sqs GetQueueAttributes \
	"{\"QueueUrl\":\"$QUEUE\",\"AttributeNames\":[\"All\"]}" |
	jq -r .Attributes.RedrivePolicy >"$SCRATCH/redrive"
is "$(jq -r .deadLetterTargetArn "$SCRATCH/redrive")" \
	"$(output dead_letter_queue_arn)" "with a dead-letter queue"
like "$(cat "$SCRATCH/redrive")" '"?maxReceiveCount"?: *"?5"?' \
	"after five receives"

# ---- users: with the role's policy, and without one action of it each ----

iam() {
	action=$1
	shift
	curl -sS -H 'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0' \
		-d "Action=$action&Version=2010-05-08" "$@" "$MOTO/"
}
# user NAME POLICY: its key is in $SCRATCH/NAME.key
user() {
	iam CreateUser -d "UserName=$1" >"$SCRATCH/user"
	iam CreateAccessKey -d "UserName=$1" >"$SCRATCH/$1.key"
	iam PutUserPolicy -d "UserName=$1" -d PolicyName=p \
		--data-urlencode "PolicyDocument=$2" >"$SCRATCH/policy"
}
become() {
	AWS_ACCESS_KEY_ID=$(sed -n \
		's|.*<AccessKeyId>\(.*\)</AccessKeyId>.*|\1|p' "$SCRATCH/$1.key")
	AWS_SECRET_ACCESS_KEY=$(sed -n \
		's|.*<SecretAccessKey>\(.*\)</SecretAccessKey>.*|\1|p' \
		"$SCRATCH/$1.key")
}
# policy_without ACTION: moto asks for the batch forms by name, AWS does not,
# and moto does not look at the resource of a call.
policy_without() {
	output task_policy | jq -c --arg without "$1" '
		.Statement |= map(.Resource = "*" | .Action |= (
			map(select(. != $without)) | map(., . + "Batch")))'
}
actions="sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility
	sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage"
is "$(output task_policy | jq -r '.Statement[].Action[]' | grep '^sqs:' |
	LC_ALL=C sort | xargs)" \
	"$(echo "$actions" | xargs -n1 | LC_ALL=C sort | xargs)" \
	"these are all actions on queues that the role has"
user admin '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","iam:*","sts:*"],"Resource":"*"}]}'
user role "$(policy_without nothing)"
for action in $actions; do
	user "without-${action#sqs:}" "$(policy_without "$action")"
done
# From here on moto verifies every signature and every action.
curl -sS -X POST -H 'Content-Type: text/plain' -d 0 \
	"$MOTO/moto-api/reset-auth" >/dev/null

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
case $(cat) in
reject) exit 65 ;;
retry) [ "$SQS_RECEIVE_COUNT" -gt 1 ] ;;
esac
EOF
chmod +x "$SCRATCH/handler"
give() {
	become admin
	printf '%s\n' "$@" | "$BUILD/sqs-send" -q "$QUEUE" >"$SCRATCH/sent" ||
		fail "messages are sent" "$(cat "$SCRATCH/sent")"
}
start_as() {
	become "$1"
	start_sqsherd -j 1 -o visibility_timeout=5 -o grace_timeout=3 \
		-o wait_time=1 -- "$SCRATCH/handler"
}
outcomes_are() {
	[ "$(jq -r 'select(.event == "message") | .outcome' "$SCRATCH/log" |
		sort | xargs)" = "$1" ]
}

give plain retry reject
start_as role
eventually 30 "with the role's permissions everything works" \
	outcomes_are "deleted deleted rejected retried"
stop_sqsherd
is "$STATUS" 0 "exit 0"
is "$(grep -c AccessDenied "$SCRATCH/log")" 0 "nothing was refused"

# ---- none of them is too much ----

# message_for ACTION: what shows that it is needed
message_for() {
	case $1 in
	sqs:ReceiveMessage | sqs:DeleteMessage) echo plain ;;
	sqs:ChangeMessageVisibility) echo retry ;;
	*) echo reject ;;
	esac
}
for action in $actions; do
	give "$(message_for "$action")"
	start_as "without-${action#sqs:}"
	eventually 30 "$action is needed" logged AccessDenied
	stop_sqsherd INT
done

become admin
ok "a destroy takes everything away" tf 02-app destroy -auto-approve
done_testing
