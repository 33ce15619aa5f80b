#!/bin/sh
# sqs-send --file: a text of several lines is one message.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

sender() {
	"$BUILD/sqs-send" -q "$QUEUE" "$@"
}
bodies() {
	fake "/_messages?name=${QUEUE##*/}" | jq -c '[.[].body]'
}
purge() {
	sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
}

fake '/_set?purge_interval_s=0' -X POST >/dev/null
printf '{\n "a": 1\n}\n' >"$SCRATCH/a file.json"
ok "a file is sent" sender --file "$SCRATCH/a file.json"
is "$(cat "$SCRATCH/out")" "sent 1, failed 0" "once"
is "$(bodies)" '["{\n \"a\": 1\n}\n"]' "as one message, as it is"
purge
piped() {
	{
		printf 'one\n'
		printf 'two'
	} | sender -f -
}
ok "all of stdin is sent" piped
is "$(bodies)" '["one\ntwo"]' "as one message"
purge

: >"$SCRATCH/empty"
refuses 1 "an empty file is no message" sender -f "$SCRATCH/empty"
like "$(cat "$SCRATCH/err")" 'message 1 is empty$' "and is said to be empty"
head -c 1048576 /dev/zero | tr '\0' x >"$SCRATCH/large"
ok "1 MiB goes" sender -f "$SCRATCH/large"
echo >>"$SCRATCH/large"
refuses 1 "a byte more does not" sender -f "$SCRATCH/large"
like "$(cat "$SCRATCH/err")" 'message 1 is larger than 1 MiB$' "and is told why"
refuses 1 "a file that is not there" sender -f "$SCRATCH/none"
like "$(cat "$SCRATCH/err")" "cannot open '.*none': No such file" "is named"
refuses 1 "a directory is no file" sender -f "$SCRATCH"
refuses 64 "--file takes no other body" sender -f "$SCRATCH/large" x
refuses 64 "and no --count" sender -f "$SCRATCH/large" --count 2
done_testing
