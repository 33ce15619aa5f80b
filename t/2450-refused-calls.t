#!/bin/sh
# A container runtime that refuses the newer system calls, in either way.
. "$(dirname "$0")/lib.sh"

# A sleep of a length that is this test's own.
nap=601.$$
cat >"$SCRATCH/handler" <<'EOF2'
#!/usr/bin/perl
my ($verb, $argument) = split " ", <STDIN>;
$| = 1;
if ($verb eq "calls") {
	for my $call (434, 436, 435) {	# pidfd_open, close_range, clone3
		$! = 0;
		syscall($call, $$, 0, 0);
		print "refused $call $!\n";
	}
	opendir my $d, "/proc/self/fd";
	print "descriptors ", join(",", grep { /\d/ && $_ != fileno $d }
		sort readdir $d), "\n";
}
exit 0 if $ENV{SQS_RECEIVE_COUNT} > 1;
print "working\n";
if ($verb eq "family") {
	for (1, 2) { exec "sleep", $argument or die unless fork }
	wait;
}
sleep $argument if $verb eq "sleep";
EOF2
chmod +x "$SCRATCH/handler"
cat >"$SCRATCH/keys" <<'EOF2'
#!/bin/sh
echo '{"Version":1,"AccessKeyId":"AKIDTEST","SecretAccessKey":"secret"}'
EOF2
chmod +x "$SCRATCH/keys"
# Credentials come from a process, too: there are none in the environment.
printf '[default]\ncredential_process = %s\n' "$SCRATCH/keys" \
	>"$SCRATCH/config"
start_fake
# What a script of ours may purge twice within a minute.
fake "/_set?purge_interval_s=0" -X POST >/dev/null
new_queue jobs '"VisibilityTimeout":"600"'

calls=pidfd_open,pidfd_send_signal,close_range,clone3
status_of "$BUILD/t/refuse" ENOSYS $calls /bin/true 2>"$SCRATCH/why"
case $STATUS in
0) ;;
3) skip_all "$(cat "$SCRATCH/why")" ;;
*) bail "$(cat "$SCRATCH/why")" ;;
esac

start() {
	new_log
	env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY \
		AWS_CONFIG_FILE="$SCRATCH/config" \
		"$BUILD/t/refuse" "$error" $calls "$BUILD/sqsherd" -q "$QUEUE" \
		-o log_format=json -o wait_time=1 -o retry_base=0 \
		-o restart_base=100ms -o visibility_timeout=600 "$@" \
		-- "$SCRATCH/handler" 2>"$SCRATCH/log" </dev/null &
	SQSHERD=$!
	PIDS="$PIDS $SQSHERD"
}
no_member() {
	! pgrep -f "^sleep $nap\$" >/dev/null
}
working() {
	logged '"line":"working"'
}

done_so_far=0
for error in ENOSYS EPERM; do
	call="$error:"
	said="Function not implemented"
	[ $error = ENOSYS ] || said="Operation not permitted"

	start -j 2
	send "calls"
	done_so_far=$((done_so_far + 1))
	eventually 10 "$call a message is done" queue_is deleted $done_so_far
	ok "$call the calls were refused" test \
		"$(count_logged "\"line\":\"refused 43[456] $said")" -eq 3
	ok "$call a handler has three descriptors" \
		logged '"line":"descriptors 0,1,2"'
	eventually 5 "$call two children run" child_count_is 2

	send "family $nap"
	eventually 10 "$call a handler with a family runs" busy_child
	victim=$(busy_child)
	within 10 pgrep -f "^sleep $nap\$"
	signal KILL "$victim"
	done_so_far=$((done_so_far + 1))
	eventually 10 "$call its child killed, the message is done by another" \
		queue_is deleted $done_so_far
	eventually 5 "$call the family is gone" no_member
	eventually 5 "$call the child is replaced" child_count_is 2
	first=$(children | head -1)
	signal TERM "$first"
	eventually 10 "$call a child that is told to end exits" \
		logged "child_exited.*\"child_pid\":$first,.*\"exit_status\":0"
	eventually 5 "$call and is replaced" child_count_is 2
	stop_sqsherd
	is "$STATUS" 0 "$call SIGTERM: exit 0"
	ok "$call no process is left" no_survivor

	start -j 1 -o grace_timeout=3
	send "family $nap"
	eventually 10 "$call a long job runs" working
	within 10 pgrep -f "^sleep $nap\$"
	stop_sqsherd
	is "$STATUS" 76 "$call SIGTERM with a longer job: exit 76"
	is "$(queue_field visible)" 1 "$call its message is visible again"
	ok "$call the family is gone" no_member
	ok "$call no process is left" no_survivor
	sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null

	start -j 1 -o job_timeout=1s -o job_kill_timeout=500ms
	send "sleep 60"
	done_so_far=$((done_so_far + 1))
	eventually 15 "$call a job past its timeout is ended, and done later" \
		queue_is deleted $done_so_far
	signal KILL "$SQSHERD"
	wait_sqsherd
	eventually 5 "$call the supervisor killed, its child is gone" no_survivor
done
is "$(queue_field in_flight)" 0 "nothing is in flight"
done_testing
