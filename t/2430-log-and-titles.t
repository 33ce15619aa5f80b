#!/bin/sh
# Many processes with one log and long records in it, and titles that are too
# long.
. "$(dirname "$0")/lib.sh"

# "LENGTH N": two lines of so many bytes, all the letter number N.
# "control": one of 2048 bytes that take six each in JSON.
cat >"$SCRATCH/handler" <<'EOF2'
#!/usr/bin/perl
my ($length, $n) = split " ", <STDIN>;
if ($length eq "control") {
	print "\x01" x 2048, "\n";
	exit 0;
}
select undef, undef, undef, 0.1;
print chr(97 + $n) x $length, "\n" for 1 .. 2;
EOF2
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"60"'

# send_lines LENGTH: sixteen, of eight letters.
send_lines() {
	seq 0 15 | awk -v length_="$1" '{ print length_, $1 % 8 }' \
		>"$SCRATCH/bodies"
	AWS_ENDPOINT_URL=$FAKE "$BUILD/sqs-send" -q "$QUEUE" \
		<"$SCRATCH/bodies" >"$SCRATCH/out" || fail "they are sent" ""
}
# Every line is one object, of one write, with one letter in its output.
parses() {
	perl -MJSON::PP -ne '
		die "$. is no record\n" unless /^\{.*\}\n\z/s;
		die "$. is too long\n" if length > 4096;
		my $r = decode_json($_);
		next unless $r->{event} eq "handler_output";
		die "$. is mixed\n" unless $r->{line} =~ /^(?:(.)\1*)?\z/s' "$1"
}
# Of each message: bytes of output, pieces, and how many say that they are.
outputs() {
	jq -rs '[.[] | select(.event == "handler_output")] | group_by(.id)[] |
		"\(map(.line | length) | add) \(length) \(map(select(.partial)) |
		length)"' "$SCRATCH/log" | sort | uniq -c | sed 's/^ *//'
}

# ---- a file, in which all of it is ----

start_sqsherd -j 8 -o wait_time=1 -- "$SCRATCH/handler"
within 20 fake "/_wait?name=jobs&cond=polling&value=8&ms=5000"
send_lines 4096
eventually 30 "sixteen messages log lines of 4096 bytes" \
	queue_is deleted 16
send_lines 65536
eventually 60 "sixteen messages log lines of 64 KiB" queue_is deleted 32
is "$(jq -r 'select(.event == "handler_output") | .pid' "$SCRATCH/log" |
	sort -u | wc -l)" 8 "the lines come from eight children"
ok "every line of the log parses" parses "$SCRATCH/log"
# A line that fills its pieces ends with an empty one, which is the last.
is "$(outputs)" "16 131072 66 64
16 8192 6 4" "no byte is lost, and each piece says that it is one"
send control
eventually 10 "a line is logged whose piece is too long for a record" queue_is deleted 33
is "$(jq -s '[.[] | select(.truncated)] | length == 1 and (.[0] |
	.event == "handler_output" and (.line | length) > 100)' \
	"$SCRATCH/log")" true "a record that would be too long is cut, and marked"
stop_sqsherd
is "$STATUS" 0 "exit 0"

# ---- a pipe, which may be full ----

mkfifo "$SCRATCH/pipe"
cat "$SCRATCH/pipe" >"$SCRATCH/piped" &
reader=$!
PIDS="$PIDS $reader"
"$BUILD/sqsherd" -q "$QUEUE" -j 8 -o log_format=json -o wait_time=1 \
	-- "$SCRATCH/handler" 2>"$SCRATCH/pipe" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
send_lines 4096
send_lines 65536
eventually 60 "as many lines go into a pipe" queue_is deleted 65
signal TERM "$SQSHERD"
wait_sqsherd
is "$STATUS" 0 "exit 0"
wait $reader
ok "every line from the pipe parses" parses "$SCRATCH/piped"
ok "all lines are in the pipe, or said to be dropped" sh -c \
	"[ \$(grep -c '\"event\":\"handler_output\"' '$SCRATCH/piped') -eq 1152 ] ||
		grep -q '\"dropped\":' '$SCRATCH/piped'"

# ---- titles ----

title_is() {
	ps -ww -o args= --ppid "$SQSHERD" -p "$SQSHERD" | grep -Fxq -e "$1"
}
cat >"$SCRATCH/sleeper" <<'EOF2'
#!/bin/sh
exec sleep 60
EOF2
chmod +x "$SCRATCH/sleeper"
# As long as a queue's name can be.
long=$(printf '%080d' 0 | tr 0 q)
new_queue "$long"
# With nearly no environment there is hardly room for a title.
new_log
env -i PATH=/bin "$BUILD/sqsherd" -q "$QUEUE" -o log_format=json -j 2 \
	-o region=us-east-1 -o grace_timeout=3 -o control_socket="$SCRATCH/control.sock" \
	-- "$SCRATCH/sleeper" 2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 10 "the title of the supervisor has its role and the queue" \
	sh -c "ps -ww -o args= -p $SQSHERD |
		grep -q '^sqsherd: supervisor \[qqqqqqqqqq'"
shows_slots() {
	ps -ww -o args= --ppid "$SQSHERD" | sort | tr '\n' ';' |
		grep -Eq '^sqsherd: q+/0 .*sqsherd: q+/1 '
}
eventually 10 "titles of children have their queue and slot" shows_slots
signal TERM "$SQSHERD"
wait_sqsherd
is "$STATUS" 0 "exit 0"

start_sqsherd -j 2 -o grace_timeout=4 -- "$SCRATCH/sleeper"
eventually 10 "the supervisor's title says how many children are ready" \
	title_is "sqsherd: supervisor [$long 2/2 ready]"
eventually 10 "a child's title says that it polls" \
	title_is "sqsherd: $long/0 [polling]"
send anything
id=$(cut -c1-8 "$SCRATCH/last_id")
is_titled_busy() {
	title_is "sqsherd: $long/0 [busy $id]" ||
		title_is "sqsherd: $long/1 [busy $id]"
}
eventually 10 "a child's title says which message it works on" is_titled_busy
signal TERM "$SQSHERD"
eventually 3 "the supervisor's title says that it stops" sh -c \
	"ps -ww -o args= -p $SQSHERD | grep -q '\[stopping, [12] left\]'"
eventually 3 "a child's title says that it drains" sh -c \
	"ps -ww -o args= --ppid $SQSHERD | grep -q '\[draining\]'"
wait_sqsherd
is "$STATUS" 76 "a stop cuts the job: exit 76"

# More than a title can hold.
printf 'command = %s\n' "$SCRATCH/sleeper" >"$SCRATCH/conf"
n=10
while [ $n -lt 30 ]; do
	new_queue "$long"
	printf '[queue %s%d]\nqueue_url = %s\nchildren = 1\n' \
		"$(echo "$long" | cut -c3-)" $n "$QUEUE"
	n=$((n + 1))
done >>"$SCRATCH/conf"
new_log
"$BUILD/sqsherd" -c "$SCRATCH/conf" -o log_format=json -o wait_time=1 \
	2>"$SCRATCH/log" </dev/null &
SQSHERD=$!
PIDS="$PIDS $SQSHERD"
eventually 20 "twenty queues with such names have children" \
	sh -c "[ \$(pgrep -c -P $SQSHERD -f '^sqsherd: q+[0-9]+/0 ') -eq 20 ]"
like "$(ps -ww -o args= -p "$SQSHERD")" \
	'^sqsherd: supervisor \[q+10 [01]/1 ready, q+11 ' \
	"the supervisor's title is cut, not the supervisor"
signal USR1 "$SQSHERD"
eventually 5 "a supervisor whose title is cut answers" \
	sh -c "[ \$(grep -c '\"event\":\"status\"' '$SCRATCH/log') -eq 20 ]"
signal INT "$SQSHERD"
within 10 logged stop_began
signal INT "$SQSHERD"
wait_sqsherd
ok "a supervisor whose title is cut stops ($STATUS)" test "$STATUS" -eq 0 -o "$STATUS" -eq 76
ok "no process is left" no_survivor
done_testing
