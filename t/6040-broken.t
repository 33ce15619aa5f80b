#!/bin/sh
# A handler that cannot be started any more: no message is lost for it, none
# is received over and over, the brake goes on, and it heals by itself.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/good" <<'EOF2'
#!/bin/sh
cat >/dev/null
EOF2
chmod +x "$SCRATCH/good"
handler=$SCRATCH/handler

# The phases of both children, in any order.
phases_are() {
	[ "$(ctl status --json | jq -r '[.status.queues[].slots[].phase] |
		unique | join(" ")')" = "$1" ]
}

begin() {
	cp "$SCRATCH/good" "$handler"
	start_sqsherd -j 2 -o brake_unhealthy=always -o retry_cap=1 \
		-o visibility_timeout=600 \
		-- "$handler"
	send first
	within 20 queue_is deleted "$1" || bail "the handler does not work"
}

end() {
	cp "$SCRATCH/good" "$SCRATCH/new"
	mv "$SCRATCH/new" "$handler"
	eventually 60 "mended, every message is done" queue_is deleted "$1"
	eventually 60 "and health is green" health_is 0 '^healthy: '
	stop_sqsherd
	is "$STATUS" 0 "exit 0"
	is "$(queue_field in_flight)" 0 "nothing is in flight"
}

start_fake
new_queue jobs '"VisibilityTimeout":"600"'

# ---- it is not there any more ----

begin 1
rm "$handler"
send second third fourth fifth
eventually 20 "both children are braked" phases_are braked
like "$(grep brake_on "$SCRATCH/log" | head -1)" \
	"cannot start .*/handler.*: No such file" "which is logged"
eventually 20 "health turns red" health_is 1 \
	'^unhealthy: the handler of queue jobs cannot be started for [0-9]+ s: cannot start'
eventually 20 "and stays so" health_is 1 'started for ([4-9]|[1-9][0-9]) s'
ok "the children stay braked" phases_are braked
all_are_visible() {
	queue_is visible 4 && queue_is in_flight 0
}
eventually 10 "every message is there for others" all_are_visible
found_out=$(count_logged '"event":"message".*"verdict":"broken"')
ok "each child needed one message at most to find out" \
	[ "$found_out" -ge 1 -a "$found_out" -le 2 ]
is "$(count_logged '"level":"error"')" 1 "one error record says so"
is "$(count_logged '"event":"child_exited"')" 0 "no child died of it"
end 5

# ---- it is there, but cannot be executed ----

new_queue other '"VisibilityTimeout":"600"'
begin 1
printf 'neither a script nor a program\n' >"$SCRATCH/new"
chmod +x "$SCRATCH/new"
mv "$SCRATCH/new" "$handler"
send second third
eventually 20 "what only a start tells is told" logged \
	'cannot start .*Exec format error'
eventually 20 "health turns red" health_is 1 'cannot start'
end 3

# ---- it is mended, but the message that could tell has gone ----

new_queue third '"VisibilityTimeout":"600"'
fake "/_set?purge_interval_s=0" -X POST >/dev/null
begin 1
rm "$handler"
send second
eventually 20 "health turns red" health_is 1 'cannot start'
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
cp "$SCRATCH/good" "$SCRATCH/new"
mv "$SCRATCH/new" "$handler"
send another
end 2

ok "no process is left" no_survivor
done_testing
