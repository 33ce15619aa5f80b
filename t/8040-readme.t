#!/bin/sh
# The handlers of the README are run as they are written there.
. t/lib.sh

# example LANGUAGE: the first fenced block of it under "Writing a handler".
example() {
	awk -v fence="\`\`\`$1" '
		/^## / { here = ($0 == "## Writing a handler") }
		here && $0 == fence { inside = 1; next }
		inside && /^```$/ { exit }
		inside' "$ROOT/README.md"
}
# worked BODY VERDICT NAME: of the message with that body.
worked() {
	send "$1"
	worked_id=$(cat "$SCRATCH/last_id")
	eventually 20 "$3" logged \
		"\"event\":\"message\".*\"id\":\"$worked_id\".*\"verdict\":\"$2\""
}
start_fake
# A poison message would come back for ever: the second receive is the last.
dead=$(sqs CreateQueue '{"QueueName":"dead"}' | jq -r .QueueUrl)
new_queue jobs "\"VisibilityTimeout\":\"60\",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:${dead##*/}\\\",\\\"maxReceiveCount\\\":1}\""

example sh >"$SCRATCH/handler"
chmod +x "$SCRATCH/handler"
start_sqsherd -j 1 -- "$SCRATCH/handler"
echo content >"$SCRATCH/file"
worked "$SCRATCH/file" "done" "sh: a file is a job"
is "$(gzip -dc "$SCRATCH/file.gz")" content "and is compressed"
worked "$SCRATCH/none" reject "one that is not there is rejected"
stop_sqsherd

example python >"$SCRATCH/handler"
start_sqsherd -j 1 -- "$SCRATCH/handler"
worked '{"name":"world"}' "done" "Python: a JSON object is a job"
ok "and is greeted" logged 'handler_output.*"line":"hello world, attempt 1"'
worked 'world' reject "anything else is rejected"
stop_sqsherd

example c >"$SCRATCH/sum.c"
# shellcheck disable=SC2086 # CC may be of several words
ok "C: it compiles without a warning" ${CC:-cc} -std=c17 -Wall -Wextra \
	-Wpedantic -Werror -o "$SCRATCH/sum" "$SCRATCH/sum.c"
start_sqsherd -j 1 -- "$SCRATCH/sum"
worked '1 2 3.5' "done" "numbers are a job"
ok "and are added up" logged 'handler_output.*"line":"6.5"'
worked '1 x' reject "a word is rejected"
stop_sqsherd
done_testing
