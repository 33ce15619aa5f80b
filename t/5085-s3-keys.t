#!/bin/sh
# A message that points to S3 names a key, and whoever sends one may have an
# interest in another bucket: no key leads out of its own.
. "$(dirname "$0")/lib.sh"
. t/s3.sh

new_queue dead
new_queue jobs '"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",\"maxReceiveCount\":\"50\"}"'
JOBS=$QUEUE
start_sqsherd -j 2 -o s3_buckets=one,a.b -o wait_time=1 -- "$SCRATCH/handler"
calls() {
	fake '/_calls?since=0' | jq '[.[] | select(.op == "s3")] | length'
}
for key in ../private/x a/../../private/x ./x .. %2e%2e/private/x \
	%252E%252e/private/x '..\private\x' '..;/private/x' ..%2fprivate/x; do
	marked "$(pointer one "$key")" 1
	ended "$key is rejected" rejected
	not_begun "and no handler is given it"
done
ok "the log names bucket and key" \
	logged '"reason":"its key has dot segments.*s3://one/[.][.]/private/x"'
marked "$(pointer a.b ../private/x)" 1
ended "a bucket with a dot is in the path as well" rejected
is "$(calls)" 0 "S3 was not asked for any of them"

printf 'bytes' >"$SCRATCH/object"
for key in a..b/c .hidden ...; do
	put "one/$key"
	marked "$(pointer one "$key")" 5
	ended "$key is a name like others" deleted
	is "$(cat "$SCRATCH/body.$ID")" bytes "and is fetched"
done
stop_sqsherd
is "$STATUS" 0 "the exit status is 0"
done_testing
