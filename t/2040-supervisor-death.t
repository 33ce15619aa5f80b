#!/bin/sh
# A supervisor that is killed leaves no orphan that works on.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
echo working
sleep "$(cat)"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

receives() {
	fake /_stats | jq .ops.ReceiveMessage.requests
}

for delay in 0 0.01 0.1; do
	start_sqsherd -j 3 -o wait_time=20 -- "$SCRATCH/handler"
	fake "/_wait?name=jobs&cond=polling&value=3&ms=10000" >/dev/null
	sleep $delay
	signal KILL "$SQSHERD"
	wait_sqsherd
	eventually 2 "when the supervisor is killed, idle children are gone in 2 s" \
		no_survivor
done

start_sqsherd -j 1 -o wait_time=20 -- "$SCRATCH/handler"
send 1.5
eventually 10 "a job runs" logged working
before=$(receives)
signal KILL "$SQSHERD"
wait_sqsherd
eventually 10 "a busy child of a killed supervisor finishes its job" queue_is deleted 1
eventually 2 "a busy child of a killed supervisor ends after its job" no_survivor
is "$(queue_field in_flight)" 0 "nothing is in flight"
is "$(receives)" "$before" "a child without a supervisor begins no receive"

start_sqsherd -j 1 -o wait_time=20 -o grace_timeout=2 -- "$SCRATCH/handler"
send 60
eventually 10 "a long job runs" logged working
signal KILL "$SQSHERD"
wait_sqsherd
eventually 5 "a child without a supervisor gives its message back after the grace" \
	queue_is visible 1
eventually 5 "a busy child of a killed supervisor ends after its job" no_survivor
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

# ---- a fault of its own ----

# perl, as a shell does not say whether there was a core.
cat >"$SCRATCH/keeper" <<'EOF2'
my $scratch = shift;
my $pid = fork;
exec @ARGV or die if $pid == 0;
open my $f, ">", "$scratch/supervisor"; print $f $pid; close $f;
waitpid $pid, 0;
open $f, ">", "$scratch/ended"; printf $f "signal %d, %s", $? & 127,
	$? & 128 ? "core" : "no core"; close $f;
EOF2
for size in 0 unlimited; do
	rm -f "$SCRATCH/supervisor" "$SCRATCH/ended"
	new_log
	(
		cd "$SCRATCH" || exit 1
		exec perl "$SCRATCH/keeper" "$SCRATCH" "$BUILD/sqsherd" \
			-q "$QUEUE" -j 3 -o log_format=json -o wait_time=20 \
			-o limit_core=$size -- "$SCRATCH/handler" \
			2>"$SCRATCH/log" </dev/null
	) &
	keeper=$!
	PIDS="$PIDS $keeper"
	fake "/_wait?name=jobs&cond=polling&value=3&ms=10000" >/dev/null
	supervisor=$(cat "$SCRATCH/supervisor")
	PIDS="$PIDS $supervisor"
	signal SEGV "$supervisor"
	wait $keeper
	eventually 2 "after a fault of the supervisor, children are gone in 2 s" \
		no_survivor
	want="signal 11, no core"
	if is_sanitized; then
		# It reports faults itself, and exits.
		like "$(cat "$SCRATCH/ended")" 'signal (0|6|11), ' \
			"a supervisor with a fault has ended"
		continue
	fi
	case $size,$(cat /proc/sys/kernel/core_pattern) in
	unlimited,"|"*) want="signal 11, (no )?core" ;;
	unlimited,*) want="signal 11, core" ;;
	esac
	like "$(cat "$SCRATCH/ended")" "^$want\$" \
		"with limit_core=$size a fault is: $want"
done
done_testing
