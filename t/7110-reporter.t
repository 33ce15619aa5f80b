#!/bin/sh
# The reporter: what it logs and serves is true, and whatever becomes of it,
# the pool does not notice.
. "$(dirname "$0")/lib.sh"
. t/reporter.sh

start_fake
new_queue jobs

no_reporter() {
	! reporter
}
status_is() {
	[ "$(ctl status --json | jq -r ".status.reporter.$1")" = "$2" ]
}
listens() {
	port=$(ctl status --json | jq -r .status.reporter.port)
	[ "$port" -gt 0 ]
}
get() {
	curl -s -m 20 -o "$SCRATCH/page" -w '%{http_code}' \
		"http://127.0.0.1:$port$1"
}
answers() {
	[ "$(get "$1")" = "$2" ]
}
# emf FILTER: of the lines for CloudWatch.
emf() {
	jq -c "select(.event == \"metrics\") | $1" "$SCRATCH/log"
}
sum_is() {
	[ "$(emf ".$1 // 0" | awk '{ n += $1 } END { print n + 0 }')" = "$2" ]
}
# another OLD: another reporter than this runs.
another() {
	new=$(reporter) && [ "$new" != "$1" ] && status_is state running
}

# -- by default there is none
start_sqsherd -j 1 -- "$SCRATCH/handler"
eventually 10 "a child polls" \
	fake '/_wait?name=jobs&cond=polling&value=1&ms=100'
ok "there is no reporter" no_reporter
ok "nor one in the status" status_is state null
stop_sqsherd

# -- it logs and serves
start_sqsherd -j 2 -o emf=yes -o emf_interval=1 -o emf_namespace=My/Jobs \
	-o metrics_listen=127.0.0.1:0 -o restart_base=0.1 -o crash_limit=1 \
	-o heartbeat_timeout=3 -o wait_time=1 -- "$SCRATCH/handler"
eventually 10 "it listens" listens
ok "/health is green" answers /health 200
is "$(cat "$SCRATCH/page")" "$(ctl health)" "and says what sqsherdctl says"
ok "/metrics is there" answers /metrics 200
ok "it is OpenMetrics" "$BUILD/t/openmetrics" <"$SCRATCH/page"
ok "nothing else is" answers / 404
is "$(curl -s -o "$SCRATCH/page" -w '%{http_code}' -d x \
	"http://127.0.0.1:$port/health")" 405 "and nobody may write"
like "$(curl -sI "http://127.0.0.1:$port/health")" '^HTTP/1.1 200' \
	"HEAD is allowed"
head -c 100000 /dev/zero | tr '\0' a >"$SCRATCH/long"
like "$(get "/health?$(head -c 60000 "$SCRATCH/long")")" '^4(14|31)$' \
	"a request that is too long is refused"
ok "and does not stay" answers /health 200

send one two three
eventually 10 "what was done is logged" sum_is MessagesDeleted 3
is "$(emf '._aws.CloudWatchMetrics[0] |
	"\(.Namespace) \(.Dimensions[0][0])"' | sort -u)" '"My/Jobs Queue"' \
	"with namespace and dimension"
is "$(emf '[._aws.CloudWatchMetrics[0].Metrics[].Name] -
	(keys - ["_aws", "event", "Queue"])' | sort -u)" '[]' \
	"each metric has its value"

# -- it dies, more often than children may
before=$(ctl status --json | jq .status.queues[0].slots[].pid)
for _ in 1 2 3; do
	old=$(reporter)
	ok "a reporter is killed" signal KILL "$old"
	eventually 20 "another takes its place" another "$old"
done
ok "the deaths are counted" status_is deaths 3
is "$(ctl status --json | jq .status.queues[0].slots[].pid)" "$before" \
	"no child has died of it"
eventually 10 "it listens again" listens
send four
eventually 10 "and counts go on where they were" sum_is MessagesDeleted 4
is "$(emf .ChildStarts | grep -v null)" 2 "nothing is told twice"

# -- it stands still
send hold
old=$(reporter)
ok "a reporter is stopped" signal STOP "$old"
ok "sqsherdctl does not notice" ctl health
eventually 20 "it is killed" logged '"event":"reporter_hung"'
eventually 20 "and replaced" another "$old"
touch "$SCRATCH/go"
eventually 10 "the job is done" queue_is deleted 5

# -- the supervisor stands still
eventually 10 "it listens once more" listens
signal STOP "$SQSHERD"
eventually 20 "without a supervisor health is red" answers /health 503
like "$(cat "$SCRATCH/page")" 'supervisor is silent' "which says why"
signal CONT "$SQSHERD"
eventually 20 "then it is green again" answers /health 200

# -- both stand still, as in a container that is paused, and the supervisor
# goes on first
old=$(reporter)
signal_each STOP "$SQSHERD" "$old"
sleep 4 # beyond heartbeat_timeout (3 s); a supervisor forgives what is above 5 s
signal CONT "$SQSHERD"
sleep 0.1
signal CONT "$old"
eventually 20 "then health is green again" answers /health 200
is "$(reporter)" "$old" "with the same reporter"
is "$(count_logged '"event":"supervisor_late"')" 0 \
	"which no forgiveness explains"

# -- the health of /health is that of sqsherdctl
fault 'op=ReceiveMessage&kind=http500&count=1000'
stop_sqsherd
is "$STATUS" 0 "it ends well"
eventually 5 "with a last line" sum_is MessagesDeleted 5
ok "and nothing is left" within 10 no_survivor

start_sqsherd -j 1 -o log_format=text -o health_timeout=1 -o emf=yes \
	-o emf_interval=1 -o metrics_listen=127.0.0.1:0 -- "$SCRATCH/handler"
eventually 10 "it listens" listens
eventually 20 "nothing can be received" answers /health 503
like "$(cat "$SCRATCH/page")" '^unhealthy: no child of queue jobs could' \
	"which it says"
refuses 1 "and so does sqsherdctl" ctl health
eventually 10 "lines for CloudWatch are JSON in a log of text, too" \
	logged '^\{"event":"metrics"'

# -- a stop with a reporter that stands still
eventually 20 "there is a reporter" reporter
hold "$(reporter)" || : # skipped: then it only stops
signal TERM "$SQSHERD"
wait_sqsherd
is "$STATUS" 0 "a stop does not need it"
ok "which is killed" within 10 no_survivor
done_testing
