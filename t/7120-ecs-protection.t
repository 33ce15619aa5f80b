#!/bin/sh
# The ECS task is protected from scale-in while anything is in hand, and
# whatever the agent answers, work goes on.
. "$(dirname "$0")/lib.sh"
. t/reporter.sh

start_fake
new_queue jobs
start_agent
ON='PUT /api/0123/task-protection/v1/state application/json {"ProtectionEnabled":true,"ExpiresInMinutes":30}'
OFF='PUT /api/0123/task-protection/v1/state application/json {"ProtectionEnabled":false}'

requests_are() {
	printf '%s\n' "$@" | cmp - "$SCRATCH/agent/requests"
}
another() {
	new=$(reporter) && [ "$new" != "$1" ] && protected_is true
}
protected_is() {
	[ "$(ctl status --json | jq .status.reporter.protected)" = "$1" ]
}
start() {
	rm -f "$SCRATCH/agent/requests"
	start_sqsherd -j 1 -o wait_time=1 "$@" -- "$SCRATCH/handler"
	eventually 20 "a child polls" \
		fake '/_wait?name=jobs&cond=polling&value=1&ms=1000'
}
done_so_far=0
hold() {
	rm -f "$SCRATCH/go"
	send hold
	done_so_far=$((done_so_far + 1))
}
release() {
	touch "$SCRATCH/go"
	eventually 20 "the job is done" queue_is deleted $done_so_far
}

# -- a setting that cannot come true
start -o ecs_protection=yes
eventually 20 "without an agent it is said" \
	logged '"event":"protection_failed".*ECS_AGENT_URI is not set'
stop_sqsherd
is "$STATUS" 0 "and nothing else happens"

# -- a task that works, and then does not
export ECS_AGENT_URI="$agent"
start -o restart_base=50ms
eventually 20 "the reporter runs" protected_is false
ok "nobody asks for an idle task" test ! -e "$SCRATCH/agent/requests"
hold
eventually 20 "protection is asked for" requests_are "$ON"
eventually 20 "which the status says" protected_is true
ok "and the log" logged '"event":"protection_on"'
old=$(reporter)
ok "the reporter dies" signal KILL "$old"
eventually 20 "another takes over" another "$old"
release
send again
done_so_far=$((done_so_far + 1))
eventually 20 "a second job is done" queue_is deleted $done_so_far
ok "which is no reason to ask again" requests_are "$ON"
eventually 60 "after a while it is given up" requests_are "$ON" "$OFF"
eventually 20 "which the status says" protected_is false
ok "and the log" logged '"event":"protection_off"'
hold
eventually 20 "with new work it is asked for again" \
	requests_are "$ON" "$OFF" "$ON"
eventually 20 "and had" protected_is true
signal TERM "$SQSHERD"
eventually 20 "a stop begins" logged '"event":"stop_began"'
ok "a task in which a job runs is protected" requests_are "$ON" "$OFF" "$ON"
release
wait_sqsherd
is "$STATUS" 0 "it ends"
ok "and its end is not held up" requests_are "$ON" "$OFF" "$ON" "$OFF"

# -- refusals
# fails STATUS ANSWER CODE ERROR
fails() {
	printf '%s\n%s' "$1" "$2" >"$SCRATCH/agent/answer"
	start
	hold
	eventually 30 "$1 $3 is logged" \
		logged "\"event\":\"protection_failed\".*\"code\":\"$3\".*$4"
	ok "the task is not protected" protected_is false
	is "$(ctl status --json | jq .status.reporter.protection_fails)" true \
		"as the status says"
	ok "the pool is healthy" ctl health
	release
	stop_sqsherd
	is "$STATUS" 0 "it ends well"
}
error() {
	echo "{\"requestID\":\"r\",\"error\":{\"Arn\":\"a\",\"Code\":\"$1\",\"Message\":\"$2\"}}"
}
fails 200 '{"failure":{"Arn":"a","Detail":null,"Reason":"TASK_NOT_VALID"}}' \
	TASK_NOT_VALID ''
fails 200 '{"failure":{"Arn":"a","Detail":"too many","Reason":"DEPLOYMENT_BLOCKED"}}' \
	DEPLOYMENT_BLOCKED 'too many'
fails 200 '{"protection":{"ExpirationDate":null,"ProtectionEnabled":false,"TaskArn":"a"}}' \
	'status 200' 'says nothing'
fails 400 "$(error ThrottlingException 'Rate exceeded')" ThrottlingException \
	'Rate exceeded'
fails 403 "$(error AccessDeniedException 'no role')" AccessDeniedException \
	'no role'
fails 504 "$(error RequestCanceled 'too slow')" RequestCanceled 'too slow'
fails 500 'not JSON' 'status 500' ''
fails 200 '' 'status 200' ''
ECS_AGENT_URI=http://127.0.0.1:1/api fails 200 '' unreachable ''

# -- an agent that says nothing, and comes to its senses
echo hang >"$SCRATCH/agent/answer"
start
hold
eventually 40 "no answer is logged" \
	logged '"event":"protection_failed".*"code":"unreachable"'
rm "$SCRATCH/agent/answer"
eventually 40 "then the task is protected after all" protected_is true
release
stop_sqsherd
is "$STATUS" 0 "it ends well"
ok "nothing is left" within 10 no_survivor
done_testing
