#!/bin/sh
# sqs-send: every body is sent once or reported, in batches that SQS takes.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

# sender ARG...: STATUS, $SCRATCH/sent and $SCRATCH/problems.
sender() {
	status_of "$BUILD/sqs-send" -q "$QUEUE" "$@" \
		>"$SCRATCH/sent" 2>"$SCRATCH/problems"
}

summary() {
	tail -1 "$SCRATCH/sent"
}

# succeeds N NAME: the last sender sent N messages and had no trouble.
succeeds() {
	is "$STATUS $(summary) $(cat "$SCRATCH/problems")" \
		"0 sent $1, failed 0 " "$2"
}

bodies() {
	fake "/_messages?name=${QUEUE##*/}" | jq -r '.[].body'
}

purge() {
	sqs PurgeQueue "{\"QueueUrl\":\"$QUEUE\"}" >/dev/null
	fake /_clear -X POST >/dev/null
}

batches() {
	fake "/_calls?since=$seen" | jq -r \
		'[.[] | select(.op == "SendMessageBatch") | .entries] | join(" ")'
}

mark_calls() {
	seen=$(fake /_calls?since=0 | jq '[.[].seq] | max // 0')
}

# repeat N CHARACTER
repeat() {
	head -c "$1" /dev/zero | tr '\0' "$2"
}

fake '/_set?purge_interval_s=0' -X POST >/dev/null

# -- bodies
sender hello 'two words'
succeeds 2 "arguments are sent"
is "$(bodies)" 'hello
two words' "as they are"
purge

printf 'one\n\\"\t\303\251\nno newline' >"$SCRATCH/lines"
sender <"$SCRATCH/lines"
succeeds 3 "lines of stdin are sent"
bodies >"$SCRATCH/bodies"
printf '\n' >>"$SCRATCH/lines"
ok "the last line needs no newline, and bytes arrive as they are" \
	cmp "$SCRATCH/lines" "$SCRATCH/bodies"
purge

sender </dev/null
succeeds 0 "an empty stdin is no error"

sender --count 12 'job %d, 100%, %d'
succeeds 12 "--count sends a template"
is "$(bodies | sort -n -k 2 | sed -n '1p;12p')" 'job 1, 100%, 1
job 12, 100%, 12' "with its number in place of each %d"
purge

new_queue slow
mkfifo "$SCRATCH/fifo"
"$BUILD/sqs-send" -q "$QUEUE" <"$SCRATCH/fifo" >"$SCRATCH/sent" 2>&1 &
pid=$!
PIDS="$PIDS $pid"
exec 7>"$SCRATCH/fifo"
echo early >&7
eventually 10 "a line does not wait for a full batch" queue_is visible 1
signal TERM $pid
status_of wait $pid
is "$STATUS $(summary)" "1 sent 1, failed 0" "a signal ends it with a summary"
exec 7>&-

# -- what SQS would refuse
new_queue strict
printf 'good\n\nb\0d\nb\001d\n\303\nfine\n\357\277\277\n' >"$SCRATCH/lines"
sender <"$SCRATCH/lines"
is "$STATUS $(summary)" "1 sent 2, failed 5" "bad lines are counted, good ones sent"
is "$(cut -d ' ' -f 2-5 "$SCRATCH/problems" | tr '\n' ,)" \
	'line 2 is empty,line 3 holds a,3 lines (4-5, 7),' \
	"and reported by number"
purge

repeat 1048576 x >"$SCRATCH/largest"
mark_calls
sender <"$SCRATCH/largest"
succeeds 1 "a body of 1 MiB is sent"
{
	repeat 1048577 x
	echo
	repeat 3000000 x
	echo
	echo after
} >"$SCRATCH/lines"
sender <"$SCRATCH/lines"
is "$STATUS $(summary) $(grep -c 'line [12] is larger than 1 MiB$' \
	"$SCRATCH/problems")" "1 sent 1, failed 2 2" \
	"a larger line is not, and does not take the next with it"
sender -a a=b <"$SCRATCH/largest"
is "$STATUS $(summary)" "1 sent 0, failed 1" "attributes count as the body does"
purge

# -- batches
mark_calls
sender --count 25 %d
is "$(batches)" "10 10 5" "ten entries make a batch"
mark_calls
for n in 1 2 3 4 5; do
	repeat 400000 $n
	echo
done >"$SCRATCH/large"
sender <"$SCRATCH/large"
succeeds 5 "large bodies are sent"
is "$(batches | tr ' ' '\n' | sort -n | tail -1)" 2 "1 MiB makes a batch"
purge

# -- message attributes and delay
sender -a plain=x=y -a size:Number=42 -a label:String.json='{"a":1}' \
	-a same:String=é attributes
succeeds 1 "attributes are sent"
is "$(sqs ReceiveMessage "{\"QueueUrl\":\"$QUEUE\",
	\"MessageAttributeNames\":[\"All\"]}" | jq -c '.Messages[0] |
	.MessageAttributes | map_values([.DataType, .StringValue])')" \
	'{"label":["String.json","{\"a\":1}"],"plain":["String","x=y"],"same":["String","é"],"size":["Number","42"]}' \
	"by name, type and value"
purge
sender -d 900 later
succeeds 1 "-d delays"
is "$(queue_field delayed)" 1 "the message"
purge

# -- trouble
sends_through() {
	fault "op=SendMessageBatch&$2"
	sender --count 30 'job %d'
	succeeds 30 "$1"
	is "$(bodies | sort -u | wc -l)" 30 "and each is there"
	purge
}
sends_through "throttling is waited for" "kind=throttle&count=2"
sends_through "a 500 is repeated" "kind=http500&count=2"
sends_through "a cut connection is repeated" "kind=cut&count=1"
sends_through "an invalid answer is repeated" "kind=bad_json&count=1"
sends_through "an entry that fails alone is repeated" \
	"kind=entry_fail&code=InternalError&sender=0&entry=3&count=2"
sends_through "an entry without an answer is repeated" \
	"kind=entry_missing&entry=0&count=2&perform=0"

fault "op=SendMessageBatch&kind=entry_fail&code=InternalError&sender=0&entry=0&count=100"
sender only
is "$STATUS $(summary)" "1 sent 0, failed 1" "but not for ever"
purge
fault "op=SendMessageBatch&kind=entry_fail&code=InvalidMessageContents&sender=1&entry=1&count=1"
sender a b c
is "$STATUS $(summary)" "1 sent 2, failed 1" "what is refused is not repeated"
like "$(cat "$SCRATCH/problems")" 'argument 2 .*InvalidMessageContents' \
	"and named"
purge
fault "op=SendMessageBatch&kind=bad_md5&count=1"
sender damaged
is "$STATUS $(summary)" "1 sent 0, failed 1" "a wrong MD5 is a failure"
like "$(cat "$SCRATCH/problems")" "another MD5" "which is explained"
purge
mark_calls
fault "op=SendMessageBatch&kind=error&code=AccessDenied&status=403&count=100"
sender --count 1000 %d
is "$STATUS $(summary)" \
	"1 sent 0, failed $(sed -n 's/^sqs-send: \([0-9]*\) messages (.*/\1/p' \
		"$SCRATCH/problems")" "without permission it fails"
like "$(cat "$SCRATCH/problems")" \
	'[0-9]+ messages \(1-[0-9]+\) were not sent: AccessDenied' "and says so"
ok "and gives up at once" test "$(batches | wc -w)" -le 4
purge

# -- output
sender -v first
id=$(fake "/_messages?name=strict" | jq -r '.[0].id')
is "$(head -1 "$SCRATCH/sent")" "1 $id" "-v prints number and message id"
purge
ok "stdout that cannot be written is an error" sh -c \
	"! '$BUILD/sqs-send' -q '$QUEUE' -v x >/dev/full 2>/dev/null"
ok "so is a closed one" sh -c \
	"! '$BUILD/sqs-send' -q '$QUEUE' x >&- 2>/dev/null"
ok "and a closed stdin" sh -c \
	"! '$BUILD/sqs-send' -q '$QUEUE' <&- >/dev/null 2>&1"
purge
yes | "$BUILD/sqs-send" -q "$QUEUE" -v 2>"$SCRATCH/problems" | head -1 \
	>"$SCRATCH/sent"
ok "a reader that goes away ends it" \
	grep -q 'cannot write to stdout' "$SCRATCH/problems"
purge
fault "op=SendMessageBatch&kind=slow&ms=200&count=1"
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	script -qec "'$BUILD/sqs-send' -q '$QUEUE' --count 100 x" /dev/null \
		</dev/null >"$SCRATCH/terminal"
	ok "a terminal is shown the progress" \
		grep -q 'sent [0-9]*, failed 0' "$SCRATCH/terminal"
else
	skip "a terminal is shown the progress" "there are no terminals here"
fi
purge

sender -v --count 3 x
is "$(cut -d ' ' -f 1 "$SCRATCH/sent" | tr '\n' ' ')" "1 2 3 sent " \
	"ids of a batch come in its order"
purge

# -- FIFO
new_queue jobs.fifo '"FifoQueue":"true"'
sender -g group --count 50 %d
succeeds 50 "a FIFO queue takes a group"
is "$(bodies | tr '\n' ' ')" "$(seq -s ' ' 50) " "in order"
purge
sender -g group -D key --count 15 %d
sender -g group -D key --count 15 %d
succeeds 15 "with -D a run can be repeated"
is "$(bodies | wc -l)" 15 "and makes no duplicates"
sender -g group -D other-3 x
sender -g group -D other <<-EOF
	a
	b
	c
EOF
is "$(bodies | tail -3 | tr '\n' ' ')" "x a b " \
	"the id of one body is as given, of lines by number"
purge
sender -g group same same
is "$(bodies | wc -l)" 2 "without -D ids are random"
purge
fault "op=SendMessageBatch&kind=cut_after&count=1"
sender -g group --count 10 'once %d'
succeeds 10 "a lost answer is repeated"
is "$(bodies | wc -l)" 10 "without duplicates"
purge
fault "op=SendMessageBatch&kind=throttle&count=4"
sender -g group --count 25 %d
is "$(bodies | tr '\n' ' ')" "$(seq -s ' ' 25) " "a retry keeps the order"
purge
new_queue content.fifo \
	'"FifoQueue":"true","ContentBasedDeduplication":"true"'
sender -g group --content-dedup same same
is "$STATUS $(bodies | wc -l)" "0 1" "--content-dedup leaves it to the queue"

# -- usage and configuration
refuses_usage() {
	name=$1
	shift
	refuses 64 "$name" "$BUILD/sqs-send" -q "$QUEUE" "$@"
}
refuses_usage "a FIFO queue needs a group" x
refuses_usage "a FIFO queue takes no delay" -g g -d 1 x
refuses_usage "a group id has no blanks" -g 'a b' x
refuses_usage "nor more than 128 characters" -g "$(repeat 129 g)" x
refuses_usage "-D must leave room for the number" -g g \
	-D "$(repeat 109 d)" x y
refuses_usage "-D and --content-dedup exclude each other" -g g -D d \
	--content-dedup x
new_queue plain
refuses_usage "a standard queue has no deduplication ids" -D d x
refuses_usage "a delay is at most 900" -d 901 x
refuses_usage "a delay is a number" -d 1s x
refuses_usage "--count needs a body" --count 3
refuses_usage "and only one" --count 3 a b
refuses_usage "--count is at least 1" --count 0 a
refuses_usage "an attribute needs a value" -a name x
refuses_usage "not an empty one" -a name= x
refuses_usage "a name is not AWS's" -a aws.name=x x
refuses_usage "has no double dots" -a a..b=x x
refuses_usage "is not empty" -a =x x
refuses_usage "and not longer than 256" -a "$(repeat 257 n)=x" x
refuses_usage "a type is String or Number" -a n:Binary=x x
refuses_usage "and nothing that begins like one" -a n:Strings=x x
refuses_usage "a name is given once" -a n=1 -a n=2 x
refuses_usage "a message has ten attributes at most" -a a=1 -a b=1 -a c=1 \
	-a d=1 -a e=1 -a f=1 -a g=1 -a h=1 -a i=1 -a j=1 -a k=1 x
refuses_usage "unknown options are refused" --nonsense x
is "$(queue_field sent)" 0 "none of which sends anything"
refuses 78 "there must be a queue" "$BUILD/sqs-send" x
refuses 78 "its URL must be one" "$BUILD/sqs-send" -q nonsense x
refuses 78 "plain http is for this host only" \
	"$BUILD/sqs-send" -q http://sqs.example.com/0/jobs x
ok "the queue may come from the environment" \
	env SQS_QUEUE_URL="$QUEUE" "$BUILD/sqs-send" x
ok "the endpoint may differ from the queue's host" "$BUILD/sqs-send" \
	-q "https://sqs.us-east-1.amazonaws.com/000000000000/plain" \
	--endpoint-url "$FAKE" x
like "$("$BUILD/sqs-send" --help)" 'duplicates' "--help speaks of duplicates"
like "$("$BUILD/sqs-send" --version)" '^sqs-send [0-9.]+$' \
	"--version is a line"
done_testing
