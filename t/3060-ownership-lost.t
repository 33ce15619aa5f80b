#!/bin/sh
# What happens to a handler whose message is not ours any more.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
trap 'echo stopped >>"$SCRATCH/events"; exit 1' TERM
echo began >>"$SCRATCH/events"
sleep 3 &
wait
echo ended >>"$SCRATCH/events"
EOF
chmod +x "$SCRATCH/handler"
start_fake
lose="op=ChangeMessageVisibilityBatch&kind=entry_fail&count=1&sender=1"
lose="$lose&code=ReceiptHandleIsInvalid"

new_queue finish
start_sqsherd -j 1 -o visibility_timeout=3 -- "$SCRATCH/handler"
fault "$lose"
send job
eventually 20 "an extension is refused" logged '"event":"ownership_lost"'
eventually 20 "finish: the handler ends as it likes" \
	grep -q ended "$SCRATCH/events"
eventually 20 "and the message is deleted, if it still can be" \
	logged '"event":"message".*"verdict":"done"'
stop_sqsherd
is "$STATUS" 0 "exit 0"

rm "$SCRATCH/events"
new_queue kill
start_sqsherd -j 1 -o visibility_timeout=3 -o on_ownership_lost=kill \
	-- "$SCRATCH/handler"
fault "$lose"
send job
eventually 20 "kill: the handler is stopped" grep -q stopped "$SCRATCH/events"
eventually 20 "and the message ends as expired" \
	logged '"event":"message".*"outcome":"expired"'
is "$(fake /_calls | jq '[.[] | select(.queue == "kill" and
	.op == "ChangeMessageVisibilityBatch" and
	.visibility_timeouts[0] == 0)] | length')" 0 \
	"nothing is given back that is not ours"
eventually 30 "another delivery finds it" queue_is deleted 1
stop_sqsherd
is "$STATUS" 0 "exit 0"

# -- what waits behind another, and is lost meanwhile, is not begun
cat >"$SCRATCH/bodies" <<EOF
#!/bin/sh
body=\$(cat)
echo "\$body \$SQS_RECEIVE_COUNT" >>"$SCRATCH/begun"
[ "\$body" != first ] || while [ ! -e "$SCRATCH/go" ]; do sleep 0.05; done
EOF
chmod +x "$SCRATCH/bodies"
new_queue behind
send first second
start_sqsherd -j 1 -o receive_max=2 -o visibility_timeout=3 -- "$SCRATCH/bodies"
eventually 20 "the first of two is worked" grep -q first "$SCRATCH/begun"
fault "$lose&entry=1"
eventually 20 "the second is lost" logged '"event":"ownership_lost"'
touch "$SCRATCH/go"
eventually 20 "and is worked when it comes again" queue_is deleted 2
is "$(sort "$SCRATCH/begun" | tr '\n' ,)" "first 1,second 2," \
	"but not before"
stop_sqsherd

# -- nor what is behind it in its group
rm "$SCRATCH/begun" "$SCRATCH/go"
new_queue group.fifo '"FifoQueue":"true"'
for body in first second; do
	fake "/_send?name=group.fifo&body=$body&group=g&dedup=$body" -X POST \
		>"$SCRATCH/out"
done
start_sqsherd -j 1 -o receive_max=2 -o visibility_timeout=3 -- "$SCRATCH/bodies"
eventually 20 "the first of a group is worked" grep -q first "$SCRATCH/begun"
fault "$lose&entry=0"
eventually 20 "it is lost" logged '"event":"ownership_lost"'
eventually 20 "and the second goes back" \
	logged '"event":"message".*"outcome":"released"'
touch "$SCRATCH/go"
eventually 20 "both are done in the end" queue_is deleted 2
is "$(tail -2 "$SCRATCH/begun" | cut -d' ' -f1 | tr '\n' ,)" "first,second," \
	"in their order"
stop_sqsherd

rm "$SCRATCH/events"
cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
trap 'echo stopped >>"$SCRATCH/events"; exit 1' TERM
sleep 30 &
wait
EOF
new_queue cut
start_sqsherd -j 1 -o visibility_timeout=3 -o on_ownership_lost=kill \
	-- "$SCRATCH/handler"
fault "op=ChangeMessageVisibilityBatch&kind=hang&count=-1"
send job
eventually 20 "kill: also when the timeout ends because SQS cannot be told" \
	grep -q stopped "$SCRATCH/events"
eventually 20 "and the message ends as expired" \
	logged '"event":"message".*"outcome":"expired"'
fake /_clear -X POST >"$SCRATCH/out"
stop_sqsherd INT

# -- SQS's 12 hours, of which the scripted server has 5 s
fake "/_set?limit_12h_s=5" -X POST >"$SCRATCH/out"
new_queue long
start_sqsherd -j 2 -o visibility_timeout=3 -- sleep 8
send job
eventually 20 "at the end of the 12 hours ownership is lost" \
	logged '"event":"ownership_lost"'
eventually 20 "and the message is delivered again" queue_is redelivered 1
signal TERM "$SQSHERD"
stop_sqsherd QUIT
done_testing
