#!/bin/sh
# What t/lib.sh makes of a test in which a command fails unseen.
. "$(dirname "$0")/lib.sh"
nothing_of_build
mkdir "$SCRATCH/t"
ln -s "$ROOT/t/lib.sh" "$SCRATCH/t/lib.sh"

# fails LINES NAME [REGEX]: a test of these lines does, and says why.
fails() {
	printf '. "${0%%/*}/lib.sh"\npass "before"\n%s\npass "the rest"\ndone_testing\n' \
		"$1" >"$SCRATCH/t/inner.t"
	(
		# Not the mark of this test, whose processes would be no survivors.
		unset TEST_MARK
		TMPDIR=$SCRATCH sh "$SCRATCH/t/inner.t" >"$SCRATCH/tap" \
			2>"$SCRATCH/said"
	) && fail "$2" "it passes" "$(cat "$SCRATCH/tap")"
	like "$(cat "$SCRATCH/tap" "$SCRATCH/said")" \
		"not ok 2 - .*/inner\.t: a command failed after \"before\"" "$2"
	lacks "$SCRATCH/tap" "the rest" ||
		fail "$2: nothing runs after it" "$(cat "$SCRATCH/tap")"
	[ $# -lt 3 ] || like "$(cat "$SCRATCH/said")" "$3" "which says why"
}
# passes LINES NAME
passes() {
	printf '. "${0%%/*}/lib.sh"\n%s\ndone_testing\n' "$1" >"$SCRATCH/t/inner.t"
	ok "$2" env -u TEST_MARK TMPDIR="$SCRATCH" sh "$SCRATCH/t/inner.t"
}

fails 'false' "a command that fails ends its test"
fails 'grep -q x /dev/null' "also one that says nothing"
fails 'within 0 false' "also an event that never comes"
fails 'x=$(false)' "also one whose output is kept"
fails 'true | false' "also the last of a pipe"
fails 'f() { false; :; }; f' "also one in a function"
fails 'evantually 1 "x" true' "a helper whose name is mistyped ends it" \
	'evantually: not found'
fails 'echo $nothing' "so does a variable that is not set"
fails 'exit 0' "so does an end before done_testing"
fails 'signal 0 ""' "a signal goes to no process" "'' is no process"
fails 'signal 0 "$$
$$"' "nor to two in one word" 'is no process'
fails 'signal 0 $$ $$' "nor to two" 'takes one process'
fails 'signal_each 0' "nor to each of none" 'no process'
fails 'sleep 0 & wait $!; signal 0 $!' "nor to one that is gone" \
	'No such process'

passes 'signal 0 $$; signal_each 0 $$ $$; ok x is_alive $$' \
	"a signal goes to processes that are there"
passes 'sleep 0 & wait $!; ok x has_ended $!; refuses 1 y has_ended ""
	refuses 1 z is_alive ""' "what is no pid is neither alive nor gone"
passes 'status_of sh -c "exit 7"; is $STATUS 7 x' "a status can be kept"
passes '(is "" "" x 2>/dev/null) | grep -q "^not ok"; is_empty "" y' \
	"two answers that did not come are not equal"
passes 'false || :; pass x' "what may fail may" # here
passes 'refuses 1 x lacks /none a; refuses 1 y lacks t/none a
	echo b >"$SCRATCH/f"; ok z lacks "$SCRATCH/f" a' \
	"a file that is not there lacks nothing"

# -- and what set -e cannot see, t/lint/unseen.sh does
hides() {
	printf '. "$(dirname "$0")/lib.sh"\n%s\n' "$1" >"$SCRATCH/hides.t"
	refuses 1 "the lint finds: $1" t/lint/unseen.sh "$SCRATCH/hides.t"
	mv "$SCRATCH/err" "$SCRATCH/why"
	ok "and says why" grep -Fq -e "$2" "$SCRATCH/why"
}
while IFS=@ read -r line why; do
	hides "$line" "$why"
done <<'EOF'
kill -STOP "$(children)"@signal and signal_each
set +e@hides every failure
false || true@written || :
false || :@why may it fail
is $? 0 "x"@status_of
trap cleanup EXIT@at_exit
export X="$(false)"@hides the status
ok "x" true@cannot fail
ok "x" sh -c "! grep -q a /none"@true without the file
send job | cat@left of it
! loged x@no such command
EOF
printf 'false\n' >"$SCRATCH/hides.t"
refuses 1 "the lint finds a test without lib.sh" t/lint/unseen.sh \
	"$SCRATCH/hides.t"
printf '. "$(dirname "$0")/lib.sh"\nfalse || : # a reason\n' >"$SCRATCH/hides.t"
refuses 0 "and nothing in one that is in order" t/lint/unseen.sh \
	"$SCRATCH/hides.t"
done_testing
