#!/bin/sh
# What sqs-send could not send: each reason once, with the numbers that it
# concerns, and then what to do about it.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

# sender ARG...: STATUS, $SCRATCH/sent and $SCRATCH/problems.
sender() {
	status_of "$BUILD/sqs-send" -q "$QUEUE" "$@" \
		>"$SCRATCH/sent" 2>"$SCRATCH/problems"
}
problems() {
	cat "$SCRATCH/problems"
}
summary() {
	echo "$STATUS $(tail -1 "$SCRATCH/sent")"
}

# ---- nothing listens ----

# A port that was just given back.
closed=$(perl -MIO::Socket::INET -e \
	'print IO::Socket::INET->new(Listen => 1,
		LocalAddr => "127.0.0.1")->sockport')
seq 60 >"$SCRATCH/lines"
sender --endpoint-url "http://127.0.0.1:$closed" <"$SCRATCH/lines"
is "$(summary)" "1 sent 0, failed 60" "nothing listens: nothing is sent"
is "$(wc -l <"$SCRATCH/problems")" 2 "which takes two lines to say"
like "$(problems | head -1)" \
	'^sqs-send: 60 lines \(1-60\) were not sent: .*connect' \
	"what is wrong, and of which lines"
is "$(problems | grep -c ' ms')" 0 "without a time that differs each time"
like "$(problems | tail -1)" 'does anything listen there.*--endpoint-url' \
	"and what to do"

# ---- SQS refuses ----

fault 'op=SendMessageBatch&kind=error&code=AccessDenied&status=403&count=100'
sender --count 1000 %d
n=$(sed -n 's/^sent 0, failed \([0-9]*\)$/\1/p' "$SCRATCH/sent")
like "$(problems)" \
	"^sqs-send: $n messages \\(1-$n\\) were not sent: AccessDenied" \
	"no permission is one reason, also for what was only read"
like "$(problems | tail -1)" 'sqs:SendMessage' "with its cure"
is "$(wc -l <"$SCRATCH/problems")" 3 "besides that it gives up"
fake /_clear -X POST >/dev/null

# Every other entry, each in a range of its own.
i=0
while [ $i -lt 10 ]; do
	fault "op=SendMessageBatch&kind=entry_fail&code=InvalidMessageContents&sender=1&entry=$i&count=4"
	i=$((i + 2))
done
printf '%s\n' 1 2 3 >"$SCRATCH/three"
sender <"$SCRATCH/three"
is "$(summary)" "1 sent 2, failed 1" "one of three is refused"
like "$(problems)" '^sqs-send: line 1 was not sent: InvalidMessageContents' \
	"and named"
is "$(wc -l <"$SCRATCH/problems")" 1 "without a cure that is none"
fake /_clear -X POST >/dev/null

# ---- lines that are no messages ----

{
	yes '' | head -3
	seq 3
	printf 'b\0d\n\n'
	yes "$(printf '\n7')" | head -60
} >"$SCRATCH/lines"
sender <"$SCRATCH/lines"
is "$(summary)" "1 sent 33, failed 35" "empty lines are no messages"
like "$(problems | head -1)" \
	'^sqs-send: 34 lines \(1-3, 8-9, 11, 13, 15, 17, 19, 21, 23, 25, \.\.\.; -v shows all\) are empty$' \
	"their numbers are told, up to a few"
is "$(problems | tail -1)" "sqs-send: line 7 holds a NUL byte" \
	"another reason has a line of its own"
sender -v <"$SCRATCH/lines"
like "$(problems)" ', 25, 27, 29, 31, 33, .*, 67\) are empty$' \
	"and all of them with -v"

# ---- a stdin that goes on ----

mkfifo "$SCRATCH/fifo"
"$BUILD/sqs-send" -q "$QUEUE" <"$SCRATCH/fifo" >"$SCRATCH/sent" \
	2>"$SCRATCH/problems" &
pid=$!
PIDS="$PIDS $pid"
exec 7>"$SCRATCH/fifo"
echo >&7
eventually 8 "somebody who types is told at once" \
	grep -q 'line 1 is empty' "$SCRATCH/problems"
exec 7>&-
status_of wait $pid
is "$STATUS $(cat "$SCRATCH/sent")" "1 sent 0, failed 1" "and it is counted once"

# ---- a server that speaks to the terminal ----

printf '{"__type":"x#AccessDenied","message":"a\302\2332J"}' \
	>"$SCRATCH/answer"
fake '/_fault?op=SendMessageBatch&kind=raw&status=400&count=10' -X POST \
	--data-binary "@$SCRATCH/answer" >/dev/null
sender x
like "$(problems)" 'AccessDenied: a' "a server's words are told"
is "$(LC_ALL=C grep -c "$(printf '\302\233')" "$SCRATCH/problems")" 0 \
	"but move no terminal"
done_testing
