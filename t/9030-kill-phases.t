#!/bin/sh
# A child killed in any phase: its message is visible again, or deleted, within
# two seconds, although its visibility timeout is ten minutes.
. "$(dirname "$0")/lib.sh"

rounds=${KILL_ROUNDS:-8}
# What a job does the first time; afterwards it is done at once.
cat >"$SCRATCH/handler" <<'EOF'
#!/bin/sh
[ "$SQS_RECEIVE_COUNT" -eq 1 ] || exit 0
case $(cat) in
work) echo working && sleep 60 ;;
fail) exit 1 ;;
esac
EOF
chmod +x "$SCRATCH/handler"
start_fake
new_queue jobs '"VisibilityTimeout":"600"'
start_sqsherd -j 1 -o visibility_timeout=600 -o restart_base=20ms \
	-o restart_cap=50ms -o crash_limit=1000000 -- "$SCRATCH/handler"

# reached COND VALUE [ARG]: the server does the waiting.
reached() {
	fake "/_wait?name=jobs&cond=$1&value=$2&ms=20000${3-}" >/dev/null
}
# kill_child [BODY]: the only one, then sends BODY, which SQS would otherwise
# answer a dying child's poll with; the time is that until the message is
# deleted, by the child's successor or by the releaser.
kill_child() {
	before=$(now_ms)
	victim=$(children)
	signal KILL "$victim"
	# Its sockets are closed too, so that the server knows.
	within 10 has_ended "$victim" || return
	[ $# -eq 0 ] || send "$1"
	n=$((n + 1))
	if ! reached deleted_at_least "$n"; then
		fake /_calls | jq -c '.[-8:][]' | sed 's/^/# /'
		tail -n 8 "$SCRATCH/log" | sed 's/^/# /'
		return 1
	fi
	echo $(($(now_ms) - before)) >>"$SCRATCH/times"
	reached polling 1
}
# hanging OPERATION BODY: kills a child whose request is not answered.
hanging() {
	calls=$(fake /_stats | jq ".ops.$1.requests")
	fault "op=$1&kind=hang&count=1"
	send "$2"
	reached op_count $((calls + 1)) "&op=$1" && kill_child
}
working_is() {
	[ "$(count_logged '"line":"working"')" -eq "$1" ]
}

while_polling() {
	kill_child quick
}
while_working() {
	send work
	within 10 working_is "$1" && kill_child
}
while_deleting() {
	hanging DeleteMessageBatch quick
}
while_giving_back() {
	hanging ChangeMessageVisibilityBatch fail
}

n=0
reached polling 1
for phase in while_polling while_working while_deleting while_giving_back; do
	: >"$SCRATCH/times"
	for i in $(seq "$rounds"); do
		$phase "$i"
	done
	sort -n "$SCRATCH/times" >"$SCRATCH/sorted"
	median=$(sed -n "$(((rounds + 1) / 2))p" "$SCRATCH/sorted")
	longest=$(tail -1 "$SCRATCH/sorted")
	is "$(wc -l <"$SCRATCH/sorted")" "$rounds" "killed $phase, $rounds times"
	ok "its message is recovered in 2 s (median $median ms)" \
		test "$median" -lt 2000
	# A busy machine may add seconds, the timeout is minutes.
	ok "every time (longest $longest ms)" test "$longest" -lt 10000
done
is "$(queue_field redelivered)" $((2 * rounds)) \
	"what was done is not done again, the rest once"
is "$(queue_field expired)" 0 "no message has waited for its timeout"
is "$(queue_field in_flight)" 0 "none is in flight"
stop_sqsherd
is "$STATUS" 0 "exit 0"
ok "no process is left" no_survivor
done_testing
