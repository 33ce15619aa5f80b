#!/bin/sh
# SQS is slow, and the only child dies again and again: each death has its
# releaser, although those of the deaths before are still at work.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
[ "\$SQS_RECEIVE_COUNT" -gt 1 ] || kill -KILL \$PPID
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs
fault "op=ChangeMessageVisibilityBatch&kind=hang&ms=2000&count=4"
start_sqsherd -j 1 -o visibility_timeout=600 -o restart_base=20ms \
	-o restart_cap=20ms -o crash_limit=100 -- "$SCRATCH/handler"
for i in 1 2 3 4; do
	send "job $i"
done
eventually 30 "four messages come back and are done" queue_is deleted 4
is "$(jq -s '[.[] | select(.event == "child_exited")] | length' \
	"$SCRATCH/log")" 4 "after four deaths"
is "$(count_logged releaser_failed)" 0 "each had a releaser"
is "$(queue_field expired)" 0 "and no message waited for its timeout"
stop_sqsherd
is "$STATUS" 0 "exit 0"
done_testing
