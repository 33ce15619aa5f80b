#!/bin/sh
# Connections to the port of metrics and health that ask nothing keep nobody
# out: the oldest of them gives way.
. "$(dirname "$0")/lib.sh"
command -v perl >/dev/null || skip_all "needs perl"

# holders PORT N TEXT: N connections that send TEXT and no more, until stdin
# ends.
cat >"$SCRATCH/holders" <<'EOF'
use strict; use IO::Socket::INET; use IO::Select;
my ($port, $n, $text) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my $all = IO::Select->new(\*STDIN);
sub hold {
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $port, Timeout => 20) or die "connect: $@\n";
	syswrite $s, $text if $text ne '';
	$all->add($s);
}
hold() for 1 .. $n;
$| = 1;
print "held\n";
while (1) {
	for my $s ($all->can_read) {
		exit if $s == \*STDIN;
		$all->remove($s);
		close $s;
	}
}
EOF
hold() {
	rm -f "$SCRATCH/end" "$SCRATCH/held"
	mkfifo "$SCRATCH/end"
	perl "$SCRATCH/holders" "$port" "$@" <"$SCRATCH/end" \
		>"$SCRATCH/held" 2>&1 &
	holders=$!
	PIDS="$PIDS $holders"
	exec 5>"$SCRATCH/end"
	within 30 grep -q held "$SCRATCH/held" ||
		bail "cannot hold connections: $(cat "$SCRATCH/held")"
}
let_go() {
	exec 5>&-
	wait $holders
}
# Of 12 probes, those that are answered; the slowest took $slowest ms.  Far
# below the ten seconds after which an idle connection is closed anyway.
probe() {
	answered=0 slowest=0
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		began=$(now_ms)
		[ "$(curl -s -m 5 -o "$SCRATCH/page" -w '%{http_code}' \
			"http://127.0.0.1:$port/health")" != 200 ] ||
			answered=$((answered + 1))
		took=$(($(now_ms) - began))
		[ "$took" -le "$slowest" ] || slowest=$took
	done
}
listens() {
	port=$(ctl status --json | jq -r .status.reporter.port) &&
		[ "$port" -gt 0 ]
}
connections_are_few() {
	[ "$(find "/proc/$reporter/fd" -lname 'socket:*' | wc -l)" -le "$1" ]
}

start_fake
new_queue jobs
start_sqsherd -j 1 -o metrics_listen=127.0.0.1:0 -o wait_time=1 -- true
eventually 10 "it listens" listens
reporter=$(ctl status --json | jq -r .status.reporter.pid)
idle=$(find "/proc/$reporter/fd" -lname 'socket:*' | wc -l)
probe
is "$answered" 12 "probes are answered (the slowest in $slowest ms)"

hold 300 ''
eventually 20 "of 300 connections that say nothing few are kept" \
	connections_are_few $((idle + 32))
probe
is "$answered" 12 "12 of 12 probes are answered beside them ($slowest ms)"
let_go
eventually 20 "nothing is left of them" connections_are_few "$idle"

hold 300 'GET /health HTTP/1.1'
probe
is "$answered" 12 "so they are beside 300 half requests ($slowest ms)"
let_go

ok "it is the same reporter" is_alive "$reporter"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
done_testing
