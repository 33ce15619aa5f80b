#!/bin/sh
# Measures the cost of a message in sqsherd against the barest libcurl loop that
# makes the same calls, over http and over https, which SQS speaks; and the cost
# of a message that a program works against the barest loop that runs the
# program.  The server is an nginx on loopback that answers everything from
# memory, so the client is what is measured.  Runs alternate, and the ratio is
# the median of those of neighbours, because the machine is shared.
#
#	BUILD=build BENCH_SECONDS=5 BENCH_RUNS=3 t/bench/run.sh
#
# `run.sh serve` starts the server alone, prints its URLs and waits for a line
# on stdin: for a profiler.
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
case $BUILD in
/*) ;;
*) BUILD=$(pwd)/$BUILD ;;
esac
SECONDS_A_RUN=${BENCH_SECONDS:-5}
RUNS=${BENCH_RUNS:-3}
DIR=$BUILD/bench
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
		listen 127.0.0.1:$(($1 + 1)) ssl;
		ssl_certificate $DIR/cert.pem;
		ssl_certificate_key $DIR/key.pem;
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

# True once the server answers; false if it ended, for instance because a port
# is taken.
wait_for_server() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		kill -0 "$SERVER" 2>/dev/null || return 1
		answers && return 0
		sleep 0.1
	done
	return 1
}

make_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bench \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$DIR/key.pem" \
		-out "$DIR/cert.pem" 2>"$DIR/openssl.log"
	export AWS_CA_BUNDLE="$DIR/cert.pem"
}

start_server() {
	for try in 1 2 3 4 5; do
		port=$((20000 + ($$ * 14 + try * 1010) % 12000))
		URL=http://127.0.0.1:$port
		TLS_URL=https://127.0.0.1:$((port + 1))
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

# No variable of the user's own, for AWS or for sqsherd, may take part.
prepare_environment() {
	for name in $(env | sed -n 's/^\(AWS_[A-Z_]*\|SQS[A-Z]*_[A-Z_]*\)=.*/\1/p'); do
		unset "$name"
	done
	export AWS_ACCESS_KEY_ID=AKIDBENCH AWS_SECRET_ACCESS_KEY=secret
	export AWS_REGION=us-east-1
}

# Prints CPU microseconds a message and messages a second, on one line.
measure() {
	program=$1
	shift
	"$BUILD/t/bench/$program" "$@" |
		awk '$2 > 0 { print $6 / $2, $2 * 1000000 / $4 }'
}

# median FIELD: of the lines of $DIR/runs.
median() {
	awk "{ print $1 }" "$DIR/runs" | sort -n |
		sed -n "$(((RUNS + 1) / 2))p"
}

# compare NAME CPU-TARGET RATE-TARGET BARE-PROGRAM BARE-ARGUMENTS ARGUMENTS
compare() {
	run=0
	: >"$DIR/runs"
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		# shellcheck disable=SC2086 # several arguments
		echo "$(measure "$4" "$SECONDS_A_RUN" $5)" \
			"$(measure sqsherd-null "$SECONDS_A_RUN" $6)" \
			>>"$DIR/runs"
	done
	if grep -qv ' .* .* ' "$DIR/runs"; then
		echo "run.sh: a program moved no message" >&2
		exit 1
	fi
	printf '%-14s %16s %14s\n' "$1" "CPU us/message" messages/s
	printf '%-14s %16.2f %14.0f\n' "$4" \
		"$(median "\$1")" "$(median "\$2")"
	printf '%-14s %16.2f %14.0f\n' sqsherd-null \
		"$(median "\$3")" "$(median "\$4")"
	printf '%-14s %16.2f %14.2f\n' ratio \
		"$(median "\$3 / \$1")" "$(median "\$4 / \$2")"
	printf '%-14s %16s %14s\n\n' target "<= $2" ">= $3"
}

# Prints an endpoint and the URL of its queue, as both programs take them.
at() {
	echo "$1 $1/000000000000/bench"
}

mkdir -p "$DIR"
prepare_environment
make_certificate
start_server
if [ "${1-}" = serve ]; then
	echo "$URL $TLS_URL"
	read -r _ || :
	exit
fi
echo "$RUNS runs of $SECONDS_A_RUN s each, answers of" \
	"$(wc -c <"$DIR/answer.json") bytes with 10 messages"
echo
compare http 1.25 0.80 bare-loop "$(at "$URL")" "$(at "$URL")"
compare https 1.25 0.80 bare-loop "$(at "$TLS_URL")" "$(at "$TLS_URL")"
compare exec 1.20 0.83 bare-spawn /bin/true "$(at "$URL") /bin/true"
