#!/bin/sh
# Hostile answers of the ECS agent that protects a task: the task is not taken
# for protected, the log says why in a line, and work goes on.
. "$(dirname "$0")/lib.sh"
. t/reporter.sh

start_fake
new_queue jobs
start_agent
export ECS_AGENT_URI="$agent"

# A line a case: status, the record that is wanted, the body ("-": none).
cat >"$SCRATCH/cases" <<'EOF'
200 "status.200".*invalid.JSON <html>
200 "status.200".*invalid.JSON {"protection":{"ProtectionEnabled":true}
200 "status.200".*says.nothing null
200 "status.200".*says.nothing [true]
200 "status.200".*says.nothing {"protection":{"ProtectionEnabled":"true"}}
200 "MISSING" {"protection":{"ProtectionEnabled":true},"failure":{"Reason":"MISSING"}}
200 "A.B.\[2J".*c..d {"error":{"Code":"A\nB\u001b[2J","Message":"c\r\nd"}}
204 "status.204" -
307 "status.307" {"protection":{"ProtectionEnabled":true}}
404 "status.404" not found
EOF
n=0
while read -r status want body; do
	printf '%s\n%s' "$status" "${body#-}" >"$SCRATCH/agent/answer"
	rm -f "$SCRATCH/go"
	start_sqsherd -j 1 -o wait_time=1 -- "$SCRATCH/handler"
	send hold
	eventually 30 "$status $(printf '%s' "$body" | tr '\134' /)" \
		logged "\"event\":\"protection_failed\".*\"code\":$want"
	is "$(ctl status --json | jq -c .status.reporter.protected)" false \
		"the task is not protected"
	touch "$SCRATCH/go"
	n=$((n + 1))
	eventually 20 "the job is done" queue_is deleted $n
	is "$(count_logged '"event":"(child|reporter)_exited"')" 0 \
		"nothing died of it"
	stop_sqsherd
	is "$STATUS" 0 "sqsherd exits 0"
done <"$SCRATCH/cases"
done_testing
