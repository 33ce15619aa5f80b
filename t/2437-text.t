#!/bin/sh
# The log as text is for people: a short sentence for what they meet often,
# which fits a terminal of 80 columns; details are for who asks for them.
. "$(dirname "$0")/lib.sh"

start_fake
fake '/_set?purge_interval_s=0' -X POST >/dev/null
cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
case $(cat) in
fail) exit 1 ;;
slow) exec sleep 60 ;;
*) echo "a line of the handler" ;;
esac
EOF2
chmod +x "$SCRATCH/handler"

# Each line begins with the time, and fits.
fits() {
	awk '!/^[0-9][0-9]:[0-9][0-9]:[0-9][0-9] / || length > 80 {
			print; bad = 1
		} END { exit bad }' "$SCRATCH/log" >&2
}
polls() {
	[ "$(fake '/_calls?since=0' | jq '[.[] |
		select(.op == "ReceiveMessage")] | length')" -ge "$1" ]
}

# ---- a queue that does not exist ----

new_queue jobs
QUEUE=${QUEUE%/*}/none
start_sqsherd -j 4 -o log_format=text -- "$SCRATCH/handler"
eventually 20 "four children ask for a queue that is not there" polls 8
ok "which a sentence says" logged \
	'^.{8} warn none/[0-3] cannot receive: the queue does not exist; next try in [0-9.]+ s$'
is "$(count_logged 'cannot receive')" 1 "once for all of them"
ok "lines fit a terminal" fits
is "$(count_logged '_ms|request_id|failures|kind|code')" 0 \
	"and have no details"
sqs CreateQueue '{"QueueName":"none"}' >/dev/null
eventually 30 "that it works again is said" logged ' none/[0-3] receives again$'
stop_sqsherd
ok "and still fits" fits

QUEUE=${QUEUE%/*}/none2
start_sqsherd -j 4 -v -o log_format=text -- "$SCRATCH/handler"
all_failed() {
	[ "$(count_logged ' receive_failed ')" -ge 4 ]
}
eventually 20 "with -v each child says it" all_failed
ok "with all details" logged \
	'cannot receive: .* \| child\[[0-9]+\] receive_failed kind=operator error=.* code=.* failures=1 pause=[0-9.]+s'
is "$(count_logged '_ms=[0-9.]*s')" 0 "in one unit each"
ok "and what is said of each child" logged '\] child_started child_pid='
stop_sqsherd

start_sqsherd -j 4 -- "$SCRATCH/handler"
eventually 20 "in JSON each child says it" sh -c \
	"[ \$(grep -c '\"event\":\"receive_failed\"' '$SCRATCH/log') -ge 4 ]"
is "$(jq -rs 'map(select(.event == "receive_failed"))[0] |
	has("kind") and has("code") and has("error") and has("request_id") and
	(.pause_ms | type) == "number"' "$SCRATCH/log")" true \
	"with every field"
stop_sqsherd

# ---- an hour's events ----

new_queue jobs
start_sqsherd -j 2 -o log_format=text -o job_timeout=500ms \
	-o retry_base=1 -- "$SCRATCH/handler"
eventually 20 "it is ready" logged ' sqsherd is ready: each queue has a child$'
ok "it was started" logged \
	' sqsherd [0-9.]+ started: 1 queue, 2 children$'
send hello
id=$(cut -c1-8 "$SCRATCH/last_id")
eventually 20 "a message is done" logged " jobs/[01] $id done in [0-9.]+ m?s\$"
ok "a handler's line is as it was printed" logged \
	" jobs/[01] $id \| a line of the handler\$"
send fail
id=$(cut -c1-8 "$SCRATCH/last_id")
eventually 20 "one has failed" logged \
	" jobs/[01] $id failed: exit status 1; again in [0-9]+ m?s\$"
fake "/_queue?name=jobs" >/dev/null
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
send slow
id=$(cut -c1-8 "$SCRATCH/last_id")
eventually 20 "one takes too long" logged \
	" warn jobs/[01] $id takes more than 500 ms: its handler is stopped\$"
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
signal KILL "$(children | head -1)"
eventually 20 "a child is killed" logged \
	' warn jobs/[01] died of SIGKILL; starts again in [0-9.]+ m?s$'
signal HUP "$SQSHERD"
eventually 20 "settings are loaded again" logged \
	' sqsherd works with the new settings: 2 children$'
stop_sqsherd
ok "it stops" logged ' sqsherd stops on SIGTERM; may take 25 s$'
ok "and says what it has done" logged \
	' sqsherd stopped after [0-9.]+ s: [0-9]+ messages, [0-9]+ done'
awk '!/ stopped after /' "$SCRATCH/log" >"$SCRATCH/lines"
mv "$SCRATCH/lines" "$SCRATCH/log"
ok "all of it fits" fits
is "$(count_logged 'child_|=')" 0 "and nothing is for machines"

# ---- the brake ----

printf '#!/bin/sh\nexit 127\n' >"$SCRATCH/broken"
chmod +x "$SCRATCH/broken"
start_sqsherd -j 2 -o log_format=text -o brake_after=2 -- "$SCRATCH/broken"
send x
eventually 20 "a handler that does not work is an error" logged \
	' error jobs/[01]: the handler is broken: exit status 127; one child tries$'
stop_sqsherd
ok "which fits" fits

# ---- a terminal ----

if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	new_log
	status_of script -qec "timeout -s TERM 5 '$BUILD/sqsherd' -q '$QUEUE' \
		-j 1 -o wait_time=1 -- /bin/true" /dev/null </dev/null \
		>"$SCRATCH/log"
	is "$STATUS" 124 "sqsherd works on a terminal until it is stopped"
	ok "on a terminal the log is text" \
		logged ' sqsherd is ready: each queue has a child'
else
	skip "on a terminal the log is text" "there are no terminals here"
fi
done_testing
