#!/bin/sh
# Hostile answers to a receive: what can be worked is worked, what cannot is
# counted and left, an error names its cause, and none of it kills a child,
# makes it spin or lasts.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs

# A line a case: status, the record of trouble that is wanted ("-": none), and
# the body ("-": none).
cases() {
	cat <<'EOF'
200 - -
200 - {}
200 - {"Messages":null}
200 - {"Messages":[]}
200 receive_failed.*"code":"QueueDoesNotExist" {"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"x"}
200 receive_failed.*"code":"InternalFailure" {"message":"x","__type":"InternalFailure"}
200 receive_failed null
200 receive_failed []
200 receive_failed <html>
200 receive_failed {"Messages":[{"MessageId":"x"
200 receive_failed {"Messages":7}
200 receive_failed {"Messages":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}
200 receive_failed.*unusable {"Messages":[{}]}
200 receive_failed.*unusable {"Messages":["x"]}
202 receive_failed.*HTTP.status.202 {}
204 receive_failed -
206 receive_failed {}
304 receive_failed -
307 receive_failed -
400 receive_failed.*"code":"OverLimit" {"__type":"OverLimit"}
400 receive_failed.*JSON.protocol <ErrorResponse><Error><Code>MissingAction</Code></Error></ErrorResponse>
400 receive_failed.*JSON.protocol <ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>
403 receive_failed.*"code":"AccessDenied" <Error><Code>AccessDenied</Code></Error>
404 receive_failed.*JSON.protocol not found
405 receive_failed.*JSON.protocol -
415 receive_failed.*JSON.protocol -
429 receive_failed.*throttled -
500 receive_failed -
501 receive_failed.*JSON.protocol -
599 receive_failed -
EOF
}

# With a good message, G, and one that cannot be worked, a line a case.
mixed() {
	sed 's/G/{"MessageId":"g","ReceiptHandle":"hg","Body":"good"}/g' <<'EOF'
{"Messages":[G,{"MessageId":"x","Body":"x"}]}
{"Messages":[{"ReceiptHandle":"x","Body":"x"},G]}
{"Messages":[{"MessageId":"x","ReceiptHandle":"x"},G]}
{"Messages":[{"MessageId":"x","ReceiptHandle":"x","Body":null},G]}
{"Messages":[{"MessageId":7,"ReceiptHandle":"x","Body":"x"},G]}
{"Messages":[{"MessageId":"x","ReceiptHandle":"\u0000","Body":"x"},G]}
{"Messages":[{"MessageId":"x","ReceiptHandle":"x","Body":{"a":[1]}},G]}
{"Messages":[{"MessageId":"x","ReceiptHandle":"x","Body":"x","Attributes":[]},G]}
{"Messages":[{"MessageId":"x","ReceiptHandle":"x","Body":"x","MessageAttributes":{"a":{}}},G]}
{"Messages":[7,G]}
{"Messages":[null,G]}
{"Messages":[[[G]],G]}
{"Messages":[G,G]}
{"Messages":[G,{"MessageId":"g","ReceiptHandle":"other","Body":"x"}]}
{"Messages":[G,{"MessageId":"other","ReceiptHandle":"hg","Body":"x"}]}
EOF
}


# Each case is the answer to a call of its own; between any two is one that
# brings a message of the queue.
n=0
hostile() {
	fake "/_fault?op=ReceiveMessage&kind=raw&status=$1&count=1&skip=$n" \
		-X POST --data-binary "${2#-}" >/dev/null
	n=$((n + 1))
}
cases >"$SCRATCH/cases"
while read -r status want body; do
	hostile "$status" "$body"
done <"$SCRATCH/cases"
mixed >"$SCRATCH/mixed"
while read -r body; do
	hostile 200 "$body"
done <"$SCRATCH/mixed"
n_mixed=$(wc -l <"$SCRATCH/mixed")
fake "/_send?name=jobs&count=$n" -X POST --data-binary queued >/dev/null

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
cat >>"$SCRATCH/worked"
echo >>"$SCRATCH/worked"
EOF
chmod +x "$SCRATCH/handler"
start_sqsherd -j 1 -o receive_max=1 -o max_attempts=1 -- "$SCRATCH/handler"
eventually 180 "whatever a server answers, what follows is worked" \
	queue_is deleted "$n"
is "$(grep -c good "$SCRATCH/worked")" "$n_mixed" \
	"good messages are worked, whatever is beside them"

jq -c 'select(.event == "receive_failed")' "$SCRATCH/log" >"$SCRATCH/failures"
exec 3<"$SCRATCH/failures"
while read -r status want body; do
	[ "$want" != - ] || continue
	read -r record <&3 || record=none
	like "$record" "$want" "$status $body"
done <"$SCRATCH/cases"
record=none
read -r record <&3 || : # the end
is_empty "$record" "nothing else fails"
for reason in 'without id' 'twice' 'not an object' 'should be a string'; do
	ok "the log says why one is left: $reason" logged \
		"messages_unusable.*$reason.*left to its timeout"
done
is "$(count_logged '"event":"child_exited"')" 0 "no child died of it"
# In hundredths of a second.
# shellcheck disable=SC2046 # one child
ticks=$(awk '{ print $14 + $15 }' "/proc/$(children)/stat")
ok "nothing span ($ticks ticks of CPU)" test "$ticks" -lt 500
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
is "$(jq -r 'select(.event == "stopped") | .expired' "$SCRATCH/log")" \
	$((2 * n_mixed + 2)) "what was left is counted"
done_testing
