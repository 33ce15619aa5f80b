#!/bin/sh
# Hostile answers to the get of a body from S3: what a handler is given is the
# whole object or nothing, the reason is told, and the next answer is worked.
. "$(dirname "$0")/lib.sh"
. t/s3.sh

new_queue jobs
JOBS=$QUEUE

# With a size that is none, so that nothing but the answer itself tells how much
# there is.
marked_without_size() {
	QUEUE=$JOBS
	ID=$(sqs SendMessage "$(jq -cn --arg q "$QUEUE" \
		--arg body "$(pointer one small)" '{QueueUrl: $q,
		MessageBody: $body, MessageAttributes: {ExtendedPayloadSize:
			{DataType: "String", StringValue: "some"}}}')" |
		jq -r .MessageId)
}
# A line a case: how it is answered, the reason that is wanted, and the bytes
# ("-": none).
cat >"$SCRATCH/cases" <<'EOF'
kind=raw&status=200 0.bytes.instead.of.5 -
kind=raw&status=200 3.bytes.instead.of.5 sma
kind=raw&status=200 6.bytes.instead.of.5 small!
kind=raw&status=200 larger.than.s3_max_bytes <Error><Code>SlowDown</Code></Error>
kind=raw&status=206 status.206 small
kind=raw&status=307 status.307 -
kind=raw&status=403 AccessDenied <Error><Code>AccessDenied</Code></Error>
kind=raw&status=403 status.403 <!DOCTYPE.a>
kind=raw&status=404 status.404 -
kind=raw&status=404 NoSuchBucket <Error><Code>NoSuchBucket</Code></Error>
kind=raw&status=503 SlowDown <Error><Code>SlowDown</Code></Error>
kind=bytes . garbage
kind=bytes within.the.head HTTP/1.1 200 OK\r\n
kind=bytes within.the.head HTTP/1.1 404 No\r\nContent-Length: 0\r\n
kind=bytes has.no.length HTTP/1.1 200 OK\r\n\r\n
kind=bytes has.no.length HTTP/1.1 200 OK\r\n\r\nsma
kind=bytes has.no.length HTTP/1.1 200 OK\r\n\r\nsmall
kind=bytes closed HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsmall
kind=bytes 1.bytes.instead HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nsmall
kind=bytes larger.than.s3_max_bytes HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nsmall
kind=bytes . HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsmall\r\n
kind=bytes 7.bytes.instead HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nsmaller\r\n0\r\n\r\n
EOF

# hostile HOW BYTES: the next answer of S3.
hostile() {
	printf '%b' "${2#-}" >"$SCRATCH/bytes"
	fake "/_fault?op=s3&$1" -X POST --data-binary "@$SCRATCH/bytes" \
		>/dev/null
}
reason() {
	jq -r "select(.id == \"$ID\" and .outcome) | .reason" "$SCRATCH/log" |
		head -1
}
# is_refused REASON NAME: this message, and then it is worked.
is_refused() {
	ended "$2: it is worked" deleted
	like "$(reason)" "$1.*: s3://one/small" "it says why it was not at once"
	is "$(cat "$SCRATCH/body.$ID" "$SCRATCH/begun.$ID")" "small2" \
		"a handler has seen it once, and whole"
}

start_sqsherd -j 1 -o wait_time=1 -o max_attempts=1 -o retry_base=0 \
	-o s3_buckets=one -o s3_max_bytes=32 \
	-- "$SCRATCH/handler"
printf 'small' >"$SCRATCH/object"
put one/small
while read -r how want bytes; do
	hostile "$how" "$bytes"
	marked "$(pointer one small)" 5
	is_refused "$want" "$how $(printf '%s' "$bytes" | tr '\134' /)"
done <"$SCRATCH/cases"

# Without a size in the message, the end of the answer has to be told.
for bytes in 'HTTP/1.1 200 OK\r\n' 'HTTP/1.1 200 OK\r\n\r\n' \
	'HTTP/1.1 200 OK\r\n\r\nsma' \
	'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsma' \
	'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsma\r\n'; do
	hostile kind=bytes "$bytes"
	marked_without_size
	is_refused . "no size, $(printf '%s' "$bytes" | tr '\134' /)"
done
hostile kind=bytes \
	'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsmall\r\n0\r\n\r\n'
marked_without_size
ended "what comes in chunks, the last of them too, is whole" deleted
is "$(cat "$SCRATCH/body.$ID" "$SCRATCH/begun.$ID")" "small1" \
	"and given at once"
is "$(count_logged '"event":"child_exited"')" 0 "no child died of it"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
done_testing
