#!/bin/sh
# What a handler prints, a server answers or a setting holds moves nothing on
# the terminal that shows the log as text.
. "$(dirname "$0")/lib.sh"

# Of each kind, and what of it a person sees.
cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
printf 'esc\033[2J del\177 cr\rend\n'
printf 'utf8 \302\2332J\302\205x\n'
printf 'bytes \2332J\205x\n'
printf 'lines \342\200\250a\342\200\251b\n'
printf 'turned \342\200\256a\342\201\246b\342\200\217c\330\234d\n' >&2
printf 'letters \303\251\346\227\245\n'
EOF2
chmod +x "$SCRATCH/handler"

# Every line has only characters that are seen.
is_plain() {
	perl -CS -ne 'BEGIN { binmode STDIN, ":raw" }
		die "$. is no UTF-8\n" unless utf8::decode($_);
		chomp;
		die "$. has U+", sprintf("%04X", ord $1), "\n"
			if /([^\P{Cc}\t]|\p{Cf}|\p{Zl}|\p{Zp})/' <"$1"
}

start_fake
new_queue jobs
start_sqsherd -j 1 -o log_format=text -- "$SCRATCH/handler"
send x
eventually 10 "a handler prints what terminals obey" queue_is deleted 1
# An error whose code and text are no better.
printf '{"__type":"x#Bad\302\233Code","message":"a\302\2332J \342\200\256b"}' \
	>"$SCRATCH/answer"
fake '/_fault?op=ReceiveMessage&kind=raw&status=400&count=1' -X POST \
	--data-binary "@$SCRATCH/answer" >/dev/null
eventually 10 "so does a server" logged 'receive_failed|cannot receive'
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no line of the log has a character that is not seen" \
	is_plain "$SCRATCH/log"
seen() {
	grep -Fq -e "$1" "$SCRATCH/log"
}
for text in 'esc\u001b[2J del\u007f cr\rend' 'utf8 \u009b2J\u0085x' \
	'bytes \x9b2J\x85x' 'lines \u2028a\u2029b' \
	'turned \u202ea\u2066b\u200fc\u061cd' 'letters é日' \
	'a\u009b2J \u202eb'; do
	ok "what it was is told: $text" seen "$text"
done

printf 'children = \302\2331\n' >"$SCRATCH/conf"
refuses 78 "a setting is refused" "$BUILD/sqsherd" -n -q "$QUEUE" \
	-c "$SCRATCH/conf" -- true
mv "$SCRATCH/err" "$SCRATCH/problems"
ok "and shown without its control character" is_plain "$SCRATCH/problems"
done_testing
