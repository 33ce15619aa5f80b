#!/bin/sh
# A handler that cannot be started any more: no message is lost for it, none
# is received over and over, health turns red, and it heals by itself.
. t/lib.sh

cat >"$SCRATCH/good" <<'EOF2'
#!/bin/sh
cat >/dev/null
EOF2
chmod +x "$SCRATCH/good"
handler=$SCRATCH/handler

health_is() {
	ctl health >"$SCRATCH/health"
	[ $? -eq "$1" ] && grep -Eq "$2" "$SCRATCH/health"
}

# The phases of both children, in any order.
phases_are() {
	[ "$(ctl status --json | jq -r '[.status.queues[].slots[].phase] |
		unique | join(" ")')" = "$1" ]
}

begin() {
	cp "$SCRATCH/good" "$handler"
	start_sqsherd -j 2 -o health_timeout=1s -o visibility_timeout=600 \
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
eventually 20 "both children find that out" phases_are broken
like "$(grep handler_broken "$SCRATCH/log" | head -1)" \
	"cannot start .*/handler.*: No such file" "which is logged"
eventually 20 "health turns red" health_is 1 \
	'^unhealthy: no child of queue jobs could work for [1-9][0-9]* s: cannot start'
eventually 20 "and stays so" health_is 1 'could work for ([4-9]|[1-9][0-9]) s'
ok "the children stay broken" phases_are broken
is "$(queue_field visible) $(queue_field in_flight)" "4 0" \
	"every message is there for others"
is "$(count_logged '"event":"message".*"verdict":"broken"')" 2 \
	"each child needed one message to find out"
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
end 1

ok "no process is left" no_survivor
done_testing
