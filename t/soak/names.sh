# shellcheck shell=sh
# Sourced before t/lib.sh: name servers that fall silent for a while.  The whole
# test runs in a network of its own, where they are sockets of a program.  That
# takes root; without it this fault is left out, and a line says so.
#
#	start_names		after start_fake
#	by_name URL		prints it with a name for 127.0.0.1
#	silence_names
#	mend_names
#	check_names		at the end: somebody asked them in vain

. t/net.sh

# Two, which know *.test and nothing else, and nothing at all while the file
# silent is there.
names_program() {
	cat <<'EOF2'
use strict;
use IO::Select;
use IO::Socket::INET;
my $directory = shift;
my $select = IO::Select->new(map { IO::Socket::INET->new(Proto => 'udp',
	LocalPort => 53, LocalAddr => $_) or die "$_: $@" } @ARGV);
open my $unanswered, '>', "$directory/unanswered" or die $!;
open my $bound, '>', "$directory/bound" or die $!;
while (1) {
	for my $socket ($select->can_read) {
		my $peer = $socket->recv(my $query, 512);
		next if length $query < 17;
		if (-e "$directory/silent") {
			syswrite $unanswered, "x\n";
			next;
		}
		my ($end, $last) = (12, '');
		while (my $n = ord substr $query, $end, 1) {
			$last = substr $query, $end + 1, $n;
			$end += $n + 1;
		}
		my $known = $last eq 'test';
		my $address = $known &&
			unpack('n', substr $query, $end + 1, 2) == 1;
		$socket->send(substr($query, 0, 2) . pack('n5',
			$known ? 0x8180 : 0x8183, 1, $address ? 1 : 0, 0, 0) .
			substr($query, 12, $end - 7) . ($address ?
			pack('n3Nn', 0xC00C, 1, 1, 0, 4) . "\x7F\0\0\1" : ''),
			0, $peer);
	}
}
EOF2
}

start_names() {
	if [ -z "${NET_IS_OWN-}" ]; then
		echo "# name servers do not fall silent: that needs root and namespaces"
		return
	fi
	names_program >"$SCRATCH/names"
	# It is none of the processes that a test leaves behind.
	env -u TEST_MARK perl "$SCRATCH/names" "$SCRATCH" \
		127.0.0.2 127.0.0.3 &
	PIDS="$PIDS $!"
	within 20 test -e "$SCRATCH/bound" || bail "no name servers"
	printf 'search example.invalid\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n' \
		>"$SCRATCH/resolv.conf"
	echo 'hosts: files dns' >"$SCRATCH/nsswitch.conf"
	echo '127.0.0.1 localhost' >"$SCRATCH/hosts"
	for _file in resolv.conf nsswitch.conf hosts; do
		mount --bind "$SCRATCH/$_file" "/etc/$_file" ||
			bail "no /etc/$_file"
	done
}

by_name() {
	case ${NET_IS_OWN-} in
	'') echo "$1" ;;
	*) echo "$1" | sed 's|//127\.0\.0\.1:|//sqs.soak.test:|' ;;
	esac
}

silence_names() {
	: >"$SCRATCH/silent"
}

mend_names() {
	rm -f "$SCRATCH/silent"
}

check_names() {
	[ -n "${NET_IS_OWN-}" ] || return 0
	_silent=$(wc -l <"$SCRATCH/unanswered")
	ok "name servers were silent for a while (to $_silent queries)" \
		test "$_silent" -gt 0
}
