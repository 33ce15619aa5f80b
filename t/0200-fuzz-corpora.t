#!/bin/sh
# Every input that the fuzzers found worth keeping goes through its harness.
. "$(dirname "$0")/lib.sh"

for harness in "$BUILD"/t/replay/*; do
	stem=${harness##*/}
	# The slots' table under sequences of events, and what a child may do to
	# the scoreboard: row 76 of the list of what a supervisor must
	# withstand.  The rest of that row, all tests under sanitizers and the
	# unit programs under valgrind, is what .ci/run does.
	case $stem in
	slot | scoreboard) row="row 76: " ;;
	*) row= ;;
	esac
	ok "${row}the corpus of $stem is replayed without a crash" \
		"$harness" "t/fuzz/corpus/$stem"
done
done_testing
