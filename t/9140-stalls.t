#!/bin/sh
# Every thing that a process may have to wait for stands still for ten seconds:
# all loops turn meanwhile, what is in hand is extended, handlers go on and a
# stop takes no longer than it may.
#
# A row is a sqsherd of its own with a wait of its own; they stand still side by
# side, as ten seconds are long and need no processor.
. "$(dirname "$0")/net.sh"
. "$(dirname "$0")/lib.sh"

STALL=10
HEARTBEAT=6                       # in s: a turn lasts a third of it at most
TURN_MAX=$((HEARTBEAT * 1000 / 3 + 1500)) # and is seen late on a busy machine
GRACE=8
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY

# ---- what stands still ----

# Prints the ports of three servers: full answers no SYN, mute says nothing, and
# drip sends a byte of its answer at a time.  Each argument is a terminal that
# nobody reads, named so: its name and the device are printed, too.  A line on
# stdin stops the terminals as Ctrl-S does.
cat >"$SCRATCH/staller" <<'EOF2'
#!/usr/bin/perl
use strict;
use Fcntl;
use IO::Select;
use IO::Socket::INET;
$| = 1;
$SIG{PIPE} = 'IGNORE';
sub listener {
	IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => shift,
		Proto => 'tcp') or die "no server: $@";
}
my ($full, $mute, $drip) = (listener(1), listener(64), listener(64));
my @backlog = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
	PeerPort => $full->sockport, Proto => 'tcp', Blocking => 0) or
	die "no backlog: $@" } 1 .. 8;
my (@terminals, @slaves);
for my $name (@ARGV) {
	my ($no, $n) = (pack('i', 0), pack('i', 0));
	sysopen(my $master, '/dev/ptmx', O_RDWR | O_NOCTTY) or last;
	ioctl($master, 0x40045431, $no) or last; # TIOCSPTLCK
	ioctl($master, 0x80045430, $n) or last;  # TIOCGPTN
	my $device = '/dev/pts/' . unpack('i', $n);
	sysopen(my $slave, $device, O_RDWR | O_NOCTTY) or last;
	push @terminals, $master;
	push @slaves, $slave;
	print "$name $device\n";
}
printf "%s %d\n", @$_ for (['full', $full->sockport],
	['mute', $mute->sockport], ['drip', $drip->sockport]);
my $select = IO::Select->new($mute, $drip, \*STDIN);
my (%slow, @held);
while (1) {
	for my $ready ($select->can_read(0.5)) {
		if ($ready == \*STDIN) {
			$select->remove($ready), next unless <STDIN>;
			syswrite($terminals[0], "\x13") if @terminals;
		} elsif ($ready == $mute) {
			push @held, scalar $mute->accept;
		} elsif ($ready == $drip) {
			$select->add(scalar $drip->accept);
		} elsif (sysread($ready, my $request, 65536)) {
			$ready->blocking(0);
			syswrite($ready, "HTTP/1.1 200 OK\r\n" .
				"Content-Type: application/x-amz-json-1.0\r\n" .
				"Content-Length: 1000\r\n\r\n")
				unless $slow{fileno $ready};
			$slow{fileno $ready} = $ready;
		} else {
			$select->remove($ready);
			delete $slow{fileno $ready};
			close $ready;
		}
	}
	syswrite($_, ' ') for values %slow;
}
EOF2

# watch OUT ROW=SOCKET...: asks each row for its status every 0.2 s until it is
# stopped, then writes a line a row: how often it was answered, how long the
# slowest answer took, the oldest turn that was seen, and the pids of all
# children and of the reporter that were.
cat >"$SCRATCH/watch" <<'EOF2'
#!/usr/bin/perl
use strict;
use IO::Socket::UNIX;
use Time::HiRes qw(time sleep);
my $out = shift;
open my $file, '>>', $out or die "$out: $!";
$file->autoflush;
my ($over, @watchers);
while (@ARGV) {
	my $pid = fork or last;
	push @watchers, $pid;
	shift;
}
if (!@ARGV) {
	$SIG{TERM} = sub { kill 'TERM', @watchers };
	1 while wait != -1;
	exit;
}
my ($row, $socket) = split /=/, $ARGV[0];
my ($answers, $slowest, $oldest, %pids) = (0, 0, 0);
$SIG{TERM} = sub { $over = 1 };
until ($over) {
	my $began = time;
	my $answer = '';
	if (my $s = IO::Socket::UNIX->new(Peer => $socket)) {
		print $s "status\n";
		1 while sysread($s, $answer, 65536, length $answer);
	}
	my $took = int(1000 * (time - $began));
	if ($answer =~ /\}\n\z/) {
		$answers++;
		$slowest = $took if $took > $slowest;
		$oldest = $_ > $oldest ? $_ : $oldest
			for $answer =~ /"turn_age_ms":(\d+)/g;
		$pids{$_} = 1 for $answer =~ /"pid":(\d+),"uptime/g;
	}
	sleep 0.2;
}
delete $pids{0};
syswrite $file, "$row $answers $slowest $oldest " . keys(%pids) . "\n";
EOF2

# "long" works as long as the stall, and prints more than a log's pipe or
# terminal holds; "deaf" does not read what it is given; "endless" does not stop
# to write for a while.
cat >"$SCRATCH/handler" <<'EOF2'
#!/usr/bin/perl
$| = 1;
sysread STDIN, my $body, 8;
my $end = time + $ENV{STALL} + 2;
if ($body =~ /^(long|deaf)/) {
	print 'x' x 999, "\n" for 1 .. 120;
} elsif ($body =~ /^endless/) {
	my $until = time + 3;
	print 'y' x 499, "\n" while time < $until;
} else {
	exit 0;
}
sleep 1 while time < $end;
EOF2
chmod 755 "$SCRATCH" "$SCRATCH/handler"
export STALL

# A process whose first answer is soon used up, and whose others do not come.
cat >"$SCRATCH/keys" <<'EOF2'
#!/bin/sh
if ! mkdir "$1" 2>/dev/null; then
	exec sleep 60
fi
printf '{"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"s",
	"SessionToken":"t","Expiration":"%s"}\n' \
	"$(date -u -d "+$2 seconds" +%Y-%m-%dT%H:%M:%SZ)"
EOF2
chmod 755 "$SCRATCH/keys"

mkfifo "$SCRATCH/orders" "$SCRATCH/full-log" "$SCRATCH/no-file" \
	"$SCRATCH/silence"
# Open, so that nobody waits for the other end; only the orders are read.
exec 5<>"$SCRATCH/orders" 6<>"$SCRATCH/full-log" 7<>"$SCRATCH/silence"
perl "$SCRATCH/staller" own other <&5 >"$SCRATCH/stalled" &
PIDS="$PIDS $!"
within 20 grep -q drip "$SCRATCH/stalled" || bail "nothing stands still"
what() {
	sed -n "s/^$1 //p" "$SCRATCH/stalled"
}
full=127.0.0.1:$(what full)
mute=127.0.0.1:$(what mute)
drip=127.0.0.1:$(what drip)

if [ -n "${NET_IS_OWN-}" ]; then
	perl -MIO::Socket::INET -e 'my $silent = IO::Socket::INET->new(
		Proto => "udp", LocalAddr => "127.0.0.2", LocalPort => 53)
		or die $@; open my $f, ">", shift or die $!; sleep' \
		"$SCRATCH/bound" &
	PIDS="$PIDS $!"
	within 20 test -e "$SCRATCH/bound" || bail "no silent name server"
	echo 'hosts: files dns' >"$SCRATCH/nsswitch.conf"
	printf 'nameserver 127.0.0.2\noptions timeout:30 attempts:1\n' \
		>"$SCRATCH/resolv.conf"
	echo '127.0.0.1 localhost' >"$SCRATCH/hosts"
	for file in resolv.conf nsswitch.conf hosts; do
		mount --bind "$SCRATCH/$file" "/etc/$file" ||
			bail "no /etc/$file"
	done
fi

# ---- the rows ----

start_fake
ROWS=
file=
command="-- $SCRATCH/handler"
# start ROW COMMAND...: its log is stderr, if that is not said otherwise.
start() {
	row=$1
	shift
	ROWS="$ROWS $row"
	: >"$SCRATCH/$row.log"
	# shellcheck disable=SC2086 # options without spaces
	"$@" ${file:--q $QUEUE -j 2} -o log_format=json -o retry_base=0 -o brake_after=0 \
		-o wait_time=1 -o visibility_timeout=6 -o connect_timeout=20 \
		-o request_timeout=20 -o heartbeat_timeout=$HEARTBEAT \
		-o grace_timeout=$GRACE -o control_socket="$SCRATCH/open/$row" \
		${options-} $command \
		2>"${log:-$SCRATCH/$row.log}" >"$SCRATCH/stdout" </dev/null &
	eval "pid_$row=$!"
	PIDS="$PIDS $!"
}
sqsherd=$BUILD/sqsherd
mkdir -m 1777 "$SCRATCH/open"

# SQS itself: nothing is in hand.
sqs_row() {
	QUEUE=$2/000000000000/none
	start "sqs_$1" "$sqsherd"
}
# A body in S3 that cannot be had: its message is in hand, and another is
# worked beside it.
s3_row() {
	new_queue "s3_$1" '"VisibilityTimeout":"600"'
	jq -cn --arg q "$QUEUE" '{QueueUrl: $q, MessageBody: "[\"software.amazon.payloadoffloading.PayloadS3Pointer\",{\"s3BucketName\":\"one\",\"s3Key\":\"k\"}]",
		MessageAttributes: {ExtendedPayloadSize:
			{DataType: "Number", StringValue: "5"}}}' \
		>"$SCRATCH/send.json"
	sqs SendMessage "@$SCRATCH/send.json" >"$SCRATCH/out" ||
		bail "no message"
	options="-o s3_buckets=one -o s3_endpoint_url=$2 -o allow_http=yes"
	start "s3_$1" "$sqsherd"
	options=
}
# Credentials that do not come: nothing is received.
keys_row() {
	row=keys_$1
	shift
	new_queue "$row" '"VisibilityTimeout":"600"'
	start "$row" env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY \
		HOME="$SCRATCH" "$@" "$sqsherd"
}
# All is well with SQS; a message is worked for as long as the stall lasts.
work_row() {
	row=$1
	shift
	new_queue "$row" '"VisibilityTimeout":"600"'
	[ -z "$file" ] || {
		printf 'command = %s\n[queue log]\nqueue_url = %s\nchildren = 2\n' \
			"$SCRATCH/handler" "$QUEUE"
		cat "$SCRATCH/queues"
	} >"$SCRATCH/log.conf"
	start "$row" "$@"
}

uri=AWS_CONTAINER_CREDENTIALS_FULL_URI
if [ -n "${NET_IS_OWN-}" ]; then
	sqs_row name https://sqs.silent.test
	s3_row name https://s3.silent.test
	keys_row name "$uri=https://keys.silent.test/"
else
	for name in sqs_name s3_name keys_name; do
		skip "$name: a name server says nothing" \
			"needs ip and its own network and mount namespaces"
	done
fi
for kind in connect:http://$full tls:https://$mute header:http://$mute \
	body:http://$drip; do
	sqs_row "${kind%%:*}" "${kind#*:}"
	s3_row "${kind%%:*}" "${kind#*:}"
	keys_row "${kind%%:*}" "$uri=${kind#*:}/keys"
done
keys_row file "AWS_SHARED_CREDENTIALS_FILE=$SCRATCH/no-file"
printf '[profile p]\ncredential_process = %s %s\n' \
	"$SCRATCH/keys" "$SCRATCH" >"$SCRATCH/config"
keys_row process AWS_CONFIG_FILE="$SCRATCH/config" AWS_PROFILE=p

# The same when there were some, which are still good for the stall.
printf '[profile p]\ncredential_process = %s %s/once 60\n' \
	"$SCRATCH/keys" "$SCRATCH" >"$SCRATCH/config.again"
fake '/_set?creds_lifetime_s=60' -X POST >"$SCRATCH/out" || bail "no keys"
no_keys="env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY"
# shellcheck disable=SC2086 # a command of words
work_row again_process $no_keys AWS_CONFIG_FILE="$SCRATCH/config.again" \
	AWS_PROFILE=p "$sqsherd"
# shellcheck disable=SC2086
work_row again_header $no_keys $uri="$FAKE/creds" "$sqsherd"

# The log: a pipe, a terminal that was stopped, and one that is another user's.
# Its reporter has more lines than it may wait for.
for n in 1 2 3 4; do
	new_queue none$n
	printf '[queue none%d]\nqueue_url = %s\nchildren = 1\n' $n "$QUEUE"
done >"$SCRATCH/queues"
log=$SCRATCH/full-log
file="-c $SCRATCH/log.conf"
command=
options="-o emf=yes -o emf_interval=1"
work_row log "$sqsherd"
file=
options=
command="-- $SCRATCH/handler"
log=$(what own)
if [ -n "$log" ]; then
	work_row terminal "$sqsherd"
	echo stop >&5
else
	skip "terminal: it was stopped" "needs a terminal"
fi
log=$(what other)
if [ -n "$log" ] && [ "$(id -u)" -eq 0 ] && ! is_sanitized; then
	chmod 620 "$log"
	mkdir "$SCRATCH/bin"
	cp "$sqsherd" "$SCRATCH/bin/" || bail "no copy"
	work_row terminal_of_other setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$SCRATCH/bin/sqsherd"
else
	skip "terminal_of_other: nobody reads it" \
		"needs a terminal, root and no sanitizer"
fi
log=
work_row control "$sqsherd"
options="-o log_level=warn"
work_row handler_deaf "$sqsherd"
work_row handler_endless "$sqsherd"
options=

# ---- they stand still ----

# Each row is there before it is looked at; those that can have a message.
for row in $ROWS; do
	within 30 test -S "$SCRATCH/open/$row" || fail "$row: it starts" "no"
done
# shellcheck disable=SC2046 # words
perl "$SCRATCH/watch" "$SCRATCH/watched" $(for row in $ROWS; do
	echo "$row=$SCRATCH/open/$row"
done) &
watch=$!
PIDS="$PIDS $watch"
put() {
	fake "/_send?name=$1" -X POST --data-binary "$2" >"$SCRATCH/out" ||
		bail "cannot send"
}
printf 'deaf%0200000d' 0 >"$SCRATCH/deaf"
WORK=
for row in $ROWS; do
	case $row in
	sqs_* | keys_*) continue ;;
	handler_deaf) put "$row" "@$SCRATCH/deaf" ;;
	handler_endless) put "$row" endless ;;
	*) put "$row" long ;;
	esac
	WORK="$WORK $row"
	in_hand=1
	[ "${row#s3_}" = "$row" ] || in_hand=2
	fake "/_wait?name=$row&cond=in_flight_at_least&value=$in_hand&ms=30000" \
		>"$SCRATCH/out" 2>&1 || fail "$row: it is worked" "it is not"
done
fake '/_set?creds_hang=1' -X POST >"$SCRATCH/out" || bail "keys come"
for how in "hold 20" deaf; do
	# shellcheck disable=SC2086 # words
	"$BUILD/t/rawctl" "$SCRATCH/open/control" $how <&7 \
		>"$SCRATCH/out.control" &
	PIDS="$PIDS $!"
done
printf hea | "$BUILD/t/rawctl" "$SCRATCH/open/control" say >"$SCRATCH/half" &
PIDS="$PIDS $!"
sleep $STALL
for row in $WORK; do
	fake "/_wait?name=$row&cond=deleted_at_least&value=1&ms=30000" \
		>"$SCRATCH/out" 2>&1 || : # told below
	fake "/_queue?name=$row" >"$SCRATCH/$row.queue" ||
		bail "$row: no queue"
done
signal TERM $watch
wait $watch
for row in $ROWS; do
	eval "signal TERM \$pid_$row"
	now_ms >"$SCRATCH/$row.stopped"
done
# Who is held up for ever is not waited for as long.
(env -u TEST_MARK sleep $((GRACE + 12)) && eval "kill -9 $(for row in $ROWS; do
	printf '$pid_%s ' "$row"
done)") >"$SCRATCH/killed" 2>&1 &
PIDS="$PIDS $!"
for row in $ROWS; do
	eval "status_of wait \$pid_$row"
	echo "$STATUS $(($(now_ms) - $(cat "$SCRATCH/$row.stopped")))" \
		>"$SCRATCH/$row.end"
done

# ---- what was seen ----

watched() {
	awk -v row="$1" -v n="$2" '$1 == row { print $n }' "$SCRATCH/watched"
}
printf '# %-18s %8s %8s %8s %8s %8s %8s\n' row answers slowest turn stop exit \
	extended
for row in $ROWS; do
	read -r status took <"$SCRATCH/$row.end"
	printf '# %-18s %8s %8s %8s %8s %8s %8s\n' "$row" \
		"$(watched "$row" 2)" "$(watched "$row" 3)" \
		"$(watched "$row" 4)" "$took" "$status" \
		"$([ ! -e "$SCRATCH/$row.queue" ] ||
			jq .changed "$SCRATCH/$row.queue")"
done
for row in $ROWS; do
	read -r status took <"$SCRATCH/$row.end"
	ok "$row: the loops of all processes turn" \
		test "$(watched "$row" 4)" -le $TURN_MAX
	ok "$row: the supervisor answers" test "$(watched "$row" 3)" -le 2500
	pids=2
	[ "$row" != log ] || pids=7 # and the reporter
	is "$(watched "$row" 5)" $pids "$row: nobody dies"
	ok "$row: a stop takes no longer than it may ($status, $took ms)" \
		test "$took" -le $((GRACE * 1000 + 2000))
done
# Nothing was asked of SQS yet, so it has no answer that is to be waited for.
for row in sqs_name sqs_connect sqs_tls; do
	[ -s "$SCRATCH/$row.log" ] || continue # it was skipped
	cp "$SCRATCH/$row.log" "$SCRATCH/log"
	took=$(stop_took)
	ok "$row: a stop is quick ($took ms)" test "$took" -lt 3000
done
for row in $WORK; do
	is "$(jq -r '"\(.deleted) \(.redelivered) \(.expired)"' \
		"$SCRATCH/$row.queue")" "1 0 0" \
		"$row: a handler goes on, and nothing comes again"
	ok "$row: what is in hand is extended" \
		test "$(jq .changed "$SCRATCH/$row.queue")" -ge 4
done
# What stood still is not meant.
for pid in $PIDS; do
	[ "$pid" = "$FAKE_PID" ] || kill -9 "$pid" 2>/dev/null || : # it is gone
done
eventually 10 "no process is left" no_survivor
done_testing
