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
# bad URL: no URL of a queue, for any reason.
bad() {
	refuses 78 "$1 is no URL" "$sqsherd" -n -q "$1" -- true
	like "$(cat "$SCRATCH/err")" 'is not an http or https URL' \
		"and the message says so"
}
good "http://[::1]:65535/$path"
bad "http://[::1/$path"
bad "http://localhost:0/$path"
bad "http://localhost:65536/$path"
bad "http://localhost:/$path"
bad "http://:4566/$path"
bad "http:///$path"
bad "http://user@localhost/$path"
bad "http://@localhost/$path"
bad "http://localhost\\@sqs.example/$path"
bad "http://localhost/$path?a=b"
bad "http://localhost/$path#a"
bad "http://local host/$path"
refused "http://localhost.:4566/$path"
# Variants are those of SQS's own hosts, in any case of letters.
good "HTTPS://SQS.EU-WEST-1.AMAZONAWS.COM/$path" -o use_fips_endpoint=yes
refuses 78 "another server has no variant" "$sqsherd" -n \
	-q "https://sqs.us-east-1.localhost:4566/$path" \
	-o use_fips_endpoint=yes -- true
like "$(cat "$SCRATCH/err")" 'no such variant of the host' "and that is said"
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
works "http://SQS.US-EAST-1.LOCALHOST:$port/$path"
works "http://sqs.us-east-1.localstack.example:4566/$path" \
	-o "endpoint_url=HTTP://127.0.1:$port"
done_testing
