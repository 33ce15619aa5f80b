#!/bin/sh
# Sourced by every t/*.t: the Test Anything Protocol, a scratch directory, a
# scripted SQS server, and sqsherd under test.
#
#	ok NAME COMMAND...		passes if the command succeeds
#	is GOT WANT NAME		strings are equal, and not empty
#	is_empty GOT NAME
#	like GOT REGEX NAME		grep -E matches
#	refuses STATUS NAME COMMAND...	exits with exactly STATUS
#	eventually SECONDS NAME COMMAND...	succeeds within the time
#	skip NAME REASON, skip_all REASON
#	signal SIGNAL PID		to one process, which must be there
#	signal_each SIGNAL PID...	to several, all of which must be there
#	find_process PGREP_ARG...	FOUND: its pid, once there is one
#	is_alive PID, has_ended PID
#	status_of COMMAND...		STATUS: its exit status
#	terminate PID			a helper that the script started
#	at_exit COMMAND			what the script must undo
#	is_sanitized			what is in $BUILD
#	nothing_of_build		once is enough: not under sanitizers
#	done_testing			last line of every script
#
#	start_fake			FAKE: its URL
#	fake PATH [CURL ARG...]		a request to its own interface
#	fault QUERY			POST /_fault
#	sqs OPERATION JSON		a call of the SQS protocol
#	new_queue NAME [ATTRIBUTES]	sets QUEUE to its URL
#	send BODY...			to $QUEUE; $SCRATCH/last_id
#	queue_is FIELD VALUE		of /_queue: in_flight, visible, ...
#	start_sqsherd ARG...		SQSHERD: its pid; $SCRATCH/log: its log
#	start_shimmed ARG...		the same, with faults: t/shim/shim.c
#	new_log				before a sqsherd that is started otherwise
#	stop_sqsherd [SIGNAL]		tells it to end, and:
#	wait_sqsherd			STATUS: its exit status; checks its ledger
#	ctl ARG...			sqsherdctl, of that sqsherd
#	health_is STATUS REGEX		of sqsherdctl health; $SCRATCH/health
#	logged REGEX			the log has such a line
#	not_logged REGEX		the log is there, and has none
#	count_logged REGEX
#	lacks FILE REGEX		the file is there, and has none
#	busy_child			the pid of the child of "jobs" that works
#	stop_took [EVENT]		ms from its beginning to the end
#	most_at_once			children that were replaced at a time
#	has_ended PID			is gone, or a zombie; is_alive, is_zombie
#	is_stopped PID			by SIGSTOP
#	hold PID...			they hang, until they are killed; a
#					test, which may be skipped: then it fails
#
# A command that fails ends the script (set -e), which then fails; one that may
# fail is followed by "|| :" and says why.
# Programs come from $BUILD (build).  Waiting is for events, with a deadline.
# The scratch directory stays when a test fails.  sh has no local variables:
# those of the functions here begin with _, and a test leaves such names alone.

set -eu
# The tests name files by their paths from the root of the source.
# This file is beside a test, and above the storms of t/soak.
_beside=$(dirname "$0")
[ -f "$_beside/lib.sh" ] || _beside=$_beside/..
cd "$_beside/.." || exit 1
ROOT=$(pwd)
BUILD=${BUILD:-build}
case $BUILD in
/*) ;;
*) BUILD=$ROOT/$BUILD ;;
esac
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/sqsherd-test.XXXXXX")
PIDS=
TESTS=0
FAILED=0
SQSHERD=
FINISHED=no
LAST_NAME="its start"
AT_EXIT=

# Nothing of the machine's own account may leak into a test.
for name in $(env | sed -n 's/^\(AWS_[A-Za-z0-9_]*\|SQS[A-Z]*_[A-Za-z0-9_]*\|NOTIFY_SOCKET\|WATCHDOG_[A-Z]*\|XDG_RUNTIME_DIR\|RUNTIME_DIRECTORY\)=.*/\1/p'); do
	unset "$name"
done
export AWS_ACCESS_KEY_ID=AKIDTEST AWS_SECRET_ACCESS_KEY=secret
export AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
# Each test has a control socket of its own.
export SQSHERD_CONTROL_SOCKET="$SCRATCH/control.sock"
# The supervisor and its children outlive no test; sanitizers speak up here.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:exitcode=99}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

# A script that ends before done_testing does so by a command that failed and
# that nothing tests (set -e), or that is written wrongly.
cleanup() {
	_status=$?
	trap - EXIT
	set +e
	if [ $FINISHED = no ]; then
		fail "$0: a command failed after \"$LAST_NAME\"" \
			"exit status $_status; sh -x $0 shows which"
		[ "$_status" -ne 0 ] || _status=1
	fi
	eval "$AT_EXIT"
	for _pid in $PIDS; do
		kill -9 "$_pid" 2>/dev/null && wait "$_pid" 2>/dev/null
	done
	if [ "$FAILED" -gt 0 ] || [ "$_status" -ne 0 ]; then
		echo "# kept: $SCRATCH"
	else
		rm -rf "$SCRATCH"
	fi
	exit "$_status"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

pass() {
	TESTS=$((TESTS + 1))
	LAST_NAME=$1
	echo "ok $TESTS - $1"
}

fail() {
	TESTS=$((TESTS + 1))
	FAILED=$((FAILED + 1))
	LAST_NAME=$1
	echo "not ok $TESTS - $1"
	# prove shows these also when it is not asked for more.
	{
		echo "# $0: not ok $TESTS - $1"
		shift
		for _line in "$@"; do
			printf '%s\n' "$_line" | sed 's/^/# /'
		done
	} >&2
}

ok() {
	_name=$1
	shift
	if "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; then
		pass "$_name"
	else
		fail "$_name" "failed: $*" "$(tail -5 "$SCRATCH/err")"
	fi
}

# Two answers that did not come are not equal.
is() {
	if [ -z "$2" ]; then
		fail "$3" " got '$1'" "want nothing, which is_empty is for"
	elif [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" " got '$1'" "want '$2'"
	fi
}

is_empty() {
	if [ -z "$1" ]; then
		pass "$2"
	else
		fail "$2" " got '$1'" "want nothing"
	fi
}

like() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		pass "$3"
	else
		fail "$3" " got '$1'" "want a match of '$2'"
	fi
}

# A crash, a sanitizer report or a missing program is never a refusal: the
# status must be exactly the one that the manual says.
refuses() {
	_want=$1 _name=$2
	shift 2
	_got=0
	"$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || _got=$?
	if [ "$_got" -eq "$_want" ]; then
		pass "$_name"
	else
		fail "$_name" "exit status $_got, want $_want" \
			"$(tail -5 "$SCRATCH/err")"
	fi
}

# within SECONDS COMMAND...: until it succeeds.
within() {
	set_uptime_cs
	_deadline_cs=$((UPTIME_CS + $1 * 100))
	shift
	until "$@" >"$SCRATCH/out" 2>"$SCRATCH/err"; do
		set_uptime_cs
		[ "$UPTIME_CS" -lt "$_deadline_cs" ] || return 1
		sleep 0.03
	done
}

# UPTIME_CS: hundredths of a second since the machine started.  Read by the
# shell itself, because a test that waits shall not keep a processor busy.
set_uptime_cs() {
	read -r UPTIME_CS _ </proc/uptime
	UPTIME_CS=${UPTIME_CS%.*}${UPTIME_CS#*.}
}

eventually() {
	_seconds=$1 _name=$2
	shift 2
	if within "$_seconds" "$@"; then
		pass "$_name"
	else
		fail "$_name" "not within $_seconds s: $*" \
			"$(tail -5 "$SCRATCH/out")" "$(tail -5 "$SCRATCH/err")"
	fi
}

skip() {
	TESTS=$((TESTS + 1))
	LAST_NAME=$1
	echo "ok $TESTS - $1 # SKIP $2"
	note_skip check "$2"
}

skip_all() {
	FINISHED=yes
	echo "1..0 # SKIP $1"
	note_skip file "$1"
	exit 0
}

# t/run prints what was skipped, which prove does not.
note_skip() {
	[ -z "${SKIPS_FILE-}" ] ||
		printf '%s\t%s\t%s\n' "$1" "${0##*/}" "$2" >>"$SKIPS_FILE"
}

# Of clang's sanitizers ldd knows nothing.
is_sanitized() {
	case $BUILD in
	*/san) return 0 ;;
	esac
	ldd "$BUILD/sqsherd" | grep -q 'libasan'
}

# For a test that is about nothing in $BUILD: a sanitizer has no say in it.
nothing_of_build() {
	! is_sanitized || skip_all "runs nothing that a sanitizer watches"
}

done_testing() {
	FINISHED=yes
	echo "1..$TESTS"
	[ "$FAILED" -eq 0 ] && [ "$TESTS" -gt 0 ] || exit 1
	exit 0
}

bail() {
	FINISHED=yes
	echo "Bail out! $*"
	exit 1
}

now_ms() {
	echo $(($(date +%s%N) / 1000000))
}

# signal SIGNAL PID: fails unless that is one process, which is alive or, as a
# child of this script, has not been waited for.
signal() {
	[ $# -eq 2 ] || {
		echo "signal $*: takes one process" >&2
		return 1
	}
	signal_each "$@"
}

# signal_each SIGNAL PID...: fails unless all of them are there.
signal_each() {
	_signal=$1
	shift
	[ $# -gt 0 ] || {
		echo "signal_each $_signal: no process" >&2
		return 1
	}
	for _pid in "$@"; do
		is_pid "$_pid" || {
			echo "signal $_signal: '$_pid' is no process" >&2
			return 1
		}
		kill "-$_signal" "$_pid" || return 1
	done
}

# find_process ARG...: FOUND: the pid that pgrep ARG... prints, once it does.
find_process() {
	within 20 pgrep "$@" || bail "no process: $*"
	# shellcheck disable=SC2034 # for the tests
	FOUND=$(cat "$SCRATCH/out")
}

# A zombie is gone; what is no pid is neither alive nor gone.
is_pid() {
	case $1 in
	'' | *[!0-9]*) return 1 ;;
	esac
}

# status_of COMMAND...: STATUS: its exit status, whatever that is.
status_of() {
	STATUS=0
	# shellcheck disable=SC2034 # for the tests
	"$@" || STATUS=$?
}

# terminate PID: a process of the script itself, with whatever exit status.
terminate() {
	signal TERM "$1"
	wait "$1" 2>/dev/null || : # of SIGTERM, or as it likes
}

# at_exit COMMAND: before the scratch directory goes; the last one first.
at_exit() {
	AT_EXIT="$1; $AT_EXIT"
}

# ---- the scripted server ----

start_fake() {
	"$BUILD/t/fakesqs" -f "$SCRATCH/port" "$@" >"$SCRATCH/fakesqs.log" 2>&1 &
	FAKE_PID=$!
	PIDS="$PIDS $FAKE_PID"
	within 10 test -s "$SCRATCH/port" || bail "fakesqs does not start"
	FAKE=http://127.0.0.1:$(cat "$SCRATCH/port")
}

fake() {
	_path=$1
	shift
	curl -sS --fail-with-body -m 60 "$@" "$FAKE$_path"
}

fault() {
	fake "/_fault?$1" -X POST >/dev/null
}

sqs() {
	curl -sS -m 60 -H "X-Amz-Target: AmazonSQS.$1" \
		-H 'Content-Type: application/x-amz-json-1.0' \
		-H 'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request' \
		--data-binary "$2" "${SQS_ENDPOINT:-$FAKE}/"
}

new_queue() {
	QUEUE=$(sqs CreateQueue \
		"{\"QueueName\":\"$1\",\"Attributes\":{${2-}}}" |
		jq -r .QueueUrl)
	case $QUEUE in
	http*) ;;
	*) bail "no queue $1" ;;
	esac
}

send() {
	for _body in "$@"; do
		printf '%s' "$_body" >"$SCRATCH/body"
		fake "/_send?name=${QUEUE##*/}" -X POST \
			--data-binary "@$SCRATCH/body" >"$SCRATCH/sent.json" ||
			bail "cannot send"
	done
	sed 's/.*"MessageId":"\([^"]*\)".*/\1/' "$SCRATCH/sent.json" \
		>"$SCRATCH/last_id"
}

# Tests ask this in loops, so no program reads the answer: a flat object.
queue_field() {
	_answer=$(fake "/_queue?name=${QUEUE##*/}") || return
	_value=${_answer#*\""$1"\":}
	[ "$_value" != "$_answer" ] || return
	echo "${_value%%[,\}]*}"
}

queue_is() {
	[ "$(queue_field "$1")" = "$2" ]
}

# ---- sqsherd ----

# The last -o of a name wins, so a test can override these.  Many tests have
# handlers that fail on purpose: only those of the brake have it.
start_sqsherd() {
	new_log
	"$BUILD/sqsherd" -q "$QUEUE" -o log_format=json \
		-o retry_base=0 -o wait_time=2 -o brake_after=0 "$@" \
		>"$SCRATCH/stdout" 2>"$SCRATCH/log" </dev/null &
	SQSHERD=$!
	PIDS="$PIDS $SQSHERD"
	# Until it is sqsherd it is a shell, which throws a SIGTERM away.
	# shellcheck disable=SC3013 # every sh of ours has it
	while [ "/proc/$SQSHERD/exe" -ef "/proc/$$/exe" ]; do
		:
	done
}

# Before another sqsherd is started: nothing of the last one is taken for its
# own, and what that left alive writes to a file that nobody reads.
new_log() {
	rm -f "$SCRATCH/log"
	: >"$SCRATCH/log"
}

# start_shimmed ARG...: the same with the faults that t/shim/shim.c puts into
# it, as the SHIM_ variables say.  ASan would want to be loaded first.
start_shimmed() {
	SHIM_FILE=$SCRATCH/shim
	rm -f "$SHIM_FILE" "$SHIM_FILE".*
	LD_PRELOAD="$BUILD/t/shim.so" SHIM_FILE="$SHIM_FILE" \
		ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
		start_sqsherd "$@"
}

stop_sqsherd() {
	signal "${1:-TERM}" "$SQSHERD"
	wait_sqsherd
}

# received = deleted + retried + released + rejected + expired + in hand, of
# each child that ended and of all together with what releasers did.
ledger_is_exact() {
	jq -r 'select(.event == "child_exited" or .event == "stopped") |
		select(.received != .deleted + .retried + .released +
			.rejected + .expired + .in_hand) |
		"\(.event) \(.queue // "")/\(.slot // "") " +
		"received \(.received), deleted \(.deleted), " +
		"retried \(.retried), released \(.released), " +
		"rejected \(.rejected), expired \(.expired), " +
		"in hand \(.in_hand)"' "$SCRATCH/log" >"$SCRATCH/ledger" 2>&1
	is_empty "$(cat "$SCRATCH/ledger")" "the ledger is exact"
}

# Sets STATUS; a sqsherd that does not end fails the test that waits for it.
# One that moved messages and has lost count of them fails it, too.
wait_sqsherd() {
	# sh says "Killed" of one that a signal ended; the tests look at STATUS.
	status_of wait "$SQSHERD" 2>/dev/null
	! logged '"event":"stopped"' || ledger_is_exact
}

# For jq: the time of a record in ms since 1970.
LOG_MS='def ms: (.[:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);'

# From a signal, or another EVENT, to the end, in ms and as the log has it: how
# long a loaded machine takes to send the signal and to look is no part of it.
stop_took() {
	jq -s --arg from "${1:-stop_began}" \
		"$LOG_MS"'
		map({(.event): (.time | ms)}) | add | .stopped - .[$from]' \
		"$SCRATCH/log"
}

# The most children that were asked to go and had no successor yet.
most_at_once() {
	jq -s 'reduce (.[] | select(.event == "child_replaced"
			or .event == "child_started")) as $e ({n: 0, max: 0};
		if $e.event == "child_replaced" then .n += 1
		elif .n > 0 then .n -= 1 else . end
		| if .n > .max then .max = .n else . end) | .max' "$SCRATCH/log"
}

# The letter of ps(1); nothing: there is no such process.
state_of() {
	_state=$(ps -o stat= -p "$1")
	printf '%.1s\n' "$_state"
}

# It is gone, or a zombie that its parent has not reaped yet.
# What is no pid is neither alive nor has it ended.
is_alive() {
	case $(state_of "$1") in
	Z | '') return 1 ;;
	esac
}

has_ended() {
	is_pid "$1" && ! is_alive "$1"
}

is_zombie() {
	[ "$(state_of "$1")" = Z ]
}

# By SIGSTOP.
is_stopped() {
	[ "$(state_of "$1")" = T ]
}

# No SIGCONT makes them go on.
hold() {
	rm -f "$SCRATCH/held"
	"$BUILD/t/hold" "$@" >"$SCRATCH/held" 2>&1 &
	PIDS="$PIDS $!"
	within 10 test -s "$SCRATCH/held" || bail "hold says nothing"
	case $(cat "$SCRATCH/held") in
	held) pass "what is to hang hangs" ;;
	*'not permitted'*)
		skip "what is to hang hangs" "$(cat "$SCRATCH/held")"
		return 1
		;;
	*) bail "$(cat "$SCRATCH/held")" ;;
	esac
}

ctl() {
	"$BUILD/sqsherdctl" "$@"
}

health_is() {
	_got=0
	ctl health >"$SCRATCH/health" || _got=$?
	[ "$_got" -eq "$1" ] && grep -Eq "$2" "$SCRATCH/health"
}

logged() {
	grep -Eq -e "$1" "$SCRATCH/log"
}

# lacks FILE REGEX: the file is there, and has no such line.
lacks() {
	_got=0
	grep -Eq -e "$2" "$1" || _got=$?
	[ "$_got" -eq 1 ]
}

not_logged() {
	lacks "$SCRATCH/log" "$1"
}

count_logged() {
	grep -Ec -e "$1" "$SCRATCH/log" || [ $? -eq 1 ]
}

# The pids of the children, a line each.
children() {
	pgrep -P "$SQSHERD" -f '^sqsherd: [^ ]*/[0-9]+ ' || : # none
}

child_count_is() {
	[ "$(children | wc -l)" -eq "$1" ]
}

# The pid of the child of "jobs" that works.
busy_child() {
	pgrep -P "$SQSHERD" -f '^sqsherd: jobs/[0-9]+ \[busy'
}

# No process whose environment carries this test's mark is alive.
export TEST_MARK="$SCRATCH"

no_survivor() {
	# shellcheck disable=SC2013 # such a path is one word
	for _environ in $(grep -lszFx -e "TEST_MARK=$SCRATCH" \
		/proc/[0-9]*/environ); do
		_pid=${_environ#/proc/}
		_pid=${_pid%/environ}
		case " $$ $FAKE_PID " in
		*" $_pid "*) continue ;;
		esac
		# The grep itself is gone, and the shell's own are no survivors.
		case $(ps -o ppid= -p "$_pid" 2>/dev/null) in
		'' | *[!0-9]"$$" | "$$") continue ;;
		esac
		echo "survivor: $_pid $(tr '\0' ' ' </proc/"$_pid"/cmdline)"
		return 1
	done
}
