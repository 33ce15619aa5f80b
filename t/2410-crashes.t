#!/bin/sh
# Children that die, in every way and again and again.
. "$(dirname "$0")/lib.sh"
. t/siblings.sh

# "SECONDS", or a file to wait for: worked for so long the first time, and
# written down each time.
cat >"$SCRATCH/handler" <<EOF2
#!/bin/sh
echo "\$SQS_MESSAGE_ID" >>"$SCRATCH/worked"
[ "\$SQS_RECEIVE_COUNT" -eq 1 ] || exit 0
body=\$(cat)
case \$body in
/*) while [ ! -e "\$body" ]; do sleep 0.1; done ;;
*) exec sleep "\$body" ;;
esac
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

# The pid of the child that is in a slot.
child_in() {
	pgrep -P "$SQSHERD" -f "^sqsherd: jobs/$1 "
}
# murder SLOT: kills the child in it and notes when.
murder() {
	murdered=$(child_in "$1")
	date +%s%3N >>"$SCRATCH/kills"
	signal KILL "$murdered"
}
# For each child of a slot that was killed, a line: when it was killed, the
# restart_in that was announced, and when the next one was started, all in ms.
# The record of its death may be late, so that is not what is reckoned from.
refills() {
	jq -rs --argjson slot "$1" "$LOG_MS"'
		map(select(.slot == $slot)) |
		[map(select(.event == "child_exited").restart_in),
		 map(select(.event == "child_started").time | ms)[1:]] |
		transpose[] | "\(.[0]) \(.[1])"' "$SCRATCH/log" |
		paste -d " " "$SCRATCH/kills" -
}

# ---- an idle child ----

start_sqsherd -j 3 -o wait_time=1 -o restart_base=1s -- "$SCRATCH/handler"
polling 3
victim=$(child_in 1)
children | grep -vx "$victim" >"$SCRATCH/siblings"
murder 1
eventually 5 "the log has signal and core flag of a killed child" \
	logged "child_exited.*\"child_pid\":$victim,.*\"signal\":\"SIGKILL\",\"core\":false"
eventually 10 "a killed child is replaced" child_count_is 3
eventually 5 "a killed child is replaced in its own slot" child_in 1
refills 1 >"$SCRATCH/refills"
ok "a killed child is replaced within restart_base and a second" \
	awk '{ took = $3 - $1 } END { exit NR != 1 || took >= 2000 }' \
	"$SCRATCH/refills"
ok "the other children are the same" same_children

# ---- a child at work, under load ----

send 60
id=$(cat "$SCRATCH/last_id")
eventually 10 "a job runs" busy_child
victim=$(busy_child)
children | grep -vx "$victim" >"$SCRATCH/siblings"
done_by_siblings() {
	ctl status --json | jq --arg pid "$victim" '[.status.queues[].slots[] |
		select(.pid != ($pid | tonumber)) | .deleted] | add'
}
seq 40 | sed 's/.*/0.05/' >"$SCRATCH/bodies"
AWS_ENDPOINT_URL=$FAKE "$BUILD/sqs-send" -q "$QUEUE" <"$SCRATCH/bodies" \
	>"$SCRATCH/out" || fail "forty messages are sent" "$(cat "$SCRATCH/out")"
some_done() {
	[ "$(queue_field deleted)" -ge "$1" ]
}
within 20 some_done 2 || fail "others work" "they do not"
before=$(done_by_siblings)
signal KILL "$victim"
eventually 5 "a child killed at work is logged with its signal" \
	logged "child_exited.*\"child_pid\":$victim,.*\"signal\":\"SIGKILL\",\"core\":false"
ok "a child killed at work is logged with its message" logged "message_interrupted.*$id"
eventually 30 "the message of a killed child and all others are done" \
	queue_is deleted 41
is "$(grep -c "$id" "$SCRATCH/worked")" 2 \
	"the message of a killed child is worked exactly once more"
is "$(sort "$SCRATCH/worked" | uniq -c | grep -vc " 1 ")" 1 \
	"no other message is worked twice"
ok "the other children went on working" test "$(done_by_siblings)" -gt "$before"
ok "the other children are the same" same_children
eventually 10 "the dead child is replaced" child_count_is 3
is "$(queue_field expired)" 0 "no message waited for its timeout"
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor

# ---- every way to end ----

start_shimmed -j 1 -o wait_time=1 -o restart_base=20ms -o restart_cap=20ms \
	-o crash_limit=100 -- "$SCRATCH/handler"
deaths=0
# dies NAME REGEX: the child of the only slot did, and it is abnormal.
dies() {
	deaths=$((deaths + 1))
	eventually 10 "a death is told apart: $1" logged \
		"child_exited.*\"child_pid\":$victim,.*$2.*\"restart_in\":"
	like "$(ctl status --json | jq -r '.status.queues[].slots[].last_death')" "$3" \
		"a death is the slot's last death: $1"
}
for signal in SEGV ABRT BUS FPE; do
	eventually 10 "a child is there" child_in 0
	polling 1
	victim=$(child_in 0)
	signal $signal "$victim"
	dies "SIG$signal" "\"signal\":\"SIG$signal\",\"core\":(true|false)" \
		"^jobs/0: signal SIG$signal\$"
done
for status in 1 0; do
	eventually 10 "a child is there" child_in 0
	polling 1
	victim=$(child_in 0)
	echo "exit $status" >"$SHIM_FILE.$victim"
	signal USR2 "$victim"
	dies "exit $status that nobody asked for" "\"exit_status\":$status" \
		"^jobs/0: exit status $status\$"
done
is "$(ctl status --json | jq .status.deaths)" $deaths \
	"each counts as a death, exit 0 as well"
like "$(ctl metrics)" "child_crashes_total.* $deaths\$" \
	"the metrics have each death"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- one slot in a crash loop ----

start_sqsherd -j 3 -o wait_time=1 -o restart_base=200ms -o restart_cap=1600ms \
	-o crash_limit=100 -- "$SCRATCH/handler"
rm "$SCRATCH/kills"
polling 3
children | grep -vx "$(child_in 0)" >"$SCRATCH/siblings"
deleted=$(queue_field deleted)
deaths=0
while [ $deaths -lt 7 ]; do
	within 10 child_in 0 || fail "slot 0 is filled" "it is not"
	murder 0
	deaths=$((deaths + 1))
	dead() {
		[ "$(count_logged '"event":"child_exited".*"slot":0,')" -eq "$deaths" ]
	}
	within 10 dead || fail "slot 0 dies" "it does not"
	send 0
	eventually 10 "during pause $deaths of a slot others work" \
		queue_is deleted $((deleted + deaths))
done
within 10 child_in 0 || bail "slot 0 is not filled"
refills 0 >"$SCRATCH/refills"
# Between half of 1, 2, 4 ... times restart_base and all of it, never early.
ok "pauses of a slot double up to restart_cap, and are kept" awk '
	BEGIN { limit = 200 }
	{ if ($2 < limit / 2 || $2 > limit || $3 - $1 < $2 - 1) { print; bad = 1 }
	  limit = limit * 2 > 1600 ? 1600 : limit * 2 }
	END { exit bad || NR != 7 }' "$SCRATCH/refills"
ok "pauses of a slot have jitter" test "$(awk 'BEGIN { limit = 200 }
	{ printf "%d\n", $2 * 100 / limit
	  limit = limit * 2 > 1600 ? 1600 : limit * 2 }' "$SCRATCH/refills" |
	sort -u | wc -l)" -gt 1
ok "the other children are the same" same_children
is "$(count_logged '"event":"child_exited".*"slot":[12],')" 0 \
	"no child of another slot has ended"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- all slots in one, but for a child that works ----

start_sqsherd -j 3 -o wait_time=1 -o restart_base=10ms -o restart_cap=20ms \
	-o crash_limit=6 -- "$SCRATCH/handler"
deleted=$(queue_field deleted)
send "$SCRATCH/go"
eventually 10 "a job runs" busy_child
worker=$(busy_child)
loop_killer() {
	for _pid in $(children | grep -vx "$worker"); do
		kill -KILL "$_pid" 2>/dev/null || : # it is gone already
	done
	logged '"event":"crash_loop"'
}
eventually 30 "children that keep dying are a crash loop" loop_killer
ok "a child that works is not disturbed by a crash loop" is_alive "$worker"
touch "$SCRATCH/go"
wait_sqsherd
took=$(stop_took crash_loop)
is "$STATUS" 75 "a crash loop ends sqsherd: exit 75"
ok "a crash loop ends within the grace timeout ($took ms)" test "$took" -lt 26000
is "$(queue_field deleted)" $((deleted + 1)) \
	"a job that ran in the crash loop is finished"
like "$(tail -1 "$SCRATCH/log")" \
	'"event":"stopped","exit_status":75.*"last_deaths":"jobs/[0-2]: signal SIGKILL; jobs/[0-2]: signal SIGKILL; jobs/' \
	"the last record has the last deaths"
ok "a crash loop is crash_limit deaths and one more, or what died with it" \
	test "$(jq 'select(.event == "stopped") | .deaths' "$SCRATCH/log")" -ge 7
# ---- stopped, and killed before the supervisor has done with that ----

SHIM_HOLD=halted start_shimmed -j 1 -o wait_time=1 -o visibility_timeout=600 \
	-- "$SCRATCH/handler"
deleted=$(queue_field deleted)
send 600
within 20 busy_child || fail "a job runs" "it does not"
victim=$(busy_child)
find_process -P "$victim" -f '^sleep'
sleeper=$FOUND
signal STOP "$victim"
eventually 5 "it is seen that a child was stopped" \
	test -e "$SHIM_FILE.halted"
signal KILL "$victim"
touch "$SHIM_FILE"
eventually 10 "it is seen that a stopped child was killed" \
	logged "child_exited.*\"child_pid\":$victim,.*\"signal\":\"SIGKILL\""
eventually 5 "the handler of a stopped and killed child is dead" has_ended "$sleeper"
eventually 10 "another child then does the message" queue_is deleted $((deleted + 1))
stop_sqsherd
is "$STATUS" 0 "exit 0"

ok "no process is left" no_survivor
done_testing
