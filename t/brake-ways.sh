# shellcheck shell=sh
# Sourced after t/lib.sh and t/brake.sh by the tables of ways in which a handler
# can be broken.  All rows run side by side, each with a sqsherd and a queue of
# its own; what is counted is the history of the server.
#
#	row WAY SHAPE CHILDREN BATCH	a row, whose handler works as yet
#	each FUNCTION...		for each row, which is "current" then
#	break_all			and send the messages
#	check_brake			of the current row: it is on
#	check_counts MOST		so many receives, but for trials
#	check_mended			all messages are done
#	end_all
#
# SHAPE: many (100 messages), one, or group (ten in one FIFO group).  The
# functions is_broken_WAY and, if it is not "works", mend_WAY are of the test.
#
# Of the current row: $way $shape $children $batch $n_messages $row (a
# directory) $what (for a person), and what lib.sh knows of a sqsherd.

CAP=600 # retry_cap: the only delay of this length is the brake's
ROWS=0
ROW_USER=$(id -u) # whose are the rows that follow

row() {
	ROWS=$((ROWS + 1))
	row=$SCRATCH/row.$ROWS
	if ! mkdir "$row" || ! chown "$ROW_USER" "$row"; then
		bail "no $row"
	fi
	echo "$1 $2 $3 $4" >"$row/is"
	shift 4
	_type=
	_suffix=
	case $(cat "$row/is") in
	*" group "*)
		_suffix=.fifo
		_type='"FifoQueue":"true",'
		;;
	esac
	new_queue "dead$ROWS$_suffix" "${_type%,}"
	new_queue "jobs$ROWS$_suffix" "$_type\"VisibilityTimeout\":\"600\",\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\"arn:aws:sqs:us-east-1:000000000000:dead$ROWS$_suffix\\\",\\\"maxReceiveCount\\\":5}\""
	echo "$QUEUE" >"$row/queue"
	handler=$row/handler
	works
	read -r _way _shape _children _batch <"$row/is"
	SQSHERD_CONTROL_SOCKET="$row/control" "$BUILD/sqsherd" -q "$QUEUE" \
		-j "$_children" -o log_format=json -o wait_time=2 \
		-o visibility_timeout=60 -o receive_max="$_batch" \
		-o brake_after=20 -o retry_base=1 -o retry_cap=$CAP "$@" \
		-- "$handler" >"$row/stdout" 2>"$row/log" </dev/null &
	echo $! >"$row/pid"
	PIDS="$PIDS $!"
}

use_row() {
	row=$SCRATCH/row.$1
	read -r way shape children batch <"$row/is"
	read -r QUEUE <"$row/queue"
	read -r SQSHERD <"$row/pid"
	export SQSHERD_CONTROL_SOCKET="$row/control"
	ln -sf "$row/log" "$SCRATCH/log"
	handler=$row/handler
	case $shape in
	many) n_messages=100 ;;
	one) n_messages=1 ;;
	group) n_messages=10 ;;
	esac
	what="$way, $n_messages messages"
	[ "$shape" != group ] || what="$what of a group"
	what="$what, $children children"
	[ "$batch" -eq 1 ] || what="$what, $batch at a time"
}

each() {
	_i=0
	while [ $_i -lt $ROWS ]; do
		_i=$((_i + 1))
		use_row $_i
		"$@"
	done
}

is_healthy() {
	ctl health >/dev/null
}

break_row() {
	within 60 is_healthy || bail "$what: sqsherd does not start"
	within 60 child_count_is "$children" || bail "$what: no children"
	"is_broken_$way"
}

send_to_row() {
	case $shape in
	group) _more="&group=g&dedup=d" ;;
	*) _more= ;;
	esac
	fake "/_send?name=${QUEUE##*/}&body=m&count=$n_messages$_more" \
		-X POST >"$row/sent" || bail "$what: cannot send"
}

break_all() {
	each break_row
	each send_to_row
}

is_red() {
	health_is 1 '^unhealthy: the handler of queue jobs'
}

check_brake() {
	eventually 60 "$what: the brake goes on" is_on
	eventually 60 "$what: health is red" is_red
}

# The receives, and the most of one message that came after the brake was on.
history_of_row() {
	fake "/_history?name=${QUEUE##*/}" | jq -r --argjson cap "$CAP" '
		([.[] | select(.event == "changed" and .timeout == $cap) | .ms]
			| min) as $on |
		[.[] | select(.event == "received")] |
		"\(length) \(map(select(.ms > $on)) | group_by(.id) |
			map(length) | max // 0)"'
}

dead_letters() {
	fake "/_queue?name=${QUEUE##*/}" | jq .moved_to_dlq
}

# One trial may be under way.
check_counts() {
	history_of_row >"$row/history" || bail "$what: no history"
	read -r _received _most <"$row/history"
	_tried=$(trials)
	ok "$what: $_received receives, $_tried trials" \
		test "$_received" -le $(($1 + _tried + 1))
	ok "$what: none comes twice in retry_cap" test "$_most" -le 1
	is "$(count_logged '"level":"error"')" 1 "$what: one error record"
}

mend_row() {
	case $(command -v "mend_$way") in
	'') works ;;
	*) "mend_$way" ;;
	esac
}

# All of them, when retry_cap has passed.
has_done() {
	fake "/_hurry?name=${QUEUE##*/}&over=120" -X POST
	queue_is deleted "$1"
}

check_mended() {
	eventually 90 "$what: mended, all is done" has_done "$n_messages"
	is "$(dead_letters)" 0 "$what: none is in the dead-letter queue"
	eventually 60 "$what: health is green" is_healthy
}

tell_to_end() {
	signal TERM "$SQSHERD" || bail "$what: no sqsherd"
}

check_end() {
	wait_sqsherd
	is "$STATUS" 0 "$what: exit 0"
}

end_all() {
	each tell_to_end
	each check_end
}
