#!/bin/sh
# Name servers that answer nothing: no child waits for them, so none is taken
# for hung, what is in hand is extended and a stop is quick.  All of it in a
# network of its own, where the name servers are sockets that nobody reads.
. "$(dirname "$0")/net.sh"
. "$(dirname "$0")/lib.sh"
[ -n "${NET_IS_OWN-}" ] ||
	skip_all "needs root, ip(8), /etc/hosts, a network and mounts of its own"

unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
perl -MIO::Socket::INET -e 'my @silent = map { IO::Socket::INET->new(
	Proto => "udp", LocalAddr => "127.0.0.$_", LocalPort => 53) or die $@
	} 2 .. 4; open my $f, ">", shift or die $!; sleep' "$SCRATCH/bound" &
PIDS="$PIDS $!"
within 20 test -e "$SCRATCH/bound" || bail "no silent name servers"
echo 'hosts: files dns' >"$SCRATCH/nsswitch.conf"
for file in resolv.conf nsswitch.conf hosts; do
	[ -e "$SCRATCH/$file" ] || : >"$SCRATCH/$file"
	mount --bind "$SCRATCH/$file" "/etc/$file" || bail "no /etc/$file"
done

# name_servers COUNT [LINE]: so many, all silent.
name_servers() {
	{
		echo "${2-}"
		for n in $(seq "$1"); do
			echo "nameserver 127.0.0.$((n + 1))"
		done
	} >"$SCRATCH/resolv.conf"
}

# know NAME: it is this machine, and needs no name server.
know() {
	printf '127.0.0.1 %s\n' "$@" >"$SCRATCH/hosts"
}

# Timeouts so short that a child that waits for a name server is soon late.
start_short() {
	start_sqsherd -o allow_http=yes -o connect_timeout=500ms \
		-o max_attempts=1 -o heartbeat_timeout=5s "$@"
}

first_child_is() {
	[ "$(children | head -1)" = "$1" ]
}

no_child_died() {
	is "$(count_logged '"event":"child_(hung|exited)"')" 0 \
		"$1: no child is taken for hung, none dies"
}

# The threads of a child, the first one among them.
threads_of() {
	sed -n 's/^Threads:[^0-9]*//p' "/proc/$1/status"
}

# stop_is_quick NAME
stop_is_quick() {
	stop_sqsherd
	is "$STATUS" 0 "$1: a stop ends with 0"
	took=$(stop_took)
	ok "$1: and is quick ($took ms)" test "$took" -lt 4000
}

# A log that repeats nothing for a while may not have it.
refused() {
	ctl status --json | grep -q 'name servers do not answer'
}

# silence NAME COUNT [LINE]
silence() {
	name_servers "$2" "${3-}"
	QUEUE=http://queue.silent.test:${FAKE##*:}/000000000000/jobs
	start_short -j 1 -- true
	eventually 20 "$1: that a name does not resolve is said" \
		logged '"event":"receive_failed".*"kind":"retry".*[Rr]esolv'
}

. t/s3.sh
new_queue jobs '"VisibilityTimeout":"600"'
send one
know nothing.test

silence "one server" 1
no_child_died "one server"
stop_is_quick "one server"

silence "two servers, a search domain" 2 "search example.test"
no_child_died "two servers, a search domain"
stop_is_quick "two servers, a search domain"

# They are asked three times as long as a child lives that is late.
silence "three servers" 3
child=$(children)
eventually 30 "three servers: lookups that are left over are not added to" \
	refused
n=$(threads_of "$child")
ok "three servers: and are few ($n threads)" test "$n" -le 6
ok "three servers: the child lives" first_child_is "$child"
no_child_died "three servers"
stop_is_quick "three servers"

# What was left over ends by itself, and then the name is asked for again.
silence "again there" 1 "options timeout:3 attempts:2"
eventually 20 "again there: a child waits for what it left over" refused
know queue.silent.test
eventually 30 "again there: SQS is found when its name is" queue_is deleted 1
no_child_died "again there"
stop_is_quick "again there"

# ---- SQS is there, S3's name is not ----

know queue.test
name_servers 3 "search example.test"
export AWS_ENDPOINT_URL_S3="http://objects.silent.test"
new_queue pointers '"VisibilityTimeout":"600"'
JOBS=$QUEUE
extended() {
	[ "$(fake /_stats |
		jq -r '.ops.ChangeMessageVisibilityBatch.requests')" -ge "$1" ]
}
QUEUE=http://queue.test:${FAKE##*:}/000000000000/pointers
start_short -j 1 -o wait_time=1 -o visibility_timeout=3 -o s3_buckets=one \
	-- "$SCRATCH/handler"
within 20 child_count_is 1
child=$(children)
marked "$(pointer one small)" 5
eventually 30 "S3 alone: a message whose body cannot be had is extended" \
	extended 3
not_begun "S3 alone: it is not begun"
send small
ok "S3 alone: the child lives" first_child_is "$child"
no_child_died "S3 alone"
stop_is_quick "S3 alone"
is "$(queue_field in_flight)" 0 "S3 alone: the messages are given back"

ok "no process is left" no_survivor
done_testing
