#!/bin/sh
# Bodies in S3, as the extended client libraries send them: what a message
# points to is its handler's body, whole or not at all.  S3 is played by the
# scripted server, with its faults.
. "$(dirname "$0")/lib.sh"
. t/s3.sh

new_queue dead
DEAD=$QUEUE
new_queue pointers "\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:dead\\\",\\\"maxReceiveCount\\\":1000}\""
JOBS=$QUEUE

# The record of this message that has the outcome.
reason() {
	jq -r "select(.id == \"$ID\" and .outcome) | .reason" "$SCRATCH/log" |
		head -1
}

start_sqsherd -j 1 -o wait_time=1 -o visibility_timeout=3 \
	-o request_timeout=1 -o s3_buckets="one, two.dotted" \
	-o s3_max_bytes=4M -- "$SCRATCH/handler"

head -c 3000000 /dev/urandom >"$SCRATCH/object"
put one/a-key
marked "$(pointer one a-key)" 3000000
ended "a pointer is worked" deleted
ok "what it points to is the body" cmp "$SCRATCH/object" "$SCRATCH/body.$ID"
: >"$SCRATCH/object"
put one/empty
marked "$(pointer one empty)" 0
ended "one to nothing" deleted
ok "is an empty body" cmp "$SCRATCH/object" "$SCRATCH/body.$ID"
printf 'small' >"$SCRATCH/object"
put "two.dotted/a%20b/%C3%BC%2B%25%3F%23.json"
marked "$(pointer two.dotted 'a b/ü+%?#.json' \
	com.amazon.sqs.javamessaging.MessageS3Pointer)" 5 SQSLargePayloadSize
ended "one of the older kind, with a strange key" deleted
is "$(cat "$SCRATCH/body.$ID")" small "is its body"

send "$(pointer one a-key)"
ID=$(cat "$SCRATCH/last_id")
ended "what is not marked as a pointer" deleted
is "$(cat "$SCRATCH/body.$ID")" "$(pointer one a-key)" "is given as it is"

# ---- what cannot be had ----

marked "$(pointer three a-key)" 5
ended "a bucket that is not listed" retried
like "$(reason)" 'not in s3_buckets: s3://three/a-key$' "is named"
not_begun "and no handler is started"
QUEUE=$JOBS
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >"$SCRATCH/answer"

marked "$(pointer one gone)" 5
ended "an object that is gone is rejected" rejected
is "$(reason)" "NoSuchKey: s3://one/gone" "with the reason"
not_begun "unseen"
# The one before may have been received 1000 times before it was purged.
is "$(sqs ReceiveMessage "{\"QueueUrl\":\"$DEAD\",\"MaxNumberOfMessages\":10}" |
	jq -r '.Messages[].Body' | grep -cxF "$(pointer one gone)")" 1 \
	"its pointer is moved"
marked 'no pointer' 5
ended "so is what is marked as a pointer and is none" rejected

printf 'small' >"$SCRATCH/object"
put one/small
# fails NAME REASON SIZE QUERY: once, in each attempt, and then it is worked.
fails() {
	fault "op=s3&count=3&$4"
	marked "$(pointer one small)" "$3"
	ended "$1: it is retried" retried
	like "$(reason)" "$2.*: s3://one/small" "$1: says why"
	ended "$1: and worked" deleted
	is "$(cat "$SCRATCH/body.$ID")" small "$1: whole"
	is "$(cat "$SCRATCH/begun.$ID")" 2 "$1: by a handler that ran once"
}
# One attempt is all that these get.
fault 'op=s3&kind=html&code=AccessDenied&status=403'
marked "$(pointer one small)" 5
ended "403: it is retried" retried
is "$(reason)" "AccessDenied: s3://one/small" "403: says why"
ended "403: and worked" deleted
fault 'op=s3&kind=redirect'
marked "$(pointer one small)" 5
ended "a redirect: it is retried" retried
ended "a redirect: and worked" deleted
is "$(fake /_stats | jq -r .ops.redirected.requests)" 0 "it is not followed"
# These are tried three times before the message is given back.
fails "a short body" "" 5 kind=cut_mid
fails "500" "HTTP status 500" 5 kind=http500
fails "a stall" "" 5 kind=hang
# And these heal at once.
fault 'op=s3&kind=http500'
fault 'op=s3&kind=reset'
marked "$(pointer one small)" 5
ended "one 500 and one reset are not seen" deleted
is "$(cat "$SCRATCH/begun.$ID")" 1 "by the message"

marked "$(pointer one small)" 6
ended "a size that does not match" retried
is "$(reason)" "5 bytes instead of 6: s3://one/small" "is told"
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >"$SCRATCH/answer"
head -c 4194305 /dev/zero >"$SCRATCH/object"
put one/large
marked "$(pointer one large)" 4194305
ended "an object that is too large" retried
is "$(reason)" "larger than s3_max_bytes: s3://one/large" "is told"
sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >"$SCRATCH/answer"
stop_sqsherd
ok "no process is left" no_survivor
done_testing
