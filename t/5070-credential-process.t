#!/bin/sh
# A credential_process that does not end: a fetch is over after its deadline,
# is tried again, and is trouble that health sees.
. "$(dirname "$0")/lib.sh"

. t/freezer.sh

start_fake
new_queue jobs '"VisibilityTimeout":"60"'
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export HOME="$SCRATCH"
mkdir "$SCRATCH/.aws"
cat >"$SCRATCH/good" <<'EOF2'
#!/bin/sh
echo '{"Version": 1, "AccessKeyId": "AKIDPROGRAM", "SecretAccessKey": "x"}'
EOF2
# It joins its parent's group; where it writes its pid is its first argument.
cat >"$SCRATCH/leaves" <<'EOF2'
#!/usr/bin/perl
setpgrp(0, getpgrp(getppid())) or die "setpgrp: $!";
open(my $f, ">", "$ARGV[0].new") or die;
print $f "$$\n";
close($f);
rename("$ARGV[0].new", $ARGV[0]);
sleep 600;
EOF2
chmod +x "$SCRATCH/good" "$SCRATCH/leaves"
program() {
	printf '[default]\ncredential_process = %s\n' "$*" >"$SCRATCH/config.new"
	mv "$SCRATCH/config.new" "$SCRATCH/.aws/config"
}
too_late='receive_failed.*credential_process took too long'
unhealthy() {
	! ctl health >"$SCRATCH/health" && grep -q "$1" "$SCRATCH/health"
}
nobody_runs() {
	! pgrep -f "$SCRATCH/leaves" >/dev/null
}

# -- it has left its group
program "$SCRATCH/leaves" "$SCRATCH/pid"
start_sqsherd -j 2 -o request_timeout=1s -o health_timeout=3s -- /bin/true
eventually 20 "a program that has left its group is given up" logged "$too_late"
eventually 20 "health tells of it" unhealthy 'credential_process took too long'
first=$(cat "$SCRATCH/pid")
another_ran() {
	[ "$(cat "$SCRATCH/pid")" != "$first" ]
}
eventually 20 "and it is tried again" another_ran
program "$SCRATCH/good"
send one
eventually 20 "when the program is well, so are the children" queue_is deleted 1
eventually 20 "nothing is left of the other" nobody_runs
eventually 20 "and health is back" ctl health
stop_sqsherd
is "$STATUS" 0 "the exit status is 0"

# -- not even SIGKILL ends it
if ! find_freezer; then
	skip "a program that is stuck in the kernel" "$WHY_NOT"
	ok "no process is left" no_survivor
	done_testing
fi
program "$SCRATCH/leaves" "$SCRATCH/stuck"
start_sqsherd -j 1 -o request_timeout=4s -o health_timeout=3s -- /bin/true
eventually 20 "a program runs" test -e "$SCRATCH/stuck"
stuck=$(cat "$SCRATCH/stuck")
freeze "$stuck" 1 || bail "cannot freeze a process"
# On a busy machine the next try may have been refused before this one's reason
# is logged: then that is the reason, and says the same of the process.
eventually 30 "one that is stuck in the kernel is given up" \
	logged 'receive_failed.*credential_process .*, and cannot be killed'
eventually 20 "no other is started beside it, which health tells of" \
	unhealthy "still runs as process $stuck"
is "$(cat "$SCRATCH/stuck")" "$stuck" "none was"
program "$SCRATCH/good"
thaw 1
eventually 20 "once it is gone" has_ended "$stuck"
send two
eventually 20 "there are keys again" queue_is deleted 2
ok "it is no zombie of its child" sh -c \
	"[ -z \"\$(ps -o stat= -p $stuck)\" ]"
stop_sqsherd
is "$STATUS" 0 "the exit status is 0"
ok "no process is left" no_survivor
done_testing
