#!/bin/sh
# sqs-e2e against moto's SQS, ECS and CloudWatch Logs: sqsherd works the queue
# here, and its log is put where a container's would be.
. "$(dirname "$0")/lib.sh"

export MOTO_ECS_SERVICE_RUNNING=1
tools/sqs-server start-moto "$SCRATCH/moto" 2>"$SCRATCH/why" ||
	skip_all "$(sed -n '$s/^sqs-server: //p' "$SCRATCH/why")"
PIDS="$PIDS $(cat "$SCRATCH/moto/pid")"
MOTO=$(cat "$SCRATCH/moto/url")
SQS_ENDPOINT=$MOTO
export AWS_ENDPOINT_URL="$MOTO"

# aws SERVICE TARGET JSON
aws() {
	curl -sS --fail-with-body -m 60 -H "X-Amz-Target: $2" \
		-H 'Content-Type: application/x-amz-json-1.1' \
		-H "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/$1/aws4_request" \
		--data-binary "$3" "$MOTO/"
}
ecs() {
	aws ecs "AmazonEC2ContainerServiceV20141113.$1" "$2"
}
logs() {
	aws logs "Logs_20140328.$1" "$2"
}
# service NAME TASKS
service() {
	ecs CreateService "{\"cluster\":\"herd\",\"serviceName\":\"$1\",\"taskDefinition\":\"jobs\",\"desiredCount\":$2}"
}
# put: the lines of stdin become events of the log group.
put() {
	jq -Rsc --argjson now "$(now_ms)" '{logGroupName: "/jobs",
		logStreamName: "jobs/app/1",
		logEvents: [splits("\n") | select(. != "") |
			{timestamp: $now, message: .}]}' >"$SCRATCH/events.json"
	[ "$(jq '.logEvents | length' "$SCRATCH/events.json")" = 0 ] ||
		logs PutLogEvents "@$SCRATCH/events.json" >/dev/null
}
# ship: each whole line that sqsherd logs goes there once.
ship() {
	shipped=0
	while [ -e "$SCRATCH/shipping" ]; do
		lines=$(wc -l <"$SCRATCH/log")
		sed -n "$((shipped + 1)),${lines}p" "$SCRATCH/log" | put
		shipped=$lines
		sleep 0.3
	done
}
# e2e NAME ARG...: STATUS, $SCRATCH/said, $SCRATCH/problems
e2e() {
	status_of "$BUILD/sqs-e2e" --queue-url "$QUEUE" --log-group /jobs \
		--cluster-arn herd --service-name "$@" \
		>"$SCRATCH/said" 2>"$SCRATCH/problems"
}
said() {
	grep -Eq -e "$1" "$SCRATCH/said"
}

new_queue jobs '"VisibilityTimeout":"60"'
ecs CreateCluster '{"clusterName":"herd"}' >"$SCRATCH/answer"
ecs RegisterTaskDefinition '{"family":"jobs","containerDefinitions":[{"name":"app","image":"jobs","memory":64}]}' >"$SCRATCH/answer"
service jobs 1 >"$SCRATCH/answer"
service short 2 >"$SCRATCH/answer"
is "$(jq -r '.service.runningCount' "$SCRATCH/answer")" 1 "moto runs a task"
logs CreateLogGroup '{"logGroupName":"/jobs"}' >/dev/null
logs CreateLogStream '{"logGroupName":"/jobs","logStreamName":"jobs/app/1"}' >/dev/null

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
[ "$SQS_RECEIVE_COUNT" -gt 1 ] || exit 75
cat
EOF
chmod +x "$SCRATCH/handler"
start_sqsherd -j 1 -- "$SCRATCH/handler"
: >"$SCRATCH/shipping"
ship 2>"$SCRATCH/ship.log" &
PIDS="$PIDS $!"

e2e jobs --timeout 60
is "$STATUS" 0 "a message that is worked is found in the log"
is_empty "$(cat "$SCRATCH/problems")" "without a word on stderr"
ok "the service's state is told" \
	said 'service jobs: ACTIVE, 1 of 1 running, 0 pending, 1 deployments'
job=$(sed -n 's/.*sent job \([0-9a-f]*\) as message.*/\1/p' "$SCRATCH/said")
id=$(sed -n 's/.*sent job .* as message \(.*\)/\1/p' "$SCRATCH/said")
is "${#job}" 32 "the job's id is told"
ok "and the message's" test -n "$id"
ok "what the handler said is shown" said "handler_output.*job_id.*$job"
ok "a failed attempt is shown and waited out" \
	said "\"id\":\"$id\".*\"outcome\":\"retried\""
ok "then the record of its success" \
	said "\"id\":\"$id\".*\"outcome\":\"deleted\""
ok "which ends it" said 'the message was done'
is "$(grep -c "\"id\":\"$id\".*\"outcome\":\"retried\"" "$SCRATCH/said")" 1 \
	"no line is shown twice"
other=$job
e2e jobs --timeout 60 --body 'job %s and %s'
is "$STATUS" 0 "a second run"
job=$(sed -n 's/.*sent job \([0-9a-f]*\) as message.*/\1/p' "$SCRATCH/said")
ok "sends another job" test "$job" != "$other"
ok "in the body that was asked for" said "job $job and $job"
rm "$SCRATCH/shipping"
stop_sqsherd
is "$STATUS" 0 "sqsherd ends"

seq -f 'line %g' 60 | put
e2e jobs --timeout 2
is "$STATUS" 1 "a message that nobody works is a failure"
ok "which says so" said 'no record says that the message was done'
is "$(sed -n '/^the last lines of/,/^the last events/s/^  //p' "$SCRATCH/said")" \
	"$(seq -f 'line %g' 11 60)" "the log's last 50 lines follow"
ok "and the service's events" said '^the last events of jobs:$'

e2e short --timeout 1
is "$STATUS" 1 "a service that lacks a task is not stable"
ok "which is told" said 'service short: ACTIVE, 1 of 2 running'
ok "and nothing is sent" lacks "$SCRATCH/said" "sent job"
e2e nowhere --timeout 30
is "$STATUS" 1 "a service that does not exist is a failure at once"
ok "which is told" said 'there is no service nowhere in herd: MISSING'
status_of "$BUILD/sqs-e2e" --queue-url "$QUEUE" --log-group /none \
	--cluster-arn herd --service-name jobs --timeout 30 \
	>"$SCRATCH/said" 2>&1
is "$STATUS" 1 "and so is a log group that does not exist"
ok "which is told" said 'FilterLogEvents failed: ResourceNotFoundException'

refuses 64 "an option that is missing is named" \
	"$BUILD/sqs-e2e" --queue-url "$QUEUE" --log-group g --cluster-arn c
like "$(cat "$SCRATCH/err")" '--service-name is missing' "by its name"
refuses 64 "a timeout of no number is refused" \
	"$BUILD/sqs-e2e" --timeout soon
refuses 64 "and so is an argument" "$BUILD/sqs-e2e" --log-group g \
	--cluster-arn c --service-name s extra
refuses 78 "and a queue that is none" "$BUILD/sqs-e2e" --queue-url nonsense \
	--log-group g --cluster-arn c --service-name s
done_testing
