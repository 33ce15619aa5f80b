#!/bin/sh
# Where plain http may go, and whose host decides.
. "$(dirname "$0")/lib.sh"

sqsherd=$BUILD/sqsherd
path=000000000000/jobs

# good URL [OPTION...]
good() {
	_url=$1
	shift
	refuses 0 "$_url $* is good" "$sqsherd" -n -q "$_url" "$@" -- true
}
refused() {
	_url=$1
	shift
	refuses 78 "$_url $* is refused" "$sqsherd" -n -q "$_url" "$@" -- true
	like "$(cat "$SCRATCH/err")" 'allow_http' "and the cure is named"
}
good "http://127.1:4566/$path"
good "http://0x7f.1:4566/$path"
good "http://localhost:4566/$path"
good "http://sqs.us-east-1.localhost:4566/$path"
good "HTTP://LocalHost:4566/$path"
good "HTTPS://sqs.eu-west-1.amazonaws.com/$path"
good "http://[0:0:0:0:0:0:0:1]:4566/$path"
refused "http://localhost.example:4566/$path"
refused "http://xlocalhost:4566/$path"
refused "HTTP://sqs.example:4566/$path"
refused "http://128.1/$path"
# An endpoint of its own decides, both ways.
good "http://sqs.us-east-1.localstack.example:4566/$path" \
	-o endpoint_url=http://localhost:4566
refused "https://sqs.us-east-1.amazonaws.com/$path" \
	-o endpoint_url=http://sqs.example:4566
refused "http://localhost:4566/$path" -o endpoint_url=http://sqs.example:4566

# works URL [OPTION...]: a message is done.
works() {
	QUEUE=$1
	shift
	start_sqsherd -j 1 "$@" -- /bin/true
	send one
	done_so_far=$((done_so_far + 1))
	eventually 60 "a message is done at $QUEUE $*" \
		queue_is deleted "$done_so_far"
	stop_sqsherd
	is "$STATUS" 0 "exit 0"
}
start_fake
new_queue jobs
port=${FAKE##*:}
done_so_far=0
works "http://127.1:$port/$path"
works "HTTP://sqs.us-east-1.localhost:$port/$path"
works "http://sqs.us-east-1.localstack.example:4566/$path" \
	-o "endpoint_url=HTTP://127.0.1:$port"
done_testing
