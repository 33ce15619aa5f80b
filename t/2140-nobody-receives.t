#!/bin/sh
# A queue that does not exist or may not be received from, from the start: an
# operator sees it at once, long before health says so.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

table_is() {
	ctl status >"$SCRATCH/table" && head -1 "$SCRATCH/table" | grep -Eq "$1"
}
status() {
	ctl status --json | jq -r ".status.queues[0].$1"
}
longest_line() {
	awk 'length > n { n = length } END { print n }' "$SCRATCH/table"
}
jobs=$QUEUE

# -- a queue that does not exist
QUEUE=${QUEUE%jobs}gone
start_sqsherd -j 4 -- true
eventually 20 "the first line says that no child can work, and why" table_is \
	'^gone: no child could work for [0-9]+s: NonExistentQueue: The spec'
is "$(grep -c '^gone/[0-3] .* NonExistentQueue' "$SCRATCH/table")" 4 \
	"the last error of each child begins with what tells most"
ok "no line is longer than 80" test "$(longest_line)" -le 80
ok "it is well yet" ctl health
like "$(cat "$SCRATCH/out")" '^healthy: gone 4/4 ready; no child of queue gone could work for [0-9]+ s: NonExistentQueue: ' \
	"which is not all that health says"
ok "the JSON has since when" test "$(status trouble_ms)" -ge 0
like "$(status trouble_reason)" '^NonExistentQueue: ' "and why"
"$BUILD/sqsherdctl" watch >"$SCRATCH/watched" &
watch=$!
PIDS="$PIDS $watch"
watched() {
	sed 1q "$SCRATCH/watched" | grep -Eq "$1"
}
eventually 20 "watch has it in its first line, too" watched \
	'gone: no child could work for [0-9]+s: NonExistentQueue: '
terminate $watch
older() {
	[ "$(status trouble_ms)" -gt 1000 ]
}
eventually 20 "it grows older from the first failure" older
stop_sqsherd

# -- permission is missing, a name is long, and there are several queues
fault "op=ReceiveMessage&kind=error&status=400&code=AccessDeniedException&count=-1&name=jobs"
cat >"$SCRATCH/conf" <<EOF
log_format = json
wait_time = 2
[queue thumbnails-of-pictures]
queue_url = $jobs
children = 2
command = true
EOF
new_log
"$BUILD/sqsherd" -c "$SCRATCH/conf" 2>"$SCRATCH/log" &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 20 "the reason is there behind a long name, too" table_is \
	'^thumbnails-of-pict[a-z]*~: no child could work for [0-9]+s: AccessDenied'
is "$(grep -c '^thumb.*/[01] .* AccessDenied' "$SCRATCH/table")" 2 \
	"the table has it at the cost of the name"
ok "no line is longer than 80" test "$(longest_line)" -le 80

# -- paused, and healed
ok "a queue can be paused" ctl pause thumbnails-of-pictures
eventually 20 "then nobody tries, which is no trouble" table_is '^sqsherd '
ok "and resumed" ctl resume thumbnails-of-pictures
fake /_clear -X POST >/dev/null
eventually 60 "when one child can receive the line goes" table_is '^sqsherd '
ok "it is well" ctl health
stop_sqsherd
is "$STATUS" 0 "it exits 0"
done_testing
