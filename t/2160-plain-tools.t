#!/bin/sh
# What a server says is shown by a tool on a terminal, not obeyed.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

printf '{"Successful":[{"Id":"0","MessageId":"m-\\u001b[2J\302\2332J",
"MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}],"Failed":[]}' \
	>"$SCRATCH/answer"
fake '/_fault?op=SendMessageBatch&kind=raw&status=200&count=1' -X POST \
	--data-binary "@$SCRATCH/answer" >/dev/null
ok "a message is sent" "$BUILD/sqs-send" -q "$QUEUE" -v x
is "$(head -1 "$SCRATCH/out")" '1 m-\u001b[2J\u009b2J' \
	"sqs-send shows its id, whatever that is"
done_testing
