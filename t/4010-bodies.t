#!/bin/sh
# Every body reaches the handler's stdin byte for byte.
. "$(dirname "$0")/lib.sh"

cat >"$SCRATCH/handler" <<EOF
#!/bin/sh
cat >"$SCRATCH/body.\$SQS_MESSAGE_ID"
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue bodies
start_sqsherd -j 1 -o receive_max=10 -- "$SCRATCH/handler"

sent=0
# arrives NAME FILE: its bytes are the body.
arrives() {
	jq -Rscj --arg q "$QUEUE" '{QueueUrl: $q, MessageBody: .}' \
		<"$2" >"$SCRATCH/send.json"
	id=$(sqs SendMessage "@$SCRATCH/send.json" | jq -r .MessageId)
	sent=$((sent + 1))
	within 20 queue_is deleted $sent || bail "$1: never deleted"
	ok "$1" cmp "$2" "$SCRATCH/body.$id"
}

printf 'x' >"$SCRATCH/b"
arrives "a body of one byte" "$SCRATCH/b"
printf '\n' >"$SCRATCH/b"
arrives "a body that is one newline" "$SCRATCH/b"
printf ' \t\r\n ' >"$SCRATCH/b"
arrives "white space only" "$SCRATCH/b"
# shellcheck disable=SC1003 # these are the bytes
printf '"quoted" \\back/slash\\ {"a":[1]} </script> %%s $HOME `id`' >"$SCRATCH/b"
arrives "quotes, backslashes, braces, shell characters" "$SCRATCH/b"
printf 'tab\there\nline\rreturn' >"$SCRATCH/b"
arrives "the control characters that SQS allows" "$SCRATCH/b"
printf 'h\303\251llo \342\202\254 \360\237\220\221 \357\277\275' >"$SCRATCH/b"
arrives "UTF-8 of two, three and four bytes" "$SCRATCH/b"
head -c 1048576 /dev/zero | tr '\0' 'm' >"$SCRATCH/b"
arrives "1 MiB" "$SCRATCH/b"
head -c 1048576 /dev/zero | tr '\0' '"' >"$SCRATCH/b"
arrives "1 MiB of quotes, which JSON escapes" "$SCRATCH/b"
base64 </bin/sh | head -c 1000000 >"$SCRATCH/b"
arrives "1 MB of lines" "$SCRATCH/b"

# raw JSON-MESSAGES BODY-MD5: what the server says next, literally.
raw() {
	fake "/_fault?op=ReceiveMessage&kind=raw&count=1" -X POST -m 300 \
		-H Expect: --data-binary "$1" >/dev/null || bail "no such answer"
}
# says NAME ESCAPED-BODY EXPECTED-FILE
says() {
	md5=$(md5sum <"$3" | cut -d' ' -f1)
	raw "{\"Messages\":[{\"MessageId\":\"raw-1\",\"ReceiptHandle\":\"h\",\"MD5OfBody\":\"$md5\",\"Body\":\"$2\"}]}"
	rm -f "$SCRATCH/body.raw-1"
	eventually 20 "$1" cmp "$3" "$SCRATCH/body.raw-1"
}
printf 'a\000b\000' >"$SCRATCH/b"
says 'a body with \u0000 keeps its NULs' 'a\u0000b\u0000' "$SCRATCH/b"
printf '\360\237\220\221' >"$SCRATCH/b"
says "a surrogate pair is one character" '\ud83d\udc11' "$SCRATCH/b"
printf '/ " \\ \b \f \n \r \t A' >"$SCRATCH/b"
says "every escape of JSON" '\/ \" \\ \b \f \n \r \t \u0041' "$SCRATCH/b"

raw '{"Messages":[{"MessageId":"bad-1","ReceiptHandle":"h","MD5OfBody":"00000000000000000000000000000000","Body":"x"}]}'
eventually 20 "a body that does not match its MD5 is not worked" \
	logged 'message_corrupt.*bad-1.*"part":"body"'
ok "no handler saw it" test ! -e "$SCRATCH/body.bad-1"
send good
sent=$((sent + 1))
eventually 20 "and work goes on" queue_is deleted $sent
# Ten of the largest in one answer: 20 MB of JSON, and 60 MB at the worst.
signal STOP "$(children)"
head -c 1048576 /dev/zero | tr '\0' '"' >"$SCRATCH/b"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	fake "/_send?name=bodies" -X POST --data-binary "@$SCRATCH/b" >/dev/null
	sent=$((sent + 1))
done
signal CONT "$(children)"
eventually 60 "ten more of 1 MiB, nine of them in one answer, are done" \
	queue_is deleted $sent
ok "each byte for byte" sh -c "for f in '$SCRATCH'/body.*; do
	! cmp -s '$SCRATCH/b' \"\$f\" || n=\$((n + 1)); done; [ \$n -ge 10 ]"
head -c 1048576 /dev/zero | sed 's/\x00/\\u0001/g' >"$SCRATCH/escaped"
head -c 1048576 /dev/zero | tr '\0' '\001' >"$SCRATCH/b"
md5=$(md5sum <"$SCRATCH/b" | cut -d' ' -f1)
{
	printf '{"Messages":['
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ $i -eq 1 ] || printf ,
		printf '{"MessageId":"esc-%d","ReceiptHandle":"h%d","MD5OfBody":"%s","Body":"' \
			$i $i "$md5"
		cat "$SCRATCH/escaped"
		printf '"}'
	done
	printf ']}'
} >"$SCRATCH/answer"
raw "@$SCRATCH/answer"
eventually 60 "so are ten of which every byte is escaped" \
	cmp "$SCRATCH/b" "$SCRATCH/body.esc-10"
stop_sqsherd
is "$STATUS" 0 "sqsherd exits 0"
ok "no process is left" no_survivor
done_testing
