#!/bin/sh
# Where the journal reads stderr, each line begins with its priority, as
# sd-daemon(3) says; journald takes it away.  Elsewhere no line does.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs
cat >"$SCRATCH/handler" <<'EOF2'
#!/bin/sh
echo "<0>handler $JOURNAL_STREAM"
echo "journal ${JOURNAL_STREAM:+is set}" >&2
EOF2
chmod +x "$SCRATCH/handler"

stream_of() {
	stat -L -c %d:%i "$1"
}
# run FORMAT STREAM ARG...: until a message is done and a receive has failed.
run() {
	_format=$1 _stream=$2
	shift 2
	JOURNAL_STREAM=$_stream "$BUILD/sqsherd" -q "$QUEUE" -j 1 \
		-o log_format="$_format" -o wait_time=1 "$@" \
		-- "$SCRATCH/handler" 2>"$SCRATCH/log" </dev/null &
	SQSHERD=$!
	PIDS="$PIDS $SQSHERD"
	send x
	eventually 20 "a message is done" queue_is visible 0
	fault 'op=ReceiveMessage&kind=error&code=QueueDoesNotExist&count=1'
	eventually 20 "and a receive fails" logged 'receive_failed|cannot receive'
	signal TERM "$SQSHERD"
	status_of wait "$SQSHERD"
	is "$STATUS" 0 "exit 0"
}
# Levels of records and the priorities before them, each once.
pairs() {
	sed -n 's/^\(<[0-9]>\){.*"level":"\([a-z]*\)".*/\2 \1/p' \
		"$SCRATCH/log" | sort -u | tr '\n' ' '
}

# ---- ours ----

new_log
run json "$(stream_of "$SCRATCH/log")" -o emf=yes -o emf_interval=1
is "$(pairs)" "info <6> warn <4> " "each level has its priority"
is "$(grep -vc '^<[46]>{' "$SCRATCH/log")" 0 "and no line is without one"
ok "what a handler prints is info" logged '^<6>.*"line":"<0>handler [0-9:]+"'
ok "and so are metrics" logged '^<6>\{"event":"metrics"'
sed 's/^<.>//' "$SCRATCH/log" >"$SCRATCH/bare"
ok "without them it is JSON as elsewhere" jq -es \
	'map(select(.event == "receive_failed"))[0].level == "warn"' \
	"$SCRATCH/bare"

new_log
run text "$(stream_of "$SCRATCH/log")"
is "$(grep -Evc '^<[46]>[0-9:.]+ ' "$SCRATCH/log")" 0 \
	"the text form has them as well"
ok "and the same levels" logged '^<4>[0-9:.]+ warn '

refused() {
	new_log
	_stream=$(stream_of "$SCRATCH/log")
	JOURNAL_STREAM=$_stream status_of "$BUILD/sqsherd" "$@" \
		2>"$SCRATCH/log"
}
refused -c /none
ok "wrong settings are an error" logged '^<3>sqsherd: '
refused -Z
ok "and so are wrong options" logged '^<3>sqsherd: unknown option'

# ---- another's ----

: >"$SCRATCH/other"
for stream in "$(stream_of "$SCRATCH/other")" "" 1 x:y; do
	new_log
	run json "$stream"
	is "$(grep -c '^<' "$SCRATCH/log")" 0 \
		"no priorities where the journal reads '$stream'"
done
done_testing
