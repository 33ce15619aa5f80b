#!/bin/sh
# Name servers of SQS's name that say nothing, are slow or refuse, one to three
# of them, with and without a search domain: no child dies of it, what is in
# hand goes on, a stop is quick, and once they answer SQS is found.
#
# A row is a sqsherd with a resolv.conf of its own, all in one network in which
# the name servers are sockets of a program that can be told to answer.
. "$(dirname "$0")/net.sh"
. "$(dirname "$0")/lib.sh"
[ -n "${NET_IS_OWN-}" ] ||
	skip_all "needs root, ip(8), /etc/hosts, a network and mounts of its own"

unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY

# KIND=ADDRESS...: while the file answers is there each knows *.test, and
# nothing else.
cat >"$SCRATCH/servers" <<'EOF2'
#!/usr/bin/perl
use strict;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);
my $directory = shift;
my (%kind, @later);
my $select = IO::Select->new;
for (@ARGV) {
	my ($kind, $address) = split /=/;
	my $socket = IO::Socket::INET->new(Proto => 'udp', LocalPort => 53,
		LocalAddr => $address) or die "$address: $@";
	$kind{$socket} = $kind;
	$select->add($socket);
}
open my $bound, '>', "$directory/bound" or die $!;
sub answer {
	my ($query, $refuse) = @_;
	my $end = 12;
	my @labels;
	while (my $n = ord substr $query, $end, 1) {
		push @labels, substr $query, $end + 1, $n;
		$end += $n + 1;
	}
	my ($type) = unpack 'n', substr $query, $end + 1, 2;
	my $known = $labels[-1] eq 'test';
	my $address = !$refuse && $known && $type == 1;
	return substr($query, 0, 2) . pack('n5', $refuse ? 0x8185 :
		$known ? 0x8180 : 0x8183, 1, $address ? 1 : 0, 0, 0) .
		substr($query, 12, $end - 7) . ($address ?
		pack('n3Nn', 0xC00C, 1, 1, 0, 4) . "\x7F\0\0\1" : '');
}
while (1) {
	for my $socket ($select->can_read(@later ? 0.1 : 5)) {
		my $peer = $socket->recv(my $query, 512);
		next if length $query < 17;
		my $kind = -e "$directory/answers" ? 'good' : $kind{$socket};
		next if $kind eq 'silent';
		push @later, [time + ($kind eq 'slow' ? 3 : 0), $socket, $peer,
			answer($query, $kind eq 'refuse')];
	}
	while (@later && (my ($due) = grep { $_->[0] <= time } @later)) {
		$due->[1]->send($due->[3], 0, $due->[2]);
		@later = grep { $_ != $due } @later;
	}
}
EOF2

# "one" works while the name servers do not answer.
cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
[ "$(cat)" = quick ] || exec sleep 5
EOF2
chmod +x "$SCRATCH/handler"

# "NAME KIND COUNT SEARCH", and what each reads.
for kind in silent slow refuse; do
	for count in 1 2 3; do
		for search in no yes; do
			echo "${kind}_${count}_$search $kind $count $search"
		done
	done
done >"$SCRATCH/rows"
n=0
servers=
while read -r row kind count search; do
	n=$((n + 1))
	{
		[ "$search" = no ] || echo "search example.invalid"
		echo "options timeout:1 attempts:2"
		for i in $(seq "$count"); do
			echo "nameserver 127.1.$n.$i"
		done
	} >"$SCRATCH/$row.conf"
	for i in $(seq "$count"); do
		servers="$servers $kind=127.1.$n.$i"
	done
done <"$SCRATCH/rows"
ROWS=$(cut -d ' ' -f 1 "$SCRATCH/rows")
touch "$SCRATCH/answers"
# shellcheck disable=SC2086 # words
perl "$SCRATCH/servers" "$SCRATCH" $servers &
PIDS="$PIDS $!"
within 20 test -e "$SCRATCH/bound" || bail "no name servers"
echo 'hosts: files dns' >"$SCRATCH/nsswitch.conf"
: >"$SCRATCH/hosts"
: >"$SCRATCH/resolv.conf"
for file in resolv.conf nsswitch.conf hosts; do
	mount --bind "$SCRATCH/$file" "/etc/$file" || bail "no /etc/$file"
done

# shellcheck disable=SC2016,SC2317 # for the shell in it; called by each
# As short as a lookup that is waited for would be long.
start() {
	: >"$SCRATCH/$1.log"
	unshare --mount sh -c 'mount --bind "$1" /etc/resolv.conf && shift &&
		exec "$@"' start "$SCRATCH/$1.conf" "$BUILD/sqsherd" \
		-q "http://sqs.$1.test:${FAKE##*:}/000000000000/$1" -j 1 \
		-o log_format=json -o control_socket="$SCRATCH/$1.sock" \
		-o allow_http=yes -o wait_time=2 -o visibility_timeout=3 \
		-o connect_timeout=1 -o max_attempts=1 -o heartbeat_timeout=5 \
		-- "$SCRATCH/handler" >"$SCRATCH/stdout" 2>"$SCRATCH/$1.log" \
		</dev/null &
	eval "pid_$1=$!"
	PIDS="$PIDS $!"
}
each() {
	for row in $ROWS; do
		"$@" "$row"
	done
}
# One wait that fails is told, and the others are waited for all the same.
missing() {
	fail "$2: $1" "it is not so"
}
send_to() {
	fake "/_send?name=$2&body=$1" -X POST >"$SCRATCH/out" || bail "no message"
}
# waits CONDITION NAME ROW
waits() {
	fake "/_wait?name=$3&ms=30000&$1" >"$SCRATCH/out" 2>&1 ||
		missing "$2" "$3"
}
# scale COUNT ROW: the new child has to look the name up.
scale() {
	ctl -s "$SCRATCH/$2.sock" scale "$2" "$1" >"$SCRATCH/out" 2>&1 ||
		missing "another child is wanted" "$2"
}
has_logged() {
	[ "$(grep -Ec "$2" "$SCRATCH/$3.log")" -ge "$1" ]
}
# logs COUNT REGEX NAME ROW
logs() {
	within 30 has_logged "$1" "$2" "$4" || missing "$3" "$4"
}
polls() {
	[ "$(fake "/_queue?name=$1" | jq .polling)" -eq 2 ]
}
recovers() {
	within 30 polls "$1" || missing "both children poll" "$1"
}

start_fake
for row in $ROWS; do
	new_queue "$row" '"VisibilityTimeout":"600"'
done
each start
each send_to one
each waits "cond=in_flight_at_least&value=1" "a message is worked"

# ---- they do not answer ----

rm "$SCRATCH/answers"
each scale 2
each logs 1 '"event":"receive_failed".*[Rr]esolv' "a name does not resolve"
each waits "cond=deleted_at_least&value=1" "a handler that works goes on"

# ---- they do ----

touch "$SCRATCH/answers"
each recovers

# ---- once more, at the end ----

rm "$SCRATCH/answers"
each scale 3
each logs 3 '"event":"child_started"' "another child is started"
for row in $ROWS; do
	eval "signal TERM \$pid_$row"
done
printf '# %-14s %8s %8s\n' row extended stop
for row in $ROWS; do
	eval "SQSHERD=\$pid_$row"
	ln -sf "$row.log" "$SCRATCH/log"
	status_of wait "$SQSHERD"
	took=$(stop_took)
	printf '# %-14s %8s %8s\n' "$row" \
		"$(fake "/_queue?name=$row" | jq .changed)" "$took"
	is "$STATUS $(jq 'select(.event == "stopped") | .deaths' \
		"$SCRATCH/log")" "0 0" \
		"$row: no child is taken for hung, none dies"
	is "$(fake "/_queue?name=$row" |
		jq -r '"\(.deleted) \(.redelivered)"')" "1 0" \
		"$row: what is in hand is done, at its first delivery"
	ok "$row: a stop is quick ($took ms)" test "$took" -lt 5000
done
for pid in $PIDS; do
	[ "$pid" = "$FAKE_PID" ] || kill -9 "$pid" 2>/dev/null || : # it is gone
done
eventually 10 "no process is left" no_survivor
done_testing
