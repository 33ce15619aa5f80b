#!/bin/sh
# What a message costs in sqsherd, against the barest libcurl loop that makes
# the same calls.  Both talk to an nginx on loopback that answers everything
# from memory, so the client is what is measured; runs alternate, and medians
# are compared, because the machine is shared.
#
#	BUILD=build BENCH_SECONDS=5 BENCH_RUNS=3 t/bench/run.sh
#
# `run.sh serve` starts the server alone, prints its URL and waits for Enter:
# for a profiler.
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
SECONDS_A_RUN=${BENCH_SECONDS:-5}
RUNS=${BENCH_RUNS:-3}
CPU_TARGET=1.25  # at most, times the bare loop's CPU a message
RATE_TARGET=0.80 # at least, of the bare loop's messages a second
DIR=$(pwd)/$BUILD/bench
NGINX=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v nginx) || {
	echo "run.sh: nginx is not installed (Debian: nginx-light)" >&2
	exit 1
}
SERVER=

cleanup() {
	[ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null || :
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# ---- the canned answers ----

# A job such as people send: JSON inside the JSON, about 200 bytes.
body() {
	printf '{"job":"resize","source":"s3://uploads/2026/01/%s/photo.jpg",' \
		"$1$1$1$1$1$1$1$1"
	printf '"target":"s3://thumbnails/2026/01/%s/","sizes":[64,256,1024],' \
		"$1$1$1$1$1$1$1$1"
	printf '"quality":85,"requested_by":"user-%s4711","trace":"%s"}' \
		"$1" "0123456789abcdef"
}

# A message as ReceiveMessage has it, by number.
message() {
	text=$(body "$1")
	escaped=$(printf '%s' "$text" | sed 's/"/\\"/g')
	md5=$(printf '%s' "$text" | md5sum | cut -d ' ' -f 1)
	handle=$(printf 'AQEB%s' "$1" | sed 's/$/wJnKyrHigUMZj6rYigCgxlaS3SLy0aRZ7/;
		s/$/zzUh7o1R9Nq4eZ8kMd5VtX2bQfWc6LpHsGjTyAaEuIo0DnBvCmKrPiYlSwFx/;
		s/$/qEt3uN9hJ1zRgO5kVbXd7yMcLw2fTsPa8iKj6oQeUn4rHvBmYxCgZl0p==/')
	printf '{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e27%s",' "$1"
	printf '"ReceiptHandle":"%s","MD5OfBody":"%s","Body":"%s",' \
		"$handle" "$md5" "$escaped"
	printf '"Attributes":{"SenderId":"AIDASSYFHUBOBT7F4XT75",'
	printf '"ApproximateFirstReceiveTimestamp":"1767225600%s00",' "$1"
	printf '"ApproximateReceiveCount":"1",'
	printf '"SentTimestamp":"1767225600%s00"}}' "$1"
}

# nginx takes a word of at most 4,096 bytes, so each message is a variable.
messages() {
	list=
	for n in 0 1 2 3 4 5 6 7 8 9; do
		printf "map '' \$message%s { default '%s'; }\n" "$n" \
			"$(message "$n" | sed 's/\\/\\\\/g')"
		list="$list${list:+,}\${message$n}"
	done
	printf "map '' \$messages { default '{\"Messages\":[%s]}'; }\n" "$list"
}

settled() {
	printf '{"Successful":['
	printf '{"Id":"%s"},' 0 1 2 3 4 5 6 7 8
	printf '{"Id":"9"}],"Failed":[]}'
}

configuration() {
	cat <<EOF
daemon off;
master_process off;
pid $DIR/nginx.pid;
error_log $DIR/nginx.log error;
events { worker_connections 64; }
http {
	access_log off;
	keepalive_requests 10000000;
	client_body_temp_path $DIR/body;
	proxy_temp_path $DIR/proxy;
	fastcgi_temp_path $DIR/fastcgi;
	uwsgi_temp_path $DIR/uwsgi;
	scgi_temp_path $DIR/scgi;
	variables_hash_bucket_size 128;
	map_hash_bucket_size 128;
	$(messages)
	map \$http_x_amz_target \$answer {
		default '{"__type":"com.amazonaws.sqs#UnsupportedOperation"}';
		AmazonSQS.ReceiveMessage \$messages;
		AmazonSQS.DeleteMessageBatch '$(settled)';
		AmazonSQS.ChangeMessageVisibilityBatch '$(settled)';
	}
	server {
		listen 127.0.0.1:$1;
		location / {
			default_type application/x-amz-json-1.0;
			add_header x-amzn-RequestId
			    6dad28e8-7cfa-5d05-a6e1-6e7f3b1a0000;
			return 200 \$answer;
		}
	}
}
EOF
}

answers() {
	curl -sf -m 2 -o "$DIR/answer.json" \
		-H "X-Amz-Target: AmazonSQS.ReceiveMessage" -d '{}' "$URL/"
}

# True once the server answers; false if it ended, for instance because the
# port is taken.
wait_for_server() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		kill -0 "$SERVER" 2>/dev/null || return 1
		answers && return 0
		sleep 0.1
	done
	return 1
}

start_server() {
	mkdir -p "$DIR"
	for try in 1 2 3 4 5; do
		port=$((20000 + ($$ * 7 + try * 1009) % 12000))
		URL=http://127.0.0.1:$port
		configuration "$port" >"$DIR/nginx.conf"
		"$NGINX" -e "$DIR/nginx.log" -p "$DIR" -c "$DIR/nginx.conf" &
		SERVER=$!
		wait_for_server && return
		kill "$SERVER" 2>/dev/null || :
	done
	echo "run.sh: nginx does not start, see $DIR/nginx.log" >&2
	exit 1
}

# ---- the runs ----

# Nothing of the machine's own account may take part.
prepare_environment() {
	for name in $(env | sed -n 's/^\(AWS_[A-Z_]*\|SQS[A-Z]*_[A-Z_]*\)=.*/\1/p'); do
		unset "$name"
	done
	export AWS_ACCESS_KEY_ID=AKIDBENCH AWS_SECRET_ACCESS_KEY=secret
	export AWS_REGION=us-east-1
}

measure() {
	"$BUILD/t/bench/$1" "$SECONDS_A_RUN" "$URL" "$URL/000000000000/bench" \
		>>"$DIR/$1.out"
}

# The median over the runs of CPU microseconds a message and of messages a
# second.
medians() {
	awk '$2 > 0 { print $6 / $2 }' "$DIR/$1.out" | sort -n |
		sed -n "$(((RUNS + 1) / 2))p"
	awk '{ print $2 * 1000000 / $4 }' "$DIR/$1.out" | sort -n |
		sed -n "$(((RUNS + 1) / 2))p"
}

report() {
	# shellcheck disable=SC2046 # four numbers, a word each
	set -- $(medians bare-loop) $(medians sqsherd-null)
	[ $# -eq 4 ] || {
		echo "run.sh: a program moved no message" >&2
		exit 1
	}
	echo "$@" | awk -v cpu_target=$CPU_TARGET -v rate_target=$RATE_TARGET '{
		printf "%-14s %16s %14s\n", "", "CPU us/message", "messages/s"
		printf "%-14s %16.2f %14.0f\n", "bare-loop", $1, $2
		printf "%-14s %16.2f %14.0f\n", "sqsherd-null", $3, $4
		printf "%-14s %16.2f %14.2f\n", "ratio", $3 / $1, $4 / $2
		printf "%-14s %16s %14s\n", "target",
		    "<= " cpu_target, ">= " rate_target
	}'
}

prepare_environment
start_server
if [ "${1-}" = serve ]; then
	echo "$URL"
	read -r _ || :
	exit
fi
rm -f "$DIR/bare-loop.out" "$DIR/sqsherd-null.out"
run=0
while [ $run -lt "$RUNS" ]; do
	run=$((run + 1))
	measure bare-loop
	measure sqsherd-null
done
echo "$RUNS runs of $SECONDS_A_RUN s each, answers of" \
	"$(wc -c <"$DIR/answer.json") bytes with 10 messages"
report
